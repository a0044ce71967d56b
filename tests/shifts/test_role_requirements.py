"""What a role requires, set on its page."""

import re

import pytest

from logistics.db import db
from logistics.people import qualifications
from logistics.people.qualifications import Terms
from logistics.shifts.models import Role
from logistics.shifts.plans import roles
from logistics.shifts.qualifying import requirements
from tests import make
from tests.browsing import Browser, text_of


@pytest.fixture
def licence(admin: Browser) -> int:
    return qualifications.create(actor_id=admin.person_id, terms=Terms("Driving licence", "Permis de conduire"))


def test_a_role_says_what_it_needs_and_a_change_takes_it_back(admin: Browser, licence: int) -> None:
    data = {"name": "Driver", "qualifications": [licence], "hard": "y", "bring": "Sturdy shoes"}
    admin.send("/admin/roles/new", data)
    role = db.session.query(Role).one()
    assert (role.hard, role.minors, role.bring) == (True, False, "Sturdy shoes")
    assert "Needs: Driving licence" in text_of(admin.page("/admin/roles"))
    assert "Driving licence" in admin.get("/admin/roles?format=csv").get_data(as_text=True)
    form = admin.page(f"/admin/roles/{role.id}/edit")
    assert re.search(r'<input checked[^>]*name="qualifications"', form)
    admin.send(f"/admin/roles/{role.id}/edit", {"name": "Driver", "minors": "y"})
    assert roles.required_by(db.session, [role.id]) == {}
    standing = requirements.read(db.session, make.person().id)
    assert role.id in standing.open_to_minors
    assert standing.needs == {}


@pytest.mark.parametrize("forged", ["999999", "-1", "x", "9" * 40])
def test_a_forged_requirement_is_an_error_at_the_field(admin: Browser, licence: int, forged: str) -> None:
    admin.send("/admin/roles/new", {"name": "Driver", "qualifications": [forged]}, status=422)
    assert db.session.query(Role).count() == 0


def test_what_is_asked_for_no_more_stays_with_the_role(admin: Browser, licence: int) -> None:
    admin.send("/admin/roles/new", {"name": "Driver", "qualifications": [licence]})
    role_id = db.session.query(Role).one().id
    admin.send(f"/admin/qualifications/{licence}/close")
    assert "Driving licence" in admin.page(f"/admin/roles/{role_id}/edit")
    admin.send(f"/admin/roles/{role_id}/edit", {"name": "Driver", "qualifications": [licence]})
    admin.send(f"/admin/qualifications/{licence}/reopen")
    assert [need.name for need in requirements.read(db.session, make.person().id).needs[role_id]] == ["Driving licence"]
