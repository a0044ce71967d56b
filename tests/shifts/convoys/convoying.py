"""Short names for what a convoy does."""

from datetime import datetime, timedelta

from sqlalchemy import select

from logistics.clock import as_if, now
from logistics.db import db
from logistics.outbox.models import OutboxMessage
from logistics.shifts.group_models import Convoy
from logistics.shifts.groups import convoys, lapsing, riding
from logistics.shifts.models import Shift, SignUp, SignUpState

from ... import make

START = now().replace(microsecond=0) + timedelta(days=20)


def convoy(leader_id: int, size: int = 8, **more: int) -> int:
    values = {"lapse_hours": 48, "seats": 0, **more}
    return convoys.make(actor_id=leader_id, name="Ghent", size=size, **values)


def shifts(*maxima: int, day: int = 0) -> list[int]:
    return [
        make.shift(starts_at=START + timedelta(days=day + number), maximum=maximum).id
        for number, maximum in enumerate(maxima)
    ]


def hold(convoy_id: int, ids: list[int], count: int) -> None:
    leader_id = db.session.scalars(select(Convoy.leader_id).where(Convoy.id == convoy_id)).one()
    convoys.hold(actor_id=leader_id, convoy_id=convoy_id, shift_ids=ids, count=count)


def link(convoy_id: int) -> str:
    db.session.rollback()
    return convoys.link_of(db.session.get_one(Convoy, convoy_id))


def join(person_id: int, convoy_id: int, seats: int = 0) -> int:
    return riding.join(actor_id=person_id, convoy_id=convoy_id, link=link(convoy_id), seats=seats)


def filled(*ids: int) -> list[int]:
    db.session.rollback()
    return [db.session.scalars(select(Shift.filled).where(Shift.id == number)).one() for number in ids]


def held(person_id: int) -> dict[int, int]:
    """The places of someone's confirmed sign-ups, by shift."""
    db.session.rollback()
    query = select(SignUp.shift_id, SignUp.places)
    rows = db.session.execute(query.where(SignUp.person_id == person_id, SignUp.state == SignUpState.CONFIRMED))
    return {row.shift_id: row.places for row in rows}


def mails(kind: str) -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)))


def run_at(moment: datetime) -> int:
    with as_if(moment):
        return lapsing.due(50)


def stands(person_id: int, shift_id: int) -> tuple[str, int]:
    db.session.rollback()
    mine = db.session.scalars(select(SignUp).where(SignUp.person_id == person_id, SignUp.shift_id == shift_id)).one()
    return mine.state, mine.places
