"""Transfers: the list of them, preparing and sending one. What arrives has pages in `transfer_arrivals`."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from flask import Response as FlaskResponse
from flask import current_app, flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db
from ...errors import DomainError
from ...paging import paginate
from ...people.access import Permission, may, requires
from ...web.asked import id_asked, page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import day, named, number, stamp
from ...web.forms import BaseForm
from ...web.i18n import spoken
from ...web.redirects import see_other
from .. import finding
from ..labelling.forms import ManyForm, shown
from ..lookup import box_by_code
from ..models import LocationKind, Unit
from ..transfers import arriving, listing, manifest, preparing, sending, words
from ..transfers.forms import (
    NewForm,
    QuantityForm,
    SendForm,
)
from ..transfers.models import Transfer, TransferLine, TransferState
from ..warehouses import warehouses
from ..words import labelled
from .blueprint import bp, one_of
from .scanning import product_name

Answer = Response | str | tuple[str, int]


@bp.get("/stock/transfers")
@requires(Permission.SEE_STOCK)
def transfers() -> Answer:
    """List transfers: what is on the way first."""
    sites = warehouses(db.session)
    site, state = one_of(sites, id_asked("warehouse")), request.args.get("state", "")
    query = listing.find(state, site.id if site else 0)
    if wants_csv():
        header = [_("Transfer"), _("From"), _("To"), _("State"), _("Boxes"), _("Pieces"), _("On the way")]
        header += [_("Prepared"), _("Sent"), _("Closed"), _("Note")]
        return csv_response("transfers.csv", header, _list_rows(query))
    page = paginate(db.session, query, page_number())
    return render_template(
        "stock/transfers_list.html", page=page, sites=sites, site=site, state=state, words=words, finished=FINISHED
    )


FINISHED = (TransferState.CLOSED, TransferState.CANCELLED)


def _list_rows(query: Any) -> Iterator[Sequence[Any]]:
    for each, boxes, pieces, left in db.session.execute(query):
        moments = [stamp(moment) if moment else "" for moment in (each.created_at, each.sent_at, each.ended_at)]
        where = (named(each.source), named(each.target), words.STATES[TransferState(each.state)])
        yield each.id, *where, boxes, pieces, _on_the_way(each, left), *moments, each.note


def _on_the_way(transfer: Transfer, left: int) -> int:
    return left if transfer.state == TransferState.ON_THE_WAY else 0


@bp.get("/stock/transfers/new")
@requires(Permission.MOVE_STOCK)
def new_transfer() -> Answer:
    """Show the form for a new transfer; `box` names what shall go."""
    form = NewForm()
    code, chosen = request.args.get("box", ""), 0
    if code:
        box = box_by_code(db.session, code)
        places = finding.places_of(db.session, box.id)
        chosen = next((at.warehouse_id for at in places if at.kind == LocationKind.SHELF and at.quantity), 0)
        form.codes.data = box.code
    return _new_page(form, chosen)


@bp.post("/stock/transfers/new")
@requires(Permission.MOVE_STOCK)
def prepare_transfer() -> Answer:
    """Begin a transfer."""
    form, actor_id = NewForm(), current_user.id
    form.offer_sites(warehouses(db.session))
    if form.accepts(
        lambda: preparing.prepare.once(form.token)(
            actor_id=actor_id,
            from_id=form.from_id.data,
            to_id=form.to_id.data,
            note=form.note.data or "",
            codes=form.list,
        )
    ):
        return see_other(transfer_path(form.result))
    return _new_page(form)


def _new_page(form: NewForm, chosen: int = 0) -> tuple[str, int]:
    sites = warehouses(db.session)
    form.offer_sites(sites, chosen)
    return render_template("stock/transfers_new.html", form=form, sites=sites, shown=shown), form.status


@bp.get("/stock/transfers/<int:transfer_id>")
@requires(Permission.SEE_STOCK)
def transfer(transfer_id: int) -> Answer:
    """Show one transfer, and what can be done with it."""
    found = listing.get(db.session, transfer_id)
    if wants_csv():
        return _lines_csv(found)
    return _page(found)


def _page(found: Transfer, sent: Any = None, line_id: int = 0) -> tuple[str, int]:
    """Show a transfer; with a form that was refused, as it was filled in."""
    lines = preparing.lines_of(db.session, found.id)
    preparing_it = found.state == TransferState.PREPARED and may(Permission.MOVE_STOCK)
    page = render_template(
        "stock/transfer.html",
        transfer=found,
        lines=lines,
        boxes=len({line.box_id for line in lines}),
        pieces=sum(line.quantity for line in lines if _in_pieces(line)),
        left=sum(line.left for line in lines if _in_pieces(line)),
        happened=_acts(found),
        adding=sent if isinstance(sent, ManyForm) else ManyForm(formdata=None) if preparing_it else None,
        sent=sent,
        refused=sent.lines if isinstance(sent, SendForm) else {},
        line_id=line_id,
        words=words,
        shown=shown,
        may_move=may(Permission.MOVE_STOCK),
    )
    return page, sent.status if sent else 200


def _acts(found: Transfer) -> list[list[Any]]:
    """Return what was written of a transfer, act by act, the newest first."""
    acts: dict[int, list[Any]] = {}
    if found.sent_at is not None:
        for row in listing.happened(db.session, found.id):
            acts.setdefault(row.act, []).append(row)
    return [sorted(rows, key=lambda row: row.id) for rows in acts.values()]


def _in_pieces(line: TransferLine) -> bool:
    """Return whether a line counts in a sum of pieces; what is weighed does not."""
    return line.box.size.product.unit == Unit.PIECE


def _lines_csv(found: Transfer) -> Response:
    header = [_("Transfer"), _("Box"), _("Product"), _("Size"), _("Shelf"), _("Sent"), _("Received")]
    header += [_("Came back"), _("Missing"), _("Found"), _("On the way")]
    rows = (
        (
            found.id,
            line.box.code,
            product_name(line.box.size.product),
            labelled(line.box.size.label),
            line.shelf.name,
            line.quantity,
            line.received,
            line.returned,
            line.missing,
            line.extra,
            _on_the_way(found, line.left),
        )
        for line in preparing.lines_of(db.session, found.id)
    )
    return csv_response(f"transfer-{found.id}.csv", header, rows)


@bp.post("/stock/transfers/<int:transfer_id>/boxes")
@requires(Permission.MOVE_STOCK)
def add_to_transfer(transfer_id: int) -> Answer:
    """Put boxes on a transfer by their codes."""
    form = ManyForm()
    return _done(transfer_id, form, lambda: _add(transfer_id, form, form.list))


def _add(transfer_id: int, form: Any, codes: Sequence[str]) -> None:
    added = preparing.add_boxes.once(form.token)(actor_id=current_user.id, transfer_id=transfer_id, codes=codes)
    if added:
        flash(ngettext("%(num)d line is new on the list.", "%(num)d lines are new on the list.", added))
    else:
        flash(_("All of that was on the list already."))


@bp.get("/stock/transfers/<int:transfer_id>/choose")
@requires(Permission.MOVE_STOCK)
def choose_for_transfer(transfer_id: int) -> Answer:
    """Show the boxes of the warehouse it leaves, to be ticked."""
    found = listing.get(db.session, transfer_id)
    if found.state != TransferState.PREPARED:
        return see_other(transfer_path(found.id))
    return _choose_page(found, BaseForm())


@bp.post("/stock/transfers/<int:transfer_id>/choose")
@requires(Permission.MOVE_STOCK)
def add_chosen(transfer_id: int) -> Answer:
    """Put the boxes that were ticked on a transfer."""
    form, codes = BaseForm(), [code[:40] for code in request.form.getlist("codes")]
    if form.accepts(lambda: _add(transfer_id, form, codes)):
        return see_other(transfer_path(transfer_id))
    db.session.rollback()
    found = listing.get(db.session, transfer_id)
    if found.state != TransferState.PREPARED:
        return told_there(found, form)
    return _choose_page(found, form)


def _choose_page(found: Transfer, form: BaseForm) -> tuple[str, int]:
    wanted = finding.BoxFilter(finding.search_boxes(db.session, searched()), found.from_id)
    page = finding.BOXES.page(db.session, wanted, page_number())
    listed = {line.box.code for line in preparing.lines_of(db.session, found.id)}
    answer = render_template(
        "stock/transfers_choose.html", transfer=found, form=form, page=page, wanted=wanted, listed=listed
    )
    return answer, form.status


@bp.post("/stock/transfers/<int:transfer_id>/lines/<int:line_id>")
@requires(Permission.MOVE_STOCK)
def change_transfer_line(transfer_id: int, line_id: int) -> Answer:
    """Say how many of a line shall go."""
    form = QuantityForm()
    offer_product(form, transfer_id, line_id)
    return _done(
        transfer_id,
        form,
        lambda: preparing.change_line.once(form.token)(
            actor_id=current_user.id, transfer_id=transfer_id, line_id=line_id, quantity=form.quantity.data or 0
        ),
        line_id=line_id,
    )


@bp.post("/stock/transfers/<int:transfer_id>/lines/<int:line_id>/remove")
@requires(Permission.MOVE_STOCK)
def remove_transfer_line(transfer_id: int, line_id: int) -> Answer:
    """Take a line off a transfer."""
    form = BaseForm()
    return _done(
        transfer_id,
        form,
        lambda: preparing.remove_line.once(form.token)(
            actor_id=current_user.id, transfer_id=transfer_id, line_id=line_id
        ),
    )


@bp.post("/stock/transfers/<int:transfer_id>/send")
@requires(Permission.MOVE_STOCK)
def send_transfer(transfer_id: int) -> Answer:
    """Send a transfer."""
    form = SendForm()
    return _done(
        transfer_id,
        form,
        lambda: sending.send.once(form.token)(actor_id=current_user.id, transfer_id=transfer_id),
        _("Sent: it is on the way now."),
    )


@bp.post("/stock/transfers/<int:transfer_id>/cancel")
@requires(Permission.MOVE_STOCK)
def cancel_transfer(transfer_id: int) -> Answer:
    """Call a transfer off that was not sent."""
    form = BaseForm()
    return _done(
        transfer_id,
        form,
        lambda: preparing.cancel.once(form.token)(actor_id=current_user.id, transfer_id=transfer_id),
        _("Called off: nothing moves."),
    )


@bp.post("/stock/transfers/<int:transfer_id>/take-back")
@requires(Permission.MOVE_STOCK)
def take_transfer_back(transfer_id: int) -> Answer:
    """Put what is on the way back where it came from: all of it."""
    return _take_back(transfer_id, 0)


@bp.post("/stock/transfers/<int:transfer_id>/lines/<int:line_id>/take-back")
@requires(Permission.MOVE_STOCK)
def take_transfer_line_back(transfer_id: int, line_id: int) -> Answer:
    """Put what of one line is on the way back where it came from."""
    if line_id == 0:
        raise NotFound
    return _take_back(transfer_id, line_id)


def _take_back(transfer_id: int, line_id: int) -> Answer:
    form = BaseForm()
    return _done(
        transfer_id,
        form,
        lambda: sending.take_back.once(form.token)(actor_id=current_user.id, transfer_id=transfer_id, line_id=line_id),
        _("Back on the shelves where it stood."),
    )


@bp.post("/stock/transfers/<int:transfer_id>/undo/<int:movement_id>")
@requires(Permission.MOVE_STOCK)
def undo_transfer(transfer_id: int, movement_id: int) -> Answer:
    """Undo what was written of a transfer since it was sent."""
    form = BaseForm()
    return _done(
        transfer_id,
        form,
        lambda: arriving.undo.once(form.token)(
            actor_id=current_user.id, transfer_id=transfer_id, movement_id=movement_id
        ),
        _("Undone."),
    )


def _done(transfer_id: int, form: Any, action: Any, said: str = "", line_id: int = 0) -> Answer:
    """Do something with a transfer and go back to its page; say there what was refused."""
    if form.accepts(action):
        if said:
            flash(said)
        return see_other(transfer_path(transfer_id))
    db.session.rollback()
    return _page(listing.get(db.session, transfer_id), form, line_id)


def offer_product(form: Any, transfer_id: int, line_id: int) -> None:
    """Say of which product a quantity is; whether there is such a line, the service says."""
    with suppress(DomainError):
        form.quantity.offer(preparing.line_of(db.session, transfer_id, line_id).box.size.product)


def told_there(found: Transfer, form: Any) -> Response:
    """Say on the page of a transfer why it can't be done any more."""
    for text in form.form_errors:
        flash(text, "warn")
    return see_other(transfer_path(found.id))


@bp.get("/stock/transfers/<int:transfer_id>/manifest.pdf")
@requires(Permission.SEE_STOCK)
def transfer_manifest(transfer_id: int) -> FlaskResponse:
    """Give the paper that goes with a transfer."""
    found = listing.get(db.session, transfer_id)
    lines = preparing.lines_of(db.session, found.id)
    settings = current_app.extensions["shoreline_settings"]
    rows = [
        manifest.Row(
            line.box.code,
            product_name(line.box.size.product),
            labelled(line.box.size.label),
            line.shelf.name,
            number(line.quantity),
        )
        for line in lines
    ]
    boxes = len({line.box_id for line in lines})
    pieces = sum(line.quantity for line in lines if _in_pieces(line))
    said = manifest.Words(
        language=spoken(),
        charity=settings.org_name,
        title=_("Transfer %(number)s", number=found.id),
        facts=[
            _("From %(source)s to %(target)s", source=named(found.source), target=named(found.target)),
            _("Sent on %(day)s", day=day(found.sent_at)) if found.sent_at else _("Not sent yet"),
            *([found.note] if found.note else []),
        ],
        columns=[_("Box"), _("Product"), _("Size"), _("Shelf"), _("How many"), _("Arrived")],
        total=f"{ngettext('%(num)d box', '%(num)d boxes', boxes)}, "
        + ngettext("%(count)s piece", "%(count)s pieces", pieces, count=number(pieces)),
        signatures=[_("Sent by"), _("Received by")],
        address=f"{settings.base_url}{transfer_path(found.id)}",
    )
    pdf = manifest.draw(said, rows, found.sent_at or now())
    return FlaskResponse(
        pdf,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="transfer-{found.id}.pdf"'},
    )


def transfer_path(transfer_id: int) -> str:
    """Return the address of a transfer's page."""
    return f"/stock/transfers/{transfer_id}"
