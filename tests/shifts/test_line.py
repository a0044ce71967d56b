"""Any sequence of what can happen to a shift keeps its promises (hypothesis).

People sign up, wait, accept, decline and cancel, alone or as a party; leaders hold places for a convoy, give them
back, and stay away themselves; others join, take the places held, and leave; staff add and remove people, resize, move
and call off; offers and places without a name lapse. After each step: places add up, nobody is in two places at once,
no convoy has more people or places than it is of, and no place is free that someone in line could have.
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
from logistics.commands import CHANGED
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid, NotFound
from logistics.shifts import checks, places, signing, waiting
from logistics.shifts.group_models import Convoy
from logistics.shifts.groups import convoys, lapsing, riding
from logistics.shifts.models import Shift, SignUp, SignUpState
from logistics.shifts.plans import planning
from logistics.shifts.qualifying import requirements, standing
from logistics.shifts.qualifying.standing import EXPERIENCED_AFTER

from .. import make
from ..conftest import empty_tables

PEOPLE = 4
SHIFTS = 3  # the first two overlap, until someone moves them
LEADERS, SIZE = 2, 3  # of convoys
people, shifts, leaders = (st.integers(0, most - 1) for most in (PEOPLE, SHIFTS, LEADERS))
counts = st.sampled_from([SIZE, SIZE - 1, 1])


class Line(RuleBasedStateMachine):
    """What the services are asked is arbitrary; what they leave behind must be in order."""

    app: Flask
    done: Counter[Any] = Counter()  # what was not refused, to see that the test tries something

    def __init__(self) -> None:
        super().__init__()
        empty_tables(self.app)
        self.actor = make.person("coordinator").id
        members = [make.person() for _ in range(PEOPLE)]
        self.people = [person.id for person in members]
        self.convoys = [make.convoy(person, SIZE).id for person in members[:LEADERS]]
        for person_id in self.people[: PEOPLE // 2]:
            worked_before(person_id)
        start, mix = now() + timedelta(days=9), {"experienced_minimum": 1, "newcomers_maximum": 1}
        self.shifts = [
            make.shift(starts_at=start + timedelta(hours=hours), minimum=0, **more).id
            for hours, more in ((0, {"maximum": 1}), (1, {"maximum": SIZE, **mix}), (24, {"maximum": SIZE}))
        ]
        self.lead(convoys.hold, 0, shift_ids=self.shifts[2:], count=SIZE)

    def ask(self, command: Callable[..., Any], **values: Any) -> None:
        refused = None
        try:
            command(**values)
        except (Conflict, Invalid, NotFound) as refusal:
            refused = refusal.message
        assert refused != CHANGED  # which would be the database's refusal, and say nothing
        self.done[command] += refused is None

    @rule(person=people, shift=shifts)
    def sign_up(self, person: int, shift: int) -> None:
        self.ask(signing.sign_up, actor_id=self.people[person], shift_id=self.shifts[shift])

    @rule(person=people, shift=shifts)
    def wait(self, person: int, shift: int) -> None:
        self.ask(waiting.join, actor_id=self.people[person], shift_id=self.shifts[shift])

    @rule(leader=leaders, shift=shifts, count=counts)
    def wait_together(self, leader: int, shift: int, count: int) -> None:
        self.lead(convoys.wait, leader, shift_id=self.shifts[shift], count=count)

    @rule(leader=leaders, which=st.sampled_from([{1}, {2}, {1, 2}, {0, 1}]), count=counts, myself=st.booleans())
    def hold(self, leader: int, which: set[int], count: int, myself: bool) -> None:
        shift_ids = [self.shifts[shift] for shift in which]
        self.lead(convoys.hold, leader, shift_ids=shift_ids, count=count, myself=myself)

    @rule(turn=st.integers(0, 7), leader=leaders, shift=shifts, count=counts)
    def give_back(self, turn: int, leader: int, shift: int, count: int) -> None:
        db.session.rollback()
        theirs = db.session.scalars(select(SignUp).where(SignUp.convoy_id.is_not(None)).order_by(SignUp.id)).all()
        held = [(self.people.index(each.person_id), each.shift_id, each.unnamed) for each in theirs if each.unnamed]
        leader, shift_id, most = held[turn % len(held)] if held else (leader, self.shifts[shift], count)
        self.lead(convoys.give_back, leader, shift_id=shift_id, count=min(count, most))

    @rule(leader=leaders, person=people)
    def join(self, leader: int, person: int) -> None:
        db.session.rollback()
        convoy_id = self.convoys[leader]
        link = convoys.link_of(db.session.get_one(Convoy, convoy_id))
        self.ask(riding.join, actor_id=self.people[person], convoy_id=convoy_id, link=link)

    @rule(leader=leaders, person=people)
    def take_places(self, leader: int, person: int) -> None:
        self.ask(riding.take_places, actor_id=self.people[person], convoy_id=self.convoys[leader])

    @rule(leader=leaders, person=people, shift=st.one_of(st.none(), shifts))
    def leave_the_convoy(self, leader: int, person: int, shift: int | None) -> None:
        shift_id = None if shift is None else self.shifts[shift]
        self.lead(riding.leave, leader, person_id=self.people[person], shift_id=shift_id)

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

    @rule(person=people, shift=shifts, keep_others=st.sampled_from([None, True, False]))
    def cancel(self, person: int, shift: int, keep_others: bool | None) -> None:
        self.ask(signing.cancel, actor_id=self.people[person], shift_id=self.shifts[shift], keep_others=keep_others)

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

    @rule(shift=shifts, maximum=st.integers(1, SIZE + 1))
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

    @rule(shift=shifts)
    def unnamed_places_lapse(self, shift: int) -> None:
        db.session.rollback()
        starts_at = db.session.get_one(Shift, self.shifts[shift]).starts_at
        for before in (timedelta(hours=60), timedelta(hours=40)):  # they lapse 48 hours before, after a reminder
            with as_if(starts_at - before):
                self.done[lapsing.due] += lapsing.due(20)

    @rule(leader=leaders, shift=shifts, luck=st.integers(0, 9))
    def make_an_end(self, leader: int, shift: int, luck: int) -> None:
        """Seldom, since not much can happen afterwards."""
        if luck == 9:
            self.ask(planning.call_off, actor_id=self.actor, shift_id=self.shifts[shift])
        elif luck >= 7:
            self.lead(convoys.give_all_back if luck == 7 else convoys.end, leader)

    def lead(self, command: Callable[..., Any], leader: int, **values: Any) -> None:
        self.ask(command, actor_id=self.people[leader], convoy_id=self.convoys[leader], **values)

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
    asked = (
        *(signing.sign_up, signing.cancel, signing.add_person, waiting.join, waiting.accept, planning.edit),
        *(convoys.hold, convoys.give_back, convoys.wait, riding.join, riding.leave, riding.take_places, lapsing.due),
    )
    never = [each for each in asked if not Line.done[each]]
    assert len(never) < 3, Line.done  # by chance one or two have nothing to do in a whole run
