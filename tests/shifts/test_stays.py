"""A stay: its days, and booking its shifts in one action, through the service."""

from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid, NotFound
from logistics.outbox.models import OutboxMessage
from logistics.shifts import checks, signing, waiting
from logistics.shifts.day_models import RoleWish, Stay
from logistics.shifts.groups import stay_reading, stays
from logistics.shifts.groups.together import Gone
from logistics.shifts.models import Shift, SignUp, SignUpState
from logistics.shifts.telling import messages

from .. import make
from ..racing import race, refused

PARIS = ZoneInfo("Europe/Paris")
TODAY = now().astimezone(PARIS).date()


def at(day: int, hour: float = 9.5) -> datetime:
    return datetime.combine(TODAY + timedelta(days=day), datetime.min.time(), PARIS) + timedelta(hours=hour)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def begin(person_id: int, first: int = 1, last: int = 10, **more: object) -> int:
    values = {"arrives_on": day(first), "leaves_on": day(last), "role_ids": [], "today": TODAY, **more}
    return stays.begin(actor_id=person_id, **values)  # type: ignore[arg-type]


def on(person_id: int) -> list[int]:
    db.session.rollback()
    query = select(SignUp.shift_id).where(SignUp.person_id == person_id, SignUp.state == SignUpState.CONFIRMED)
    return list(db.session.scalars(query.order_by(SignUp.shift_id)))


def mailed() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def fill(shift: Shift) -> None:
    shift_id, people = shift.id, [make.person().id for _ in range(shift.maximum)]
    for number in people:
        signing.sign_up(actor_id=number, shift_id=shift_id)


@pytest.fixture
def me(app: Flask) -> int:
    return make.person().id


@pytest.fixture(autouse=True)
def nothing_broken(app: Flask) -> object:
    yield
    db.session.rollback()
    assert list(checks.problems(db.session)) == []


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (5, 4, "leaves_on"),
        (-9, -1, "leaves_on"),
        (1, 400, "leaves_on"),
        (1, 181, "leaves_on"),
        (731, 732, "arrives_on"),
    ],
)
def test_days_that_cannot_be_a_stay(me: int, first: int, last: int, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        begin(me, first, last)
    assert refusal.value.field == field


def test_the_year_9999_is_too_far(me: int) -> None:
    with pytest.raises(Invalid):
        begin(me, arrives_on=date(9999, 12, 30), leaves_on=date(9999, 12, 31))


def test_the_longest_stay_and_one_that_has_begun(me: int) -> None:
    assert begin(me, -1, 178)
    with pytest.raises(Conflict):
        begin(me, 178, 179)
    assert begin(me, 179, 179)


def test_wishes_are_kept_and_made_up_roles_are_not(me: int) -> None:
    role_id = make.role().id
    begin(me, role_ids=[role_id, 999999])
    assert stays.wishes(db.session, me) == {role_id}
    stays.wish(actor_id=me, role_ids=[])
    assert db.session.scalars(select(RoleWish)).all() == []


def test_somebody_elses_stay_is_not_there(me: int) -> None:
    other = begin(make.person().id)
    with pytest.raises(NotFound):
        stays.change(
            actor_id=me, stay_id=other, arrives_on=day(1), leaves_on=day(2), give_up=[], take=[], reason="", today=TODAY
        )
    with pytest.raises(NotFound):
        stays.call_off(actor_id=me, stay_id=other, give_up=[], reason="")


def test_booking_is_all(me: int) -> None:
    ids = [make.shift(starts_at=at(number)).id for number in (1, 2, 3)]
    assert stays.book(actor_id=me, shift_ids=ids) == 3
    assert stays.book(actor_id=me, shift_ids=ids) == 3  # again changes nothing
    assert on(me) == ids
    (mail,) = mailed()
    assert (mail.kind, [shift["path"] for shift in mail.params["shifts"]]) == (
        "sign_ups_confirmed",
        [f"/shifts/{number}" for number in ids],
    )
    more = make.shift(starts_at=at(4)).id
    stays.book(actor_id=me, shift_ids=[*ids, more])
    assert [mail.kind for mail in mailed()] == ["sign_ups_confirmed", "sign_up_confirmed"]
    for number in ids:  # each finds it among what was mailed about it
        assert len(db.session.execute(messages.query(messages.Wanted(shift_id=number))).all()) == 1
    assert len(db.session.execute(messages.query(messages.Wanted(shift_id=more))).all()) == 1


def test_a_turn_in_a_line_ends_with_the_days_it_was_for(me: int) -> None:
    stay_id, full, near = begin(me), make.shift(starts_at=at(8), maximum=1), make.shift(starts_at=at(2), maximum=1)
    fill(full)
    fill(near)
    for shift in (full, near):
        waiting.join(actor_id=me, shift_id=shift.id)
    stays.change(
        actor_id=me,
        stay_id=stay_id,
        arrives_on=day(1),
        leaves_on=day(3),
        give_up=[full.id],
        take=[],
        reason="",
        today=TODAY,
    )
    rows = db.session.execute(select(SignUp.shift_id, SignUp.state).where(SignUp.person_id == me))
    assert {row.shift_id: row.state for row in rows} == {full.id: "cancelled", near.id: "waiting"}
    assert [mail.kind for mail in mailed() if mail.person_id == me] == []


def test_or_nothing_with_every_reason(me: int) -> None:
    good, full = make.shift(starts_at=at(1)), make.shift(starts_at=at(2), maximum=1)
    clashing, begun = make.shift(starts_at=at(1, 10)), make.shift(starts_at=now() - timedelta(minutes=1))
    fill(full)
    ids = [each.id for each in (good, full, clashing, begun)]
    with pytest.raises(Gone) as refusal:
        stays.book(actor_id=me, shift_ids=[*ids, 999999])
    assert [lost.shift_id for lost in refusal.value.lost] == [*ids[1:], 999999]
    assert refusal.value.message.count == 4
    assert on(me) == []


def test_too_many_at_once(me: int) -> None:
    with pytest.raises(Invalid):
        stays.book(actor_id=me, shift_ids=list(range(1, 200)))


def test_changing_the_days_gives_up_and_takes_in_one_action(me: int) -> None:
    stay_id, old, new = begin(me), make.shift(starts_at=at(3)), make.shift(starts_at=at(12))
    old_id, new_id = old.id, new.id
    stays.book(actor_id=me, shift_ids=[old_id])
    move = partial(stays.change, actor_id=me, stay_id=stay_id, give_up=[old_id], take=[new_id], reason="", today=TODAY)
    fill(new)
    with pytest.raises(Gone):
        move(arrives_on=day(11), leaves_on=day(14))
    assert on(me) == [old_id]
    assert db.session.scalars(select(Stay.arrives_on)).one() == day(1)

    with transaction() as session:
        session.get_one(Shift, new_id).maximum += 1
    move(arrives_on=day(11), leaves_on=day(14))
    assert on(me) == [new_id]
    assert db.session.scalars(select(Stay.arrives_on)).one() == day(11)


def test_giving_up_a_shift_that_is_near_asks_why(me: int) -> None:
    stay_id, near = begin(me, 0, 5), make.shift(starts_at=now() + timedelta(hours=2))
    near_id = near.id
    stays.book(actor_id=me, shift_ids=[near_id])
    with pytest.raises(Invalid) as refusal:
        stays.call_off(actor_id=me, stay_id=stay_id, give_up=[near_id], reason="")
    assert refusal.value.field == "reason"
    assert on(me) == [near_id]
    stays.call_off(actor_id=me, stay_id=stay_id, give_up=[near_id], reason="The ferry is late")
    assert on(me) == []
    assert db.session.scalars(select(Stay)).all() == []


def test_a_plan_offers_only_what_one_may_take(me: int) -> None:
    mine, wished = make.role(), make.role()
    shift = make.shift(of_role=mine, starts_at=at(2))
    make.shift(starts_at=at(3), maximum=1)
    other = make.shift(of_role=wished, starts_at=at(4))
    for_the_experienced = make.shift(starts_at=at(5), experienced_minimum=6)
    shift_id, other_id, hard_id, wished_id = shift.id, other.id, for_the_experienced.id, wished.id
    fill(db.session.scalars(select(Shift).where(Shift.maximum == 1)).one())
    plan = stay_reading.plan(db.session, me, day(1), day(10), PARIS)
    proposed = [line.work.shift_id for lines in plan.proposed.values() for line in lines]
    assert proposed == [shift_id, other_id]
    assert hard_id not in proposed
    stays.wish(actor_id=me, role_ids=[wished_id])
    plan = stay_reading.plan(db.session, me, day(1), day(10), PARIS)
    assert list(plan.proposed) == [day(4)]
    assert [line.work.shift_id for line in plan.others[day(2)]] == [shift_id]
    kept = stay_reading.plan(db.session, me, day(1), day(10), PARIS, kept=[shift_id])
    assert list(kept.proposed) == [day(2), day(4)]


def test_sixteen_stays_race_for_overlapping_sets_and_each_gets_all_or_none(app: Flask) -> None:
    ids = [make.shift(starts_at=at(number), maximum=4).id for number in range(1, 6)]
    people = [make.person().id for _ in range(16)]
    wanted = [ids[number % 3 : number % 3 + 3] for number in range(16)]
    answers = race(
        app,
        *(
            partial(stays.book, actor_id=person, shift_ids=list(reversed(some)) if number % 2 else some)
            for number, (person, some) in enumerate(zip(people, wanted, strict=True))
        ),
    )
    refused(answers, Gone)
    for person, some, answer in zip(people, wanted, answers, strict=True):
        assert on(person) == ([] if isinstance(answer, Gone) else some)
    assert db.session.get_one(Shift, ids[2]).filled == 4  # everyone wanted it
