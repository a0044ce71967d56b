"""Making shifts, changing them, calling them off, and what a change of plan does to the crew."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.distributions import service as distributions
from logistics.errors import Conflict, Invalid, NotFound
from logistics.outbox.models import OutboxMessage
from logistics.shifts import checks, crew, signing
from logistics.shifts.models import Shift, SignUp, SignUpState
from logistics.shifts.plans import planning

from .. import make
from ..browsing import Browser, text_of

START = now().replace(minute=0, second=0, microsecond=0) + timedelta(days=3)


def terms(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "starts_at": START,
        "ends_at": START + timedelta(hours=3),
        "minimum": 1,
        "maximum": 4,
        "notes": "",
    }
    return values | changes


def mails(kind: str) -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)))


def states() -> list[str]:
    return list(db.session.scalars(select(SignUp.state).order_by(SignUp.id)))


def all_well() -> bool:
    return list(checks.problems(db.session)) == []


def get(shift_id: int) -> Shift:
    db.session.expire_all()
    return db.session.get_one(Shift, shift_id)


@pytest.fixture
def actor(app: Flask) -> int:
    return make.person("coordinator").id


def test_a_shift_is_made_for_a_distribution_and_for_a_plain_warehouse_day(actor: int) -> None:
    distribution, role, house = make.distribution(), make.role(), make.warehouse()
    for distribution_id, site_id in ((distribution.id, distribution.site_id), (None, house.id)):
        made = planning.create(
            actor_id=actor, distribution_id=distribution_id, role_id=role.id, site_id=site_id, **terms()
        )
        assert get(made).distribution_id == distribution_id
    assert all_well()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": START}, "ends_at"),
        ({"ends_at": START + timedelta(hours=25)}, "ends_at"),
        ({"starts_at": START + timedelta(days=800), "ends_at": START + timedelta(days=800, hours=1)}, "starts_at"),
        ({"starts_at": START - timedelta(days=9), "ends_at": START - timedelta(days=9, hours=-1)}, "starts_at"),
        ({"minimum": -1}, "minimum"),
        ({"maximum": 0, "minimum": 0}, "maximum"),
        ({"maximum": 1001}, "maximum"),
        ({"minimum": 5}, "maximum"),
        ({"role_id": 999_999}, "role_id"),
        ({"site_id": 999_999}, "site_id"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(actor: int, changes: dict[str, Any], field: str) -> None:
    role, house = make.role(), make.warehouse()
    with pytest.raises(Invalid) as refused:
        planning.create(
            actor_id=actor, distribution_id=None, **{"role_id": role.id, "site_id": house.id, **terms(), **changes}
        )
    assert refused.value.field == field
    assert db.session.scalars(select(Shift)).all() == []


def test_a_shift_at_a_meeting_point_belongs_to_a_distribution(actor: int) -> None:
    role, point = make.role(), make.meeting_point()
    with pytest.raises(Invalid, match="warehouse"):
        planning.create(actor_id=actor, distribution_id=None, role_id=role.id, site_id=point.id, **terms())


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_nothing_is_added_to_what_is_over(actor: int, state: str) -> None:
    distribution, role = make.distribution(state=state), make.role()
    with pytest.raises(Conflict):
        planning.create(
            actor_id=actor,
            distribution_id=distribution.id,
            role_id=role.id,
            site_id=distribution.site_id,
            **terms(),
        )


def edit(actor: int, shift: Shift, **changes: Any) -> int:
    current = get(shift.id)
    values = {
        name: getattr(current, name)
        for name in ("role_id", "site_id", "starts_at", "ends_at", "minimum", "maximum", "notes", "version")
    }
    return planning.edit(actor_id=actor, shift_id=current.id, **values | changes)


def test_a_change_of_places_tells_nobody_and_never_goes_below_who_is_on_it(actor: int) -> None:
    shift, people = make.shift(maximum=3), [make.person() for _ in range(2)]
    for person in people:
        signing.sign_up(actor_id=person.id, shift_id=shift.id)
    edit(actor, shift, maximum=2)
    with pytest.raises(Invalid, match="2 people have signed up") as refused:
        edit(actor, shift, maximum=1)
    assert refused.value.field == "maximum"
    assert mails("shift_changed") == []
    assert all_well()


def test_a_change_of_time_or_site_tells_the_crew_the_old_and_the_new(actor: int) -> None:
    old, new = make.warehouse("Old house"), make.warehouse("New house")
    shift, person, gone = make.shift(site=old), make.person(), make.person()
    starts_at, moved = shift.starts_at, shift.starts_at + timedelta(hours=1)
    for each in (person, gone):
        signing.sign_up(actor_id=each.id, shift_id=shift.id)
    signing.cancel(actor_id=gone.id, shift_id=shift.id)

    edit(actor, shift, starts_at=moved, site_id=new.id)

    (mail,) = mails("shift_changed")
    assert mail.person_id == person.id
    assert (mail.params["old_site"], mail.params["site"]) == ("Old house", "New house")
    assert (mail.params["old_starts_at"], mail.params["starts_at"]) == (starts_at.isoformat(), moved.isoformat())
    assert all_well()


@pytest.mark.parametrize(("start", "asked"), [(START, True), (now() + timedelta(minutes=40), False)])
def test_who_would_be_on_two_shifts_is_asked_which_unless_it_is_too_late_to_ask(
    actor: int, start: datetime, asked: bool
) -> None:
    early = make.shift(starts_at=start, hours=2)
    late = make.shift(of_role=make.role("Driver"), starts_at=start + timedelta(hours=2), hours=2)
    both, one = make.person(), make.person()
    for person, shift in ((both, early), (both, late), (one, early)):
        signing.sign_up(actor_id=person.id, shift_id=shift.id)

    edit(actor, early, ends_at=start + timedelta(hours=3))

    assert get(early.id).filled == (2 if asked else 1)
    (mail,) = mails("shift_asked_again" if asked else "shift_released")
    assert (mail.person_id, mail.params["other_role"]) == (both.id, "Driver")
    assert [mail.person_id for mail in mails("shift_changed")] == [one.id]
    assert all_well()


def test_a_stale_page_changes_nothing(actor: int) -> None:
    shift = make.shift()
    version = shift.version
    edit(actor, shift, maximum=9)
    with pytest.raises(Conflict, match="while you were editing"):
        edit(actor, shift, maximum=8, version=version)
    assert get(shift.id).maximum == 9


def test_what_is_over_or_called_off_stays_as_it_was(actor: int) -> None:
    over, off = make.shift(starts_at=now() - timedelta(hours=9)), make.shift()
    planning.call_off(actor_id=actor, shift_id=off.id)
    planning.call_off(actor_id=actor, shift_id=off.id)
    for shift in (over, off):
        with pytest.raises(Conflict):
            edit(actor, shift, maximum=9)
    with pytest.raises(Conflict):
        planning.call_off(actor_id=actor, shift_id=over.id)
    with pytest.raises(NotFound):
        planning.call_off(actor_id=actor, shift_id=999_999)


def test_calling_off_frees_the_crew_and_tells_them_once(actor: int) -> None:
    shift, other, person = make.shift(), make.shift(), make.person()
    signing.sign_up(actor_id=person.id, shift_id=shift.id)
    for _ in range(2):
        planning.call_off(actor_id=actor, shift_id=shift.id)
    assert (get(shift.id).filled, states()) == (0, [SignUpState.CANCELLED])
    assert [mail.person_id for mail in mails("shift_cancelled")] == [person.id]
    signing.sign_up(actor_id=person.id, shift_id=other.id)
    assert all_well()


def test_a_cancelled_distribution_calls_off_what_is_not_over(actor: int) -> None:
    distribution, person, early = make.distribution(), make.person(), make.person()
    worked = make.shift(distribution, starts_at=now() - timedelta(hours=5), hours=2, filled=1)
    shifts = [make.shift(distribution), make.shift(distribution, starts_at=START)]
    with transaction() as session:
        session.add(
            SignUp(shift_id=worked.id, person_id=early.id, state="confirmed", created_at=now(), changed_at=now())
        )
    for shift in shifts:
        signing.sign_up(actor_id=person.id, shift_id=shift.id)
    with transaction() as session:
        distributions.lock(session, distribution.id)
        assert crew.cancel_shifts(session, distribution.id, actor) == 2
    assert len(mails("shift_cancelled")) == 2
    assert get(worked.id).cancelled_at is None
    assert all(get(shift.id).cancelled_at for shift in shifts)
    assert all_well()


def test_shifts_move_along_with_their_distribution(actor: int) -> None:
    point, new_point, house = make.meeting_point("Old"), make.meeting_point("New"), make.warehouse("House")
    distribution = make.distribution(point, starts_at=START)
    there, loading = make.shift(distribution), make.shift(distribution, site=house, starts_at=START, hours=1)
    people = [make.person(), make.person()]
    signing.sign_up(actor_id=people[0].id, shift_id=there.id)
    signing.sign_up(actor_id=people[1].id, shift_id=loading.id)

    def move(by: timedelta, to: int) -> int:
        with transaction() as session:
            crew.lock_crew(session, distribution.id)
            distributions.lock(session, distribution.id)
            return crew.move_shifts(session, distribution.id, actor, by, point.id, to)

    assert move(timedelta(), new_point.id) == 1
    assert (get(there.id).site_id, get(loading.id).site_id) == (new_point.id, house.id)
    assert [mail.person_id for mail in mails("shift_changed")] == [people[0].id]

    assert move(timedelta(hours=-1), point.id) == 2
    assert get(loading.id).starts_at == START - timedelta(hours=1)
    assert len(mails("shift_changed")) == 3
    assert all_well()


def test_a_distributions_crew_at_a_glance(actor: int) -> None:
    distribution, empty = make.distribution(), make.distribution()
    driver = make.role("Driver", name_fr="Conducteur")
    first = make.shift(distribution, of_role=driver, minimum=2, maximum=3)
    make.shift(distribution, minimum=1, maximum=4, starts_at=distribution.starts_at + timedelta(days=1))
    off = make.shift(distribution)
    planning.call_off(actor_id=actor, shift_id=off.id)
    for name in ("Zoé", "Ali"):
        signing.sign_up(actor_id=make.person(name=name).id, shift_id=first.id)

    found = crew.crew_of(db.session, [distribution.id, empty.id])

    view = found[distribution.id]
    assert (view.filled, view.minimum, view.maximum, view.short) == (2, 3, 7, 1)
    assert (view.lines[0].name, view.lines[0].name_fr, view.lines[0].short) == ("Driver", "Conducteur", 0)
    assert found[empty.id].lines == []
    assert crew.names(db.session, distribution.id) == {first.id: ["Ali", "Zoé"]}


def test_a_shift_without_the_experienced_people_it_asks_for_says_so(app: Flask, coordinator: Browser) -> None:
    distribution = make.distribution(starts_at=now() + timedelta(minutes=30))
    shift = make.shift(distribution, maximum=3, experienced_minimum=1).id
    veteran, newcomer = make.person().id, make.person().id
    worked = [make.shift(starts_at=now() - timedelta(days=2 + n), filled=1).id for n in range(3)]
    with transaction() as session:
        made = {"person_id": veteran, "state": SignUpState.ATTENDED, "created_at": now(), "changed_at": now()}
        session.add_all(SignUp(shift_id=number, **made) for number in worked)
    for person_id in (veteran, newcomer):
        signing.sign_up(actor_id=person_id, shift_id=shift)
    board = f"/board?site={make.warehouse().id}"
    paths = [f"/shifts/{shift}", f"/shifts/{shift}/crew", f"/distributions/{distribution.id}", "/distributions", board]
    assert not any("experienced person short" in coordinator.page(path) for path in paths)
    signing.cancel(actor_id=veteran, shift_id=shift, reason="ill")
    for path in paths:
        assert "1 experienced person short" in text_of(coordinator.page(path)), path
    assert "1 experienced person short" in text_of(coordinator.page("/"))
    volunteer = Browser(app).sign_in(make.person())
    assert "experienced person short" not in volunteer.page(f"/shifts/{shift}")
