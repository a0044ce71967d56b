"""Stock-takes: the list of them, starting one, counting, and reviewing what was found."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from ...db import db
from ...distributions.models import Site
from ...errors import DomainError
from ...paging import paginate
from ...people.access import Permission, may, requires
from ...web.asked import id_asked, page_number, wants_csv
from ...web.csv import csv_response
from ...web.filters import either, named, stamp
from ...web.forms import BaseForm
from ...web.redirects import see_other
from .. import finding
from ..counting import CorrectionReason
from ..counts import counted as counted_service
from ..counts import listing, posting, reviewing, takes, words
from ..counts.forms import FoundForm, NumberForm, StartForm, chosen, review_form
from ..counts.listing import Show
from ..counts.models import Scope, StockTake, StockTakeState
from ..lookup import any_shelf, box_by_code, product_with_sizes
from ..models import LocationKind
from ..warehouses import warehouses
from ..words import CORRECTIONS, labelled
from .blueprint import bp, one_of


@bp.get("/stock/takes")
@requires(Permission.SEE_STOCK)
def stock_takes() -> str:
    """List stock-takes, the open ones first."""
    sites = warehouses(db.session)
    site = one_of(sites, id_asked("warehouse"))
    page = paginate(db.session, listing.find(site.id if site else 0), page_number())
    return render_template("stock/counts_list.html", page=page, sites=sites, site=site, words=words)


@bp.get("/stock/takes/new")
@requires(Permission.MOVE_STOCK)
def new_stock_take() -> Response | tuple[str, int]:
    """Show how to start the stock-take of a shelf, a product or a box; without any, where to find one."""
    if not request.args.keys() & {"shelf", "product", "box"}:
        return see_other("/stock/takes")
    thing = _asked()
    return _new_page(thing, _start_form(thing))


@bp.post("/stock/takes/new")
@requires(Permission.MOVE_STOCK)
def start_stock_take() -> Response | tuple[str, int]:
    """Start a stock-take and go to its first box."""
    thing = _asked()
    form, actor_id = _start_form(thing), current_user.id
    named_by = {"location_id": thing.location_id or 0, "product_id": thing.product_id or 0}
    code, scope = thing.box.code if thing.box else "", thing.scope
    if form.accepts(
        lambda: takes.start.once(form.token)(
            actor_id=actor_id,
            scope=scope,
            warehouse_id=form.warehouse_id.data if form.warehouse_id else 0,
            code=code,
            blind=form.blind.data,
            note=form.note.data or "",
            **named_by,
        )
    ):
        return see_other(_path(form.result))
    return _new_page(_asked(), form)


def _asked() -> StockTake:
    """Return what the address asks to count, as a stock-take that is not kept. Raises NotFound."""
    try:
        if shelf_id := id_asked("shelf"):
            shelf = any_shelf(db.session, shelf_id, "location_id")
            return StockTake(scope=Scope.SHELF, location=shelf, location_id=shelf.id)
        if product_id := id_asked("product"):
            product = product_with_sizes(db.session, product_id)
            return StockTake(scope=Scope.PRODUCT, product=product, product_id=product.id)
        box = box_by_code(db.session, request.args.get("box", ""))
        return StockTake(scope=Scope.BOX, box=box, box_id=box.id)
    except DomainError:
        raise NotFound from None


def _query(thing: StockTake) -> str:
    if thing.location_id:
        return urlencode({"shelf": thing.location_id})
    return urlencode({"product": thing.product_id} if thing.box is None else {"box": thing.box.code})


def _start_form(thing: StockTake) -> StartForm:
    form = StartForm()
    sites: Sequence[Site] = [] if thing.location_id else warehouses(db.session)
    here = 0
    if thing.box_id:
        places = finding.places_of(db.session, thing.box_id)
        here = next((at.warehouse_id for at in places if at.kind == LocationKind.SHELF and at.quantity), 0)
    form.offer(sites, here)
    return form


def _new_page(thing: StockTake, form: StartForm) -> tuple[str, int]:
    same = {"location_id": thing.location_id, "product_id": thing.product_id, "box_id": thing.box_id}
    page = render_template(
        "stock/counts_new.html",
        thing=thing,
        form=form,
        running=takes.open_of(db.session, **same),
        words=words,
        action=f"/stock/takes/new?{_query(thing)}",
    )
    return page, form.status


@bp.get("/stock/takes/<int:take_id>")
@requires(Permission.SEE_STOCK)
def stock_take(take_id: int) -> Response | str | tuple[str, int]:
    """Show what is to be counted; when it has ended, what was found."""
    take = takes.get(db.session, take_id)
    return _counting(take) if take.state == StockTakeState.OPEN else _result(take)


def _counting(take: StockTake, sent: Any = None) -> tuple[str, int]:
    """Show the boxes to count; with a form that was refused, as it was filled in."""
    person_id = current_user.id
    done = listing.progress(db.session, take, person_id)
    show = (
        Show(asked)
        if (asked := request.args.get("show")) in set(Show)
        else Show.COUNTED
        if done.counted and not done.left
        else Show.LEFT
    )
    page = paginate(db.session, listing.sheet(take, person_id, show), page_number())
    shelves = takes.shelves_of(db.session, take.warehouse_id)
    found = sent if isinstance(sent, FoundForm) else FoundForm(formdata=None)
    found.offer(take, shelves)
    numbers = listing.counts(db.session, take, person_id, [(row.box_id, row.location_id) for row in page.rows])
    return (
        render_template(
            "stock/counts_count.html",
            take=take,
            done=done,
            show=show,
            page=page,
            numbers=numbers,
            found=found,
            sent=sent,
            person_id=person_id,
            words=words,
            may_count=may(Permission.MOVE_STOCK),
        ),
        sent.status if sent else 200,
    )


@bp.post("/stock/takes/<int:take_id>/counts")
@requires(Permission.MOVE_STOCK)
def count_listed_box(take_id: int) -> Response | tuple[str, int]:
    """Write down how many of a box on the list are there."""
    return _count(take_id, NumberForm())


@bp.post("/stock/takes/<int:take_id>/found")
@requires(Permission.MOVE_STOCK)
def count_found_box(take_id: int) -> Response | tuple[str, int]:
    """Write down how many of a box that is not on the list are there."""
    take = takes.get(db.session, take_id)
    form = FoundForm()
    form.offer(take, takes.shelves_of(db.session, take.warehouse_id))
    return _count(take_id, form)


def _count(take_id: int, form: Any) -> Response | tuple[str, int]:
    actor_id = current_user.id
    takes.get(db.session, take_id)
    with suppress(DomainError):  # whether there is such a box, the service says
        form.counted.offer(box_by_code(db.session, form.code.data or "").size.product)
    if form.accepts(
        lambda: counted_service.count_box.once(form.token)(
            actor_id=actor_id,
            stock_take_id=take_id,
            code=form.code.data or "",
            location_id=form.location_id.data,
            counted=form.counted.data,
        )
    ):
        flash(_("Box %(code)s: %(count)s counted.", code=form.result, count=form.counted.data))
        return see_other(_back(take_id))
    db.session.rollback()  # it may have ended meanwhile
    take = takes.get(db.session, take_id)
    return _counting(take, form) if take.state == StockTakeState.OPEN else _ended(take, form)


@bp.post("/stock/takes/<int:take_id>/counts/<int:box_id>/<int:shelf_id>/take-back")
@requires(Permission.MOVE_STOCK)
def take_count_back(take_id: int, box_id: int, shelf_id: int) -> Response | tuple[str, int]:
    """Strike one's own number of a box out."""
    form, actor_id = BaseForm(), current_user.id
    if form.accepts(
        lambda: counted_service.take_back.once(form.token)(
            actor_id=actor_id, stock_take_id=take_id, box_id=box_id, location_id=shelf_id
        )
    ):
        flash(_("Box %(code)s is not counted any more.", code=form.result))
        return see_other(_back(take_id))
    return _ended(takes.get(db.session, take_id), form)


def _back(take_id: int) -> str:
    """Return the page of the stock-take that was asked from: the same part of it, and the same place in the list."""
    kept = [f"{name}={request.args[name]}" for name in ("show", "page") if request.args.get(name, "").isalnum()]
    return _path(take_id) + ("?" + "&".join(kept) if kept else "")


def _ended(take: StockTake, form: Any) -> Response | tuple[str, int]:
    """Say what was refused: on the page of counting, or when it has ended meanwhile, on that of what was found."""
    if form.status == 404:
        raise NotFound
    if take.state == StockTakeState.OPEN:
        return _counting(take, form)
    for text in form.form_errors:
        flash(text, "warn")
    return see_other(_path(take.id))


@bp.get("/stock/takes/<int:take_id>/review")
@requires(Permission.MOVE_STOCK)
def review_stock_take(take_id: int) -> Response | str | tuple[str, int]:
    """Show what differs, to be given a reason."""
    take = takes.get(db.session, take_id)
    if take.state != StockTakeState.OPEN:
        return see_other(_path(take_id))
    rows = reviewing.read(db.session, take_id)
    if wants_csv():
        return _csv(take, rows)
    return _review(take, rows, review_form(reviewing.differences(rows)))


@bp.post("/stock/takes/<int:take_id>/review")
@requires(Permission.MOVE_STOCK)
def post_stock_take(take_id: int) -> Response | tuple[str, int]:
    """Write the differences into the ledger."""
    take, rows = takes.get(db.session, take_id), reviewing.read(db.session, take_id)
    differ, actor_id = reviewing.differences(rows), current_user.id
    form = review_form(differ)
    if form.accepts(
        lambda: posting.post.once(form.token)(
            actor_id=actor_id, stock_take_id=take_id, seen=form.seen.data or "", chosen=chosen(form, differ)
        )
    ):
        flash(_("Done: the ledger says what you counted."))
        return see_other(_path(take_id))
    db.session.rollback()
    take, rows = takes.get(db.session, take_id), reviewing.read(db.session, take_id)
    if take.state != StockTakeState.OPEN:
        return _ended(take, form)
    status, errors = form.status, form.form_errors
    if {row.key for row in differ} != {row.key for row in reviewing.differences(rows)}:
        form = review_form(reviewing.differences(rows))  # somebody counted meanwhile
        form.status, form.form_errors = status, errors
    return _review(take, rows, form)


def _review(take: StockTake, rows: list[reviewing.Row], form: Any) -> tuple[str, int]:
    form.seen.data = reviewing.fingerprint(rows)
    differ = reviewing.differences(rows)
    page = render_template(
        "stock/counts_review.html",
        take=take,
        form=form,
        rows=differ,
        agreed=len(rows) - len(differ),
        left=listing.left(db.session, take),
        elsewhere=reviewing.elsewhere(db.session, differ),
        corrected=reviewing.corrected(db.session, take.id),
        words=words,
    )
    return page, form.status


@bp.post("/stock/takes/<int:take_id>/abandon")
@requires(Permission.MOVE_STOCK)
def abandon_stock_take(take_id: int) -> Response | tuple[str, int]:
    """Give a stock-take up."""
    form, actor_id = BaseForm(), current_user.id
    if form.accepts(lambda: takes.abandon.once(form.token)(actor_id=actor_id, stock_take_id=take_id)):
        flash(_("Given up: nothing was changed."))
        return see_other(_path(take_id))
    return _ended(takes.get(db.session, take_id), form)


def _result(take: StockTake) -> Response | str:
    rows = reviewing.read(db.session, take.id)
    if wants_csv():
        return _csv(take, rows)
    return render_template(
        "stock/counts_result.html",
        take=take,
        rows=reviewing.differences(rows),
        agreed=len(rows) - len(reviewing.differences(rows)),
        corrections=CORRECTIONS,
        words=words,
    )


def _csv(take: StockTake, rows: Sequence[reviewing.Row]) -> Response:
    header = [
        _("Box"),
        _("Product"),
        _("Size"),
        _("Warehouse"),
        _("Shelf"),
        _("Who"),
        _("Counted at"),
        _("Number counted"),
    ]
    header += [_("The ledger then"), _("Difference"), _("Written"), _("Reason"), _("Note")]
    return csv_response(f"stock-take-{take.id}.csv", header, _csv_rows(take, rows))


def _csv_rows(take: StockTake, rows: Sequence[reviewing.Row]) -> Iterator[Sequence[Any]]:
    warehouse = named(take.warehouse)
    for row in rows:
        product = row.box.size.product
        for tally in row.tallies:
            count = tally.count
            yield (
                row.box.code,
                either(product.name, product.name_fr),
                labelled(row.box.size.label),
                warehouse,
                row.shelf.name,
                tally.counter,
                stamp(count.counted_at),
                count.counted,
                count.expected,
                tally.more,
                tally.more if count.movement_id else 0,
                CORRECTIONS[CorrectionReason(count.reason)] if count.reason else "",
                count.note,
            )


def _path(take_id: int) -> str:
    return f"/stock/takes/{take_id}"
