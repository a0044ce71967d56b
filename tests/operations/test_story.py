"""One distribution through the pages, from plan to close; and one that is called off."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db
from logistics.distributions.models import Distribution
from logistics.giving.webhook import apply_waiting
from logistics.outbox.models import OutboxMessage
from logistics.shifts.models import Shift
from logistics.stock.models import Size

from .. import make
from ..browsing import Browser
from ..giving.helpers import fund, give, payment_page, press
from ..stock import kit as stock
from . import kit


def local(hours: float) -> str:
    return (now() + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")


def newest(model: type) -> int:
    db.session.rollback()
    return int(db.session.scalars(select(model.id).order_by(model.id.desc())).first() or 0)


def mails(kind: str) -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(select(OutboxMessage.to_address).where(OutboxMessage.kind == kind)))


def test_from_plan_to_close(
    app: Flask, coordinator: Browser, warehouse_staff: Browser, volunteer: Browser, fundraiser: Browser
) -> None:
    house = make.warehouse("Main warehouse")
    shelf, other = make.shelf(house, "C4"), make.shelf(house, "D1")
    point = make.meeting_point("North meeting point", place="Behind the blue container")
    product = make.product("Hoodie", gender="Male", sizes=("XS", "S", "M", "L", "XL"))
    house_id, shelf_id, other_id, point_id, product_id = house.id, shelf.id, other.id, point.id, product.id
    sizes = dict(db.session.execute(select(Size.label, Size.id).where(Size.product_id == product_id)).all())
    role_id = make.role("Driver").id
    db.session.rollback()
    for label, quantity in {"XS": 20, "S": 80, "M": 70, "L": 60, "XL": 20}.items():
        warehouse_staff.send(
            "/stock/boxes",
            {"size_id": sizes[label], "quantity": quantity, "location_id": shelf_id, "source": "donated"},
        )

    # The coordinator plans it, and what the van takes.
    coordinator.send(
        "/distributions",
        {
            "title": "Hoodies",
            "site_id": point_id,
            "starts_at": local(26),
            "ends_at": local(28.5),
            "expected_men": "200",
            "notes": "Bring the table.",
        },
    )
    number = newest(Distribution)
    path = f"/distributions/{number}"
    assert "Set the packing list" in coordinator.page(path)
    assert "Behind the blue container" in coordinator.page(path)
    assert "Behind the blue container" not in warehouse_staff.page(path)
    coordinator.send(f"{path}/packing-list", {"warehouse": house_id})
    assert f"?product={product_id}" in coordinator.page(f"{path}/packing-list?q=hood")
    item = {"product": product_id, "mode": "per_person", "per_person": "1", "groups": ["men"]}
    item |= {f"share-{sizes[label]}": share for label, share in {"XS": 5, "S": 30, "M": 40, "L": 20, "XL": 5}.items()}
    previewed = kit.text_of(coordinator.send(f"{path}/packing-list", {**item, "preview": "1"}, 200).get_data(True))
    assert "M 80 70 0 70 10" in previewed
    assert kit.lines(number) == {}
    coordinator.send(f"{path}/packing-list", item)
    assert "M 80 70 0 0 10" in kit.reads(coordinator, f"{path}/packing-list")
    assert {label: (line.planned, line.allocated) for label, line in kit.lines(number).items()} == {
        "XS": (10, 10),
        "S": (60, 60),
        "M": (80, 70),
        "L": (40, 40),
        "XL": (10, 10),
    }
    assert "M: 10 short" in kit.reads(coordinator, path)
    assert "Hoodie men M: 10" in kit.reads(coordinator, "/needs")

    # Shifts and crew.
    coordinator.send(
        f"/shifts/new?distribution={number}",
        {
            "role_id": role_id,
            "site_id": point_id,
            "starts_at": local(25.5),
            "ends_at": local(29),
            "minimum": "2",
            "maximum": "3",
        },
    )
    shift_id = newest(Shift)
    assert "Driver: 2 short" in kit.reads(coordinator, path)
    volunteer.send(f"/shifts/{shift_id}/sign-up")
    words = kit.reads(coordinator, path)
    assert "Driver: 1 short" in words
    assert "Amina Volunteer" in words
    assert mails("sign_up_confirmed")

    # Packing, line by line with an undo, then all that is left; what arrives meanwhile is promised and packed too.
    words = kit.reads(warehouse_staff, f"{path}/pick")
    assert "shelf C4" in words
    line = {"size": sizes["S"], "code": "", "from": shelf_id, "quantity": 60}
    line["code"] = stock.db.session.scalars(select(stock.Box.code).where(stock.Box.size_id == sizes["S"])).one()
    db.session.rollback()
    warehouse_staff.send(f"{path}/pack", line)
    assert kit.state(number) == "packing"
    warehouse_staff.send(f"{path}/put-back", {"code": line["code"], "to": shelf_id, "quantity": 5})
    assert kit.lines(number)["S"].packed == 55
    warehouse_staff.send(
        "/stock/boxes", {"size_id": sizes["M"], "quantity": 12, "location_id": other_id, "source": "donated"}
    )
    warehouse_staff.send(f"{path}/pack", {"all": "1"})
    assert {label: line.packed for label, line in kit.lines(number).items()} == {
        "XS": 10,
        "S": 60,
        "M": 80,
        "L": 40,
        "XL": 10,
    }
    warehouse_staff.send(f"{path}/pack", {"code": line["code"].lower(), "quantity": 3})  # extras
    assert kit.lines(number)["S"].packed == 63

    # Money.
    fund_id = fund()
    donor = Browser(app)
    press(donor, payment_page(donor, give(donor, amount="60")), "pay")
    apply_waiting()
    fundraiser.send(
        f"/giving/spends/new?distribution={number}",
        {
            "fund": fund_id,
            "distribution": number,
            "amount": "46",
            "currency": "gbp",
            "what": "Fuel",
            "spent_on": now().date().isoformat(),
        },
    )
    words = kit.reads(coordinator, path)
    assert "£46" in words
    assert "£14 left" in words
    assert "Paid out of what 1 gift gave, for this and for more." in words

    # One driver is missing: the page says so, and the van may go anyway.
    assert f'href="{path}/dispatch"' in warehouse_staff.page(path)
    assert "1 person short" in kit.reads(warehouse_staff, f"{path}/dispatch")
    warehouse_staff.send(f"{path}/dispatch", {"crew_short": "0", "not_packed": "0"}, 409)
    warehouse_staff.send(f"{path}/dispatch", {"crew_short": "1", "not_packed": "0"})
    assert kit.state(number) == "out"

    # It comes back in two goes; nothing closes before all is counted.
    found = kit.lines(number)
    first = {
        f"{name}-{found['S'].id}": count
        for name, count in zip(("handed_out", "came_back", "lost"), (50, 10, 2), strict=True)
    }
    answer = warehouse_staff.send(f"{path}/return", {**first, "shelf": other_id}, 422)
    assert "These add up to 62, and 63 were packed." in answer.get_data(as_text=True)
    first[f"lost-{found['S'].id}"] = 3
    warehouse_staff.send(f"{path}/return", {**first, "shelf": other_id, "served_men": "180"})
    assert kit.state(number) == "returned"
    assert "10 × Hoodie (men) XS" in warehouse_staff.send(f"{path}/close", {}, 409).get_data(as_text=True)
    rest = {f"handed_out-{line.id}": line.packed for label, line in found.items() if label != "S"}
    warehouse_staff.send(f"{path}/return", {**rest, "served_men": "190", "debrief": "Calm.", "ran_out_first": "M"})
    warehouse_staff.send(f"{path}/close")
    words = kit.reads(coordinator, path)
    for expected in (
        "190 things given to 190 people",
        "£46",
        "Ran out first M",
        "Calm.",
        "closed the books",
        "counted: 50 handed out, 10 came back, 3 lost or spoiled",
    ):
        assert expected in words, expected
    assert "Amina Volunteer signed up for a shift" in kit.reads(coordinator, f"{path}/history")
    assert "made a change" not in kit.reads(coordinator, f"{path}/history")
    assert "Joe Warehouse closed the books" in coordinator.get(f"{path}/history?format=csv").get_data(as_text=True)
    kit.in_order()


def test_called_off(app: Flask, coordinator: Browser, volunteer: Browser) -> None:
    plan = kit.plan(100, 60)
    shift_id = make.shift(kit.found(plan.id)).id
    volunteer.send(f"/shifts/{shift_id}/sign-up")
    kit.pack(plan, coordinator)
    assert stock.stock(plan.depot) == (40, 0)
    words = kit.reads(coordinator, f"{plan.path}/cancel")
    assert "60 packed things go back into their boxes" in words
    assert "1 person of the crew is told" in words
    coordinator.send(f"{plan.path}/cancel", {"reason": " "}, 422)
    coordinator.send(f"{plan.path}/cancel", {"reason": "The site was evicted."})
    assert kit.state(plan.id) == "cancelled"
    assert stock.stock(plan.depot) == (100, 0)
    assert stock.level(plan.codes[0], plan.depot.shelf) == 100
    assert len(mails("shift_cancelled")) == 1
    words = kit.reads(coordinator, plan.path)
    assert "The site was evicted." in words
    assert "called the distribution off" in words
    assert "60 planned" in words
    assert "Size Planned Joggers 60 in all One size 60" in words
    assert "1 person told" in words
    for page in ("packing-list", "pack", "dispatch", "return", "close", "cancel", "edit"):
        data = {"all": "1"} if page == "pack" else {"reason": "x"} if page == "cancel" else {"warehouse": 1}
        assert coordinator.post(f"{plan.path}/{page}", data=data).status_code in (409, 422), page
    kit.in_order()
