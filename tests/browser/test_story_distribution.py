"""One distribution through its pages in a real browser, on a phone and on a desk: from plan to close."""

from flask import Flask
from playwright.sync_api import expect

from logistics import worker
from logistics.clock import now

from .. import make
from ..giving.helpers import fund
from .checking import check
from .conftest import OpenBrowser
from .steps import WIDTHS, local, nothing_is_off, press


@WIDTHS
def test_from_plan_to_close(app: Flask, open_browser: OpenBrowser, width: int) -> None:
    shelf = make.shelf(make.warehouse("Main warehouse"), "C4")
    make.meeting_point("North meeting point", place="Behind the blue container")
    product_id = make.product("Hoodie", sizes=("M",)).id
    make.role("Driver")
    fund("General fund")
    shelf_id = shelf.id
    people = {role: make.person(role, name=role.title()) for role in ("coordinator", "warehouse", "volunteer")}
    coordinator, warehouse, volunteer = (open_browser(person, width=width) for person in people.values())

    # The warehouse receives a box.
    warehouse.goto(f"/stock/boxes/new?product={product_id}")
    warehouse.get_by_label("M", exact=True).check()
    warehouse.get_by_label("How many").fill("30")
    warehouse.get_by_label("Shelf").select_option(str(shelf_id))
    press(warehouse, "Put it in a new box")

    # The coordinator plans, first forgetting a thing; the packing list says at once what is there and what is short.
    coordinator.goto("/distributions")
    press(coordinator, "Plan a distribution")
    press(coordinator, "Plan it")
    expect(coordinator.get_by_role("alert")).to_be_visible()
    coordinator.get_by_label("What is handed out?").fill("Hoodies")
    coordinator.get_by_label("Where?").select_option(label="North meeting point")
    coordinator.get_by_label("Starts").fill(local(app, 26))
    coordinator.get_by_label("Ends").fill(local(app, 28))
    coordinator.get_by_label("Men", exact=True).fill("40")
    press(coordinator, "Plan it")
    board = coordinator.url
    press(coordinator, "Set the packing list")
    if coordinator.get_by_label("Pack from which warehouse?").count():
        coordinator.get_by_label("Pack from which warehouse?").select_option(label="Main warehouse")
        press(coordinator, "Go on")
    coordinator.locator(f"a[href$='?product={product_id}']").click()
    check(coordinator)
    coordinator.get_by_label("A total").check()
    coordinator.get_by_label("How many in all?").fill("40")
    press(coordinator, "Save")
    press(coordinator, "Done")
    expect(coordinator.get_by_role("region", name="Goods")).to_contain_text("Hoodie: 10 short")

    # A crew of one.
    press(coordinator, "Add a shift")
    coordinator.get_by_label("Role").select_option(label="Driver")
    coordinator.get_by_label("Starts").fill(local(app, 25))
    coordinator.get_by_label("Ends").fill(local(app, 29))
    press(coordinator, "Add it")
    volunteer.goto("/shifts")
    check(volunteer)
    volunteer.get_by_role("button", name="Sign up: Driver").click()
    check(volunteer)
    volunteer.locator("a.row-link").first.click()
    expect(volunteer.get_by_text("Behind the blue container")).to_be_visible()
    check(volunteer)

    # The world sees what is short, and a donor gives.
    donor = open_browser(width=width)
    donor.goto("/needs")
    expect(donor.get_by_text("Hoodie").first).to_be_visible()
    check(donor)
    donor.goto("/give")
    donor.get_by_text("your own amount").first.click()
    donor.get_by_role("textbox", name="Your own amount").fill("12")
    donor.get_by_label("Your name").fill("Ann Donor")
    donor.get_by_label("Email, for your receipt").fill("ann@example.org")
    donor.locator("[data-give-button]").click()
    check(donor)
    press(donor, "Pay £12")
    worker.run(app, once=True)
    donor.reload()
    expect(donor.get_by_text("£12").first).to_be_visible()
    check(donor)
    fundraiser = open_browser(make.person("fundraiser", name="Fran"), width=width)
    fundraiser.goto(board)
    press(fundraiser, "Record a cost")
    fundraiser.get_by_label("What was it for?").fill("Fuel")
    fundraiser.get_by_label("How much?").fill("12")
    fundraiser.get_by_label("On which day?").fill(now().strftime("%Y-%m-%d"))
    fundraiser.get_by_label("From which fund?").select_option(index=1)
    press(fundraiser, "Record it")

    # Pack, send off although ten are missing, and come back.
    warehouse.goto(board)
    check(warehouse)
    press(warehouse, "Open the pick list")
    press(warehouse, "All of it is packed")
    warehouse.goto(board)
    press(warehouse, "Dispatch the van")
    press(warehouse, "Send it off anyway")
    press(warehouse, "Record the return")
    warehouse.get_by_label("Handed out").fill("24")
    warehouse.get_by_label("Came back", exact=True).fill("5")
    warehouse.get_by_label("Lost or spoiled").fill("0")
    warehouse.get_by_label("Shelf for what came back").select_option(str(shelf_id))
    press(warehouse, "Save the count")
    expect(warehouse.get_by_role("alert")).to_contain_text("29")
    warehouse.get_by_label("Lost or spoiled").fill("1")
    warehouse.get_by_label("Men", exact=True).fill("38")
    warehouse.get_by_label("What ran out first?").fill("Hoodies in M")
    press(warehouse, "Save the count")
    warehouse.goto(board)
    press(warehouse, "Close the distribution")
    expect(warehouse.get_by_role("heading", name="What it gave")).to_be_visible()
    expect(warehouse.get_by_text("Hoodies in M")).to_be_visible()
    nothing_is_off()


@WIDTHS
def test_called_off(app: Flask, open_browser: OpenBrowser, width: int) -> None:
    make.shelf(make.warehouse())
    distribution_id = make.distribution().id
    page = open_browser(make.person("coordinator"), width=width)
    page.goto(f"/distributions/{distribution_id}")
    press(page, "Call it off")
    page.get_by_label("Why is it called off?").fill("The ferry is late.")
    press(page, "Call this distribution off")
    expect(page.get_by_text("Called off. The ferry is late.")).to_be_visible()
    nothing_is_off()
