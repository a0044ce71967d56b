"""What the ledger says of a box on a shelf at a moment that has passed: what a count of then is compared with."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from ..counting import CorrectionReason
from ..ledger import level_at
from ..models import Movement
from .models import AisleAct, Kind


class Stood(NamedTuple):
    """How many there were at the moment, as far as is known by now; and whether somebody counted them after it."""

    quantity: int
    overtaken: bool


def stood(session: Session, box_id: int, location_id: int, moment: datetime) -> Stood:
    """Return how a box stood on a shelf at a moment: the level now, without what moved after that.

    What was done without a signal counts from when it was done, not from when it was recorded. A correction since then
    may be of the very difference that was counted, so the count is overtaken by it, as it is by any later count; what
    somebody took out in the aisle for a reason is no such correction, for that is when the goods went.
    """
    done_at = func.coalesce(AisleAct.made_at, Movement.at)
    change = case((Movement.to_id == location_id, Movement.quantity), else_=-Movement.quantity)
    corrected = and_(Movement.reason.in_(set(CorrectionReason)), func.coalesce(AisleAct.kind, Kind.COUNT) != Kind.TAKE)
    since, corrections = session.execute(
        select(func.coalesce(func.sum(change), 0), func.count().filter(corrected))
        .select_from(Movement)
        .outerjoin(AisleAct, AisleAct.movement_id == Movement.id)
        .where(
            Movement.box_id == box_id,
            or_(Movement.to_id == location_id, Movement.from_id == location_id),
            done_at > moment,
        )
    ).one()
    counted = exists().where(
        AisleAct.box_id == box_id,
        AisleAct.location_id == location_id,
        AisleAct.kind == Kind.COUNT,
        AisleAct.made_at > moment,
    )
    overtaken = bool(corrections) or bool(session.scalar(select(counted)))
    return Stood(level_at(session, box_id, location_id) - int(since), overtaken)
