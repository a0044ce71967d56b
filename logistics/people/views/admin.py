"""Accounts, for whoever manages them."""

from collections.abc import Iterator
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select
from werkzeug.wrappers import Response

from ...db import db, stream
from ...errors import NotFound, msg
from ...paging import paginate
from ...web.asked import page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import stamp
from ...web.i18n import spoken
from ...web.redirects import see_other
from .. import roles
from ..access import Permission, requires
from ..accounts import NO_PASSWORD
from ..forms import ROLE_NAMES, InviteForm, PlainForm, RolesForm
from ..models import AccessRole, Person
from .blueprint import bp

Answer = Response | tuple[str, int]


@bp.get("/admin/people")
@requires(Permission.MANAGE_PEOPLE)
def people() -> str | FlaskResponse:
    """List accounts: search by name or email, filter by role."""
    search, role = searched(), request.args.get("role", "")
    role = role if role in set(AccessRole) else ""
    query = roles.people_query(search, role)
    if wants_csv():
        return _csv(query)
    return render_template(
        "admin/people.html",
        page=paginate(db.session, query, page_number()),
        search=search,
        role=role,
        role_names=ROLE_NAMES,
        standing=_standing,
    )


def _csv(query: Select[Person]) -> FlaskResponse:
    def rows() -> Iterator[list[Any]]:
        for person in stream(db.session, query):
            names = ", ".join(str(ROLE_NAMES[role]) for role in AccessRole if role in person.roles)
            yield [
                person.name,
                person.email,
                person.phone,
                person.language,
                names,
                _standing(person),
                stamp(person.created_at),
            ]

    header = [_("Name"), _("Email"), _("Phone"), _("Language"), _("Access roles"), _("Standing"), _("Since")]
    return csv_response("people.csv", header, rows())


def _standing(person: Person) -> str:
    if person.disabled_at is not None:
        return str(_("switched off"))
    if person.password_hash == NO_PASSWORD:
        return str(_("invited"))
    return str(_("active")) if person.email_confirmed_at else str(_("address not confirmed"))


@bp.route("/admin/people/invite", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def invite() -> Answer:
    """Make an account for someone, and mail them a link to set a password."""
    form = InviteForm(data={"language": spoken(), "roles": [AccessRole.VOLUNTEER]})

    def make() -> int:
        return roles.invite.once(form.token)(
            actor_id=current_user.id,
            email=form.email.data,
            name=form.name.data,
            language=form.language.data,
            roles=form.roles.data,
        )

    if form.accepts(make):
        flash(_("Invited. A link to set a password is on its way to them."))
        return see_other(url_for("people.person", person_id=form.result))
    return render_template("admin/invite.html", form=form), form.status


@bp.get("/admin/people/<int:person_id>")
@requires(Permission.MANAGE_PEOPLE)
def person(person_id: int) -> Answer:
    """Show one account."""
    shown = _find(person_id)
    have = sorted(shown.roles)
    return _page(shown, RolesForm(data={"roles": have, "had": ",".join(have)}))


@bp.post("/admin/people/<int:person_id>/roles")
@requires(Permission.MANAGE_PEOPLE)
def change_roles(person_id: int) -> Answer:
    """Give and take access roles: what was ticked or unticked on the page, and nothing else."""
    _find(person_id)
    form = RolesForm()

    def change() -> None:
        chosen, had = set(form.roles.data or []), {role for role in (form.had.data or "").split(",") if role}
        roles.change_roles.once(form.token)(
            actor_id=current_user.id, person_id=person_id, give=sorted(chosen - had), take=sorted(had - chosen)
        )

    if form.accepts(change):
        flash(_("Saved."))
        return see_other(url_for("people.person", person_id=person_id))
    return _page(_find(person_id), form)


@bp.post("/admin/people/<int:person_id>/<any(off, on, invite, authenticator):action>")
@requires(Permission.MANAGE_PEOPLE)
def change_standing(person_id: int, action: str) -> Answer:
    """Switch an account off or on, invite again, or take a lost authenticator off."""
    commands = {
        "off": (roles.switch_off, _("Switched off, and signed out everywhere.")),
        "on": (roles.switch_on, _("Switched on again.")),
        "invite": (roles.invite_again, _("A new link is on its way to them.")),
        "authenticator": (roles.remove_authenticator, _("The authenticator is off. Ask them to set it up again.")),
    }
    command, done = commands[action]
    form = PlainForm()
    command.once(form.token)(actor_id=current_user.id, person_id=person_id)
    flash(done)
    return see_other(url_for("people.person", person_id=person_id))


def _find(person_id: int) -> Person:
    found = db.session.get(Person, person_id)
    if found is None or found.deleted_at is not None:
        raise NotFound(msg("There is no such account."))
    return found


def _page(shown: Person, form: RolesForm) -> Answer:
    return (
        render_template(
            "admin/person.html",
            person=shown,
            form=form,
            plain=PlainForm(),
            standing=_standing(shown),
            invited=shown.password_hash == NO_PASSWORD,
        ),
        form.status,
    )
