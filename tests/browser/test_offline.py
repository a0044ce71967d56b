"""The aisle in a real browser: with the network off, the tab closed, two tabs, and the server started again."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import func, select
from werkzeug.serving import BaseWSGIServer, make_server

from logistics.cli import upgrade
from logistics.db import db
from logistics.factory import create_app
from logistics.people.models import Person
from logistics.stock.aisle.models import AisleAct
from logistics.stock.models import Movement
from logistics.stock.taking import take_out

from .. import make
from ..conftest import empty_tables, settings_for_tests
from ..stock import kit
from .checking import Watched, check
from .conftest import PHONE, OpenBrowser, Quiet, session_cookie
from .steps import nothing_is_off

# The workers for stock's pages and for labels' addresses are there.
WORKERS = """async () => (await navigator.serviceWorker.getRegistrations()).filter((one) => one.active).length === 2"""
SQLITE = pytest.mark.parametrize("shared_app", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def at(shared_app: Flask) -> Iterator[kit.Depot]:
    empty_tables(shared_app)
    with shared_app.app_context():
        yield kit.depot("S", "M")
    empty_tables(shared_app)


def aisle(page: Page) -> Page:
    """Open the aisle, and wait until this phone has what it keeps."""
    page.goto("/stock/aisle")
    expect(page.locator("[data-copy-text]")).to_contain_text("kept on this phone, as")
    page.wait_for_function(WORKERS)
    return page


def find(page: Page, code: str) -> None:
    page.locator("#aisle-code").fill(code)
    page.get_by_role("button", name="Find it").click()
    expect(page.get_by_role("heading", name=f"Box {code}", exact=True)).to_be_visible()


def do(page: Page, act: str, button: str, **answers: str) -> None:
    """Open one of a box's forms, fill it in, and send it."""
    form = page.locator("[data-box] details", has=page.locator(f"form[data-kind={act}]"))
    form.locator("summary").click()
    for name, value in answers.items():
        field = form.locator(f"[name={name}]")
        if field.evaluate("(field) => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    form.get_by_role("button", name=button).click()


def take(page: Page, code: str, quantity: int) -> None:
    find(page, code)
    do(page, "take", "Take these out", quantity=str(quantity))
    expect(page.locator("[data-said]")).to_have_text(f"Written down: {quantity} taken out of {code}, C4.")


def state(page: Page, text: str) -> None:
    expect(page.locator("[data-state]")).to_have_text(text, timeout=15_000)


def decided(page: Page, text: str) -> None:
    """See that a decision was sent, and what is left."""
    state(page, text)
    expect(page.locator("[data-waiting]")).to_be_hidden()


def acts() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AisleAct.kind).order_by(AisleAct.id)))


def test_what_is_done_without_a_signal_is_sent_once_and_in_order(at: kit.Depot, open_browser: OpenBrowser) -> None:
    code, second = kit.receive(at, 20), kit.receive(at, 8, size="M")
    page = aisle(open_browser(make.person("warehouse")))
    state(page, "All sent")
    check(page)
    page.context.set_offline(True)
    take(page, code, 5)
    expect(page.locator("[data-total]")).to_have_text("15")
    check(page)
    do(page, "move", "Move them", quantity="6", to="D1")
    do(page, "put", "Put these in", quantity="2")
    do(page, "count", "That is how many there are", counted="10", reason="Lost", shelf="C4 (11)")
    expect(page.locator("[data-places]")).to_have_text("shelf C4: 10 · shelf D1: 6")
    state(page, "4 wait")
    expect(page.locator("[data-box-status]")).to_have_text("Not sent yet")
    check(page)

    # The tab is closed, and the app opened again, still without a signal: by a label, which leads to the aisle.
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(f"/b/{code}")
    expect(page.get_by_role("heading", name=f"Box {code}", exact=True)).to_be_visible()
    expect(page.locator("[data-places]")).to_have_text("shelf C4: 10 · shelf D1: 6")
    state(page, "4 wait")
    page.locator("#aisle-code").fill("joggers m")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=f"Open it: {second}").click()
    expect(page.locator("[data-total]")).to_have_text("8")
    reader = page.locator("[data-aisle]").get_attribute("data-wasm")
    assert page.evaluate("(file) => fetch(file).then((answer) => answer.ok)", reader)  # the camera reads, too
    assert acts() == []

    context.set_offline(False)
    state(page, "All sent")
    assert acts() == ["take", "move", "put", "count"]
    assert (kit.level(code, at.shelf), kit.level(code, at.other_shelf)) == (10, 6)
    nothing_is_off()


@SQLITE
def test_the_same_queue_in_two_tabs_is_sent_once(at: kit.Depot, open_browser: OpenBrowser) -> None:
    code = kit.receive(at, 20)
    first = aisle(open_browser(make.person("warehouse")))
    second = aisle(first.context.new_page())
    first.context.set_offline(True)
    for page in (first, second, first, second):
        take(page, code, 2)
    state(first, "4 wait")  # each tab sees what the other did
    expect(first.locator("[data-total]")).to_have_text("12")
    first.context.set_offline(False)
    for page in (first, second):
        state(page, "All sent")
        expect(page.locator("[data-total]")).to_have_text("12")
    assert acts() == ["take"] * 4
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Movement)) == 5
    nothing_is_off()


@SQLITE
def test_a_conflict_is_shown_with_both_sides_and_decided(at: kit.Depot, open_browser: OpenBrowser) -> None:
    short, wrong, more, other = (kit.receive(at, 20) for _ in range(4))
    page = aisle(open_browser(make.person("warehouse")))
    page.context.set_offline(True)
    for code in (short, wrong, more, other):
        take(page, code, 5)
    find(page, short)
    do(page, "move", "Move them", quantity="1", to="D1")
    for code in (short, wrong, more):
        take_out(actor_id=None, code=code, location_id=at.shelf, quantity=17)
    page.context.set_offline(False)
    state(page, "3 to decide")
    assert [kit.level(code, at.shelf) for code in (short, wrong, more, other)] == [3, 3, 3, 15]
    cards = page.locator("[data-decide-list] > li")
    expect(cards).to_have_count(3)
    card = cards.filter(has_text=f"out of {short}")
    expect(card.locator("[data-theirs]")).to_have_text("shelf C4: 3")
    expect(card.get_by_text("Only 3 are on shelf C4.")).to_be_visible()
    check(page)
    page.reload()  # a decision waits, too
    state(page, "3 to decide")

    card.get_by_text("Do it with what is there").click()
    expect(card.get_by_label("How many?")).to_have_value("3")
    card.get_by_label("How many?").fill("2")
    check(page)
    card.get_by_role("button", name="Do this").click()
    decided(page, "2 to decide")  # the move that waited behind it went, too
    assert (kit.level(short, at.shelf), kit.level(short, at.other_shelf)) == (0, 1)

    card = cards.filter(has_text=f"out of {wrong}")
    card.get_by_text("Discard it").first.click()
    card.get_by_role("button", name="Discard it").click()
    expect(card.get_by_text("Say why it is discarded.")).to_be_visible()
    card.get_by_label("Why?", exact=True).fill("I scanned the wrong box")
    card.get_by_role("button", name="Discard it").click()
    decided(page, "1 to decide")
    assert kit.level(wrong, at.shelf) == 3

    card = cards.filter(has_text=f"out of {more}")
    card.get_by_text("Correct the count first").click()
    card.get_by_label("How many are left there, after what you did?").fill("4")
    card.locator("[data-recount]").get_by_label("Why is it another number?").select_option(label="Found again")
    card.get_by_role("button", name="Write down both").click()
    state(page, "All sent")
    assert kit.level(more, at.shelf) == 4  # what was taken is written down, and the count holds
    nothing_is_off()


@SQLITE
def test_nobody_signs_out_unwarned_and_nobody_sends_what_others_did(
    shared_app: Flask, at: kit.Depot, open_browser: OpenBrowser
) -> None:
    code = kit.receive(at, 20)
    owner, other = make.person("warehouse"), make.person("warehouse")
    page = aisle(open_browser(owner))
    page.context.set_offline(True)
    take(page, code, 5)
    page.route("**/stock/aisle/acts", lambda route: route.abort())  # one bar of signal: pages come, sendings do not go
    page.context.set_offline(False)
    page.goto("/sign-out")
    expect(page.get_by_role("link", name="In the aisle: 1 waits to be sent")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("1 thing that was done in the aisle is not sent yet.")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("heading", name="Sign out of this browser?")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign out, and leave it here").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert kept(page, "boxes") == 0
    assert kept(page, "acts") == 1

    page.unroute("**/stock/aisle/acts")
    sign_in(page, shared_app, other)
    aisle(page)
    expect(page.get_by_text("1 thing was done on this phone by somebody else")).to_be_visible()
    check(page)
    assert acts() == []
    page.context.clear_cookies()  # a session that ended
    take(page, code, 1)
    expect(page.get_by_text("You are signed out. Nothing is lost")).to_be_visible()
    sign_in(page, shared_app, owner)
    page.goto("/stock/aisle")
    state(page, "1 waits")  # that of the other, who was here meanwhile
    expect(page.get_by_text("1 thing was done on this phone by somebody else")).to_be_visible()
    expect(page.locator("[data-copy-text]")).to_contain_text("kept on this phone, as")
    assert acts() == ["take"]
    assert kit.level(code, at.shelf) == 15
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Discard them").click()
    state(page, "All sent")
    assert (acts(), kept(page, "acts")) == (["take"], 0)
    nothing_is_off()


def sign_in(page: Page, app: Flask, person: Person) -> None:
    page.context.clear_cookies()
    page.context.add_cookies([session_cookie(app, person, "en")])


def kept(page: Page, what: str) -> int:
    """How many boxes or acts this phone keeps."""
    found: int = page.evaluate(
        """(what) => new Promise((resolve) => {
             indexedDB.open("shoreline-aisle").onsuccess = ({ target }) => {
               target.result.transaction(what).objectStore(what).count().onsuccess = (event) => {
                 target.result.close();
                 resolve(event.target.result);
               };
             };
           })""",
        what,
    )
    return found


# The server is started again


Start = Callable[[int], BaseWSGIServer]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a server on a port (0: any), over one database; each is an application of its own."""
    url = f"sqlite:///{tmp_path / 'test.db'}"
    upgrade(url)
    running: list[BaseWSGIServer] = []

    def begin(port: int) -> BaseWSGIServer:
        server = make_server("127.0.0.1", port, Flask("before"), threaded=True, request_handler=Quiet)
        server.app = create_app(settings_for_tests(url, tmp_path, f"http://127.0.0.1:{server.port}"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return server

    yield begin
    running[-1].shutdown()
    running[-1].server_close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Callable[[Any], BrowserContext]]:
    contexts: list[BrowserContext] = []

    def make_one(app: Flask) -> BrowserContext:
        base_url = app.extensions["shoreline_settings"].base_url
        contexts.append(chromium.new_context(base_url=base_url, viewport={"width": PHONE, "height": 900}, locale="en"))
        contexts[0].add_cookies([session_cookie(app, make.person("warehouse"), "en")])
        return contexts[0]

    yield make_one
    contexts[0].close()


def test_the_server_is_started_again_in_between(start: Start, phone: Callable[[Any], BrowserContext]) -> None:
    first = start(0)
    with first.app.app_context():
        at = kit.depot()
        code = kit.receive(at, 20)
        page = phone(first.app).new_page()
        watched = Watched(page)
        aisle(page)
        first.shutdown()
        first.server_close()  # the network is there, and nobody answers
        take(page, code, 5)
        state(page, "1 waits")
        page.reload()
        state(page, "1 waits")
    second = start(first.port)
    with second.app.app_context():
        page.reload()
        state(page, "All sent")
        assert kit.level(code, at.shelf) == 15
        assert acts() == ["take"]
        nothing_is_off()
    assert watched.complaints == []
