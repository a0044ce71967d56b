"""A test's browser: Flask's test client, which sends forms as a page would and checks every page it is given."""

import contextvars
import re
import secrets
from typing import Any

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from logistics.db import db
from logistics.people.models import Person


class Browser(FlaskClient):
    """Posts with a CSRF token unless told `csrf=False`. Every HTML page must have a title and one h1."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app, app.response_class, use_cookies=True)
        self.application = app

    def sign_in(self, person: Person) -> "Browser":
        """Put a person's session into this browser (the sign-in page has tests of its own)."""
        token, self.person_id = person.session_token, person.id
        with self.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        return self

    def csrf_token(self) -> str:
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        return str(URLSafeTimedSerializer(self.application.secret_key or "", salt="wtf-csrf-token").dumps(raw))

    def post(self, *args: Any, csrf: bool = True, **kwargs: Any) -> TestResponse:
        if csrf and "json" not in kwargs:
            kwargs["data"] = {"csrf_token": self.csrf_token(), **(kwargs.get("data") or {})}
        return super().post(*args, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        # In a context of its own, or Flask would share the test's: one session, and whoever signed in first.
        kwargs.setdefault("buffered", True)
        response: TestResponse = contextvars.Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.rollback()  # so that the test sees what the request changed
        if (
            response.mimetype == "text/html"
            and not response.is_streamed
            and response.status_code not in (301, 302, 303, 307, 308)
        ):
            check_page(response.get_data(as_text=True))
        return response

    def page(self, path: str, status: int = 200, **kwargs: Any) -> str:
        """Open a page, see that it answers as it should, and return its HTML."""
        response = self.get(path, **kwargs)
        assert response.status_code == status, (
            f"{path}: {response.status_code}\n{text_of(response.get_data(as_text=True))[:2000]}"
        )
        return response.get_data(as_text=True)

    def send(self, path: str, data: dict[str, Any] | None = None, status: int = 303, **kwargs: Any) -> TestResponse:
        """Post a form and see that it answers as it should."""
        response = self.post(path, data=data or {}, **kwargs)
        assert response.status_code == status, (
            f"{path}: {response.status_code}\n{text_of(response.get_data(as_text=True))[:2000]}"
        )
        return response


def text_of(html: str) -> str:
    """Return a page's words, roughly as a person reads them."""
    html = re.sub(r"(?s)<(script|style).*?</\1>", " ", html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def check_page(html: str) -> None:
    """What must be true of any page: a title, one main heading, no inline script or style, guarded forms."""
    if "<!doctype html>" not in html[:100].lower():
        return  # a fragment
    title = re.search(r"(?s)<title>(.*?)</title>", html)
    assert title is not None, "a page without a title"
    assert title.group(1).split("·")[0].strip(), "a page without a title"
    assert len(re.findall(r"<h1[\s>]", html)) == 1, "a page has exactly one h1"
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", html), "inline script"
    assert not re.search(r"\sstyle=", html), "inline style"
    assert not re.search(r"\son[a-z]+=\"", html), "inline handler"
    for form in re.findall(r"(?s)<form[^>]*method=\"post\".*?</form>", html):
        assert "csrf_token" in form, "a form without CSRF token"
