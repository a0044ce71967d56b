"""For coordinators: what waits to be confirmed, and what one volunteer can do and has agreed to."""

from collections.abc import Iterator
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db, stream
from ...errors import NotFound, msg
from ...paging import paginate
from ...web.asked import page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import local_date, named
from ...web.i18n import translate
from ...web.redirects import safe_path, see_other
from .. import agreements, contacts
from .. import qualifications as service
from ..access import Permission, requires
from ..forms import PlainForm
from ..models import AgeGroup, Person
from ..qualification_models import AgreementKind, HeldQualification
from ..volunteer_forms import HeldForm
from .blueprint import bp

Answer = Response | tuple[str, int]
MOST_MINORS = 100  # shown at once; in a charity's life there are a few


@bp.get("/volunteers/waiting")
@requires(Permission.PLAN_SHIFTS)
def volunteers_waiting() -> str | FlaskResponse:
    """List what waits for staff: qualifications to confirm, and consents of guardians to see."""
    words = searched()
    query = service.awaiting(words)
    if wants_csv():

        def rows() -> Iterator[list[Any]]:
            for held in stream(db.session, query):
                yield [held.person.name, named(held.qualification), held.detail, held.expires_on]

        return csv_response("to-confirm.csv", [_("Name"), _("Qualification"), _("Which"), _("Until")], rows())
    return render_template(
        "people/volunteers_waiting.html",
        page=paginate(db.session, query, page_number()),
        words=words,
        minors=db.session.scalars(contacts.without_consent().limit(MOST_MINORS)).all(),
    )


@bp.get("/volunteers/<int:person_id>/qualifications")
@requires(Permission.PLAN_SHIFTS)
def volunteer_qualifications(person_id: int) -> str:
    """Show what one person can do, how old they are, and what they agreed to."""
    person = _find(person_id)
    titles = {kind: translate(title) for kind, title in agreements.TITLES.items()}
    return render_template(
        "people/volunteer_qualifications.html",
        person=person,
        age=age_of(person),
        minor=person.age_group == AgeGroup.MINOR,
        held=service.of_person(db.session, person_id),
        agreed=agreements.of_person(db.session, person_id),
        newest={kind: agreements.newest_version(db.session, kind) for kind in AgreementKind},
        titles=titles,
        state_of=state_of,
        today=local_date(now()),
    )


@bp.route("/volunteers/<int:person_id>/qualifications/<int:qualification_id>", methods=["GET", "POST"])
@requires(Permission.PLAN_SHIFTS)
def confirm_qualification(person_id: int, qualification_id: int) -> Answer:
    """Confirm that someone has a qualification, with its last day if it has one."""
    person, qualification = _find(person_id), service.get(db.session, qualification_id)
    held = {found.id: mine for found, mine in service.of_person(db.session, person_id)}.get(qualification_id)
    form, name = HeldForm(data=_told(held)), person.name
    page = {"person": person, "qualification": qualification, "held": held}

    def confirm() -> int:
        return service.confirm.once(form.token)(
            actor_id=current_user.id,
            person_id=person_id,
            qualification_id=qualification_id,
            today=local_date(now()),
            detail=form.detail.data or "",
            expires_on=form.expires_on.day,
        )

    if form.accepts(confirm):
        flash(_("Confirmed for %(name)s.", name=name))
        return see_other(_back(person_id))
    if form.is_submitted():  # what was read has expired with the command
        page = {"person": _find(person_id), "qualification": service.get(db.session, qualification_id), "held": None}
    return render_template("people/confirm_qualification.html", form=form, **page), form.status


@bp.post("/volunteers/<int:person_id>/qualifications/<int:qualification_id>/remove")
@requires(Permission.PLAN_SHIFTS)
def remove_qualification(person_id: int, qualification_id: int) -> Response:
    """Take a qualification from someone, declared or confirmed."""
    form = PlainForm()
    service.remove.once(form.token)(actor_id=current_user.id, person_id=person_id, qualification_id=qualification_id)
    flash(_("Taken back. The shifts they are on stay theirs: look whether one needs someone else."))
    return see_other(_back(person_id))


@bp.post("/volunteers/<int:person_id>/consent/<any(recorded, withdrawn):what>")
@requires(Permission.PLAN_SHIFTS)
def guardian_consent(person_id: int, what: str) -> Response:
    """Record that a guardian consents, or no longer."""
    change = contacts.record_consent if what == "recorded" else contacts.withdraw_consent
    change(actor_id=current_user.id, person_id=person_id)
    flash(_("The consent is recorded.") if what == "recorded" else _("The consent is withdrawn."))
    return see_other(_back(person_id))


@bp.post("/volunteers/<int:person_id>/age")
@requires(Permission.PLAN_SHIFTS)
def correct_age(person_id: int) -> Response:
    """Change what someone's age is taken to be."""
    contacts.correct_age(actor_id=current_user.id, person_id=person_id, age_group=request.form.get("age_group", ""))
    flash(_("Saved."))
    return see_other(_back(person_id))


def state_of(held: HeldQualification | None, self_declared: bool) -> tuple[str, str]:
    """Return how a qualification stands, as the kind of a status and its words."""
    if held is None:
        return "plain", str(_("not held"))
    if not service.lasts(held.expires_on, local_date(now())):
        return "bad", str(_("run out"))
    if held.confirmed_at is not None:
        return "ok", str(_("confirmed"))
    return ("ok", str(_("self-declared"))) if self_declared else ("warn", str(_("to be confirmed")))


def age_of(person: Person) -> str:
    """Return in words how old someone says they are."""
    if person.age_group is None:
        return str(_("not said yet"))
    return str(_("16 or 17") if person.age_group == AgeGroup.MINOR else _("18 or over"))


def _told(held: HeldQualification | None) -> dict[str, Any]:
    """Return what to fill the form with: what they said, and its last day unless that is over."""
    if held is None:
        return {}
    lasts = service.lasts(held.expires_on, local_date(now()))
    return {"detail": held.detail, "expires_on": held.expires_on if lasts else None}


def _find(person_id: int) -> Person:
    found = db.session.get(Person, person_id)
    if found is None or found.deleted_at is not None:
        raise NotFound(msg("There is no such account."))
    return found


def _back(person_id: int) -> str:
    return safe_path(request.form.get("back"), f"/volunteers/{person_id}/qualifications")
