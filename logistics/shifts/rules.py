"""What a charity decides once for all its shifts: reading it, and changing it."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..audit import record
from ..commands import command
from ..errors import Invalid, msg
from .models import Rules

MOST_OFFER_HOURS = 168
MOST_HARD = 7
MOST_CANCEL_HOURS = 336


class Stand(NamedTuple):
    """The rules as they stand (see `Rules`)."""

    offer_hours: int = 12
    hard_in_a_row: int = 1
    cancel_hours: int = 24

    @property
    def offer_stands(self) -> timedelta:
        """Return how long an offer stands at most."""
        return timedelta(hours=self.offer_hours)


USUAL = Stand()


def read(session: Session) -> Stand:
    """Return the rules as they stand, in one query."""
    row = session.execute(select(Rules.offer_hours, Rules.hard_in_a_row, Rules.cancel_hours)).one_or_none()
    return Stand(*row) if row is not None else USUAL


@command
def change(session: Session, *, actor_id: int, offer_hours: int, hard_in_a_row: int, cancel_hours: int) -> None:
    """Set the rules for what comes from now on. Raises Invalid with the field to blame.

    Offers that were made stand as long as was said, and shifts that were planned keep their own hours.
    """
    new = Stand(offer_hours, hard_in_a_row, cancel_hours)
    _refuse_outside(offer_hours, 1, MOST_OFFER_HOURS, "offer_hours")
    _refuse_outside(hard_in_a_row, 1, MOST_HARD, "hard_in_a_row")
    _refuse_outside(cancel_hours, 0, MOST_CANCEL_HOURS, "cancel_hours")
    row = session.scalars(select(Rules).with_for_update(key_share=True)).one_or_none()
    if row is None:
        row = Rules(id=1)
        session.add(row)
    for name, value in new._asdict().items():
        setattr(row, name, value)
    record(session, actor_id, "shift_rules.changed", "shift_rules", 1, **new._asdict())


def _refuse_outside(number: int, least: int, most: int, field: str) -> None:
    if not least <= number <= most:
        raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least=least, most=most), field)
