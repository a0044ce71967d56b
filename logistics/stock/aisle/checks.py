"""What must hold of acts of the aisle, recomputed from the ground."""

from collections.abc import Iterator

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from ..models import Movement
from .models import AisleAct


def _moved(session: Session) -> Iterator[str]:
    other = or_(
        Movement.box_id != AisleAct.box_id,
        and_(Movement.from_id != AisleAct.location_id, Movement.to_id != AisleAct.location_id),
        Movement.actor_id != AisleAct.person_id,
    )
    for act, movement in session.execute(
        select(AisleAct.id, Movement.id)
        .join(Movement, Movement.id == AisleAct.movement_id)
        .where(other)
        .order_by(AisleAct.id)
    ):
        yield f"Act {act} of the aisle names movement {movement}, which is of another box, shelf or person."


CHECKS = (_moved,)
