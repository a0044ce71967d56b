"""Pages that several people watch and tap at once: they ask for news every few seconds, and survive a lost connection.

Such a page is a frame (with its form, the CSRF token and the idempotency key) around what changes. `static/live.js`
asks for the latter alone (?live=1) under its ETag, so that an unchanged one is answered 304 and not drawn again.
Without scripts it is an ordinary page with ordinary forms.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from ...errors import DomainError, NotFound, msg
from ...web.asked import number_in
from ...web.forms import BaseForm
from ...web.i18n import translate
from ...web.redirects import see_other

LIVE = "X-Live"  # says that an answer is what a live page asked for, and not, say, the sign-in page


@dataclass(frozen=True)
class Tap:
    """What a button says: "arrived:12:34:expected" is what, of which shift and person, and the standing shown."""

    what: str
    shift_id: int
    person_id: int
    seen: str


def tapped() -> Tap:
    """Return what was tapped. Raises NotFound for what no button says."""
    what, *rest = request.form.get("do", "").split(":")
    if len(rest) != 3:
        raise NotFound(msg("There is no such step."))
    return Tap(what[:20], number_in(rest[0]), number_in(rest[1]), rest[2][:20])


def page(frame: str, part: str, read: Callable[[], dict[str, Any]]) -> Response:
    """Answer with the whole page, or with the part that changes if that is asked for."""
    values = read()
    drawn = render_template(part, **values)
    etag = hashlib.sha256(drawn.encode()).hexdigest()[:24]
    if "live" not in request.args:
        return make_response(render_template(frame, form=BaseForm(), drawn=Markup(drawn), etag=etag, **values))
    answer = make_response(drawn)
    answer.set_etag(etag)
    answer.headers[LIVE] = "yes"
    return answer.make_conditional(request)


def act(
    do: Callable[[BaseForm], str], frame: str, part: str, read: Callable[[], dict[str, Any]], back: str
) -> Response:
    """Do what was tapped and answer: to a script with how things now stand, else by going back to the page.

    `do` returns a sentence that says what was done. A refusal is said in words, above how things now stand.
    """
    form, said, status = BaseForm(), "", 200
    try:
        said = do(form)
    except DomainError as refusal:
        said, status = refused(refusal), refusal.status
    if "HX-Request" in request.headers:
        values = read()
        drawn = render_template(part, **values) + render_template("shifts/live_said.html", said=said, ok=status == 200)
        answer = make_response(drawn, status)
        answer.headers[LIVE] = "yes"
        return answer
    if status == 200:
        flash(said)
        return see_other(back)
    values = read()
    drawn = render_template(part, **values)
    fresh = BaseForm(formdata=None)
    whole = render_template(frame, form=fresh, drawn=Markup(drawn), etag="", refusal=said, **values)
    return make_response(whole, status)


def refused(refusal: DomainError) -> str:
    """Return why something was not done, in words."""
    return translate(refusal.message)
