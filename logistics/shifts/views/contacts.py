"""The page of whom to call for a shift's crew. To look at one is a POST: it is written down."""

from flask import render_template
from flask_login import current_user

from ...db import db
from ...errors import Conflict
from ...people.access import Permission, may, requires
from ...web.i18n import translate
from .. import listing
from ..day import contacts
from .blueprint import bp


@bp.get("/shifts/<int:shift_id>/contacts")
@requires(Permission.TAKE_SHIFTS)
def emergency_contacts(shift_id: int) -> tuple[str, int]:
    """List the crew, to its lead and to coordinators around the shift, with a button for each."""
    return _page(shift_id)


@bp.post("/shifts/<int:shift_id>/contacts/<int:person_id>")
@requires(Permission.TAKE_SHIFTS)
def look_at_contact(shift_id: int, person_id: int) -> tuple[str, int]:
    """Show whom to call for one person, and write down that it was looked at."""
    try:
        found = contacts.look(
            actor_id=current_user.id,
            coordinates=may(Permission.PLAN_SHIFTS),
            shift_id=shift_id,
            person_id=person_id,
        )
    except Conflict:
        return _page(shift_id)
    return _page(shift_id, person_id, found)


def _page(shift_id: int, person_id: int = 0, found: dict[str, str] | None = None) -> tuple[str, int]:
    shift = listing.get(db.session, shift_id)
    refusal = ""
    try:
        contacts.refuse(db.session, shift, current_user.id, may(Permission.PLAN_SHIFTS))
    except Conflict as error:
        refusal = translate(error.message)
    return (
        render_template(
            "shifts/contacts.html",
            shift=shift,
            refusal=refusal,
            crew=[] if refusal else contacts.crew(db.session, shift_id),
            shown=person_id,
            found=found,
        ),
        409 if refusal else 200,
    )
