"""Every kind of message that the code writes can be read, in both languages."""

import ast
import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from jinja2 import StrictUndefined

from logistics.clock import as_if
from logistics.config import LANGUAGES, ROOT
from logistics.outbox.mail import compose

SHIFT = {
    "name": "Amina",
    "role": "Driver",
    "site": "North",
    "starts_at": "2026-11-24T13:15:00+00:00",
    "ends_at": "2026-11-24T15:45:00+00:00",
    "path": "/shifts/3",
}
ASKS = {"method": "REQUEST", "uid": "shift-3-7", "sequence": 12}
CANCELS = {**ASKS, "method": "CANCEL"}
LAPSES = {"lapses_at": "2026-11-24T01:00:00+00:00"}
ON_IT = {"stands": "confirmed", "places": 1}
BRING = {"bring": "Warm clothes, a head torch"}
OLD = {
    "old_starts_at": "2026-11-23T13:15:00+00:00",
    "old_ends_at": "2026-11-23T15:45:00+00:00",
    "old_site": "South",
    "old_role": "Line monitor",
}
DELIVERY = {
    "name": "Daniel",
    "place": "Town hall",
    "place_fr": None,
    "address": "1 High Street, Dover",
    "map_url": "https://www.openstreetmap.org/?mlat=51.1",
    "starts_at": "2026-11-24T13:15:00+00:00",
    "ends_at": "2026-11-24T15:45:00+00:00",
    "path": "/delivery/abc",
}
EXAMPLES: dict[str, dict[str, object]] = {
    "confirm_email": {"secret_path": "/register/confirm/abc"},
    "already_registered": {},
    "reset_password": {"secret_path": "/reset/abc"},
    "invited": {"name": "Amina", "secret_path": "/reset/abc"},
    "sign_up_confirmed": {**SHIFT, **BRING, "calendar": ASKS},
    "sign_ups_confirmed": {
        "name": "Amina",
        "shifts": [
            {**SHIFT, **BRING, "calendar": ASKS},
            {**SHIFT, "path": "/shifts/4", "bring": "", "calendar": {**ASKS, "uid": "shift-4-7"}},
        ],
        "path": "/my/shifts",
    },
    "text_changed": {"name": "Amina", "text": "conduct", "path": "/my/agreements"},
    "shift_cancelled": {**SHIFT, **ON_IT, "calendar": CANCELS},
    "shift_left": {**SHIFT, "calendar": CANCELS},
    "shift_removed": {**SHIFT, "reason": "The van is smaller than planned.", "calendar": CANCELS},
    "shift_changed": {**SHIFT, **OLD, **ON_IT, "notes": True, "calendar": ASKS},
    "shift_released": {**SHIFT, **OLD, "held": 3, "other_role": "Line monitor", "calendar": CANCELS},
    "shift_asked_again": {**SHIFT, **OLD, **LAPSES, "other_role": "Line monitor", "calendar": CANCELS},
    "place_offered": {**SHIFT, **LAPSES, "places": 1},
    "offer_moved": {**SHIFT, **OLD, **LAPSES, "places": 2, "other_role": "Line monitor"},
    "offer_gone": {**SHIFT, **OLD},
    "place_free": {**SHIFT, "places": 1},
    "offer_lapsed": SHIFT,
    "left_late": {**SHIFT, "who": "Daniel", "reason": "A cold", "party": 0, "lapsed": False},
    "called_out": {**SHIFT, **BRING, "unsubscribe": {"person": 7, "topic": "call_outs"}},
    "shift_reminder": {**SHIFT, **BRING, "unsubscribe": {"person": 7, "topic": "reminders"}},
    "shift_thanks": {
        **SHIFT,
        "helped": {"shifts": 3, "things": 412, "people": 190},
        "unsubscribe": {"person": 7, "topic": "thanks"},
    },
    "convoy_unnamed_soon": {**SHIFT, **LAPSES, "places": 3},
    "convoy_unnamed_lapsed": {**SHIFT, "places": 1},
    "gift_receipt": {
        "reference": "G-123",
        "amount": 1250,
        "currency": "gbp",
        "fund": "General",
        "fund_fr": None,
        "name": "Daniel",
        "paid_at": "2026-11-24T13:15:00+00:00",
    },
    "delivery_booked": {
        **DELIVERY,
        "changed": False,
        "lines": [
            {"name": "Joggers", "name_fr": "Joggings", "amount": 1, "measure": "bag"},
            {"name": "Toys", "name_fr": None, "amount": 20, "measure": "kilogram"},
        ],
    },
    "delivery_called_off": DELIVERY,
    "delivery_slot_closed": DELIVERY,
    "promise_taken": {
        "distribution_id": 3,
        "title": "Hoodies",
        "product": "Hoodie",
        "size": "S",
        "quantity": 12,
        "why": "expired",
        "path": "/distributions/3",
    },
}


def written() -> dict[str, set[str] | None]:
    """Each kind that the code writes, with the names of its params (None where they are given as **more)."""
    kinds: dict[str, set[str] | None] = {}
    for path in (ROOT / "logistics").rglob("*.py"):
        source = path.read_text()
        if "enqueue" not in source:
            continue
        for call in ast.walk(ast.parse(source)):
            if not isinstance(call, ast.Call) or len(call.args) < 2 or not isinstance(call.args[1], ast.Constant):
                continue
            kind, to = call.args[1].value, call.args[0]
            if isinstance(kind, str) and isinstance(to, ast.Name) and to.id == "session":
                direct = isinstance(call.func, ast.Name) and call.func.id == "enqueue"
                names = {keyword.arg or "**" for keyword in call.keywords} - {"person_id", "about"}
                kinds[kind] = names if direct and "**" not in names else None
    return kinds


def test_the_kinds_are_found_and_each_has_an_example() -> None:
    kinds = written()
    assert {"reset_password", "sign_up_confirmed", "gift_receipt"} <= set(kinds)
    for kind, names in kinds.items():
        assert kind in EXAMPLES, f"give {kind} an example here and a template in templates/mail"
        assert names is None or names == set(EXAMPLES[kind]), kind
    assert set(EXAMPLES) == set(kinds), "an example of what nobody writes"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", EXAMPLES)
def test_each_kind_reads_well(app: Flask, monkeypatch: pytest.MonkeyPatch, kind: str, language: str) -> None:
    monkeypatch.setattr(app.jinja_env, "undefined", StrictUndefined)
    mail = compose(kind, "amina@example.org", language, EXAMPLES[kind], message_id="<1@localhost>")
    text, page = mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()
    assert mail["Subject"]
    assert "\n\n\n" not in text
    assert not re.search(r"None|\{\{|%\(|  ", text), text
    assert "1234567" in text
    assert f'lang="{language}"' in page
    for link in re.findall(r"http\S+", text):
        assert f'href="{link}"' in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_html_has_buttons_and_no_bare_addresses(app: Flask, kind: str, language: str) -> None:
    mail = compose(kind, "amina@example.org", language, EXAMPLES[kind], message_id="<1@localhost>")
    page = mail.get_body(("html",)).get_content()
    seen = re.sub(r"<[^>]+>", " ", page.partition("<body")[2])
    assert "http" not in seen
    assert seen.count("Shoreline") >= 2  # whose it is, above and below
    assert "overflow-wrap: anywhere" in page
    for label in re.findall(r"<a [^>]*>(.*?)</a>", page):
        assert label.strip()


def test_a_name_stays_text_in_the_html(app: Flask) -> None:
    params = {**EXAMPLES["sign_up_confirmed"], "name": "<b>Amina</b> http://evil.example"}
    mail = compose("sign_up_confirmed", "a@example.org", "en", params, message_id="<1@localhost>")
    page = mail.get_body(("html",)).get_content()
    assert "&lt;b&gt;Amina" in page
    assert "<b>Amina" not in page


def test_a_role_named_like_an_address_breaks_no_mail(app: Flask) -> None:
    params = {**EXAMPLES["sign_up_confirmed"], "role": "https://evil.example/x"}
    mail = compose("sign_up_confirmed", "a@example.org", "en", params, message_id="<1@localhost>")
    page = mail.get_body(("html",)).get_content()
    assert re.search(r'href="http://localhost/shifts/3"[^>]*>See the shift<', page)


def test_a_receipt_says_what_a_receipt_must(app: Flask) -> None:
    mail = compose("gift_receipt", "a@example.org", "en", EXAMPLES["gift_receipt"], message_id="<1@localhost>")
    text = mail.get_body(("plain",)).get_content()
    for fact in ("£12.50", "General", "24 November", "G-123", "Shoreline", "1234567", "Daniel"):
        assert fact in text


def test_times_are_those_of_the_wall(app: Flask) -> None:
    with as_if(datetime(2026, 11, 20, 9, tzinfo=UTC)):  # in another year, the year would be said too
        mail = compose(
            "sign_up_confirmed", "a@example.org", "en", EXAMPLES["sign_up_confirmed"], message_id="<1@localhost>"
        )
    assert mail["Subject"] == "You are on: Driver, Tuesday 24 November"
    text = mail.get_body(("plain",)).get_content()
    assert "14:15–16:45" in text
    assert "http://localhost/shifts/3" in text
