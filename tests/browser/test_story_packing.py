"""A packing list and the van in a real browser: so many per person, another split, extras, put back, called off."""

from flask import Flask
from playwright.sync_api import expect

from logistics.db import db
from logistics.stock.models import Availability

from .. import make
from ..stock import kit
from .checking import check
from .conftest import OpenBrowser
from .steps import WIDTHS, fill, nothing_is_off, press


@WIDTHS
def test_so_many_per_person_then_packed_put_back_and_called_off(
    app: Flask, open_browser: OpenBrowser, width: int
) -> None:
    at = kit.depot("S", "M")
    small, medium = (kit.receive(at, 30, size=size) for size in ("S", "M"))
    distribution_id = kit.distribution(at, expected_men=40)
    board = f"/distributions/{distribution_id}"
    coordinator, warehouse = (open_browser(make.person(role), width=width) for role in ("coordinator", "warehouse"))

    # Half of one for each man; nobody is small here, so the split is changed, and adds up at once.
    coordinator.goto(f"{board}/packing-list?product={at.product_id}")
    coordinator.get_by_label("How many for each person?").fill("0")
    press(coordinator, "Save")
    expect(coordinator.get_by_role("alert")).to_contain_text("Enter a number above 0")
    coordinator.get_by_label("How many for each person?").fill("0.5")
    coordinator.get_by_label("Men 40 expected").check()
    fill(coordinator, **{f"share-{at.sizes['S']}": "1", f"share-{at.sizes['M']}": "3"})
    medium_row = coordinator.get_by_role("row").filter(has=coordinator.get_by_role("rowheader", name="M", exact=True))
    expect(medium_row).to_contain_text("15")
    press(coordinator, "Save")
    expect(coordinator.get_by_text("20").first).to_be_visible()

    # The warehouse packs a line, something extra from the same box, and puts some of it back.
    warehouse.goto(f"{board}/pick")
    check(warehouse)
    line = warehouse.locator("li.pick-line").filter(has_text=medium)
    expect(line).to_contain_text("15")
    line.get_by_role("button", name="Packed").click()
    warehouse.get_by_text("Pack from another box, or something extra").click()
    fill(warehouse, code=small, quantity="31")
    press(warehouse, "Pack it")
    expect(warehouse.get_by_role("alert")).to_contain_text("30")
    fill(warehouse, quantity="8")
    press(warehouse, "Pack it")
    packed = warehouse.locator("li.pick-line").filter(has_text=f"box {small}, from")
    packed.get_by_label(f"How many of box {small}").fill("2")
    packed.get_by_role("button", name="Put back").click()
    expect(packed).to_contain_text("6")
    check(warehouse)

    # The plan breaks: what is packed goes back into its boxes.
    coordinator.goto(board)
    press(coordinator, "Call it off")
    coordinator.get_by_label("Why is it called off?").fill("The road is closed.")
    press(coordinator, "Call this distribution off")
    warehouse.goto(f"/stock/boxes/{small}")
    check(warehouse)
    expect(warehouse.locator(".headline .num").first).to_have_text("30")
    nothing_is_off()
    free = db.session.get_one(Availability, (at.warehouse_id, at.sizes["M"]))
    assert (free.on_hand, free.allocated) == (30, 0)
