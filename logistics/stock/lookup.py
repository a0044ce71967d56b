"""Finding what a command names, and refusing what cannot be meant."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from ..audit import record
from ..distributions.models import Site, SiteKind
from ..errors import Invalid, NotFound, msg
from .codes import canonical
from .labelling.models import Label
from .ledger import MOST
from .models import Box, Location, LocationKind, Product, Size

LONGEST_NOTE = 500
NO_SUCH_BOX = msg("There is no box of this code.")


def box_by_code(session: Session, code: str, field: str = "code") -> Box:
    """Return a box with its size and product, by its code or a label's on it, ignoring case and outer spaces.

    Raises NotFound at `field`.
    """
    try:
        code = canonical(code)
    except Invalid:
        raise NotFound(NO_SUCH_BOX, field) from None
    box = session.scalars(
        select(Box).where(is_called(code)).options(joinedload(Box.size).joinedload(Size.product))
    ).one_or_none()
    if box is None:
        raise NotFound(NO_SUCH_BOX, field)
    return box


def record_box(session: Session, actor_id: int | None, action: str, box: Box, **details: Any) -> None:
    """Write down what was done to a box: which one it was, what it holds, and the details."""
    size = box.size
    record(
        session,
        actor_id,
        action,
        "box",
        box.code,
        code=box.code,
        product=size.product.name,
        size=size.label,
        **details,
    )


def is_called(code: str) -> ColumnElement[bool]:
    """Return the condition that a canonical code is a box's own, or on a label that is linked to it (never both)."""
    return or_(Box.code == code, Box.id == select(Label.box_id).where(Label.code == code).scalar_subquery())


def size_by_id(session: Session, size_id: int) -> Size:
    """Return a size with its product. Raises Invalid at `size_id`."""
    size = None
    if 0 < size_id < 2**31:
        size = session.scalars(select(Size).where(Size.id == size_id).options(joinedload(Size.product))).one_or_none()
    if size is None:
        raise Invalid(msg("Choose a product and one of its sizes."), "size_id")
    return size


def product_with_sizes(session: Session, product_id: int) -> Product:
    """Return a product with its sizes. Raises Invalid at `product_id`."""
    product = None
    if 0 < product_id < 2**31:
        product = (
            session.scalars(select(Product).where(Product.id == product_id).options(joinedload(Product.sizes)))
            .unique()
            .one_or_none()
        )
    if product is None:
        raise Invalid(msg("Choose a product."), "product_id")
    return product


def any_shelf(session: Session, location_id: int, field: str) -> Location:
    """Return a shelf, open or closed: goods may be taken off a closed one. Raises Invalid at `field`."""
    place = session.get(Location, location_id) if 0 < location_id < 2**31 else None
    if place is None or place.kind != LocationKind.SHELF:
        raise Invalid(msg("Choose a shelf."), field)
    return place


def open_shelf(session: Session, location_id: int, field: str) -> Location:
    """Return a shelf that goods may be put on. Raises Invalid at `field`.

    Held until the transaction ends: whoever closes it waits, and then sees that it is not empty.
    """
    place = any_shelf(session, location_id, field)
    hold(session, place)
    if place.closed_at is not None:
        raise Invalid(msg("Shelf %(shelf)s is closed. Choose another.", shelf=place.name), field)
    return place


def hold(session: Session, place: Location) -> None:
    """Keep a location from being closed until the transaction ends, and see whether it is."""
    session.refresh(place, with_for_update={"read": True, "key_share": True})


def open_warehouse(session: Session, site_id: int, field: str = "warehouse_id") -> Site:
    """Return a warehouse that is open. Raises Invalid at `field`."""
    site = session.get(Site, site_id) if 0 < site_id < 2**31 else None
    if site is None or site.kind != SiteKind.WAREHOUSE or site.closed_at is not None:
        raise Invalid(msg("Choose a warehouse that is open."), field)
    return site


def check_quantity(quantity: int, field: str = "quantity", *, least: int = 1) -> None:
    """Raise Invalid at `field` unless the number is one that an act can have."""
    if not least <= quantity <= MOST:
        raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least=least, most=MOST), field)


def checked_note(note: str) -> str:
    """Return a note without outer spaces. Raises Invalid when it is too long to keep."""
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise Invalid(msg("Use %(max)s characters or fewer.", max=LONGEST_NOTE), "note")
    return note
