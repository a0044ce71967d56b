"""What a volunteer's shifts helped with: goods and people of closed distributions, as counts without names.

Nothing under ten people is told, as in public: so few could be known again.
"""

from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ..distributions.models import GROUPS, Distribution, DistributionState
from ..shifts.models import Shift, SignUp, SignUpState
from ..stock.models import PackingLine, Product, Size, Unit

FEWEST = 10  # people: fewer are not told


class Impact(NamedTuple):
    """So many of someone's shifts helped hand out `items` pieces to `people` people."""

    shifts: int
    items: int
    people: int


def impact(session: Session, person_id: int, shift_id: int | None = None) -> Impact | None:
    """Return what someone's shifts, or the one, helped with; none when there is nothing to tell (yet).

    It is of the closed distributions of shifts that they attended. Items are what is counted in pieces.
    """
    mine = (
        select(Shift.distribution_id, func.count().label("shifts"))
        .join(SignUp, SignUp.shift_id == Shift.id)
        .join(Distribution, Distribution.id == Shift.distribution_id)
        .where(
            SignUp.person_id == person_id,
            SignUp.state == SignUpState.ATTENDED,
            Distribution.state == DistributionState.CLOSED,
        )
        .group_by(Shift.distribution_id)
    )
    if shift_id is not None:
        mine = mine.where(Shift.id == shift_id)
    shifts, items, people = session.execute(_sums(mine)).one()
    if not items or people < FEWEST:
        return None
    return Impact(int(shifts), int(items), int(people))


def _sums(mine: Select[Any, Any]) -> Select[Any, Any, Any]:
    of = mine.subquery()
    served = sum((func.coalesce(getattr(Distribution, f"served_{group}"), 0) for group in GROUPS), start=0)
    people = select(func.coalesce(func.sum(served), 0)).join(of, of.c.distribution_id == Distribution.id)
    items = (
        select(func.coalesce(func.sum(PackingLine.handed_out), 0))
        .join(of, of.c.distribution_id == PackingLine.distribution_id)
        .join(Size, Size.id == PackingLine.size_id)
        .join(Product, Product.id == Size.product_id)
        .where(Product.unit == Unit.PIECE)
    )
    shifts = select(func.coalesce(func.sum(of.c.shifts), 0))
    return select(shifts.scalar_subquery(), items.scalar_subquery(), people.scalar_subquery())
