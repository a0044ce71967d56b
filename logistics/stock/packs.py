"""Quantities said in packs: "6 packs of 12" are 72. No arithmetic is left to a tired volunteer."""

from ..errors import Invalid, msg
from .lookup import check_quantity

LARGEST = 100_000  # what one pack can hold


def counted(quantity: int | None, packs: int | None, pack_size: int | None) -> int:
    """Return how many pieces were meant, said as a number or as packs of a size.

    Raises Invalid with the field to blame when neither is said or both are, or when it is more than one act can have.
    """
    if packs is None:
        if quantity is None:
            raise Invalid(msg("Enter a whole number."), "quantity")
        check_quantity(quantity)
        return quantity
    if quantity is not None:
        raise Invalid(msg("You entered a number and packs. Which is it?"), "quantity")
    check_quantity(packs, "packs")
    if pack_size is None:
        raise Invalid(msg("Say how many are in one pack."), "pack_size")
    if not 2 <= pack_size <= LARGEST:
        raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least=2, most=LARGEST), "pack_size")
    check_quantity(packs * pack_size, "packs")
    return packs * pack_size
