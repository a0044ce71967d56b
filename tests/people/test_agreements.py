"""What every volunteer agrees to: read, agreed to by version, published anew."""

import functools

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.audit import AuditLine
from logistics.db import db
from logistics.errors import Conflict
from logistics.people import agreements
from logistics.people.qualification_models import Agreement, AgreementKind, AgreementText
from tests import make
from tests.browsing import Browser, text_of
from tests.racing import race, refused

TEXTS = {"text_en": "# Be kind\n\n- Always", "text_fr": "# Soyez aimables\n\n- Toujours"}


def publish(admin: Browser, kind: str = "conduct", shown: int = 0, status: int = 303, **more: str) -> str:
    data = {**TEXTS, "shown": str(shown), "sure": "y", **more}
    return admin.send(f"/admin/agreements/{kind}", data, status).get_data(as_text=True)


def agreed(person_id: int) -> dict[str, int]:
    return {kind.value: row.version for kind, row in agreements.of_person(db.session, person_id).items()}


def test_a_volunteer_reads_agrees_and_goes_back_to_the_shift(admin: Browser, volunteer: Browser) -> None:
    publish(admin)
    publish(admin, "insurance")
    shift = make.shift()
    refusal = volunteer.send(f"/shifts/{shift.id}/sign-up", status=409).get_data(as_text=True)
    assert 'href="/my/agreements"' in refusal
    came_from = {"Referer": f"http://localhost/shifts/{shift.id}/sign-up"}
    page = volunteer.page("/my/agreements", headers=came_from)
    assert ("Be kind" in page, f'value="/shifts/{shift.id}"' in page) == (True, True)
    shown = {"shown": "conduct:1,insurance:1", "next": f"/shifts/{shift.id}"}
    assert volunteer.send("/my/agreements", shown, status=422).status_code == 422
    assert volunteer.send("/my/agreements", {**shown, "sure": "y"}).location == f"/shifts/{shift.id}"
    volunteer.send(f"/shifts/{shift.id}/sign-up")
    assert agreed(volunteer.person_id) == {"conduct": 1, "insurance": 1}
    assert "You have agreed to all of it" in volunteer.page("/my/agreements")
    lines = db.session.scalars(
        select(AuditLine.details).where(AuditLine.action == "agreement.agreed").order_by(AuditLine.id)
    ).all()
    assert {(line["kind"], line["version"]) for line in lines} == {("conduct", 1), ("insurance", 1)}


def test_one_agrees_to_what_was_shown_and_not_to_what_replaced_it(admin: Browser, volunteer: Browser) -> None:
    publish(admin)
    publish(admin, shown=1, text_en="Be kinder")
    page = volunteer.send("/my/agreements", {"shown": "conduct:1", "sure": "y"}, status=409).get_data(as_text=True)
    assert "has changed since you opened it" in page
    assert ("Be kinder" in page, "conduct:2" in page, "checked" in page) == (True, True, False)
    assert agreed(volunteer.person_id) == {}
    volunteer.send("/my/agreements", {"shown": "conduct:2", "sure": "y"})
    volunteer.send("/my/agreements", {"shown": "conduct:2", "sure": "y"})
    assert agreed(volunteer.person_id) == {"conduct": 2}


@pytest.mark.parametrize("shown", ["conduct:9", "conduct:-1", "conduct:", "conduct:x", "none:1", "\N{GRINNING FACE}:1"])
def test_forged_versions_agree_to_nothing(admin: Browser, volunteer: Browser, shown: str) -> None:
    publish(admin)
    assert volunteer.post("/my/agreements", data={"shown": shown, "sure": "y"}).status_code in (404, 409)
    assert db.session.scalars(select(Agreement)).all() == []


def test_a_stale_page_publishes_nothing_and_loses_nothing(admin: Browser) -> None:
    publish(admin)
    page = publish(admin, shown=0, status=409, text_en="Typed for an hour")
    assert ("Typed for an hour" in page, 'value="1"' in page) == (True, True)
    publish(admin, shown=1, text_en="Typed for an hour")
    assert "Typed for an hour" in admin.page("/admin/agreements/conduct")
    assert "Be kind" in admin.page("/admin/agreements/conduct/1")
    admin.page("/admin/agreements/conduct/3", 404)
    admin.page("/admin/agreements/gossip", 404)
    admin.send("/admin/agreements/gossip", {**TEXTS, "shown": "0", "sure": "y"}, status=404)


def test_both_languages_are_asked_for(admin: Browser) -> None:
    page = publish(admin, status=422, text_fr="  ")
    assert "Fill this in." in text_of(page)
    assert db.session.scalars(select(AgreementText)).all() == []


def test_an_insurer_gets_the_list_of_who_agreed(admin: Browser, volunteer: Browser) -> None:
    publish(admin, "insurance")
    assert "Nobody has agreed yet" in admin.page("/admin/agreements/insurance/people")
    volunteer.send("/my/agreements", {"shown": "insurance:1", "sure": "y"})
    assert "Amina Volunteer" in admin.page("/admin/agreements/insurance/people?q=amina")
    assert "Amina Volunteer" in admin.get("/admin/agreements/insurance/people?format=csv").get_data(as_text=True)
    volunteer.page("/admin/agreements/insurance/people", 403)


def test_of_two_who_publish_at_once_one_does(app: Flask) -> None:
    admin_id = make.person("admin").id
    publish_it = functools.partial(agreements.publish, actor_id=admin_id, kind="conduct", shown=0)
    answers = race(app, *[functools.partial(publish_it, texts={"en": text, "fr": text}) for text in ("One", "Two")])
    assert (refused(answers, Conflict), 1 in answers) == (1, True)
    texts = agreements.texts_of(db.session, AgreementKind.CONDUCT, 1)
    assert texts["en"].text == texts["fr"].text
