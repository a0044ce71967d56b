"""What shifts ask about oneself: how old one is, and whom to call in an emergency."""

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...db import db
from ...web.permission import signed_in
from ...web.redirects import safe_path, see_other
from .. import contacts
from ..forms import PlainForm
from ..models import Person
from ..volunteer_forms import AgeForm, ContactForm
from .blueprint import bp
from .coming_from import shift_asked_from

Answer = Response | tuple[str, int]


@bp.get("/my/details")
@signed_in
def details() -> Answer:
    """Show what shifts ask about oneself, the first thing that is missing first."""
    return _page()


@bp.post("/my/details/age")
@signed_in
def say_age() -> Answer:
    """Say that one is 18 or over, or 16 or 17."""
    form = AgeForm()
    if form.accepts(lambda: contacts.say_age.once(form.token)(actor_id=current_user.id, age_group=form.age_group.data)):
        flash(_("Saved."))
        return see_other(safe_path(form.next.data, url_for("people.details")))
    return _page(age=form)


@bp.post("/my/details/contact")
@signed_in
def set_contact() -> Answer:
    """Say whom to call in an emergency."""
    form = ContactForm()

    def change() -> None:
        contacts.set_contact.once(form.token)(
            actor_id=current_user.id,
            name=form.name.data,
            phone=form.phone.data,
            relation=form.relation.data or "",
        )

    if form.accepts(change):
        flash(_("Saved. Only the lead of your shift and coordinators see it, around the shift."))
        return see_other(url_for("people.details"))
    return _page(contact=form)


@bp.post("/my/details/contact/remove")
@signed_in
def remove_contact() -> Response:
    """Keep nobody to call any more."""
    contacts.remove_contact(actor_id=current_user.id)
    flash(_("Removed. We have nobody to call for you now."))
    return see_other(url_for("people.details"))


def _page(age: AgeForm | None = None, contact: ContactForm | None = None) -> Answer:
    status = (age or contact or PlainForm()).status
    me, whom = db.session.get_one(Person, current_user.id), contacts.contact_of(db.session, current_user.id)
    return (
        render_template(
            "people/details.html",
            me=me,
            whom=whom,
            age=age or AgeForm(data={"age_group": me.age_group, "next": shift_asked_from()}),
            contact=contact or ContactForm(obj=whom),
        ),
        status,
    )
