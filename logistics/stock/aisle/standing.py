"""What the ledger says of a box on a shelf at a moment that has passed, and when somebody last counted it there.

Things come to be known in another order than they happened: what is done without a signal counts from when it was done,
and what a count found from when it was counted, however much later either was recorded.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from ..counting import CorrectionReason
from ..counts.models import StockCount
from ..ledger import level_at
from ..models import Movement
from .models import AisleAct, Kind

# Why a count differs where nobody took anything away knowingly.
DISCOVERED = (
    CorrectionReason.MISCOUNTED,
    CorrectionReason.LOST,
    CorrectionReason.STOLEN,
    CorrectionReason.FOUND,
)
_DONE_AT = func.coalesce(AisleAct.made_at, StockCount.counted_at, Movement.at)
_NOT_TAKEN = func.coalesce(AisleAct.kind, Kind.COUNT) != Kind.TAKE


class Stood(NamedTuple):
    """How many there were at the moment, as far as is known by now; and whether somebody counted them after it."""

    quantity: int
    overtaken: bool


def stood(session: Session, box_id: int, location_id: int, moment: datetime) -> Stood:
    """Return how a box stood on a shelf at a moment: the level now, without what was done after that.

    A correction since then may be of the very difference that was counted, so a count is overtaken by it, as it is by
    any later count; what somebody took out in the aisle for a reason is no such correction, for that is when it went.
    """
    change = case((Movement.to_id == location_id, Movement.quantity), else_=-Movement.quantity)
    corrected = and_(Movement.reason.in_(set(CorrectionReason)), _NOT_TAKEN)
    since, corrections = session.execute(
        select(func.coalesce(func.sum(change), 0), func.count().filter(corrected))
        .select_from(Movement)
        .outerjoin(AisleAct, AisleAct.movement_id == Movement.id)
        .outerjoin(StockCount, StockCount.movement_id == Movement.id)
        .where(_of(box_id, location_id), moment < _DONE_AT)
    ).one()
    later = exists().where(_counts(box_id, location_id), AisleAct.made_at > moment)
    overtaken = bool(corrections) or bool(session.scalar(select(later)))
    return Stood(level_at(session, box_id, location_id) - int(since), overtaken)


def counted_since(session: Session, box_id: int, location_id: int, moment: datetime) -> datetime | None:
    """Return when a box was first counted on a shelf after a moment, None if never: what was done before is in it."""
    found = session.scalar(
        select(func.min(_DONE_AT))
        .select_from(Movement)
        .outerjoin(AisleAct, AisleAct.movement_id == Movement.id)
        .outerjoin(StockCount, StockCount.movement_id == Movement.id)
        .where(_of(box_id, location_id), Movement.reason.in_(DISCOVERED), _NOT_TAKEN, moment < _DONE_AT)
    )
    agreed = session.scalar(
        select(func.min(AisleAct.made_at)).where(_counts(box_id, location_id), AisleAct.made_at > moment)
    )
    return min((each for each in (found, agreed) if each is not None), default=None)


def _of(box_id: int, location_id: int) -> ColumnElement[bool]:
    return and_(Movement.box_id == box_id, or_(Movement.to_id == location_id, Movement.from_id == location_id))


def _counts(box_id: int, location_id: int) -> ColumnElement[bool]:
    return and_(AisleAct.box_id == box_id, AisleAct.location_id == location_id, AisleAct.kind == Kind.COUNT)
