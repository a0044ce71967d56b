"""Bringing goods: where and when, what is welcome now, booking a time, and the private page of what was booked."""

from typing import Any

from flask import flash, make_response, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ..commands import Command
from ..db import db
from ..errors import DomainError
from ..paging import paginate
from ..stock.arriving import booking, deliveries, drop_offs, slots, stop_signs, things, words
from ..stock.arriving.forms import BookForm, TimeForm
from ..stock.arriving.models import Delivery, DeliveryState, DropOff
from ..web.asked import page_number
from ..web.filters import either
from ..web.forms import BaseForm
from ..web.i18n import spoken, translate
from ..web.permission import everyone
from ..web.redirects import see_other
from ..web.security import limiter
from .blueprint import bp
from .needs import most_needed

SHOWN_NEEDS = 8
LIMIT = "20 per minute; 100 per hour"


@bp.get("/drop-off")
@everyone
def drop_off_list() -> str:
    """List the places where goods can be brought."""
    page = paginate(db.session, drop_offs.open_points(), page_number())
    return render_template("public/drop_offs.html", page=page, told=told)


@bp.get("/drop-off/<slug>")
@everyone
def drop_off(slug: str) -> str:
    """Show one place: where, when, what it takes, what is not wanted now, and what is needed most."""
    point = drop_offs.by_slug(db.session, slug)
    return render_template(
        "public/drop_off.html",
        point=point,
        times=slots.offered(db.session, point.id)[:3] if point.closed_at is None else [],
        needs=most_needed(db.session, SHOWN_NEEDS),
        stopped=stop_signs.stopped(db.session),
        told=told,
        whole_name=words.whole_name,
    )


def told(point: DropOff, what: str) -> str:
    """Return the hours of a place, or what it takes, in the page's language where that is given."""
    return either(getattr(point, what), getattr(point, f"{what}_fr"))


@bp.get("/drop-off/<slug>/book")
@everyone
def book(slug: str) -> Response | tuple[str, int]:
    """Ask what is brought, when, and by whom."""
    return _book_page(slug, BookForm())


@bp.post("/drop-off/<slug>/book")
@everyone
@limiter.limit(LIMIT)
def announce(slug: str) -> Response | tuple[str, int]:
    """Book a time for what somebody brings."""
    point_id, form = drop_offs.by_slug(db.session, slug).id, BookForm()
    form.known = things.by_name(db.session)
    actor_id = current_user.id if current_user.is_authenticated else None
    if form.accepts(
        lambda: booking.announce.once(form.token)(
            actor_id=actor_id,
            drop_off_id=point_id,
            slot_id=form.slot_id.data,
            bringer=form.bringer.data,
            name=form.name.data,
            email=form.email.data,
            phone=form.phone.data or "",
            note=form.note.data or "",
            language=spoken(),
            given=form.given,
            warned=form.warned_ids,
        )
    ):
        flash(_("Booked: thank you. We have sent you a mail with a link to this page."))
        return see_other(f"/delivery/{form.result}")
    return _book_page(slug, form)


def _book_page(slug: str, form: BookForm) -> Response | tuple[str, int]:
    point = drop_offs.by_slug(db.session, slug)
    if point.closed_at is not None:
        return see_other(f"/drop-off/{point.slug}")
    form.offer(slots.offered(db.session, point.id), things.by_name(db.session))
    page = render_template(
        "public/book.html",
        point=point,
        form=form,
        things=things.names(db.session),
        stopped=stop_signs.stopped(db.session),
        whole_name=words.whole_name,
    )
    return page, form.status


@bp.get("/delivery/<reference>")
@everyone
def my_delivery(reference: str) -> Response:
    """Show a delivery to whoever has its link."""
    return _delivery_page(deliveries.by_reference(db.session, reference), TimeForm(formdata=None))


@bp.post("/delivery/<reference>/time")
@everyone
@limiter.limit(LIMIT)
def change_time(reference: str) -> Response:
    """Bring it at another time."""
    form = TimeForm()
    if form.accepts(lambda: booking.change_time.once(form.token)(reference=reference, slot_id=form.slot_id.data)):
        flash(_("Your new time is booked. We have sent you a mail."))
        return see_other(f"/delivery/{reference}")
    return _delivery_page(deliveries.by_reference(db.session, reference), form)


@bp.post("/delivery/<reference>/cancel")
@everyone
@limiter.limit(LIMIT)
def cancel_delivery(reference: str) -> Response:
    """Say that it will not come."""
    try:
        _once(booking.cancel)(reference=reference)
    except DomainError as error:
        if error.status == 404:
            raise
        form = TimeForm(formdata=None)
        form.status = error.status
        form.form_errors.append(translate(error.message))
        return _delivery_page(deliveries.by_reference(db.session, reference), form)
    flash(_("Called off. Thank you for telling us."))
    return see_other(f"/delivery/{reference}")


def _once(command: Command[Any, Any]) -> Any:
    return command.once(BaseForm().token)


def _delivery_page(found: Delivery, form: TimeForm) -> Response:
    expected = found.state == DeliveryState.ANNOUNCED
    open_point = found.drop_off is not None and found.drop_off.closed_at is None
    times = slots.offered(db.session, found.drop_off_id or 0) if expected and open_point else []
    form.offer(each for each in times if each.id != found.slot_id)
    page = render_template("public/delivery.html", delivery=found, form=form, words=words)
    answer = make_response(page, form.status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
