"""The races of convoys and stays again, each without its guard: there it must go wrong, and be seen.

As in `test_races`, the unguarded versions look in one transaction and write in the next.
"""

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from logistics.clock import as_if, now
from logistics.db import WRITES, db
from logistics.outbox.models import OutboxMessage
from logistics.shifts import checks, signing, waiting
from logistics.shifts.group_models import Convoy, ConvoyMember
from logistics.shifts.groups import convoys, lapsing, riding, stays, together
from logistics.shifts.groups.together import Gone
from logistics.shifts.models import HOLDS_PLACES, Shift, SignUp

from .. import make
from ..racing import race

START = now().replace(microsecond=0) + timedelta(days=20)


def problems() -> list[str]:
    db.session.rollback()
    return list(checks.problems(db.session))


def goes_wrong(attempt: Callable[[], bool], tries: int = 20) -> bool:
    """Whether an attempt shows the fault within some tries: a race need not go wrong each time."""
    return any(attempt() for _ in range(tries))


def next_transaction(session: Session) -> None:
    """End this transaction, keep what was read, and go on in another."""
    session.expire_on_commit = False
    session.commit()
    time.sleep(0.01)
    sqlite = db.engine.dialect.name == "sqlite"
    session.connection(execution_options={WRITES: True} if sqlite else {"isolation_level": "READ COMMITTED"})


def look_without_lock(session: Session, *asked: Iterable[int]) -> dict[int, Shift]:
    ids = {number for some in asked for number in some}
    query = select(Shift).where(Shift.id.in_(ids)).options(joinedload(Shift.role), joinedload(Shift.site))
    found = {shift.id: shift for shift in session.scalars(query)}
    next_transaction(session)
    return found


def convoy(size: int) -> tuple[int, int]:
    leader = make.person().id
    return convoys.make(actor_id=leader, name="Ghent", size=size, lapse_hours=48), leader


def convoys_hold_too_much(app: Flask) -> bool:
    """Whether three convoys of four got into a shift of eight."""
    shift, made = make.shift(starts_at=START, maximum=8).id, [convoy(4) for _ in range(3)]
    race(
        app,
        *(
            partial(convoys.hold, actor_id=leader, convoy_id=number, shift_ids=[shift], count=4)
            for number, leader in made
        ),
    )
    db.session.rollback()
    return (db.session.scalar(select(func.sum(SignUp.places)).where(SignUp.shift_id == shift)) or 0) > 8


def test_convoys_hold_no_more_than_there_is(app: Flask) -> None:
    assert not goes_wrong(lambda: convoys_hold_too_much(app), tries=5)
    assert problems() == []


def test_convoys_hold_too_much_when_shifts_are_not_locked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "lock", look_without_lock)
    assert goes_wrong(lambda: convoys_hold_too_much(app))
    assert any("but sign-ups hold" in problem for problem in problems())


def too_many_join(app: Flask) -> bool:
    """Whether more than three got into a convoy of three."""
    number, _leader = convoy(3)
    link, people = convoys.link_of(db.session.get_one(Convoy, number)), [make.person().id for _ in range(8)]
    race(app, *(partial(riding.join, actor_id=person, convoy_id=number, link=link) for person in people))
    db.session.rollback()
    members = select(func.count(ConvoyMember.person_id)).where(ConvoyMember.convoy_id == number)
    return (db.session.scalar(members) or 0) > 3


def test_too_many_join_when_the_leader_is_not_locked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not goes_wrong(lambda: too_many_join(app), tries=3)
    counted = riding.count

    def count_then_go_on(session: Session, convoy_id: int) -> int:
        found = counted(session, convoy_id)
        next_transaction(session)  # which lets go of the leader
        return found

    monkeypatch.setattr(riding, "count", count_then_go_on)
    assert goes_wrong(lambda: too_many_join(app))
    assert any("but has" in problem for problem in problems())


def lapses_more_than_once(app: Flask) -> bool:
    """Whether several workers told a leader that the same places lapsed."""
    number, leader = convoy(10)
    shift = make.shift(starts_at=START, maximum=10).id
    convoys.hold(actor_id=leader, convoy_id=number, shift_ids=[shift], count=10)
    with as_if(START - timedelta(hours=71)):
        lapsing.due(10)

    def work() -> int:
        with as_if(START - timedelta(hours=40)):
            return lapsing.due(10)

    race(app, *[work] * 8)
    db.session.rollback()
    told = select(func.count()).where(OutboxMessage.kind == "convoy_unnamed_lapsed", OutboxMessage.person_id == leader)
    return (db.session.scalar(told) or 0) > 1


def test_places_lapse_once(app: Flask) -> None:
    assert not goes_wrong(lambda: lapses_more_than_once(app), tries=3)
    assert problems() == []


def test_places_lapse_twice_when_they_are_looked_at_before_the_lock(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = signing.sign_up_of

    def look_then_go_on(session: Session, person_id: int, shift_id: int) -> SignUp | None:
        found = looked(session, person_id, shift_id)
        next_transaction(session)
        return found

    monkeypatch.setattr(signing, "sign_up_of", look_then_go_on)
    assert goes_wrong(lambda: lapses_more_than_once(app))


def a_stay_is_booked_in_part(app: Flask) -> bool:
    """Whether someone who was told that a shift is gone is on another of those they ticked."""
    first, last = (make.shift(starts_at=START + timedelta(days=days), maximum=1).id for days in (0, 1))
    people = [make.person().id for _ in range(4)]
    answers = race(
        app,
        *(partial(stays.book, actor_id=person, shift_ids=[first, last]) for person in people[:2]),
        *(partial(signing.sign_up, actor_id=person, shift_id=last) for person in people[2:]),
    )
    db.session.rollback()
    on = set(db.session.scalars(select(SignUp.person_id).where(SignUp.shift_id == first)))
    return any(isinstance(answer, Gone) and person in on for person, answer in zip(people, answers, strict=True))


def test_a_stay_is_booked_whole_or_not_at_all(app: Flask) -> None:
    assert not goes_wrong(lambda: a_stay_is_booked_in_part(app), tries=5)
    assert problems() == []


def test_a_stay_is_booked_in_part_when_each_shift_is_a_transaction(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    guarded = together.each

    def one_by_one(shift_ids: Iterable[int], do: Callable[[int], object]) -> None:
        def do_and_commit(shift_id: int) -> None:
            do(shift_id)
            next_transaction(db.session)

        guarded(shift_ids, do_and_commit)

    monkeypatch.setattr(together, "each", one_by_one)
    assert goes_wrong(lambda: a_stay_is_booked_in_part(app))


def who_waits_is_counted_twice(app: Flask, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a shift counts a place too many when who waits for it signs up while a convoy gives places back.

    They are offered one of these: what they sign up for is that, and not another besides.
    """
    number, leader = convoy(3)
    shift, person = make.shift(starts_at=START, maximum=3).id, make.person().id
    convoys.hold(actor_id=leader, convoy_id=number, shift_ids=[shift], count=3)
    waiting.join(actor_id=person, shift_id=shift)
    guarded = signing.refuse_clash

    def look_then_go_on(session: Session, person_id: int, shift: Shift) -> None:
        guarded(session, person_id, shift)
        time.sleep(0.02)

    with monkeypatch.context() as slower:
        slower.setattr(signing, "refuse_clash", look_then_go_on)
        race(
            app,
            partial(signing.sign_up, actor_id=person, shift_id=shift),
            partial(convoys.give_back, actor_id=leader, convoy_id=number, shift_id=shift, count=2),
        )
    db.session.rollback()
    held = select(func.sum(SignUp.places)).where(SignUp.shift_id == shift, SignUp.state.in_(HOLDS_PLACES))
    return db.session.get_one(Shift, shift).filled != db.session.scalar(held)


def test_who_waits_has_one_place_when_many_come_free(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not goes_wrong(lambda: who_waits_is_counted_twice(app, monkeypatch), tries=8)
    assert problems() == []


def test_who_waits_is_counted_twice_when_the_shift_is_not_locked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_without_lock(session: Session, mine: SignUp) -> Shift:
        shift = session.get_one(Shift, mine.shift_id)
        next_transaction(session)
        return shift

    monkeypatch.setattr(signing, "_as_it_stands", look_without_lock)
    assert goes_wrong(lambda: who_waits_is_counted_twice(app, monkeypatch))
    assert any("places are taken, but" in problem for problem in problems())
