"""What a charity decides for all its shifts: validated, written down, and kept to."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from logistics.audit import AuditLine
from logistics.clock import now
from logistics.db import db, transaction
from logistics.shifts import rules, signing, waiting
from logistics.shifts.groups import stay_reading
from logistics.shifts.models import Role, Shift, SignUp, SignUpState
from logistics.shifts.plans import laying, planning

from .. import make
from ..browsing import Browser

ZONE = ZoneInfo("Europe/Paris")
FAR = now().replace(microsecond=0) + timedelta(days=20)


def change(**values: int) -> None:
    rules.change(actor_id=make.person("admin").id, **{**rules.Stand()._asdict(), **values})


def test_an_admin_changes_them_on_a_page(admin: Browser) -> None:
    assert "Rules for all shifts" in admin.page("/admin")
    page = admin.page("/admin/shift-rules")
    assert [f'value="{number}"' in page for number in (12, 1, 24)] == [True] * 3
    admin.send("/admin/shift-rules", {"offer_hours": 6, "hard_in_a_row": 2, "cancel_hours": 48})
    db.session.rollback()
    assert rules.read(db.session) == (6, 2, 48)
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "shift_rules.changed")).one()
    assert (line.actor_id, line.details["offer_hours"]) == (admin.person_id, 6)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("offer_hours", "0"),
        ("offer_hours", "169"),
        ("offer_hours", ""),
        ("hard_in_a_row", "0"),
        ("hard_in_a_row", "8"),
        ("cancel_hours", "-1"),
        ("cancel_hours", "337"),
        ("cancel_hours", "x"),
    ],
)
def test_what_makes_no_sense_is_an_error_at_its_field(admin: Browser, field: str, wrong: str) -> None:
    sent = {"offer_hours": 6, "hard_in_a_row": 2, "cancel_hours": 48, field: wrong}
    page = admin.send("/admin/shift-rules", sent, 422).get_data(True)
    assert f'id="{field}-error"' in page
    db.session.rollback()
    assert rules.read(db.session) == rules.Stand()


def test_only_admins_change_them(coordinator: Browser) -> None:
    coordinator.page("/admin/shift-rules", 403)
    coordinator.send("/admin/shift-rules", {"offer_hours": 6}, 403)


def test_an_offer_stands_as_long_as_was_decided(coordinator: Browser) -> None:
    change(offer_hours=3)
    here, waits = make.person().id, make.person().id
    full = make.shift(starts_at=FAR, maximum=1).id
    other = make.shift(starts_at=FAR + timedelta(days=1)).id
    signing.sign_up(actor_id=here, shift_id=full)
    waiting.join(actor_id=waits, shift_id=full)
    signing.cancel(actor_id=here, shift_id=full)

    def offered_for(person_id: int, shift_id: int) -> timedelta:
        db.session.rollback()
        query = select(SignUp).where(SignUp.person_id == person_id, SignUp.shift_id == shift_id)
        mine = db.session.scalars(query).one()
        assert (mine.state, mine.offer_lapses_at is None) == (SignUpState.OFFERED, False)
        return (mine.offer_lapses_at or now()) - now()

    assert timedelta(hours=2.9) < offered_for(waits, full) <= timedelta(hours=3)
    for number in (full, other):
        signing.sign_up(actor_id=waits, shift_id=number)
    shift = db.session.get_one(Shift, other)
    kept = {name: getattr(shift, name) for name in ("role_id", "site_id", "minimum", "maximum", "version")}
    times = {"starts_at": FAR, "ends_at": FAR + timedelta(hours=3)}
    planning.edit(actor_id=coordinator.person_id, shift_id=other, **kept, **times)  # now they are asked which
    assert timedelta(hours=2.9) < offered_for(waits, other) <= timedelta(hours=3)


def test_a_stay_is_proposed_as_many_hard_days_in_a_row_as_was_decided(coordinator: Browser) -> None:
    role_id, first = make.role("Tents").id, datetime.combine(FAR.date(), datetime.min.time(), ZONE)
    with transaction() as session:
        session.get_one(Role, role_id).hard = True
    for days in range(4):
        make.shift(of_role=db.session.get_one(Role, role_id), starts_at=first + timedelta(days=days, hours=9))
    person = make.person().id

    def proposed() -> int:
        db.session.rollback()
        last: date = first.date() + timedelta(days=3)
        return stay_reading.plan(db.session, person, first.date(), last, ZONE).count

    assert proposed() == 2
    change(hard_in_a_row=3)
    assert proposed() == 3


def test_new_shifts_begin_with_the_hours_that_were_decided(coordinator: Browser) -> None:
    change(cancel_hours=72)
    warehouse, role = make.warehouse().id, make.role().id
    assert 'value="72"' in coordinator.page("/shifts/new")
    values = {"role_id": role, "site_id": warehouse, "minimum": 1, "maximum": 2, "cancel_hours": ""}
    times = {"starts_at": f"{FAR:%Y-%m-%dT09:30}", "ends_at": f"{FAR:%Y-%m-%dT12:30}"}
    coordinator.send("/shifts/new", {**values, **times})
    made = db.session.scalars(select(Shift)).one()
    assert made.cancel_hours == 72
    day = made.starts_at.astimezone(ZONE).date()
    number = laying.keep_day(actor_id=coordinator.person_id, name="Day", name_fr="", day=day, site_id=None, zone=ZONE)
    change(cancel_hours=36)
    laying.lay_over_days(actor_id=coordinator.person_id, pattern_id=number, days=[day + timedelta(days=1)], zone=ZONE)
    db.session.rollback()
    assert [shift.cancel_hours for shift in db.session.scalars(select(Shift).order_by(Shift.id))] == [72, 36]
