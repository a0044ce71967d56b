"""Every page, as every kind of reader, in both languages: accessible, narrow enough, and quiet."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import APIResponse, Error, Page, Response
from sqlalchemy import select

from logistics.config import LANGUAGES
from logistics.db import db
from logistics.demo import load as demo
from logistics.demo.content import ACCOUNTS
from logistics.distributions.models import Distribution, DistributionState
from logistics.operations import cancelling, dispatch, returning
from logistics.people.access import permissions, who_may_open
from logistics.people.models import AccessRole, Person
from logistics.stock import packing
from logistics.stock.models import Location, LocationKind, PackingLine
from logistics.web.permission import EVERYONE, SIGNED_IN

from ..conftest import empty_tables
from .checking import problems_of
from .conftest import DESKTOP, PHONE, OpenBrowser, sign_in_again
from .examples import EXAMPLES, Example, examples

pytestmark = pytest.mark.parametrize("shared_app", ["sqlite"], indirect=True, scope="session")

READERS: list[AccessRole | None] = [None, *AccessRole]
SMALL = demo.Sizes(volunteers=12, boxes=560, days=2, gifts=8)


@pytest.fixture(scope="module")
def charity(shared_app: Flask) -> Iterator[Flask]:
    """A small charity with something of everything."""
    empty_tables(shared_app)
    with shared_app.app_context():
        demo.load(SMALL, tell=lambda _text: None)
        reach_every_state()
        yield shared_app


def reach_every_state() -> None:
    """Bring some of the demo's coming distributions to the states that it has none in."""
    actor_id = db.session.scalars(select(Person.id).where(Person.email == "coordinator@example.org")).one()
    shelf_id = db.session.scalars(select(Location.id).where(Location.kind == LocationKind.SHELF)).first()
    planned = select(Distribution.id).where(Distribution.state == DistributionState.PLANNED).order_by(Distribution.id)
    out, back, off = db.session.scalars(planned.limit(3)).all()
    cancelling.cancel(actor_id=actor_id, distribution_id=off, reason="The site was cleared.")
    for number in (out, back):
        packing.pack_all(actor_id=actor_id, distribution_id=number)
        dispatch.dispatch(actor_id=actor_id, distribution_id=number)
    lines = db.session.scalars(select(PackingLine).where(PackingLine.distribution_id == back)).all()
    counts = {line.id: (line.packed, 0, 0) for line in lines[1:]}  # one line is not counted yet
    returning.record_return(
        actor_id=actor_id,
        distribution_id=back,
        counts=counts,
        shelf_id=shelf_id,
        served={"men": 80, "women": 5, "boys": 10, "girls": 0, "small_children": 2},
        debrief="Medium went first.",
        ran_out_first="Joggers, M",
    )


@pytest.fixture
def empty_charity(shared_app: Flask) -> Iterator[Flask]:
    """An installation in which there is nothing but one admin."""
    from .. import make

    empty_tables(shared_app)
    with shared_app.app_context():
        make.person("admin", email="admin@example.org")
        yield shared_app
    empty_tables(shared_app)


def opened_with_get(app: Flask) -> set[str]:
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.endpoint.endswith("static")
    }


def may_open(endpoint: str, reader: AccessRole | None) -> bool:
    mark = who_may_open(endpoint)
    if mark == EVERYONE or reader is None:
        return mark == EVERYONE
    return mark == SIGNED_IN or mark in permissions(frozenset({reader}))


def account(reader: AccessRole | None) -> Person | None:
    """The demo's account with this access role."""
    email = next((email for email, _name, role in ACCOUNTS if role == reader), None)
    return db.session.scalar(select(Person).where(Person.email == email)) if email else None


def go(page: Page, path: str) -> Response | APIResponse | None:
    """Open an address; one that gives a file is fetched instead, for a browser shows no page of it."""
    try:
        return page.goto(path)
    except Error as error:
        if "Download is starting" not in error.message:
            raise
        return page.request.get(path)


def wrong_with(page: Page, example: Example, answer: Response | APIResponse | None) -> list[str]:
    """Return what is wrong with the answer to an address, and with its page if it is one."""
    if answer is None or answer.status != example.status:
        return [f"{example.path} answers {answer.status if answer else 'nothing'}"]
    if "text/html" not in (answer.headers.get("content-type", "")):
        return []
    return [f"{example.path}: {what}" for what in problems_of(page)]


# Forms that are sent empty, and who sends them.
EMPTY: dict[str, AccessRole | None] = {
    "/register": None,
    "/reset": None,
    "/give": None,
    "/convoys/new": AccessRole.VOLUNTEER,
    "/my/stay/new": AccessRole.VOLUNTEER,
    "/stock/import": AccessRole.WAREHOUSE,
    "/distributions/new": AccessRole.COORDINATOR,
    "/shifts/new": AccessRole.COORDINATOR,
    "/shifts/patterns/new": AccessRole.COORDINATOR,
    "/giving/spends/new": AccessRole.FUNDRAISER,
    "/purchases/new": AccessRole.FUNDRAISER,
    "/giving/funds/new": AccessRole.ADMIN,
    "/admin/people/invite": AccessRole.ADMIN,
    "/admin/sites/new": AccessRole.ADMIN,
    "/stock/products/new": AccessRole.ADMIN,
}
SEND_EMPTY = """(form) => {
    for (const field of form.querySelectorAll("input:not([type=hidden]):not([type=radio]), textarea")) field.value = "";
    form.submit();
}"""
SAMPLE = (
    *("public.home", "public.needs", "shifts.index", "shifts.mine", "shifts.board", "shifts.list_volunteers"),
    *("operations.index", "operations.show", "operations.packing_list", "stock.stock", "stock.boxes", "stock.box"),
)


def other_width(language: str) -> int:
    """The width in which the walk through every page does not see this language."""
    return DESKTOP if language == "fr" else PHONE


def test_every_address_has_an_example(shared_app: Flask) -> None:
    assert opened_with_get(shared_app) - set(EXAMPLES) == set(), "give each an example in tests/browser/examples.py"
    assert set(EXAMPLES) - opened_with_get(shared_app) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page(charity: Flask, open_browser: OpenBrowser, language: str) -> None:
    # French, whose words are longer, on a phone; English on a desk. Both must fit into 320 px. All readers in one
    # test, so that what is the same for many of them is looked at once.
    width = PHONE if language == "fr" else DESKTOP
    found = []
    for reader in READERS:
        page = open_browser(account(reader), width=width, language=language)
        wrong = walk(charity, page, reader, language)
        found += [f"{reader or 'signed out'}: {what}" for what in wrong]
    assert found == [], "\n".join(found)


def walk(app: Flask, page: Page, reader: AccessRole | None, language: str) -> list[str]:
    """Open every address that this reader may open, and return what is wrong with them."""
    found = []
    for endpoint in sorted(EXAMPLES):
        if may_open(endpoint, reader):
            for example in examples(endpoint, account(reader)):
                sign_in_again(page, app, account(reader), language, example.session)
                found += wrong_with(page, example, go(page, example.path))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_some_pages_at_the_other_width(charity: Flask, open_browser: OpenBrowser, language: str) -> None:
    person = account(AccessRole.COORDINATOR)
    page, found = open_browser(person, width=other_width(language), language=language), []
    for endpoint in SAMPLE:
        for example in examples(endpoint, person):
            found += wrong_with(page, example, go(page, example.path))
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_to_empty_forms(charity: Flask, open_browser: OpenBrowser, language: str) -> None:
    page, found = open_browser(width=other_width(language), language=language), []
    for path, reader in EMPTY.items():
        sign_in_again(page, charity, account(reader), language, {})
        page.goto(path)
        with page.expect_navigation() as answer:
            page.locator("main form[method=post]").first.evaluate(SEND_EMPTY)
        found += wrong_with(page, Example(path, status=422), answer.value)
        if not page.get_by_role("alert").count():
            found.append(f"{path}: does not say what to put right")
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_are_pages_too(charity: Flask, open_browser: OpenBrowser, language: str) -> None:
    page = open_browser(account(AccessRole.VOLUNTEER), language=language)
    found: list[str] = []
    for path, status in (("/nothing-here", 404), ("/admin", 403)):
        found += wrong_with(page, Example(path, status=status), page.goto(path))
    assert found == [], "\n".join(found)


OF_NO_WAREHOUSE = {"stock.aisle_data": 422}  # what is asked for one warehouse, and answers no page


def test_what_an_empty_installation_shows(empty_charity: Flask, open_browser: OpenBrowser) -> None:
    admin = db.session.scalar(select(Person).where(Person.email == "admin@example.org"))
    page, found = open_browser(admin), []
    for rule in empty_charity.url_map.iter_rules():
        plain = not rule.arguments and rule.endpoint in EXAMPLES and may_open(rule.endpoint, AccessRole.ADMIN)
        if plain and "GET" in (rule.methods or ()):
            answer = go(page, rule.rule)
            found += wrong_with(page, Example(rule.rule, status=OF_NO_WAREHOUSE.get(rule.endpoint, 200)), answer)
    assert found == [], "\n".join(found)
