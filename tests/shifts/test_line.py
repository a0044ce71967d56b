"""Any sequence of what can happen to a shift keeps its promises (hypothesis).

People sign up, wait, accept, decline and cancel, alone or as a party; staff add and remove them, resize, move and call
off; offers lapse. After each step: places add up, nobody is in two places at once, and no place is free that someone
in line could have.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from logistics.clock import as_if, now
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid
from logistics.shifts import checks, places, signing, waiting
from logistics.shifts.models import Shift, SignUp, SignUpState
from logistics.shifts.plans import planning
from logistics.shifts.qualifying import requirements, standing
from logistics.shifts.qualifying.standing import EXPERIENCED_AFTER

from .. import make
from ..conftest import empty_tables

PEOPLE = 4
SHIFTS = 2  # which overlap, until someone moves them
people, shifts = st.integers(0, PEOPLE - 1), st.integers(0, SHIFTS - 1)


class Line(RuleBasedStateMachine):
    """What the services are asked is arbitrary; what they leave behind must be in order."""

    app: Flask
    done: Counter[str] = Counter()  # what was not refused, to see that the test tries something

    def __init__(self) -> None:
        super().__init__()
        empty_tables(self.app)
        self.actor = make.person("coordinator").id
        members = [make.person() for _ in range(PEOPLE)]
        self.people = [person.id for person in members]
        self.convoys = [make.convoy(person).id for person in members]
        for person_id in self.people[: PEOPLE // 2]:
            worked_before(person_id)
        start = now() + timedelta(days=9)
        self.shifts = [
            make.shift(starts_at=start + timedelta(hours=hours), minimum=0, maximum=1, **mix).id
            for hours, mix in ((0, {}), (1, {"experienced_minimum": 1, "newcomers_maximum": 1}))
        ]

    def ask(self, command: Callable[..., Any], **values: Any) -> None:
        try:
            command(**values)
        except (Conflict, Invalid):
            return
        self.done[command.__name__] += 1

    @rule(person=people, shift=shifts)
    def sign_up(self, person: int, shift: int) -> None:
        self.ask(signing.sign_up, actor_id=self.people[person], shift_id=self.shifts[shift])

    @rule(person=people, shift=shifts, party=st.sampled_from([1, 1, 1, 2]))
    def wait(self, person: int, shift: int, party: int) -> None:
        convoy_id = self.convoys[person] if party > 1 else None
        self.ask(
            waiting.join, actor_id=self.people[person], shift_id=self.shifts[shift], party=party, convoy_id=convoy_id
        )

    @rule(turn=st.integers(0, 7), person=people, shift=shifts, instead=st.booleans())
    def accept(self, turn: int, person: int, shift: int, instead: bool) -> None:
        db.session.rollback()
        offer = select(SignUp.person_id, SignUp.shift_id).where(SignUp.state == SignUpState.OFFERED).order_by(SignUp.id)
        offers = [tuple(row) for row in db.session.execute(offer)] or [(self.people[person], self.shifts[shift])]
        actor_id, shift_id = offers[turn % len(offers)]
        self.ask(waiting.accept, actor_id=actor_id, shift_id=shift_id, instead=instead)

    @rule(person=people, shift=shifts)
    def leave_the_line(self, person: int, shift: int) -> None:
        self.ask(waiting.leave, actor_id=self.people[person], shift_id=self.shifts[shift])

    @rule(person=people, shift=shifts)
    def cancel(self, person: int, shift: int) -> None:
        self.ask(signing.cancel, actor_id=self.people[person], shift_id=self.shifts[shift])

    @rule(person=people, shift=shifts, over=st.booleans())
    def add(self, person: int, shift: int, over: bool) -> None:
        self.ask(
            signing.add_person,
            actor_id=self.actor,
            shift_id=self.shifts[shift],
            person_id=self.people[person],
            over=over,
        )

    @rule(person=people, shift=shifts)
    def remove(self, person: int, shift: int) -> None:
        self.ask(signing.remove_person, actor_id=self.actor, shift_id=self.shifts[shift], person_id=self.people[person])

    @rule(shift=shifts, maximum=st.integers(1, 3))
    def resize(self, shift: int, maximum: int) -> None:
        self.edit(shift, maximum=maximum)

    @rule(shift=shifts, hours=st.integers(-3, 3))
    def move(self, shift: int, hours: int) -> None:
        by = timedelta(hours=hours)
        db.session.rollback()
        current = db.session.get_one(Shift, self.shifts[shift])
        self.edit(shift, starts_at=current.starts_at + by, ends_at=current.ends_at + by)

    @rule()
    def offers_lapse(self) -> None:
        with as_if(now() + timedelta(hours=12, minutes=1)):
            waiting.lapse_due(20)

    @rule(shift=shifts, luck=st.integers(0, 9))
    def call_off(self, shift: int, luck: int) -> None:
        if luck == 9:  # seldom, since nothing can happen to it afterwards
            self.ask(planning.call_off, actor_id=self.actor, shift_id=self.shifts[shift])

    def edit(self, shift: int, **changes: Any) -> None:
        db.session.rollback()
        current = db.session.get_one(Shift, self.shifts[shift])
        fields = ("role_id", "site_id", "starts_at", "ends_at", "minimum", "maximum", "version")
        values = {name: getattr(current, name) for name in fields} | changes
        self.ask(planning.edit, actor_id=self.actor, shift_id=self.shifts[shift], **values)

    @invariant()
    def in_order(self) -> None:
        db.session.rollback()
        assert list(checks.problems(db.session)) == []

    @invariant()
    def nobody_in_line_is_passed_by_who_may_have_what_is_free(self) -> None:
        db.session.rollback()
        query = select(Shift, SignUp.person_id, SignUp.places).join(SignUp, SignUp.shift_id == Shift.id)
        for shift, person_id, party in db.session.execute(query.where(SignUp.state == SignUpState.WAITING)).all():
            assert shift.cancelled_at is None
            if party <= shift.maximum - shift.filled and places.offer_until(shift.starts_at) is not None:
                reader = requirements.read(db.session, person_id, shift.role_id)
                crew = requirements.crews_of(db.session, [shift.id]).get(shift.id, standing.NOBODY)
                assert standing.why_not(reader, shift, crew, party) is not None

    @invariant()
    def who_is_offered_a_place_may_have_it(self) -> None:
        db.session.rollback()
        query = select(Shift, SignUp.person_id).join(SignUp, SignUp.shift_id == Shift.id)
        for shift, person_id in db.session.execute(query.where(SignUp.state == SignUpState.OFFERED)).all():
            reader = requirements.read(db.session, person_id, shift.role_id)
            crew = requirements.crews_of(db.session, [shift.id], person_id).get(shift.id, standing.NOBODY)
            assert standing.why_not_mix(reader, shift, crew, shift.maximum - shift.filled) is None


def worked_before(person_id: int) -> None:
    """Give someone the shifts that make them experienced."""
    shifts = [make.shift(starts_at=now() - timedelta(days=2 + n), filled=1).id for n in range(EXPERIENCED_AFTER)]
    with transaction() as session:
        for shift_id in shifts:
            made = {"created_at": now(), "changed_at": now()}
            session.add(SignUp(shift_id=shift_id, person_id=person_id, state=SignUpState.ATTENDED, **made))


def test_a_shift_keeps_its_promises_whatever_is_done(app: Flask) -> None:
    Line.app = app
    Line.done.clear()
    run_state_machine_as_test(
        Line,
        settings=settings(
            max_examples=20, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    commands = (signing.sign_up, signing.cancel, signing.add_person, waiting.join, waiting.accept, planning.edit)
    assert all(Line.done[command.__name__] > 1 for command in commands), Line.done
