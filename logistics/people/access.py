"""Who may do what: the one table of permissions, and the check that every request passes.

Permissions are named for what one does. A view states its own with `requires`; see also `web.permission`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from flask import Flask, current_app, request, url_for
from flask_login import LoginManager, current_user
from sqlalchemy import bindparam, select
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from ..db import db
from ..web.permission import EVERYONE, MARK, SIGNED_IN, allow
from ..web.redirects import came_from, see_other
from .models import AccessRole, Person, PersonAccessRole

F = TypeVar("F", bound=Callable[..., object])


class Permission(StrEnum):
    """What an account can be allowed to do."""

    TAKE_SHIFTS = "take-shifts"
    SEE_DISTRIBUTIONS = "see-distributions"
    PLAN_DISTRIBUTIONS = "plan-distributions"
    PLAN_SHIFTS = "plan-shifts"
    SEE_STOCK = "see-stock"
    MOVE_STOCK = "move-stock"
    PACK = "pack"
    RUN_DISTRIBUTIONS = "run-distributions"  # dispatch, return
    SEE_GIVING = "see-giving"
    MANAGE_GIVING = "manage-giving"
    MANAGE_PEOPLE = "manage-people"
    MANAGE_SETUP = "manage-setup"  # sites, shelves, products, roles, privacy notice
    SEE_AUDIT = "see-audit"
    SEE_PURCHASES = "see-purchases"
    RECORD_PURCHASES = "record-purchases"  # goods for stock, paid by a fund


_VOLUNTEER = {Permission.TAKE_SHIFTS}
_WAREHOUSE = _VOLUNTEER | {
    Permission.SEE_STOCK,
    Permission.MOVE_STOCK,
    Permission.PACK,
    Permission.SEE_DISTRIBUTIONS,
    Permission.RUN_DISTRIBUTIONS,
    Permission.SEE_PURCHASES,
}
_COORDINATOR = _WAREHOUSE | {Permission.PLAN_DISTRIBUTIONS, Permission.PLAN_SHIFTS, Permission.RECORD_PURCHASES}
_FUNDRAISER = _VOLUNTEER | {
    Permission.SEE_GIVING,
    Permission.MANAGE_GIVING,
    Permission.SEE_DISTRIBUTIONS,
    Permission.SEE_PURCHASES,
    Permission.RECORD_PURCHASES,
}

PERMISSIONS: dict[AccessRole, frozenset[Permission]] = {
    AccessRole.VOLUNTEER: frozenset(_VOLUNTEER),
    AccessRole.WAREHOUSE: frozenset(_WAREHOUSE),
    AccessRole.COORDINATOR: frozenset(_COORDINATOR),
    AccessRole.FUNDRAISER: frozenset(_FUNDRAISER),
    AccessRole.ADMIN: frozenset(Permission),
}
TOTP_REQUIRED = frozenset({AccessRole.ADMIN, AccessRole.FUNDRAISER})  # in production

OPEN_WITHOUT_TOTP = frozenset(
    {
        "people.authenticator",
        "people.begin_authenticator",
        "people.confirm_authenticator",
        "people.sign_out_page",
        "people.sign_out",
        "people.privacy",
        "web.language",
        "web.health",
    }
)


class Logins(LoginManager):  # type: ignore[misc]
    """Flask-Login without its session protection, which hashes browser and address of every request even when off.

    It would only mark a session as not fresh when a phone changes networks, and no page asks for freshness.
    """

    def _session_protection_failed(self) -> bool:
        return False


login_manager = Logins()


def requires(permission: Permission) -> Callable[[F], F]:
    """Mark a view as open to accounts with this permission. Stands below the route decorator."""
    return allow(permission)


def may(permission: Permission | str) -> bool:
    """Return whether the signed-in account has a permission; nobody signed in has none."""
    me = current_user._get_current_object()  # once: a page asks this of many links
    return me.is_authenticated and permission in permissions(me.roles)


@cache
def permissions(roles: frozenset[AccessRole]) -> frozenset[Permission]:
    """Return what accounts with these access roles may do."""
    return frozenset[Permission]().union(*(PERMISSIONS[role] for role in roles))


def must_have_totp(person: Any) -> bool:
    """Return whether this account may do nothing before it has an authenticator (production only)."""
    return (
        current_app.extensions["shoreline_settings"].production
        and person.is_authenticated
        and person.totp_confirmed_at is None
        and not TOTP_REQUIRED.isdisjoint(person.roles)
    )


def who_may_open(endpoint: str) -> str:
    """Return the mark of a view. Raises RuntimeError for a view that states none: it opens to nobody."""
    view = current_app.view_functions[endpoint]
    mark: str | None = getattr(view, MARK, None)
    if mark is None:
        raise RuntimeError(f"the view {endpoint} states no permission")
    return mark


def enforce() -> Response | None:
    """Before each request: let in whom the view's mark names; send the signed-out to sign in."""
    if request.endpoint is None or request.endpoint == "static" or request.endpoint.endswith(".static"):
        return None
    mark = who_may_open(request.endpoint)
    if must_have_totp(current_user) and request.endpoint not in OPEN_WITHOUT_TOTP:
        return see_other(url_for("people.authenticator"))
    if mark == EVERYONE:
        return None
    if not current_user.is_authenticated:
        back = request.full_path.rstrip("?") if request.method == "GET" else came_from()
        return see_other(url_for("people.sign_in", next=back))
    if mark != SIGNED_IN and not may(mark):
        raise Forbidden
    return None


@dataclass(frozen=True)
class Account:
    """The signed-in account, as every request needs it: `current_user`.

    A plain value read in one query, not a `Person`: a command that ends the request's read leaves it as it is.
    """

    id: int
    email: str
    name: str
    language: str
    session_token: str
    totp_confirmed_at: datetime | None
    roles: frozenset[AccessRole]

    # What Flask-Login asks of an account. One that is disabled is not found at all.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return what a session keeps: a token that changes when the account signs out everywhere."""
        return self.session_token


_person, _role = Person.__table__.c, PersonAccessRole.__table__.c
_ACCOUNT = (
    select(
        _person.id,
        _person.email,
        _person.name,
        _person.language,
        _person.session_token,
        _person.totp_confirmed_at,
        _role.role,
    )
    .outerjoin(PersonAccessRole.__table__, _role.person_id == _person.id)
    .where(_person.session_token == bindparam("token"), _person.disabled_at.is_(None))
)


def load_account(token: str) -> Account | None:
    """Return the account whose session this is; none when it signed out everywhere or was disabled."""
    rows = db.session.connection().execute(_ACCOUNT, {"token": token}).all()
    return Account(*rows[0][:-1], _access_roles(tuple(row.role for row in rows))) if rows else None


@cache
def _access_roles(names: tuple[str | None, ...]) -> frozenset[AccessRole]:
    return frozenset(AccessRole(name) for name in names if name)


def init_app(app: Flask) -> None:
    """Load the signed-in account, check permissions, and give templates `may`."""
    login_manager.init_app(app)
    login_manager.user_loader(load_account)
    app.before_request(enforce)
    app.add_template_global(may)
    app.add_template_global(Permission)
