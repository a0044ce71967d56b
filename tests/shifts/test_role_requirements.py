"""What a role requires, set on its page."""

import re

import pytest
from sqlalchemy import delete

from logistics.clock import now
from logistics.db import db, transaction
from logistics.people import qualifications
from logistics.people.qualification_models import AgreementText
from logistics.people.qualifications import Terms
from logistics.shifts.models import Role
from logistics.shifts.plans import roles
from logistics.shifts.qualifying import requirements, standing, standings
from logistics.web.i18n import translate
from tests import make
from tests.browsing import Browser, text_of

TODAY = now().date()


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


def test_a_role_names_the_category_of_a_licence(admin: Browser) -> None:
    licence = qualifications.create(actor_id=admin.person_id, terms=Terms("Licence", "Permis", takes_detail=True))
    other = qualifications.create(actor_id=admin.person_id, terms=Terms("First aid", ""))
    field, data = f"category_{licence}", {"name": "Driver", "qualifications": [licence, other]}
    for wrong in ("B, BE", "C D", "x" * 21):
        page = admin.send("/admin/roles/new", {**data, field: wrong}, 422).get_data(True)
        assert f'id="{field}-error"' in page
        assert wrong in page
    page = admin.send("/admin/roles/new", {**data, "qualifications": [other], field: "B"}, 422).get_data(True)
    assert f'id="{field}-error"' in page
    admin.send("/admin/roles/new", {**data, field: " b "})
    role_id = db.session.query(Role).one().id
    assert "First aid, Licence b" in text_of(admin.page("/admin/roles"))
    assert re.search(rf'name="{field}"[^>]* value="b"', admin.page(f"/admin/roles/{role_id}/edit"))

    person = make.person()

    def needs() -> str:
        db.session.rollback()
        why = standing.why_not_role(requirements.read(db.session, person.id), role_id, now())
        many = standings.of_many(db.session, [person.id], [role_id])[person.id]
        assert standing.why_not_role(many, role_id, now()) == why
        return translate(why.reason) if why else ""

    def confirm(which: int, detail: str = "") -> None:
        qualifications.confirm(
            actor_id=admin.person_id, person_id=person.id, qualification_id=which, today=TODAY, detail=detail
        )

    with transaction() as session:
        session.execute(delete(AgreementText))
    confirm(other)
    with admin.application.test_request_context():
        assert needs() == "This role needs: Licence, category b."
        confirm(licence, "A1")
        assert needs() == "This role needs: Licence, category b. Yours is for A1."
        confirm(licence, "AM, A1 B, BE")
        assert needs() == ""
        admin.send(f"/admin/roles/{role_id}/edit", {**data, field: "BE1"})
        assert "Yours is for AM, A1 B, BE" in needs()
        admin.send(f"/admin/roles/{role_id}/edit", {**data, field: ""})  # any category will do
        assert needs() == ""


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
