"""An empty installation set up through its pages by the first admin, and the first goods, in a real browser."""

from flask import Flask
from playwright.sync_api import Locator, Page, expect

from .. import make
from ..stock.files import boxes_file
from .checking import check
from .conftest import OpenBrowser
from .steps import WIDTHS, fill, nothing_is_off, press


def next_step(page: Page, name: str) -> None:
    """Go where the set-up leads: it names one thing that is still lacking."""
    page.goto("/admin")
    press(page, name)


@WIDTHS
def test_from_nothing_to_goods_on_a_shelf(app: Flask, open_browser: OpenBrowser, width: int) -> None:
    page = open_browser(make.person("admin", name="Ada Admin"), width=width)

    # The set-up leads from one thing to the next.
    next_step(page, "Add a warehouse")
    page.get_by_label("Warehouse", exact=True).check()
    fill(page, name="Main warehouse")
    press(page, "Save")
    next_step(page, "Add shelves")
    fill(page, names="A1-A2")
    press(page, "Add")
    next_step(page, "Add products")
    press(page, "Add a product")
    fill(page, name="Joggers", category="Trousers", sizes="S, M")
    press(page, "Save")
    next_step(page, "Add a meeting point")
    fill(page, name="North meeting point", place="Behind the blue container")
    press(page, "Save")
    next_step(page, "Add roles")
    press(page, "Add a role")
    fill(page, name="Driver", description="Drives the van.")
    press(page, "Save")
    next_step(page, "Add a fund")
    press(page, "Set up a fund")
    fill(page, name="General fund")
    page.get_by_label("General: may be spent on whatever is needed most").check()
    press(page, "Save")
    next_step(page, "Invite someone")
    fill(page, name="Joe Warehouse", email="joe@example.org")
    page.get_by_label("Warehouse:").check()
    press(page, "Invite")
    next_step(page, "Edit the notice")
    page.get_by_label("Publish this at once").check()
    press(page, "Publish")
    page.goto("/admin")
    expect(page.get_by_role("heading", name="Set-up", exact=True)).to_be_visible()

    # The first goods: into a new box, more into the same, a part to another shelf, and a count that finds less.
    page.goto("/stock/boxes")
    press(page, "Receive goods")
    page.get_by_role("link", name="Joggers").first.click()
    page.get_by_label("M", exact=True).check()
    fill(page, quantity="30")
    page.get_by_label("Onto which shelf?").select_option(index=1)
    press(page, "Put it in a new box")
    page.goto("/stock/boxes?q=joggers")
    check(page)
    page.locator("main a[href^='/stock/boxes/']").filter(has_text="0001").first.click()
    act = opened(page, "Put in")
    act.get_by_label("How many more?").fill("10")
    act.get_by_label("Onto which shelf?").select_option(index=1)
    press(page, "Put these in")
    act = opened(page, "Move")
    act.get_by_label("How many?").fill("15")
    act.get_by_label("To which shelf?").select_option(index=2)
    press(page, "Move them")
    act = opened(page, "Count")
    act.get_by_label("Where did you count?").select_option(index=1)
    act.get_by_label("How many are there?").fill("24")
    press(page, "That is how many there are")
    history = page.get_by_role("listitem")
    for said in ("+30", "+10", "15", "−1"):
        expect(history.filter(has_text=said).first).to_be_visible()
    nothing_is_off()


def opened(page: Page, name: str) -> Locator:
    """Open one of the things that can be done with a box."""
    act = page.locator("details.act-form").filter(has=page.get_by_text(name, exact=True)).first
    act.locator("summary").click()
    return act


@WIDTHS
def test_boxes_come_from_another_system_after_a_look(app: Flask, open_browser: OpenBrowser, width: int) -> None:
    make.product("Hats")
    make.warehouse("Lesvos")
    page = open_browser(make.person("warehouse"), width=width)
    page.goto("/stock/import")
    press(page, "Look at it first")
    expect(page.get_by_role("alert")).to_contain_text("Choose a file.")
    rows = boxes_file("0007,Hats,-,One size,C4,12,", "0008,Gloves,Boy,M,C5,3,")
    page.get_by_label("File").set_input_files({"name": "boxes.csv", "mimeType": "text/csv", "buffer": rows})
    page.get_by_label("Into which warehouse?").select_option(label="Lesvos")
    press(page, "Look at it first")
    expect(page.get_by_text("Unknown product: Gloves, Boy.")).to_be_visible()
    press(page, "Add the products and sizes that are missing, and look again")
    expect(page.get_by_role("heading", name="Ready to import")).to_be_visible()
    press(page, "Import now")
    page.goto("/stock/boxes/0007")
    check(page)
    expect(page.get_by_text("12", exact=True).first).to_be_visible()
    nothing_is_off()
