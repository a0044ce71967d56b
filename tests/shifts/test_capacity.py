"""Any sequence of sign-ups, cancellations and changes keeps places exact (hypothesis)."""

from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db
from logistics.errors import Conflict, Invalid
from logistics.shifts import checks, signing
from logistics.shifts.models import Shift
from logistics.shifts.plans import planning

from .. import make
from ..conftest import empty_tables

PEOPLE = 5
SHIFTS = 3  # the first two overlap, the third does not
people, shifts = st.integers(0, PEOPLE - 1), st.integers(0, SHIFTS - 1)


class Capacity(RuleBasedStateMachine):
    """What the database says is compared with sets of people."""

    app: Flask

    def __init__(self) -> None:
        super().__init__()
        empty_tables(self.app)
        self.actor = make.person("coordinator").id
        self.people = [make.person().id for _ in range(PEOPLE)]
        start = now() + timedelta(days=2)
        self.shifts = [
            make.shift(starts_at=start + timedelta(hours=hours), minimum=0, maximum=2).id for hours in (0, 1, 9)
        ]
        self.on: list[set[int]] = [set() for _ in range(SHIFTS)]
        self.places = [2] * SHIFTS
        self.off = [False] * SHIFTS

    @rule(person=people, shift=shifts)
    def sign_up(self, person: int, shift: int) -> None:
        overlaps = shift < 2 and person in self.on[1 - shift]
        may = not self.off[shift] and not overlaps and len(self.on[shift]) < self.places[shift]
        expected = person in self.on[shift] or may
        assert self.tried(signing.sign_up, actor_id=self.people[person], shift_id=self.shifts[shift]) == expected
        if expected:
            self.on[shift].add(person)

    @rule(person=people, shift=shifts)
    def cancel(self, person: int, shift: int) -> None:
        was_on = person in self.on[shift]
        done = self.tried(signing.cancel, actor_id=self.people[person], shift_id=self.shifts[shift])
        assert done or not was_on
        self.on[shift].discard(person)

    @rule(shift=shifts, maximum=st.integers(1, PEOPLE))
    def set_maximum(self, shift: int, maximum: int) -> None:
        db.session.rollback()
        current = db.session.get_one(Shift, self.shifts[shift])
        fields = ("role_id", "site_id", "starts_at", "ends_at", "minimum", "version")
        values: dict[str, Any] = {name: getattr(current, name) for name in fields}
        expected = not self.off[shift] and maximum >= len(self.on[shift])
        done = self.tried(planning.edit, actor_id=self.actor, shift_id=self.shifts[shift], maximum=maximum, **values)
        assert done == expected
        if done:
            self.places[shift] = maximum

    @rule(shift=shifts)
    def call_off(self, shift: int) -> None:
        planning.call_off(actor_id=self.actor, shift_id=self.shifts[shift])
        self.off[shift] = True
        self.on[shift] = set()

    @invariant()
    def places_are_exact(self) -> None:
        db.session.rollback()
        rows = db.session.execute(select(Shift.id, Shift.filled)).all()
        filled = dict(tuple(row) for row in rows)
        assert [filled[number] for number in self.shifts] == [len(on) for on in self.on]
        assert list(checks.problems(db.session)) == []

    @staticmethod
    def tried(action: Any, **values: Any) -> bool:
        try:
            action(**values)
        except (Conflict, Invalid):
            return False
        return True


def test_places_stay_exact_whatever_is_done(app: Flask) -> None:
    machine = type("Machine", (Capacity,), {"app": app})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
