"""Drop-off points, slots and deliveries as staff see them."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from logistics import worker
from logistics.clock import now
from logistics.db import db
from logistics.outbox.models import OutboxMessage
from logistics.stock.arriving import booking, deliveries, slots
from logistics.stock.arriving.models import Delivery, DropOff, Slot

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries
from . import arriving, kit

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # at noon in Calais, on a Tuesday


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


def described(at: kit.Depot, **more: object) -> dict[str, object]:
    return {
        "name": "Dépôt Nord",
        "address": "1 rue du Port",
        "map_url": "https://www.openstreetmap.org/#map=18/51.1/1.3",
        "hours": "Always",
        "takes": "Tents",
        "warehouse_id": at.warehouse_id,
        "key": "k",
        **more,
    }


def test_an_admin_makes_changes_closes_and_opens_a_point(app: Flask, admin: Browser) -> None:
    at = kit.depot()
    assert "Nobody can announce a delivery" in text_of(admin.page("/admin/drop-offs"))
    admin.page("/admin/drop-offs/new")
    answer = admin.send("/admin/drop-offs/new", described(at))
    point = db.session.scalars(select(DropOff)).one()
    assert (point.slug, point.warehouse_id) == ("depot-nord", at.warehouse_id)
    assert answer.location == f"/stock/slots?point={point.id}"
    number, other = point.id, make.warehouse("Second").id
    reference = arriving.announce(number, arriving.slot(number))
    admin.send(f"/admin/drop-offs/{number}/edit", described(at, warehouse_id=other, slug="north", key="k2"))
    assert arriving.found(reference).warehouse_id == other
    assert "Goods go to Second" in text_of(admin.page("/admin/drop-offs"))
    assert "Dépôt Nord" in admin.get("/admin/drop-offs?format=csv").text
    admin.send(f"/admin/drop-offs/{number}/close", {})
    admin.send(f"/admin/drop-offs/{number}/close", {})
    assert "Closed" in text_of(admin.page("/admin/drop-offs"))
    assert admin.page("/admin/drop-offs?q=nothing-like-it")
    admin.send(f"/admin/drop-offs/{number}/reopen", {})
    assert db.session.get_one(DropOff, number).closed_at is None
    admin.page("/drop-off/north")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"name": ""}, "Fill this in"),
        ({"name": "x" * 81}, "Use 80 characters or fewer"),
        ({"name": "TOWN hall "}, "a drop-off point of this name already"),
        ({"name": "???"}, "Use small letters"),
        ({"slug": "Nord est"}, "Use small letters"),
        ({"slug": "../etc"}, "Use small letters"),
        ({"slug": "town-hall"}, "has this address already"),
        ({"map_url": "http://maps.example.org"}, "beginning with https://"),
        ({"map_url": "javascript:alert(1)"}, "beginning with https://"),
        ({"map_url": "https://"}, "beginning with https://"),
        ({"map_url": "https://[::1"}, "beginning with https://"),
        ({"map_url": "https://maps.org@evil.example"}, "beginning with https://"),
        ({"map_url": "https://a.org/<b>"}, "beginning with https://"),
        ({"map_url": "https://a.org/" + "x" * 500}, "Use 500 characters or fewer"),
        ({"warehouse_id": "0"}, "Choose a warehouse"),
        ({"warehouse_id": "999999"}, "Choose a warehouse"),
        ({"address": ""}, "Fill this in"),
        ({"takes": "\x00"}, "characters that cannot be stored"),
    ],
)
def test_what_no_point_can_be_is_refused_at_its_field(
    app: Flask, admin: Browser, more: dict[str, str], says: str
) -> None:
    at = kit.depot()
    arriving.point(at)
    refused = admin.send("/admin/drop-offs/new", described(at, **more), status=422)
    assert says in text_of(refused.text)
    assert len(db.session.scalars(select(DropOff.id)).all()) == 1


def planning(**more: object) -> dict[str, object]:
    return {
        "weekdays": ["1", "3"],
        "opens": "10:00",
        "closes": "13:00",
        "minutes": "60",
        "capacity": "2",
        "first": "2026-11-24",
        "last": "2026-12-06",
        "key": "k",
        **more,
    }


def test_slots_are_planned_in_bulk_and_what_exists_is_skipped(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot()
    point = arriving.point(at)
    assert "No times are planned" in text_of(warehouse_staff.page("/stock/slots"))
    warehouse_staff.send(f"/stock/drop-offs/{point}/slots", planning())
    found = list(db.session.scalars(select(Slot).order_by(Slot.starts_at)))
    # Tuesday and Thursday of two weeks, three each; two of today's are past at noon.
    assert len(found) == 10
    assert found[0].starts_at == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert (found[0].ends_at - found[0].starts_at, found[0].capacity) == (timedelta(hours=1), 2)
    warehouse_staff.send(f"/stock/drop-offs/{point}/slots", planning(weekdays=["1"], last="2026-12-13", key="k2"))
    text = text_of(warehouse_staff.page(f"/stock/slots?point={point}"))
    assert "3 times made." in text
    assert "4 were there already." in text
    assert "0 of 2 booked" in text
    assert len(list(csv.reader(io.StringIO(warehouse_staff.get("/stock/slots?format=csv").text)))) == 14
    warehouse_staff.page(f"/stock/slots?point={point}&past=1")
    warehouse_staff.page("/stock/slots?point=999999", 404)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"first": "9999-12-31"}, "Enter a year between 2000 and 2100"),
        ({"last": "9999-12-31"}, "Enter a year between 2000 and 2100"),
        ({"first": ""}, "Enter a date, such as"),
        ({"first": "soon"}, "Enter a date, such as"),
        ({"last": "2026-11-23"}, "The last day is before the first"),
        ({"first": "2020-01-01", "last": "2020-02-01"}, "Every one of these times is past"),
        ({"last": "2028-01-01"}, "at most a year"),
        ({"weekdays": ["6"], "last": "2026-11-25"}, "None of these weekdays"),
        ({"weekdays": ["9"]}, "not a valid choice"),
        ({"minutes": "5", "weekdays": [], "last": "2027-06-01"}, "more than 1000 times at once"),
        ({"minutes": "181"}, "longer than all of it"),
        ({"minutes": "-5"}, "Enter a number from 5"),
        ({"capacity": "0"}, "Enter a number from 1"),
        ({"capacity": "1001"}, "Enter a number from 1"),
        ({"closes": "10:00"}, "must end after it begins"),
        ({"opens": "25:00"}, "Enter a time, such as"),
        ({"opens": ""}, "Enter a time, such as"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    app: Flask, warehouse_staff: Browser, more: dict[str, object], says: str
) -> None:
    point = arriving.point(kit.depot())
    refused = warehouse_staff.send(f"/stock/drop-offs/{point}/slots", planning(**more), status=422)
    assert says in text_of(refused.text)
    assert db.session.scalars(select(Slot.id)).all() == []


def test_times_are_those_of_the_wall_in_summer_and_winter(app: Flask) -> None:
    at = kit.depot()
    point = arriving.point(at)
    zone = app.extensions["shoreline_settings"].timezone
    plan = {"actor_id": at.actor_id, "drop_off_id": point, "weekdays": [6], "capacity": 1, "zone": zone}
    hours = {"opens": datetime(2000, 1, 1, 1).time(), "closes": datetime(2000, 1, 1, 4).time(), "minutes": 60}
    forward, back = datetime(2027, 3, 28).date(), datetime(2027, 10, 31).date()
    assert slots.plan(**plan, **hours, first=forward, last=forward) == [2, 0]  # no 02:00 that night
    assert slots.plan(**plan, **hours, first=back, last=back) == [3, 0]


def test_a_slot_is_closed_and_opened_and_those_who_booked_are_told(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot()
    point = arriving.point(at)
    slot = arriving.slot(point)
    arriving.announce(point, slot)
    booking.cancel(reference=arriving.announce(point, slot))
    warehouse_staff.send(f"/stock/slots/{slot}/close", {"key": "k"})
    told = db.session.scalars(select(OutboxMessage.kind).where(OutboxMessage.kind == "delivery_slot_closed")).all()
    assert len(told) == 1
    assert "Closed. 1 delivery was booked then" in text_of(warehouse_staff.page("/stock/slots"))
    assert "Needs another time" in text_of(warehouse_staff.page("/stock/deliveries"))
    warehouse_staff.send(f"/stock/slots/{slot}/reopen", {"key": "k2"})
    assert slots.offered(db.session, point)[0].id == slot
    assert warehouse_staff.post("/stock/slots/999999/close", data={"key": "k"}).status_code == 404


def test_what_is_expected_today_comes_first(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot()
    point = arriving.point(at)
    for hours, what in ((26, "Tomorrow"), (5, "Late today"), (-30, "Yesterday"), (1, "Soon today"), (50, "Then")):
        slot = arriving.slot(point, starts_at=NOON + timedelta(hours=hours))
        with time_machine.travel(NOON - timedelta(days=3)):
            arriving.announce(point, slot, given=[arriving.line(what)])
    text = text_of(warehouse_staff.page("/stock/deliveries"))
    order = [text.index(f"{what}: 6 bags") for what in ("Soon today", "Late today", "Tomorrow", "Then", "Yesterday")]
    assert order == sorted(order)
    assert "Has not come" in text
    assert "Coming (5)" in text
    rows = list(csv.reader(io.StringIO(warehouse_staff.get("/stock/deliveries?format=csv").text)))
    assert [row[6] for row in rows[1:]][:2] == ["Soon today: 6 bags", "Late today: 6 bags"]
    assert "Tomorrow" not in text_of(warehouse_staff.page("/stock/deliveries?q=soon"))
    assert "No delivery fits that" in text_of(warehouse_staff.page("/stock/deliveries?q=100%25"))
    for odd in ("show=x", "page=99999999999", "warehouse=x", "slot=-1", "q=%F0%9F%A7%A6"):
        warehouse_staff.page(f"/stock/deliveries?{odd}")


def test_staff_mark_one_arrived_and_sorted_and_take_it_back(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot()
    point = arriving.point(at)
    number = arriving.found(arriving.announce(point, arriving.slot(point), phone="+33 1", note="Ring twice")).id
    path = f"/stock/deliveries/{number}"
    text = text_of(warehouse_staff.page(path))
    for said in ("Blankets: 6 bags", "Daniel", "+33 1", "daniel@example.org", "Ring twice", "Is it here?"):
        assert said in text
    [line] = deliveries.get(db.session, number).lines
    came = {f"came_{line.id}": "4", "what_0": "joggers", "amount_0": "2", "measure_0": "pallet", "key": "k"}
    refused = warehouse_staff.send(f"{path}/arrived", {**came, f"came_{line.id}": "-1"}, status=422)
    assert "Enter a number from 0" in text_of(refused.text)
    refused = warehouse_staff.send(f"{path}/arrived", {**came, "amount_0": ""}, status=422)
    assert "How much is it, roughly?" in text_of(refused.text)
    for _ in range(2):
        warehouse_staff.send(f"{path}/arrived", came)
    assert arriving.lines_of(number) == [("Blankets", 6, "bag", 4), ("joggers", 2, "pallet", 2)]
    listed = text_of(warehouse_staff.page("/stock/deliveries?show=waiting"))
    assert "Waiting to be sorted: 4 bags, 2 pallets" in listed
    warehouse_staff.send(f"{path}/expected-again", {"key": "k2"})
    assert [each[3] for each in arriving.lines_of(number)] == [None, None]
    warehouse_staff.send(f"{path}/arrived", {**came, "what_0": "", "amount_0": "", "key": "k3"})
    warehouse_staff.send(f"{path}/sorted", {"key": "k4"})
    assert "All that came is sorted" in text_of(warehouse_staff.page("/stock/deliveries?show=waiting"))
    warehouse_staff.send(f"{path}/sort-again", {"key": "k5"})
    refused = warehouse_staff.send(f"{path}/cancel", {"key": "k6"}, status=409)
    assert "has come already" in text_of(refused.text)
    assert warehouse_staff.post("/stock/deliveries/999999/sorted", data={"key": "k"}).status_code == 404
    warehouse_staff.page("/stock/deliveries/999999", 404)
    kit.sound()


def test_staff_enter_what_came_unannounced(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot()
    warehouse_staff.page("/stock/deliveries/new")
    typed = {"what_0": "Mixed", "amount_0": "2", "measure_0": "pallet", "bringer": "group", "name": "Ghent collects"}
    typed |= {"warehouse_id": str(at.warehouse_id), "note": "", "key": "k"}
    for _ in range(2):
        answer = warehouse_staff.send("/stock/deliveries", typed)
    assert "A collection group: Ghent collects" in text_of(warehouse_staff.page(answer.location))
    assert len(db.session.scalars(select(Delivery.id)).all()) == 1
    for wrong, says in (
        ({"what_0": "", "amount_0": ""}, "Say what it is"),
        ({"warehouse_id": "999999"}, "Choose a warehouse"),
        ({"warehouse_id": str(make.meeting_point().id)}, "Choose a warehouse"),
        ({"amount_0": "-2"}, "Enter a number from 1"),
    ):
        refused = warehouse_staff.send("/stock/deliveries", {**typed, **wrong, "key": "k2"}, status=422)
        assert says in text_of(refused.text)


def test_a_stop_sign_is_put_up_and_taken_down_on_the_products_page(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot()
    path = f"/stock/products/{at.product_id}"
    for number in range(2):
        warehouse_staff.send(f"{path}/stop", {"key": f"s{number}"})
    assert "Please don’t send" in text_of(warehouse_staff.page(path))
    for number in range(2):
        warehouse_staff.send(f"{path}/welcome", {"key": f"w{number}"})
    assert "Please don’t send" not in text_of(warehouse_staff.page(path))
    assert warehouse_staff.post("/stock/products/999999/stop", data={"key": "k"}).status_code == 404


def test_who_brought_it_is_forgotten_ninety_days_later(app: Flask) -> None:
    at = kit.depot()
    point = arriving.point(at)
    slot = arriving.slot(point, 9)
    came, gone, never, ahead = (arriving.announce(point, slot, phone="+33 1", note="Ring twice") for _ in range(4))
    deliveries.mark_arrived(actor_id=at.actor_id, delivery_id=arriving.found(came).id, came={})
    booking.cancel(reference=gone)
    unannounced = arriving.came(at)
    booking.change_time(reference=ahead, slot_id=arriving.slot(point, starts_at=NOON + timedelta(days=60)))
    names = {"came": came, "gone": gone, "never": never, "ahead": ahead}

    def known() -> set[str]:
        worker.tidy()
        return {name for name, each in names.items() if arriving.found(each).name == "Daniel"}

    with time_machine.travel(NOON + timedelta(days=89)):
        assert known() == set(names)
    with time_machine.travel(NOON + timedelta(days=91)):
        assert known() == {"never", "ahead"}
    with time_machine.travel(NOON + timedelta(days=93)):
        assert known() == {"ahead"}
        found = arriving.found(came)
        assert (found.name, found.email, found.phone, found.note) == ("", "", "", "")
        assert db.session.get_one(Delivery, unannounced).forgotten_at is not None
        forgotten = found.forgotten_at
        worker.tidy()
        assert arriving.found(came).forgotten_at == forgotten
    with time_machine.travel(NOON + timedelta(days=151)):
        assert known() == set()
    kit.sound()


def test_a_forgotten_delivery_is_told_nothing_more(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot()
    point = arriving.point(at)
    reference = arriving.announce(point, arriving.slot(point))
    number = arriving.found(reference).id
    deliveries.mark_arrived(actor_id=at.actor_id, delivery_id=number, came={})
    with time_machine.travel(NOON + timedelta(days=100)):
        worker.tidy()
    assert "who it was is forgotten by now" in text_of(warehouse_staff.page(f"/stock/deliveries/{number}"))
    assert "Your delivery is here: thank you" in text_of(Browser(app).page(f"/delivery/{reference}"))


def test_the_lists_cost_a_fixed_number_of_queries(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot()
    point = arriving.point(at)
    slot = arriving.slot(point, 100)

    def count(path: str) -> int:
        warehouse_staff.page(path)
        with queries() as found:
            warehouse_staff.page(path)
        return len(found)

    paths = ("/stock/deliveries", "/stock/deliveries?show=waiting", "/stock/deliveries?show=all", "/stock/slots")
    for _ in range(2):
        arriving.announce(point, slot)
        arriving.came(at)
    before = [count(path) for path in paths]
    for number in range(20):
        arriving.announce(point, slot)
        arriving.came(at)
        arriving.slot(point, starts_at=now() + timedelta(days=number + 5))
    assert [count(path) for path in paths] == before
