"""What one gets mail about: a page for those signed in, and the link in each mail that nobody need have."""

from flask import Response as FlaskResponse
from flask import current_app, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import BooleanField

from ...db import db
from ...errors import NotFound, msg
from ...outbox.unsubscribing import read_token
from ...web.forms import BaseForm
from ...web.permission import everyone, signed_in
from ...web.redirects import see_other
from ...web.security import csrf
from .. import wishes
from ..models import Person
from ..wishes import Topic
from .blueprint import bp

Answer = Response | tuple[str, int]

NAMES = {
    Topic.CALL_OUTS: _l("Call-outs, when a shift that you could do is short of people"),
    Topic.REMINDERS: _l("A reminder the evening before each of your shifts"),
    Topic.THANKS: _l("A thank-you the morning after"),
}


class MessagesForm(BaseForm):
    """What one wants mail about."""

    call_outs = BooleanField(
        NAMES[Topic.CALL_OUTS], description=_l("Only for shifts at times when you are free. Who says yes first has it.")
    )
    reminders = BooleanField(NAMES[Topic.REMINDERS], description=_l("With where, when and what to bring."))
    thanks = BooleanField(NAMES[Topic.THANKS])


@bp.get("/my/messages")
@signed_in
def messages() -> Answer:
    """Show what one gets mail about."""
    me = db.session.get_one(Person, current_user.id)
    return _page(MessagesForm(data={topic: wishes.wants(me, topic) for topic in Topic}))


@bp.post("/my/messages")
@signed_in
def change_messages() -> Answer:
    """Say what one wants mail about."""
    form = MessagesForm()

    def change() -> None:
        chosen = {topic.value: bool(form[topic].data) for topic in Topic}
        wishes.change.once(form.token)(actor_id=current_user.id, **chosen)

    if not form.accepts(change):
        return _page(form)
    flash(_("Saved."))
    return see_other(url_for("people.messages"))


def _page(form: MessagesForm) -> Answer:
    return render_template("people/messages.html", form=form), form.status


@bp.get("/unsubscribe/<token>")
@everyone
def unsubscribe_page(token: str) -> str:
    """Show a button that stops one kind of mail; or, once it is stopped, one that brings it back."""
    person_id, topic = _read(token)
    person = db.session.get(Person, person_id)
    if person is None or person.deleted_at is not None:
        raise NotFound(msg("There is no such account."))
    return render_template(
        "people/unsubscribe.html", token=token, wanted=wishes.wants(person, topic), what=NAMES[Topic(topic)]
    )


@bp.post("/unsubscribe/<token>")
@everyone
def unsubscribe(token: str) -> Response:
    """Stop one kind of mail, or bring it back. A mail program that sends this itself (RFC 8058) gets a plain answer."""
    person_id, topic = _read(token)
    wishes.want(person_id=person_id, topic=topic, wanted=request.form.get("wanted") == "yes")
    if "List-Unsubscribe" in request.form:
        return FlaskResponse("Unsubscribed.\n", 200, content_type="text/plain; charset=utf-8")
    return see_other(url_for("people.unsubscribe_page", token=token))


# A mail program has no form of ours, so no CSRF token. The signed token in the address says whose mail it is about,
# and nobody but that mail's readers has it; the worst that its holder can do is to stop reminders.
csrf.exempt(unsubscribe)


def _read(token: str) -> tuple[int, str]:
    found = read_token(current_app.extensions["shoreline_settings"].secret_key, token)
    if found is None or found[1] not in set(Topic):
        raise NotFound(msg("This link is not whole. Open it again from the mail, or sign in and choose there."))
    return found
