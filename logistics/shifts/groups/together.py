"""Several shifts in one action: all of them, or none and a clear list of those that could not be had."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ...errors import Conflict, DomainError, Invalid, Message, msg, nmsg
from .. import moving, signing
from ..models import Shift

MOST_AT_ONCE = 100  # shifts


@dataclass(frozen=True)
class Lost:
    """A shift that could not be had, and why. `unlock` is where one can put that right, if one can.

    `full` says that it has too few places, which one can wait for.
    """

    shift_id: int
    why: Message
    unlock: str = ""
    full: bool = False


class TooFew(Conflict):
    """A shift has fewer places free than are asked for."""


class Gone(Conflict):
    """Some of the shifts asked for cannot be had, so nothing was changed; `lost` says which and why."""

    def __init__(self, lost: Sequence[Lost]) -> None:
        """Keep what the page lists."""
        super().__init__(
            nmsg(
                "One of the shifts you chose can’t be had, so nothing is booked yet.",
                "%(num)d of the shifts you chose can’t be had, so nothing is booked yet.",
                len(lost),
            )
        )
        self.lost = lost


def lock(session: Session, *asked: Iterable[int]) -> dict[int, Shift]:
    """Lock all these shifts in the order of their ids, and return by id those that exist.

    Their people are locked before. Raises Invalid for more than MOST_AT_ONCE.
    """
    ids = {number for some in asked for number in some}
    if len(ids) > MOST_AT_ONCE:
        raise Invalid(msg("That is a lot at once. Choose %(max)s shifts at most.", max=MOST_AT_ONCE))
    return {shift.id: shift for shift in moving.lock_shifts(session, Shift.id.in_(ids))}


def each(shift_ids: Iterable[int], do: Callable[[int], object]) -> None:
    """Do something for every shift. Raises Gone with each refusal, after which nothing of it may stay."""
    lost = []
    for shift_id in sorted(set(shift_ids)):
        try:
            do(shift_id)
        except DomainError as refusal:
            full = isinstance(refusal, TooFew) or refusal.message == signing.FULL
            lost.append(Lost(shift_id, _words(refusal), getattr(refusal, "unlock", ""), full))
    if lost:
        raise Gone(lost)


def _words(refusal: DomainError) -> Message:
    return msg("This shift is full.") if refusal.message == signing.FULL else refusal.message
