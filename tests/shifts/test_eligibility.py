"""Who may take a shift: what is missing, in the order in which one puts it right, and what unlocks it."""

import functools
from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from logistics.clock import now
from logistics.db import db, transaction
from logistics.people import agreements, contacts, qualifications
from logistics.people.models import AgeGroup, Person
from logistics.people.qualifications import Terms
from logistics.shifts import signing
from logistics.shifts.checks import problems
from logistics.shifts.models import Role, RoleQualification, Shift, SignUp, SignUpState
from logistics.shifts.qualifying import requirements, standing
from logistics.shifts.qualifying.eligibility import NotYet
from logistics.shifts.qualifying.standing import Crew, Standing
from tests import make
from tests.counting import queries
from tests.racing import race, refused

TODAY = date(2026, 11, 24)
BOTH = {"en": "Be kind.", "fr": "Soyez aimables."}


def licence(*, self_declared: bool = False, **more: object) -> int:
    terms = Terms("Driving licence", "Permis", self_declared=self_declared, **more)  # type: ignore[arg-type]
    return qualifications.create(actor_id=make.person("admin").id, terms=terms)


def requiring(*qualification_ids: int, **fields: object) -> Role:
    role = make.role()
    with transaction() as session:
        for name, value in fields.items():
            setattr(session.get_one(Role, role.id), name, value)
        for number in qualification_ids:
            session.add(RoleQualification(role_id=role.id, qualification_id=number))
    return role


def aged(age_group: str | None) -> Person:
    person = make.person()
    with transaction() as session:
        session.get_one(Person, person.id).age_group = age_group
    return person


def veteran(worked: int) -> Person:
    """Someone who has worked this many shifts."""
    person = make.person()
    shifts = [make.shift(starts_at=now() - timedelta(days=2 + n), filled=1) for n in range(worked)]
    person_id, ids = person.id, [shift.id for shift in shifts]
    with transaction() as session:
        for number in ids:
            session.add(
                SignUp(
                    shift_id=number,
                    person_id=person_id,
                    state=SignUpState.ATTENDED,
                    created_at=now(),
                    changed_at=now(),
                    arrived_at=now(),
                )
            )
    return person


def not_yet(person: Person, shift_id: int) -> NotYet:
    """The refusal; the list must say the very same."""
    with pytest.raises(NotYet) as caught:
        signing.sign_up(actor_id=person.id, shift_id=shift_id)
    db.session.rollback()
    shift = db.session.get_one(Shift, shift_id)
    crew = requirements.crews_of(db.session, [shift_id], without=person.id).get(shift_id, standing.NOBODY)
    why = standing.why_not(requirements.read(db.session, person.id), shift, crew)
    assert why is not None
    assert (str(why.reason), why.unlock) == (str(caught.value), caught.value.unlock)
    return caught.value


def test_age_comes_first_and_minors_need_a_role_and_a_consent(app: Flask) -> None:
    someone, staff = aged(None), make.person("coordinator")
    grown_up, open_to_all = make.shift(), make.shift(of_role=requiring(minors=True))
    assert not_yet(someone, grown_up.id).unlock == "/my/details"
    contacts.say_age(actor_id=someone.id, age_group="16-17")
    assert not_yet(someone, grown_up.id).unlock == ""
    assert "guardian" in str(not_yet(someone, open_to_all.id))
    contacts.record_consent(actor_id=staff.id, person_id=someone.id)
    signing.sign_up(actor_id=someone.id, shift_id=open_to_all.id)
    assert list(problems(db.session)) == []


def test_a_new_version_asks_again(app: Flask) -> None:
    admin, person = make.person("admin"), make.person()
    first, second = make.shift(), make.shift(starts_at=now() + timedelta(days=3))
    agreements.publish(actor_id=admin.id, kind="conduct", texts=BOTH, shown=0)
    assert not_yet(person, first.id).unlock == "/my/agreements"
    agreements.agree(actor_id=person.id, shown={"conduct": 1})
    signing.sign_up(actor_id=person.id, shift_id=first.id)
    agreements.publish(actor_id=admin.id, kind="conduct", texts=BOTH, shown=1)
    assert not_yet(person, second.id).unlock == "/my/agreements"
    agreements.agree(actor_id=person.id, shown={"conduct": 2})
    signing.sign_up(actor_id=person.id, shift_id=second.id)


def test_a_qualification_counts_once_staff_confirmed_it_and_until_its_last_day(app: Flask) -> None:
    wanted, person, staff = licence(takes_detail=True), make.person(), make.person("coordinator")
    shift = make.shift(of_role=requiring(wanted))
    today = shift.ends_at.date() - timedelta(days=1)
    unlock = f"/my/qualifications#qualification-{wanted}"
    assert (not_yet(person, shift.id).unlock, str(not_yet(person, shift.id))) == (
        unlock,
        "This role needs: Driving licence.",
    )
    qualifications.declare(actor_id=person.id, qualification_id=wanted, today=today, detail="B")
    assert "waiting" in str(not_yet(person, shift.id))
    given_until = {"actor_id": staff.id, "person_id": person.id, "qualification_id": wanted, "detail": "B"}
    qualifications.confirm(**given_until, today=today, expires_on=today)  # type: ignore[arg-type]
    assert "runs out" in str(not_yet(person, shift.id))
    qualifications.confirm(**given_until, today=today, expires_on=shift.ends_at.date())  # type: ignore[arg-type]
    signing.sign_up(actor_id=person.id, shift_id=shift.id)


def test_what_is_self_declared_counts_at_once_and_what_is_given_on_the_day_hinders_nobody(app: Flask) -> None:
    tour = licence(self_declared=True)
    briefing = qualifications.create(actor_id=make.person("admin").id, terms=Terms("Briefing", on_the_day=True))
    shift, person = make.shift(of_role=requiring(tour, briefing)), make.person()
    assert "Driving licence" in str(not_yet(person, shift.id))
    qualifications.declare(actor_id=person.id, qualification_id=tour, today=TODAY)
    signing.sign_up(actor_id=person.id, shift_id=shift.id)


def test_what_is_asked_for_no_more_hinders_nobody(app: Flask) -> None:
    wanted, admin, person = licence(), make.person("admin"), make.person()
    shift = make.shift(of_role=requiring(wanted))
    not_yet(person, shift.id)
    qualifications.close(actor_id=admin.id, qualification_id=wanted)
    signing.sign_up(actor_id=person.id, shift_id=shift.id)


def test_newcomers_come_up_to_the_limit(app: Flask) -> None:
    shift = make.shift(maximum=4, newcomers_maximum=1)
    signing.sign_up(actor_id=make.person().id, shift_id=shift.id)
    assert "newcomers" in str(not_yet(make.person(), shift.id))
    signing.sign_up(actor_id=veteran(1).id, shift_id=shift.id)


def test_the_last_places_are_kept_for_the_experienced(app: Flask) -> None:
    shift = make.shift(maximum=3, experienced_minimum=1)
    signing.sign_up(actor_id=make.person().id, shift_id=shift.id)
    signing.sign_up(actor_id=make.person().id, shift_id=shift.id)
    assert "a few shifts" in str(not_yet(veteran(2), shift.id))
    signing.sign_up(actor_id=veteran(3).id, shift_id=shift.id)
    assert list(problems(db.session)) == []


def test_a_page_of_shifts_is_judged_in_two_statements(app: Flask) -> None:
    wanted, person = licence(), make.person()
    shifts = [
        make.shift(of_role=requiring(wanted) if n % 2 else None, experienced_minimum=n % 3 == 0) for n in range(12)
    ]
    ids = [shift.id for shift in shifts]
    db.session.rollback()
    mixed = [shift.id for shift in shifts if standing.demands_mix(shift)]
    person_id, rows = person.id, {shift.id: shift for shift in shifts}
    with queries() as sent:
        mine = requirements.read(db.session, person_id)
        crews = requirements.crews_of(db.session, mixed)
        found = {
            number: standing.why_not(mine, shift, crews.get(number, standing.NOBODY)) for number, shift in rows.items()
        }
    assert len(sent) == 2
    assert [found[number] is None for number in ids] == [n % 2 == 0 for n in range(12)]


class Line:
    """A shift as a row of the list."""

    role_id, ends_at = 1, now()

    def __init__(self, maximum: int, filled: int, experienced: int, newcomers: int | None) -> None:
        self.maximum, self.filled = maximum, filled
        self.experienced_minimum, self.newcomers_maximum = experienced, newcomers


@given(st.integers(1, 6), st.integers(0, 6), st.none() | st.integers(0, 6), st.lists(st.integers(0, 4), max_size=12))
def test_whoever_comes_the_mix_holds_when_the_shift_is_full(
    maximum: int, experienced: int, newcomers: int | None, people: list[int]
) -> None:
    experienced = min(experienced, maximum)
    on_it: list[int] = []
    for worked in people:
        crew = Crew(on_it.count(0), sum(count >= standing.EXPERIENCED_AFTER for count in on_it))
        someone = Standing(1, age_group=AgeGroup.ADULT, worked=worked)
        line = Line(maximum, len(on_it), experienced, newcomers)
        if len(on_it) < maximum and standing.why_not(someone, line, crew) is None:
            on_it.append(worked)
    if newcomers is not None:
        assert on_it.count(0) <= newcomers
    if len(on_it) == maximum:
        assert sum(count >= standing.EXPERIENCED_AFTER for count in on_it) >= experienced


def test_of_newcomers_who_race_for_a_shift_only_as_many_come_as_it_can_look_after(app: Flask) -> None:
    shift_id = make.shift(maximum=6, newcomers_maximum=2, experienced_minimum=1).id
    people = [make.person().id for _ in range(8)] + [veteran(3).id]

    answers = race(app, *[functools.partial(signing.sign_up, actor_id=number, shift_id=shift_id) for number in people])
    assert (refused(answers, NotYet), answers[-1]) == (6, shift_id)
    assert list(problems(db.session)) == []
