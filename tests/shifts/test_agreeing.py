"""Another version of what volunteers agree to is told to those who are booked."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Conflict
from logistics.outbox.models import OutboxMessage
from logistics.people.models import Person
from logistics.shifts import signing
from logistics.shifts.telling import agreeing

from .. import make
from ..browsing import Browser

TEXTS = {"en": "Be kind.", "fr": "Soyez aimables."}


def told() -> list[tuple[int | None, str]]:
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.kind == "text_changed").order_by(OutboxMessage.id)
    return [(mail.person_id, mail.params["text"]) for mail in db.session.scalars(query)]


def test_those_who_are_booked_are_written_to_once(admin: Browser) -> None:
    booked, gone, past = (make.person().id for _ in range(3))
    ids = [make.shift(starts_at=now() + timedelta(days=days)).id for days in (1, 2, 3)]
    for shift_id in ids:
        signing.sign_up(actor_id=booked, shift_id=shift_id)
    signing.sign_up(actor_id=gone, shift_id=ids[0])
    with transaction() as session:
        session.get_one(Person, gone).disabled_at = now()
    signing.sign_up(actor_id=past, shift_id=ids[2])
    signing.cancel(actor_id=past, shift_id=ids[2])
    shown = admin.page("/admin/agreements/conduct").split('name="shown"')[1].split('value="')[1].split('"')[0]
    form = {"text_en": TEXTS["en"], "text_fr": TEXTS["fr"], "shown": shown, "sure": "y", "key": "once"}
    for _again in range(2):
        admin.send("/admin/agreements/conduct", form)
    assert told() == [(booked, "conduct")]
    admin.send("/admin/agreements/conduct", {**form, "key": "stale"}, 409)
    assert told() == [(booked, "conduct")]
    mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "text_changed")).one()
    assert "unsubscribe" not in mail.params  # for they must have it


def test_a_refused_version_is_told_to_nobody(app: Flask) -> None:
    person, shift = make.person().id, make.shift().id
    signing.sign_up(actor_id=person, shift_id=shift)
    with pytest.raises(Conflict):
        agreeing.publish(actor_id=make.person("admin").id, kind="insurance", texts=TEXTS, shown=99)
    assert told() == []
