"""Shifts that were worked, as rows."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from logistics.clock import now
from logistics.db import transaction
from logistics.distributions.models import Distribution, DistributionState
from logistics.people.models import Person
from logistics.shifts.models import Role, Shift, SignUp, SignUpState
from logistics.stock.models import PackingItem, PackingLine, PackingList, Size
from tests import make


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def sign_up(
    person: Person | int,
    shift: Shift | int,
    state: SignUpState = SignUpState.ATTENDED,
    **fields: object,
) -> int:
    """Put someone on a shift in some state; the shift counts them. Return the sign-up's id."""
    person_id = person if isinstance(person, int) else person.id
    shift_id = shift if isinstance(shift, int) else shift.id
    with transaction() as session:
        made = SignUp(shift_id=shift_id, person_id=person_id, state=state, created_at=now(), changed_at=now(), **fields)
        session.add(made)
        if state not in (SignUpState.CANCELLED, SignUpState.WAITING):
            session.get_one(Shift, shift_id).filled += made.places or 1
        session.flush()
        return made.id


def past_shift(
    person: Person | int | None = None,
    *,
    days_ago: float = 3,
    starts_at: datetime | None = None,
    hours: float = 3,
    of_role: Role | None = None,
    distribution: Distribution | None = None,
    state: SignUpState = SignUpState.ATTENDED,
    **fields: object,
) -> Shift:
    """A shift that is over, worked by `person` (on it in `state`, with these fields of the sign-up)."""
    person_id = person.id if isinstance(person, Person) else person
    starts_at = starts_at or now() - timedelta(days=days_ago)
    shift = make.shift(distribution, of_role=of_role, starts_at=starts_at, hours=hours)
    shift_id = shift.id
    if person_id is not None:
        sign_up(person_id, shift_id, state, **fields)
    return shift


def closed_distribution(handed_out: int = 412, men: int = 190) -> Distribution:
    """A distribution that is over, which gave so many things to so many people."""
    warehouse_id = make.warehouse().id
    product_id = make.product().id
    done = make.distribution(
        starts_at=now() - timedelta(days=3), state=DistributionState.CLOSED, served_men=men, served_women=0
    )
    number = done.id
    with transaction() as session:
        size_id = session.scalars(select(Size.id).where(Size.product_id == product_id)).one()
        session.add(PackingList(distribution_id=number, warehouse_id=warehouse_id))
        session.flush()
        item = PackingItem(distribution_id=number, product_id=product_id, total=handed_out, groups=[], profile={})
        session.add(item)
        session.flush()
        session.add(
            PackingLine(
                item_id=item.id,
                distribution_id=number,
                size_id=size_id,
                planned=handed_out,
                packed=handed_out,
                handed_out=handed_out,
                came_back=0,
                lost=0,
            )
        )
    return done
