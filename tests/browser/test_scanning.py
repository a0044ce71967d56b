"""Scanning in a real browser: by keyboard, as USB scanners type, and by a camera that sees a printed square."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import segno
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from logistics.db import db
from logistics.stock.labelling.drawing import MASK

from .. import make
from ..conftest import empty_tables
from ..stock import kit
from .checking import Watched, bring_axe, check
from .conftest import CHROMIUM_NAMES, FLAGS, OpenBrowser, address_of, session_cookie
from .steps import WIDTHS

pytestmark = WIDTHS
WAIT = 30_000  # milliseconds, for a slow machine that compiles the reader


@pytest.fixture
def at(shared_app: Flask) -> Iterator[kit.Depot]:
    empty_tables(shared_app)
    with shared_app.app_context():
        yield kit.depot()
    empty_tables(shared_app)


def codes_listed(page: Page) -> list[str]:
    return page.locator("[data-list] b").all_inner_texts()


def test_a_scanner_that_types_opens_a_box(at: kit.Depot, open_browser: OpenBrowser, width: int) -> None:
    code = kit.receive(at, 5)
    page = open_browser(make.person("warehouse"), width=width)
    page.goto("/stock/scan")
    check(page)
    page.keyboard.type(f"http://other.example/b/{code}\n")  # the field has the focus from the start
    expect(page.get_by_role("heading", name=f"Box {code}")).to_be_visible()
    page.goto("/stock/scan")
    expect(page.locator("input:focus")).to_be_visible()  # it comes with the first picture of a page
    page.keyboard.type("nothing\n")
    expect(page.get_by_text("No box and no label has the code nothing.")).to_be_visible()
    check(page)


def test_many_are_scanned_and_moved_and_nothing_is_lost_on_the_way(
    at: kit.Depot, open_browser: OpenBrowser, width: int
) -> None:
    codes = [kit.receive(at, 5) for _ in range(3)]
    page = open_browser(make.person("warehouse"), width=width)
    page.goto("/stock/scan")
    page.get_by_label("Collect codes in a list").check()
    for code in (*codes[:2], f"http://localhost/b/{codes[2]}", "oops", codes[0]):
        page.keyboard.type(f"{code}\n")
    expect(page.locator("[data-said]")).to_have_text(f"{codes[0]} is in the list already.")
    expect(page.get_by_text("4 codes in the list")).to_be_visible()
    assert codes_listed(page) == ["oops", *codes[::-1]]  # the newest first
    expect(page.get_by_text("Joggers, One size · C4: 5")).to_have_count(3)
    expect(page.get_by_text("No box and no label has this code.")).to_be_visible()
    check(page)

    page.goto(f"/stock/boxes/{codes[0]}")  # leaving and coming back
    page.goto("/stock/scan")
    assert codes_listed(page) == ["oops", *codes[::-1]]
    expect(page.get_by_label("Collect codes in a list")).to_be_checked()

    page.get_by_text("Move all of them").click()
    page.get_by_label("To which shelf?").select_option("D1")
    page.get_by_role("button", name="Move them").click()
    expect(page.get_by_text("One of these codes stops it, so nothing was changed.").first).to_be_visible()
    check(page)
    assert [kit.level(code, at.shelf) for code in codes] == [5, 5, 5]
    page.get_by_role("button", name="Remove: oops").click()
    page.get_by_role("button", name="Move them").click()
    expect(page.get_by_text("3 boxes moved.")).to_be_visible()
    expect(page.get_by_text("The list is empty.")).to_be_visible()
    assert [kit.level(code, at.other_shelf) for code in codes] == [5, 5, 5]
    expect(page.get_by_role("button", name="Undo for all of them")).to_be_visible()
    check(page)
    page.reload()
    assert codes_listed(page) == []


@pytest.fixture
def film(at: kit.Depot, tmp_path: Path) -> Path:
    """What a camera sees: a label's square on white paper, as the label has it, a little blurred and turned."""
    code = kit.receive(at, 5, code="A 42")
    matrix = segno.make("http://localhost/b/A%2042", error="m", micro=False, mask=MASK).matrix
    square = Image.new("L", (len(matrix) + 8, len(matrix) + 8), 255)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            square.putpixel((x + 4, y + 4), 0 if dark else 255)
    seen = Image.new("L", (640, 480), 120)
    label = square.resize((250, 250), Image.Resampling.NEAREST).rotate(7, fillcolor=120, expand=True)
    seen.paste(label, (170, 90))
    path = tmp_path / "label.mjpeg"
    with path.open("wb") as file:
        for _frame in range(3):
            seen.convert("RGB").save(file, "JPEG", quality=80)
    assert code == "A 42"
    return path


@pytest.fixture
def with_camera(shared_app: Flask, film: Path, chromium: Browser, width: int) -> Iterator[Page]:
    """A phone whose camera sees the film."""
    found = next(path for name in CHROMIUM_NAMES if (path := shutil.which(name)))
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = chromium.browser_type.launch(
        executable_path=found, args=[*FLAGS, *camera, f"--use-file-for-fake-video-capture={film}"]
    )
    context = browser.new_context(
        base_url=address_of(shared_app), viewport={"width": width, "height": 800}, permissions=["camera"]
    )
    context.add_cookies([session_cookie(shared_app, make.person("warehouse"), "en")])
    bring_axe(context)
    page = context.new_page()
    watched = Watched(page)
    yield page
    browser.close()
    assert watched.complaints == []


def asked_for(page: Page) -> Sequence[str]:
    names: list[str] = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    return [name for name in names if "zxing" in name]


def test_the_camera_reads_a_label(at: kit.Depot, with_camera: Page) -> None:
    page = with_camera
    page.goto("/stock/scan")
    assert asked_for(page) == []  # the reader is fetched when it is needed, and not before
    page.get_by_label("Collect codes in a list").check()
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("[data-list] b")).to_have_text("A 42", timeout=WAIT)
    expect(page.get_by_text("Joggers, One size · C4: 5")).to_be_visible()
    assert len(asked_for(page)) == 2
    check(page)
    page.get_by_role("button", name="Stop the camera").click()
    expect(page.locator("video")).to_be_hidden()

    page.get_by_label("Collect codes in a list").uncheck()
    page.get_by_role("button", name="Use the camera").click()
    expect(page.get_by_role("heading", name="Box A 42")).to_be_visible(timeout=WAIT)
    db.session.rollback()


def test_the_camera_reads_a_label_in_the_aisle_without_a_signal(at: kit.Depot, with_camera: Page) -> None:
    page = with_camera
    page.goto("/stock/aisle")
    expect(page.get_by_text("1 box is kept on this phone")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.context.set_offline(True)
    page.reload()
    page.get_by_role("button", name="Use the camera").click()
    expect(page.get_by_role("heading", name="Box A 42")).to_be_visible(timeout=WAIT)
    expect(page.locator("[data-places]")).to_have_text("shelf C4: 5")


def test_a_camera_that_may_not_be_used_is_said(at: kit.Depot, open_browser: OpenBrowser, width: int) -> None:
    page = open_browser(make.person("warehouse"), width=width)
    page.goto("/stock/scan")
    page.evaluate(
        """() => { navigator.mediaDevices.getUserMedia =
           () => Promise.reject(new DOMException("no", "NotAllowedError")); }"""
    )
    page.get_by_role("button", name="Use the camera").click()
    expect(page.get_by_text("The camera may not be used here.")).to_be_visible()
    expect(page.get_by_role("button", name="Use the camera")).to_be_visible()


def test_a_browser_that_reads_codes_itself_fetches_no_reader(at: kit.Depot, with_camera: Page) -> None:
    page = with_camera
    page.add_init_script(
        """window.BarcodeDetector = class {
             static getSupportedFormats() { return Promise.resolve(["qr_code"]); }
             detect() { return Promise.resolve([{ rawValue: "http://localhost/b/A%2042" }]); }
           };"""
    )
    page.goto("/stock/scan")
    page.get_by_role("button", name="Use the camera").click()
    expect(page.get_by_role("heading", name="Box A 42")).to_be_visible(timeout=WAIT)
