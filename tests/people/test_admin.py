"""What admins do: accounts, roles, the privacy notice, the audit log."""

import csv
import io
import threading
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from logistics.audit import AuditLine, record
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid
from logistics.people import accounts, privacy, roles
from logistics.people.checks import active_admins, problems
from logistics.people.models import Person, PersonAccessRole, PrivacyNotice
from tests import make
from tests.browsing import Browser, text_of
from tests.racing import race, refused

from .kit import GOOD, link, messages, with_password
from .test_authenticator import set_up

Work = Callable[[], object]
Ways = Callable[[int, int], list[Work]]


def roles_of(person_id: int) -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(PersonAccessRole.role).where(PersonAccessRole.person_id == person_id)))


def test_inviting_someone_who_then_sets_a_password_and_signs_in(admin: Browser, app: Flask) -> None:
    admin.page("/admin/people/invite")
    form = {"name": "Joe", "email": "Joe@Example.org", "language": "fr", "roles": ["volunteer", "warehouse"]}
    answer = admin.send("/admin/people/invite", form)
    assert "invited" in text_of(admin.page(answer.location))
    invitation = messages("invited")[0]
    assert (invitation.to_address, invitation.language) == ("joe@example.org", "fr")
    assert "an account already" in admin.send("/admin/people/invite", form, 409).get_data(as_text=True)
    admin.send(f"{answer.location}/invite")
    first, second = (message.params["secret_path"] for message in messages("invited"))
    joe = Browser(app)
    joe.page(first, 404)
    assert "Choose your password" in joe.page(second)
    joe.send(link("invited"), {"password": GOOD})
    joe.send("/sign-in", {"email": "joe@example.org", "password": GOOD})
    admin.send(f"{answer.location}/invite", status=409)
    joe_id = int(answer.location.rsplit("/", 1)[1])
    assert roles_of(joe_id) == {"volunteer", "warehouse"}
    line = db.session.scalars(
        select(AuditLine).where(AuditLine.action == "person.invited").order_by(AuditLine.id)
    ).first()
    assert line is not None
    assert "joe" not in str(line.details).lower()


@pytest.mark.parametrize(
    ("field", "value"), [("email", "nonsense"), ("name", ""), ("roles", ["king"]), ("language", "tlh")]
)
def test_what_inviting_refuses(admin: Browser, field: str, value: object) -> None:
    form = {"name": "Joe", "email": "joe@example.org", "language": "en", "roles": ["volunteer"], field: value}
    admin.send("/admin/people/invite", form, 422)
    assert not messages()


def test_giving_and_taking_roles_changes_only_what_was_ticked(admin: Browser) -> None:
    person_id = make.person("volunteer").id
    page = f"/admin/people/{person_id}"
    admin.page(page)
    roles.change_roles(actor_id=admin.person_id, person_id=person_id, give=["fundraiser"])  # meanwhile, by another
    admin.send(f"{page}/roles", {"roles": ["volunteer", "warehouse"], "had": "volunteer"})
    assert roles_of(person_id) == {"volunteer", "warehouse", "fundraiser"}
    admin.send(f"{page}/roles", {"had": "volunteer,warehouse,fundraiser"})
    assert roles_of(person_id) == set()
    admin.send(f"{page}/roles", {"roles": ["king"], "had": ""}, 422)
    admin.send(f"{page}/roles", {"had": "king"}, 422)
    lines = db.session.scalars(
        select(AuditLine).where(AuditLine.subject_id == str(person_id)).order_by(AuditLine.id)
    ).all()
    assert [line.action for line in lines].count("person.role_taken") == 3


def test_a_role_that_is_taken_closes_its_pages_at_once(admin: Browser, app: Flask) -> None:
    other = make.person("admin")
    browser = Browser(app).sign_in(other)
    browser.page("/admin/people")
    admin.send(f"/admin/people/{other.id}/roles", {"roles": ["volunteer"], "had": "admin"})
    browser.page("/admin/people", 403)


def test_the_last_admin_stays(admin: Browser) -> None:
    page = f"/admin/people/{admin.person_id}"
    make.person("admin", name="Invited, not here yet")
    with transaction() as session:
        other = session.scalars(select(Person).where(Person.name.startswith("Invited"))).one()
        other.email_confirmed_at = None
    answer = admin.send(f"{page}/roles", {"had": "admin", "roles": []}, 409)
    assert "last admin" in answer.get_data(as_text=True)
    admin.send(f"{page}/off", status=409)
    assert roles_of(admin.person_id) == {"admin"}
    admin.page("/admin/people")


def take_roles(first: int, second: int) -> list[Work]:
    return [
        lambda: roles.change_roles(actor_id=first, person_id=second, take=["admin"]),
        lambda: roles.change_roles(actor_id=second, person_id=first, take=["admin"]),
    ]


def take_and_switch_off(first: int, second: int) -> list[Work]:
    return [
        lambda: roles.change_roles(actor_id=first, person_id=second, take=["admin"]),
        lambda: roles.switch_off(actor_id=second, person_id=first),
    ]


def step_down(first: int, second: int) -> list[Work]:
    return [
        lambda: roles.change_roles(actor_id=first, person_id=first, take=["admin"]),
        lambda: roles.change_roles(actor_id=second, person_id=second, take=["admin"]),
    ]


def refused_at_once(app: Flask, ways: Ways) -> int:
    """Let two admins, the only ones, each do their part at once; return how many were refused."""
    works = ways(make.person("admin").id, make.person("admin").id)
    return refused(race(app, *works), Conflict)


@pytest.mark.parametrize("ways", [take_roles, take_and_switch_off, step_down])
def test_of_two_last_admins_one_stays_whoever_takes_the_role(app: Flask, ways: Ways) -> None:
    for _ in range(10):
        with transaction() as session:
            for row in session.scalars(select(PersonAccessRole)):
                session.delete(row)
        assert refused_at_once(app, ways) == 1
        db.session.rollback()
        assert active_admins(db.session) == 1


def test_without_the_lock_both_last_admins_can_step_down(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above means something. (On SQLite the guard is that one writer waits for the other.)"""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer")
    both_took = threading.Barrier(2)
    real = roles.refuse_without_admin

    def refuse_when_both_took(session: Session) -> None:
        session.flush()
        both_took.wait(10)
        real(session)

    monkeypatch.setattr(roles, "lock_admins", lambda session: None)
    monkeypatch.setattr(roles, "refuse_without_admin", refuse_when_both_took)
    assert refused_at_once(app, step_down) == 0


def test_switching_off_and_on(admin: Browser, app: Flask) -> None:
    person = with_password()
    browser = Browser(app).sign_in(person)
    browser.page("/my")
    page = f"/admin/people/{person.id}"
    admin.send(f"{page}/off")
    assert browser.get("/my").status_code == 303
    assert "switched off" in text_of(admin.page(page))
    admin.send(f"{page}/on")
    assert "active" in text_of(admin.page(page))
    assert browser.get("/my").status_code == 303  # its old sessions stay ended
    admin.send("/admin/people/999999/off", status=404)
    admin.page("/admin/people/999999", 404)
    admin.send(f"{page}/burn", status=404)


def test_a_lost_authenticator_is_taken_off_by_another_admin_only(admin: Browser) -> None:
    person_id = make.person().id
    for whose in (person_id, admin.person_id):
        set_up(whose)
    assert "Phone lost" in admin.page(f"/admin/people/{person_id}")
    admin.send(f"/admin/people/{person_id}/authenticator")
    assert db.session.get_one(Person, person_id).totp_secret is None
    admin.send(f"/admin/people/{admin.person_id}/authenticator", status=409)


def test_finding_people(admin: Browser) -> None:
    for number in range(60):
        make.person(name=f"Volunteer {number:02}")
    make.person("warehouse", name="100% Zoé_")
    page = admin.page("/admin/people")
    assert "1–50 of 62" in text_of(page)
    assert "51–62 of 62" in text_of(admin.page("/admin/people?page=2"))
    assert "Zoé" in admin.page("/admin/people?q=zoé") or "Zoé" in admin.page("/admin/people?q=Zoé")
    assert "Nobody here" in admin.page("/admin/people?q=1%25%25")
    assert "100% Zoé_" in admin.page("/admin/people?role=warehouse")
    assert "Volunteer 01" not in admin.page("/admin/people?role=warehouse")
    answer = admin.get("/admin/people?format=csv")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert len(rows) == 63


def test_the_privacy_notice_until_and_after_it_is_edited(admin: Browser, app: Flask) -> None:
    reader = Browser(app)
    assert "only how many came" in reader.page("/privacy")
    assert "Vos droits" in reader.page("/privacy", headers={"Accept-Language": "fr"})
    page = admin.page("/admin/privacy?language=en")
    assert "came with" in page
    text = "# Ours <b>\nWe keep <script>alert(1)</script> little.\nSee https://example.org/x?a=1&b=2\n\n- one\n- two"
    admin.send("/admin/privacy?language=en", {"text": text, "shown": "0"}, 422)
    admin.send("/admin/privacy?language=en", {"text": text, "shown": "0", "sure": "y"})
    shown = reader.page("/privacy")
    assert "<h2>Ours &lt;b&gt;</h2>" in shown
    assert "<script>alert" not in shown
    assert '<a href="https://example.org/x?a=1&amp;b=2"' in shown
    assert "<ul><li>one</li><li>two</li></ul>" in shown
    assert "Vos droits" in reader.page("/privacy", headers={"Accept-Language": "fr"})
    stale = admin.send("/admin/privacy?language=en", {"text": "Mine.", "shown": "0", "sure": "y"}, 409)
    assert "Mine." in stale.get_data(as_text=True)
    assert 'value="1"' in stale.get_data(as_text=True)
    admin.send("/admin/privacy?language=en", {"text": "Mine.", "shown": "1", "sure": "y"})
    assert "Mine." in reader.page("/privacy")
    first = db.session.scalars(select(PrivacyNotice.id).order_by(PrivacyNotice.version)).first()
    assert "Ours" in admin.page(f"/admin/privacy/{first}")
    admin.page("/admin/privacy/999999", 404)


def test_two_versions_published_at_once_are_one(app: Flask) -> None:
    actor_id = make.person("admin").id
    publish = partial(privacy.publish, actor_id=actor_id, language="en", text="x", shown=0)
    answers = race(app, *[publish] * 4)
    assert refused(answers, Conflict) == 3
    assert 1 in answers


def test_the_audit_log_is_found_through(admin: Browser) -> None:
    with transaction() as session:
        for number in range(60):
            record(session, admin.person_id, "box.moved", "box", f"{number:04}", quantity=number)
        record(session, None, "gift.paid", "gift", 7, fields=["state", "paid_at"])
    page = admin.page("/admin/audit")
    assert "1–50 of 61" in text_of(page)
    assert "state + paid_at" in page
    assert "0007" in admin.page("/admin/audit?subject=box&id=0007")
    assert "gift.paid" not in admin.page("/admin/audit?q=Ada")
    assert "gift.paid" in admin.page("/admin/audit?action=gift")
    assert "Nothing here matches" in admin.page("/admin/audit?subject=nothing")
    rows = admin.get("/admin/audit?format=csv").get_data(as_text=True).splitlines()
    assert len(rows) == 62


def test_an_admin_from_the_command_line(app: Flask) -> None:
    accounts.make_admin(email="Boss@example.org", password=GOOD)
    Browser(app).send("/sign-in", {"email": "boss@example.org", "password": GOOD})
    with pytest.raises(Invalid):
        accounts.make_admin(email="boss@example.org", password="password1234")
    assert active_admins(db.session) == 1


def test_the_checks_name_what_is_broken(app: Flask) -> None:
    person_id = make.person("admin").id
    with transaction() as session:
        session.get_one(Person, person_id).email_confirmed_at = None
    assert "No admin can sign in" in next(problems(db.session))
    with transaction() as session:
        session.get_one(Person, person_id).email_confirmed_at = session.get_one(Person, person_id).created_at
