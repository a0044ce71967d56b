"""Who may open what, walked over every address: nothing is open by mistake, and no form takes a forged request."""

import itertools
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from logistics.people.access import PERMISSIONS, Permission
from logistics.people.models import AccessRole
from logistics.web.permission import EVERYONE, MARK, SIGNED_IN

from . import make
from .browsing import Browser

NOBODY = "999999"  # the id of nothing
WITHOUT_TOKEN = {
    "/stripe/webhook",  # signed by Stripe instead
    "/unsubscribe/<token>",  # sent by a mail program (RFC 8058), with a signed token in the address
}
OPEN = {  # what the world may open; whoever adds to it has thought about it
    "/",
    "/app.webmanifest",
    "/appeals/<slug>",
    "/delivery/<reference>",  # known to whoever announced it alone
    "/delivery/<reference>/cancel",
    "/delivery/<reference>/time",
    "/drop-off",
    "/drop-off/<slug>",
    "/drop-off/<slug>/book",
    "/give",
    "/give/thanks",
    "/health",
    "/here/<key>",
    "/impact",
    "/join/<token>",
    "/letters",
    "/letters/certificate.cer",
    "/letters/<code>",
    "/language/<code>",
    "/my/calendar/<token>.ics",
    "/needs",
    "/needs.json",
    "/privacy",
    "/register",
    "/register/confirm/<token>",
    "/register/sent",
    "/reset",
    "/reset/<token>",
    "/reset/sent",
    "/shifts",
    "/shifts/<int:shift_id>",
    "/sign-in",
    "/sign-in/code",
    "/sign-out",
    "/stripe/webhook",
    "/sw.js",
    "/unsubscribe/<token>",
}


def rules(app: Flask, method: str = "") -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.endswith("static") and (not method or method in (rule.methods or ())):
            yield rule


def address(app: Flask, rule: Rule) -> str:
    """An address that this rule serves, of a thing that does not exist."""
    values = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        items = getattr(converter, "items", None)
        values[name] = (
            next(iter(items)) if items else int(NOBODY) if converter.regex.startswith(("\\d", "-?\\d")) else NOBODY
        )
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(sorted(rule.methods or ()))))


def mark(app: Flask, rule: Rule) -> str | None:
    return getattr(app.view_functions[rule.endpoint], MARK, None)


def test_every_view_states_who_may_open_it(app: Flask) -> None:
    known = {EVERYONE, SIGNED_IN, *Permission}
    silent = [f"{rule.endpoint} ({rule})" for rule in rules(app) if mark(app, rule) not in known]
    assert not silent, f"without a mark: {silent}"


def test_what_is_open_to_the_world_is_meant_to_be(app: Flask) -> None:
    found = {str(rule) for rule in rules(app) if mark(app, rule) == EVERYONE and "practice" not in rule.endpoint}
    assert found <= OPEN, f"open to the world: {sorted(found - OPEN)}"


def test_a_view_that_changes_things_is_never_reached_by_get(app: Flask) -> None:
    for rule in rules(app):
        assert not (rule.methods or set()) & {"PUT", "PATCH", "DELETE"}, rule


def test_signed_out_every_other_page_leads_to_sign_in(app: Flask) -> None:
    browser = Browser(app)
    for rule in rules(app):
        if mark(app, rule) == EVERYONE:
            continue
        path = address(app, rule)
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        answer = browser.get(path) if method == "GET" else browser.post(path)
        assert answer.status_code == 303, (path, answer.status_code)
        assert answer.location.startswith("/sign-in?next="), (path, answer.location)


@pytest.mark.parametrize("role", AccessRole)
def test_each_access_role_opens_what_the_table_says_and_no_more(app: Flask, role: AccessRole) -> None:
    browser = Browser(app).sign_in(make.person(role))
    for rule, method in itertools.product(rules(app), ("GET", "POST")):
        if method not in (rule.methods or ()) or mark(app, rule) in (EVERYONE, SIGNED_IN):
            continue
        allowed = Permission(str(mark(app, rule))) in PERMISSIONS[role]
        if allowed and method == "POST":
            continue  # what it does is its own part's test
        path = address(app, rule)
        answer = browser.get(path) if method == "GET" else browser.post(path)
        assert (answer.status_code != 403) == allowed, (role, method, path, answer.status_code)


def test_no_form_is_taken_without_its_token(app: Flask) -> None:
    person = make.person(*AccessRole)
    for browser in (Browser(app), Browser(app).sign_in(person)):
        for rule in rules(app, "POST"):
            path = address(app, rule)
            if rule.rule in WITHOUT_TOKEN or rule.endpoint.startswith("practice"):
                continue
            assert browser.post(path, csrf=False).status_code == 400, path
            forged = browser.post(path, csrf=False, data={"csrf_token": "forged"})
            assert forged.status_code == 400, path


def test_every_page_carries_the_strict_headers(app: Flask) -> None:
    browser = Browser(app)
    for path in ("/sign-in", "/register", "/privacy", "/nothing-here"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
