"""Today's briefing: the lead ticks who was there; it counts for the day only."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.people import qualifications
from logistics.people.qualification_models import HeldQualification
from logistics.people.qualifications import Terms
from logistics.shifts import signing
from logistics.shifts.models import Shift
from logistics.shifts.plans import roles
from logistics.shifts.qualifying import on_the_day
from tests import make
from tests.browsing import Browser, text_of


@pytest.fixture
def briefing(admin: Browser) -> int:
    return qualifications.create(actor_id=admin.person_id, terms=Terms("Briefing", on_the_day=True))


@pytest.fixture
def shift(admin: Browser, volunteer: Browser, briefing: int) -> int:
    """One of two shifts of a distribution that begins in an hour; the volunteer is on this, Kim on the other."""
    role_ids = [
        roles.create(actor_id=admin.person_id, terms=roles.Terms(name, qualifications=(briefing,)))
        for name in ("Driver", "Line monitor")
    ]
    distribution = make.distribution(starts_at=now() + timedelta(hours=1))
    shifts = [make.shift(distribution, of_role=roles.get(db.session, number)).id for number in role_ids]
    signing.sign_up(actor_id=volunteer.person_id, shift_id=shifts[0])
    signing.sign_up(actor_id=make.person(name="Kim").id, shift_id=shifts[1])
    return shifts[0]


def given() -> list[HeldQualification]:
    db.session.rollback()
    return list(db.session.scalars(select(HeldQualification).order_by(HeldQualification.person_id)))


def test_the_whole_crew_is_ticked_off_on_one_page(
    warehouse_staff: Browser, volunteer: Browser, briefing: int, shift: int
) -> None:
    path = f"/shifts/{shift}/on-the-day"
    page = text_of(warehouse_staff.page(path))
    assert ("2 have not had it yet" in page, "Kim" in page, "Amina Volunteer" in page) == (True, True, True)
    warehouse_staff.send(f"{path}/{briefing}", {"person_ids": [volunteer.person_id], "key": "once"})
    warehouse_staff.send(f"{path}/{briefing}", {"person_ids": [volunteer.person_id], "key": "once"})
    warehouse_staff.send(f"{path}/{briefing}", {"person_ids": [volunteer.person_id]})
    assert "1 has not had it yet" in text_of(warehouse_staff.page(path))
    assert [(held.person_id, held.confirmed_by) for held in given()] == [
        (volunteer.person_id, warehouse_staff.person_id)
    ]


def test_it_is_asked_for_anew_another_day(
    warehouse_staff: Browser, volunteer: Browser, briefing: int, shift: int
) -> None:
    found = db.session.get_one(Shift, shift)
    today, yesterday = found.starts_at.date(), found.starts_at.date() - timedelta(days=1)
    common = {"actor_id": warehouse_staff.person_id, "runs": True, "shift_id": shift, "qualification_id": briefing}
    person_ids = (volunteer.person_id,)
    assert on_the_day.give(**common, person_ids=person_ids, today=yesterday) == 1  # type: ignore[arg-type]
    assert on_the_day.asked(db.session, db.session.get_one(Shift, shift), today)[0].missing == 2
    assert on_the_day.give(**common, person_ids=person_ids, today=today) == 1  # type: ignore[arg-type]
    assert [held.expires_on for held in given()] == [today]


def test_only_the_lead_and_those_who_run_the_day(volunteer: Browser, briefing: int, shift: int) -> None:
    path = f"/shifts/{shift}/on-the-day"
    volunteer.page(path, 403)
    volunteer.send(f"{path}/{briefing}", {"person_ids": [volunteer.person_id]}, status=403)
    with transaction() as session:
        session.get_one(Shift, shift).lead_id = volunteer.person_id
    volunteer.send(f"{path}/{briefing}", {"person_ids": [volunteer.person_id]})
    assert len(given()) == 1


@pytest.mark.parametrize("ticked", [[], ["999999"], ["-1"], ["x"], ["9" * 30]])
def test_nobody_and_strangers_are_refused(
    warehouse_staff: Browser, briefing: int, shift: int, ticked: list[str]
) -> None:
    page = warehouse_staff.send(f"/shifts/{shift}/on-the-day/{briefing}", {"person_ids": ticked}, status=422)
    assert "Tick those who were there." in page.get_data(as_text=True)
    warehouse_staff.send(f"/shifts/{shift}/on-the-day/999999", {"person_ids": ticked}, status=404)
    warehouse_staff.send(f"/shifts/999999/on-the-day/{briefing}", {"person_ids": ticked}, status=404)
    assert given() == []


def test_not_on_another_day(warehouse_staff: Browser, volunteer: Browser, briefing: int, shift: int) -> None:
    with transaction() as session:
        found = session.get_one(Shift, shift)
        found.starts_at, found.ends_at = now() + timedelta(days=5), now() + timedelta(days=5, hours=3)
    data = {"person_ids": [volunteer.person_id]}
    page = warehouse_staff.send(f"/shifts/{shift}/on-the-day/{briefing}", data, status=409).get_data(as_text=True)
    assert "given on the day of the shift" in page
