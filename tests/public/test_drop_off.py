"""Bringing goods, as a donor without an account: finding a place, booking, changing the time, calling it off."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from logistics.clock import now
from logistics.db import db, transaction
from logistics.outbox.models import OutboxMessage
from logistics.stock.arriving import deliveries, drop_offs, slots, stop_signs
from logistics.stock.arriving.models import Delivery, Slot
from logistics.stock.models import Product
from logistics.web.security import limiter

from ..browsing import Browser, text_of
from ..counting import queries
from ..stock import arriving, kit

FRENCH = {"Accept-Language": "fr"}
HALL = "/drop-off/town-hall"


@pytest.fixture(autouse=True)
def fresh_limits(app: Flask) -> Iterator[None]:
    limiter.reset()
    yield
    limiter.reset()


def filled(slot_id: int, **more: object) -> dict[str, object]:
    """What a donor types."""
    return {
        "what_0": "Winter coats",
        "amount_0": "6",
        "measure_0": "bag",
        "slot_id": slot_id,
        "bringer": "donor",
        "name": "Daniel",
        "email": "Daniel@Example.org ",
        "phone": "+44 20 7946 0000",
        "note": "A white van",
        "key": "k1",
        **more,
    }


def sent() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def references() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Delivery.reference).order_by(Delivery.id)))


def test_a_place_says_where_when_what_and_what_not(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    point = arriving.point(at, hours_fr="Le mardi, de 10 h à 16 h")
    arriving.slot(point)
    kit.plan(at, kit.distribution(at), 31)
    page = browser.page(HALL)
    text = text_of(page)
    for said in ("Town hall", "1 High Street, Dover", "Tuesdays, 10 to 16", "Clean clothes", "Joggers 31"):
        assert said in text
    assert 'href="https://www.openstreetmap.org/#map=18/51.1/1.3"' in page
    assert "Please don’t send now" not in text
    stop_signs.stop(actor_id=at.actor_id, product_id=at.product_id)
    text = text_of(browser.page(HALL))
    assert "Please don’t send now There is enough of this just now: Joggers" in text
    assert "Joggers 31" not in text
    text = text_of(browser.page(HALL, headers=FRENCH))
    assert "Mairie" in text
    assert "Le mardi" in text
    assert "Clean clothes" in text
    listed = text_of(browser.page("/drop-off"))
    assert "Town hall" in listed
    for path in ("/", "/needs"):
        assert 'href="/drop-off"' in browser.page(path)
    drop_offs.close(actor_id=at.actor_id, drop_off_id=point)
    assert "Nothing can be brought here at the moment" in text_of(browser.page(HALL))
    assert "There is no place yet" in text_of(browser.page("/drop-off"))
    assert browser.get(f"{HALL}/book").location == HALL
    assert 'href="/drop-off"' not in browser.page("/")
    browser.page("/drop-off/never-was", 404)


def test_a_donor_books_changes_the_time_and_calls_it_off(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    point = arriving.point(at)
    first, other = arriving.slot(point, 1), arriving.slot(point, 1, now().replace(microsecond=0) + timedelta(days=3))
    assert "What do you bring, and when?" in text_of(browser.page(f"{HALL}/book"))
    answer = browser.send(f"{HALL}/book", filled(first, what_1="joggers", amount_1="20", measure_1="piece"))
    again = browser.send(f"{HALL}/book", filled(first, what_1="joggers", amount_1="20", measure_1="piece"))
    assert again.location == answer.location
    [reference] = references()
    assert answer.location == f"/delivery/{reference}"
    found = arriving.found(reference)
    assert (found.name, found.email, found.phone) == ("Daniel", "daniel@example.org", "+44 20 7946 0000")
    assert found.language == "en"
    assert found.warehouse_id == at.warehouse_id
    assert arriving.lines_of(found.id) == [("Winter coats", 6, "bag", None), ("joggers", 20, "piece", None)]
    assert deliveries.by_reference(db.session, reference).lines[1].product_id == at.product_id
    assert arriving.booked(first) == 1
    assert [each.kind for each in sent()] == ["delivery_booked"]
    page = browser.get(answer.location)
    assert page.headers["Cache-Control"] == "no-store"
    text = text_of(page.text)
    assert "We expect your delivery" in text
    assert "Joggers: 20 pieces" in text
    assert "daniel@example.org" not in page.text
    browser.send(f"{answer.location}/time", {"slot_id": other, "key": "k2"})
    assert (arriving.booked(first), arriving.booked(other)) == (0, 1)
    assert sent()[-1].params["changed"] is True
    browser.send(f"{answer.location}/cancel", {"key": "k3"})
    browser.send(f"{answer.location}/cancel", {"key": "k4"})
    assert (arriving.booked(first), arriving.booked(other)) == (0, 0)
    assert "This delivery is called off" in text_of(browser.page(answer.location))
    refused = browser.send(f"{answer.location}/time", {"slot_id": first, "key": "k5"}, status=409)
    assert "not expected any more" in text_of(refused.text)
    kit.sound()


def test_a_donor_is_spoken_to_in_their_language(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    slot = arriving.slot(arriving.point(at))
    browser.send(f"{HALL}/book", filled(slot), headers=FRENCH)
    assert sent()[0].language == "fr"


def test_what_nobody_should_send_is_warned_of_and_may_come_all_the_same(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    slot = arriving.slot(arriving.point(at))
    stop_signs.stop(actor_id=at.actor_id, product_id=at.product_id)
    typed = filled(slot, what_0="Joggers")
    refused = browser.send(f"{HALL}/book", typed, status=409)
    text = text_of(refused.text)
    assert "There is enough of Joggers just now" in text
    assert "Book all the same" in text
    assert f'name="warned" value="{at.product_id}"' in refused.text
    assert (arriving.booked(slot), references(), sent()) == (0, [], [])
    assert 'value="Daniel"' in refused.text
    browser.send(f"{HALL}/book", {**typed, "warned": str(at.product_id)})
    assert arriving.booked(slot) == 1


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"what_0": "", "amount_0": ""}, "Say what you bring"),
        ({"what_0": ""}, "Say what it is"),
        ({"amount_0": ""}, "How much is it, roughly?"),
        ({"amount_0": "-5"}, "Enter a number from 1 to 100000"),
        ({"amount_0": "0"}, "Enter a number from 1 to 100000"),
        ({"amount_0": "1.5"}, "Enter a whole number"),
        ({"amount_0": "1000000000000"}, "Enter a number from 1 to 100000"),
        ({"measure_0": "tonne"}, "Choose how it is counted"),
        ({"what_0": "x" * 201}, "Use 200 characters or fewer"),
        ({"what_0": "co\x00ats"}, "characters that cannot be stored"),
        ({"slot_id": ""}, "Choose a time"),
        ({"slot_id": "99999999999999999999"}, "Choose a time"),
        ({"slot_id": "2147483646"}, "Choose a time"),
        ({"bringer": "thief"}, "Choose who brings it"),
        ({"name": "  "}, "Fill this in"),
        ({"name": "x" * 101}, "Use 100 characters or fewer"),
        ({"email": "daniel"}, "Enter an email address"),
        ({"email": "a@b.org\nBcc: c@d.org"}, "Enter an email address"),
        ({"phone": "1" * 41}, "Use 40 characters or fewer"),
        ({"note": "x" * 501}, "Use 500 characters or fewer"),
        ({"key": "x" * 65}, "This form is out of date"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_lost(
    app: Flask, browser: Browser, more: dict[str, str], says: str
) -> None:
    at = kit.depot()
    slot = arriving.slot(arriving.point(at))
    refused = browser.send(f"{HALL}/book", {**filled(slot), **more}, status=422)
    assert says in text_of(refused.text)
    if "note" not in more:
        assert "A white van" in refused.text
    assert (arriving.booked(slot), references()) == (0, [])


def test_a_time_that_is_past_closed_full_or_another_places_is_refused(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    point = arriving.point(at)
    elsewhere = arriving.slot(arriving.point(at, name="Library", name_fr=None))
    past = arriving.slot(point, starts_at=now() - timedelta(hours=3))
    closed, full = arriving.slot(point, starts_at=now() + timedelta(days=4)), arriving.slot(point, capacity=1)
    slots.close(actor_id=at.actor_id, slot_id=closed)
    arriving.announce(point, full)
    for number, (slot, status, says) in enumerate(
        [
            (elsewhere, 422, "Choose a time"),
            (past, 409, "That time is past"),
            (closed, 409, "at that time any more"),
            (full, 409, "full by now"),
        ]
    ):
        arriving.slot(point, starts_at=now() + timedelta(days=5 + number))  # so that there is one to choose
        refused = browser.send(f"{HALL}/book", filled(slot), status=status)
        assert says in text_of(refused.text), says
    assert len(references()) == 1
    kit.sound()


def test_nobody_guesses_a_reference(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    point = arriving.point(at)
    slot = arriving.slot(point)
    reference = arriving.announce(point, slot)
    for forged in ("none", reference[:-1], reference + "x", reference.swapcase(), "x" * 500, "%00", "%F0%9F%A7%A6"):
        assert browser.get(f"/delivery/{forged}").status_code == 404, forged
        for page in ("time", "cancel"):
            answer = browser.post(f"/delivery/{forged}/{page}", data={"slot_id": slot, "key": "k"})
            assert answer.status_code == 404, (forged, page)
    assert arriving.booked(slot) == 1


def test_ten_megabytes_are_refused(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    slot = arriving.slot(arriving.point(at))
    assert browser.post(f"{HALL}/book", data=filled(slot, note="x" * 10_000_000)).status_code == 413
    assert references() == []


def test_who_books_too_often_has_to_wait(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    slot = arriving.slot(arriving.point(at))
    answers = [browser.post(f"{HALL}/book", data=filled(slot, name="")).status_code for _ in range(21)]
    assert answers[:20] == [422] * 20
    assert answers[20] == 429


def test_one_booked_into_a_slot_that_was_closed_is_asked_for_another(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    point = arriving.point(at)
    slot, other = arriving.slot(point), arriving.slot(point, starts_at=now() + timedelta(days=3))
    reference = arriving.announce(point, slot)
    assert slots.close(actor_id=at.actor_id, slot_id=slot) == 1
    assert slots.close(actor_id=at.actor_id, slot_id=slot) == 0
    assert [each.kind for each in sent()] == ["delivery_booked", "delivery_slot_closed"]
    text = text_of(browser.page(f"/delivery/{reference}"))
    assert "Please choose another time" in text
    browser.send(f"/delivery/{reference}/time", {"slot_id": other, "key": "k"})
    assert (arriving.booked(slot), arriving.booked(other)) == (0, 1)
    assert "We expect your delivery" in text_of(browser.page(f"/delivery/{reference}"))
    kit.sound()


def test_a_name_with_markup_stays_text(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    point = arriving.point(at, name="<b>Hall</b>", slug="hall", takes="<script>alert(1)</script>", name_fr=None)
    arriving.slot(point)
    with transaction() as session:
        session.execute(update(Product).values(name='"><i>Socks'))
    for path in ("/drop-off", "/drop-off/hall", "/drop-off/hall/book"):
        page = browser.page(path)
        assert "<b>Hall" not in page
        assert "<script>alert" not in page
        assert '"><i>Socks' not in page


def test_the_pages_cost_a_fixed_number_of_queries(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    point = arriving.point(at)
    arriving.slot(point)

    def count(path: str) -> int:
        with queries() as found:
            browser.page(path)
        return len(found)

    paths = ("/drop-off", HALL, f"{HALL}/book", f"/delivery/{arriving.announce(point, arriving.slot(point, 1, now()))}")
    before = [count(path) for path in paths]
    for number in range(30):
        arriving.slot(point, starts_at=now() + timedelta(days=number + 3))
        arriving.point(at, name=f"Point {number}", name_fr=None)
    assert [count(path) for path in paths] == before


def test_what_is_sent_no_more_is_told_to_all(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    kit.plan(at, kit.distribution(at), 30)
    stop_signs.stop(actor_id=at.actor_id, product_id=at.product_id)
    text = text_of(browser.page("/needs"))
    assert "Please don’t send now There is enough of this just now: Joggers" in text
    assert "Nothing is short just now" in text
    told = browser.get("/needs.json").json
    assert told is not None
    assert told["do_not_send"] == [{"category": "Tops", "product": "Joggers", "product_fr": None, "gender": "-"}]
    stop_signs.take_back(actor_id=at.actor_id, product_id=at.product_id)
    assert "Please don’t send" not in text_of(browser.page("/needs"))


def test_a_full_slot_is_not_offered(app: Flask) -> None:
    at = kit.depot()
    point = arriving.point(at)
    slot = arriving.slot(point, 2)
    for _ in range(2):
        arriving.announce(point, slot)
    assert [each.id for each in slots.offered(db.session, point)] == []
    assert db.session.get_one(Slot, slot).booked == 2
