"""Giving, as the world sees it: the form, and the page after paying."""

import secrets
from typing import Any

from flask import abort, current_app, make_response, render_template, request, session
from werkzeug.wrappers import Response

from ..config import STRIPE_API, Settings
from ..db import db
from ..errors import DomainError, NotFound, msg
from ..giving.checkout import open_checkout
from ..giving.forms import GiveForm
from ..giving.funds import open_funds
from ..giving.gifts import gift_of, start_gift
from ..giving.models import Gift, GiftState
from ..giving.words import plain_amount
from ..web.i18n import spoken
from ..web.permission import everyone
from ..web.redirects import see_other
from ..web.security import CONTENT_SECURITY_POLICY, limiter
from .blueprint import bp
from .offers import offers

LATEST = "gift"  # in the browser's session: the reference of the gift it started last
LOOKS = (2, 2, 3, 3, 5, 5, 10, 10, 20, 30, 60)  # seconds between one look for the webhook and the next


@bp.get("/give")
@everyone
def give() -> Response:
    """Offer to give; a donor who comes back from the payment page finds what was typed."""
    _settings_or_404()
    gift = _gift_asked("gift")
    if gift is not None and gift.state == GiftState.PAID:
        return see_other(f"/give/thanks?gift={gift.reference}")
    form = GiveForm(open_funds(db.session), data=_typed(gift))
    return _page(form, came_back=gift is not None)


@bp.post("/give")
@everyone
@limiter.limit("30 per minute; 300 per hour")
def start() -> Response:
    """Start a gift and go on to the payment page."""
    settings = _settings_or_404()
    form = GiveForm(open_funds(db.session))
    if not form.accepts(lambda: _start(form)):
        return _page(form)
    session[LATEST] = form.result
    try:
        return see_other(open_checkout(form.result, settings))
    except DomainError as error:
        form.refuse(error)
        form.key.data = secrets.token_urlsafe(16)  # the next try is another gift
        return _page(form)


@bp.get("/give/thanks")
@everyone
def thanks() -> Response:
    """Say how the gift stands; while the webhook is awaited, look again by itself."""
    _settings_or_404()
    gift = _gift_asked("gift")
    if gift is None and request.args.get("gift"):
        raise NotFound(msg("There is no gift with this reference."))
    looks = request.args.get("looks", "0")
    number = int(looks) if looks.isascii() and looks.isdigit() and len(looks) < 3 else 0
    part = "public/gift_state.html" if request.headers.get("HX-Request") else "public/give_thanks.html"
    wait = LOOKS[number] if number < len(LOOKS) else None
    answer = make_response(
        render_template(part, gift=gift, wait=wait, looks=number + 1, practice_banner=True, state=GiftState)
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _start(form: GiveForm) -> str:
    return start_gift.once(form.token)(
        amount=form.minor,
        currency=form.currency.data,
        fund_id=form.fund_id,
        name=form.name.data,
        email=form.clean_email,
        language=spoken(),
    )


def _page(form: GiveForm, came_back: bool = False) -> Response:
    answer = make_response(
        render_template(
            "public/give.html",
            form=form,
            offered=offers(db.session),
            came_back=came_back,
            plain_amount=plain_amount,
            practice_banner=True,
        ),
        form.status,
    )
    # The browser follows the form to the payment page, which in practice may be this host by another name.
    settings: Settings = current_app.extensions["shoreline_settings"]
    beyond = [settings.base_url] + ([settings.stripe_api_base] if settings.stripe_api_base != STRIPE_API else [])
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "form-action 'self'", f"form-action 'self' {' '.join(beyond)}"
    )
    return answer


def _typed(gift: Gift | None) -> dict[str, Any]:
    """Return what the form begins with. Who gave is shown only in the browser that gave."""
    if gift is None:
        return {"fund": request.args.get("fund", "")[:10]}
    values: dict[str, Any] = {
        "amount": plain_amount(gift.amount),
        "currency": gift.currency,
        "fund": str(gift.fund_id),
    }
    if session.get(LATEST) == gift.reference:
        values |= {"name": gift.name, "email": gift.donor.email}
    return values


def _gift_asked(name: str) -> Gift | None:
    reference = request.args.get(name, "")
    if not reference or len(reference) > 40:
        return None
    try:
        return gift_of(db.session, reference)
    except NotFound:
        return None


def _settings_or_404() -> Settings:
    settings: Settings = current_app.extensions["shoreline_settings"]
    if not settings.online_giving:
        abort(404)
    return settings
