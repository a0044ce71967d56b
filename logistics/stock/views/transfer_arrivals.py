"""What arrives of a transfer: receiving it, and writing down what is missing or came beyond."""

from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.exceptions import NotFound

from ...db import db
from ...errors import DomainError
from ...paging import PAGE_SIZE, Page, last_page
from ...people.access import Permission, requires
from ...web.asked import page_number
from ...web.redirects import see_other
from ..counts.takes import shelves_of
from ..transfers import arriving, listing, preparing
from ..transfers.forms import (
    MissingForm,
    MoreForm,
    arrived,
    receive_form,
)
from ..transfers.models import Transfer, TransferLine, TransferState
from .blueprint import bp
from .transfers import Answer, offer_product, told_there, transfer_path


@bp.get("/stock/transfers/<int:transfer_id>/receive")
@requires(Permission.MOVE_STOCK)
def receive_transfer(transfer_id: int) -> Answer:
    """Show what is on the way, to say what arrived."""
    found = listing.get(db.session, transfer_id)
    if found.state != TransferState.ON_THE_WAY:
        return see_other(transfer_path(found.id))
    page = _expected(found)
    return _receive_page(found, page, receive_form(page.rows, shelves_of(db.session, found.to_id)))


def _expected(found: Transfer) -> Page[TransferLine]:
    """Return a page of the lines that are on the way: each of them is drawn with all shelves to choose from."""
    lines = [line for line in preparing.lines_of(db.session, found.id) if line.left]
    number = min(page_number(), last_page(len(lines)))
    return Page(lines[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], number, len(lines))


@bp.post("/stock/transfers/<int:transfer_id>/receive")
@requires(Permission.MOVE_STOCK)
def receive_of_transfer(transfer_id: int) -> Answer:
    """Put what arrived on shelves."""
    found, actor_id = listing.get(db.session, transfer_id), current_user.id
    said = [line for line in preparing.lines_of(db.session, found.id) if f"seen_{line.id}" in request.form]
    form = receive_form(said, shelves_of(db.session, found.to_id))
    if form.accepts(
        lambda: arriving.receive.once(form.token)(
            actor_id=actor_id,
            transfer_id=transfer_id,
            shelf_id=form.shelf_id.data,
            arrived=arrived(form, said),
            everything=form.everything.data,
        )
    ):
        flash(ngettext("%(num)d is on the shelf now.", "%(num)d are on the shelves now.", form.result))
        return see_other(transfer_path(transfer_id))
    db.session.rollback()
    found = listing.get(db.session, transfer_id)
    if found.state != TransferState.ON_THE_WAY:
        return told_there(found, form)
    page = _expected(found)
    shown = [line for line in preparing.lines_of(db.session, found.id) if line.left and f"seen_{line.id}" in form]
    return _receive_page(found, Page(shown, page.number, page.total), form)


def _receive_page(found: Transfer, page: Page[TransferLine], form: Any) -> tuple[str, int]:
    for line in page.rows:
        form[f"seen_{line.id}"].data = line.left
    return render_template("stock/transfers_receive.html", transfer=found, page=page, form=form), form.status


@bp.get("/stock/transfers/<int:transfer_id>/lines/<int:line_id>/missing")
@requires(Permission.MOVE_STOCK)
def ask_missing(transfer_id: int, line_id: int) -> Answer:
    """Ask why some of a line did not arrive."""
    found, line = _line(transfer_id, line_id)
    if found.state != TransferState.ON_THE_WAY or not line.left:
        return see_other(transfer_path(found.id))
    form = MissingForm()
    form.quantity.offer(line.box.size.product)
    form.quantity.data = line.left
    return _missing_page(found, line, form)


@bp.post("/stock/transfers/<int:transfer_id>/lines/<int:line_id>/missing")
@requires(Permission.MOVE_STOCK)
def explain_missing(transfer_id: int, line_id: int) -> Answer:
    """Write off what of a line did not arrive."""
    form, actor_id = MissingForm(), current_user.id
    offer_product(form, transfer_id, line_id)
    if form.accepts(
        lambda: arriving.explain.once(form.token)(
            actor_id=actor_id,
            transfer_id=transfer_id,
            line_id=line_id,
            seen=form.seen.data,
            quantity=form.quantity.data or 0,
            reason=form.reason.data or "",
            note=form.note.data or "",
        )
    ):
        flash(_("Written down as missing."))
        return see_other(transfer_path(transfer_id))
    db.session.rollback()
    found, line = _line(transfer_id, line_id)
    if found.state != TransferState.ON_THE_WAY:
        return told_there(found, form)
    return _missing_page(found, line, form)


def _missing_page(found: Transfer, line: TransferLine, form: MissingForm) -> tuple[str, int]:
    form.seen.data = line.left
    page = render_template("stock/transfers_differ.html", transfer=found, line=line, form=form, missing=True)
    return page, form.status


@bp.get("/stock/transfers/<int:transfer_id>/lines/<int:line_id>/more")
@requires(Permission.MOVE_STOCK)
def ask_more(transfer_id: int, line_id: int) -> Answer:
    """Ask how many more of a line arrived than were sent."""
    found, line = _line(transfer_id, line_id)
    if found.sent_at is None:
        return see_other(transfer_path(found.id))
    form = MoreForm()
    form.quantity.offer(line.box.size.product)
    return _more_page(found, line, form)


@bp.post("/stock/transfers/<int:transfer_id>/lines/<int:line_id>/more")
@requires(Permission.MOVE_STOCK)
def write_more(transfer_id: int, line_id: int) -> Answer:
    """Write down that more of a line arrived than was sent."""
    found, line = _line(transfer_id, line_id)
    form, actor_id = MoreForm(), current_user.id
    form.quantity.offer(line.box.size.product)
    form.shelf_id.offer([(shelf.id, shelf.name) for shelf in shelves_of(db.session, found.to_id)])
    if form.accepts(
        lambda: arriving.find_more.once(form.token)(
            actor_id=actor_id,
            transfer_id=transfer_id,
            line_id=line_id,
            quantity=form.quantity.data or 0,
            shelf_id=form.shelf_id.data,
            reason=form.reason.data or "",
            note=form.note.data or "",
        )
    ):
        flash(_("Written down: they are on the shelf."))
        return see_other(transfer_path(transfer_id))
    db.session.rollback()
    return _more_page(*_line(transfer_id, line_id), form)


def _more_page(found: Transfer, line: TransferLine, form: MoreForm) -> tuple[str, int]:
    form.shelf_id.offer([(shelf.id, shelf.name) for shelf in shelves_of(db.session, found.to_id)])
    page = render_template("stock/transfers_differ.html", transfer=found, line=line, form=form, missing=False)
    return page, form.status


def _line(transfer_id: int, line_id: int) -> tuple[Transfer, TransferLine]:
    try:
        return listing.get(db.session, transfer_id), preparing.line_of(db.session, transfer_id, line_id)
    except DomainError:
        raise NotFound from None
