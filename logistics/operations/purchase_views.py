"""Purchases: the list, recording one, and what has come of it."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from ..clock import now
from ..db import db, stream
from ..giving import funds
from ..giving.words import decimal_amount
from ..paging import paginate
from ..people.access import Permission, may, requires
from ..stock.models import Product, Size
from ..stock.purchases import receiving
from ..stock.purchases.models import Purchase, PurchaseLine
from ..stock.warehouses import open_shelves
from ..stock.words import for_whom, labelled
from ..web.asked import page_number, searched, wants_csv
from ..web.csv import csv_response
from ..web.filters import local_date, named, sort_key
from ..web.forms import BaseForm
from ..web.redirects import see_other
from . import purchasing
from .blueprint import bp
from .purchase_forms import PurchaseForm, ReceiveLineForm, typed

Answer = Response | str | tuple[str, int]


@bp.get("/purchases")
@requires(Permission.SEE_PURCHASES)
def purchases() -> Answer:
    """List purchases, newest first; those that wait for goods unless all are asked for."""
    words, everything = searched(), request.args.get("show") == "all"
    query = purchasing.find(words, open_only=not everything)
    if wants_csv():
        header = [_("Purchase"), _("Day"), _("From whom"), _("Amount"), _("Currency"), _("Fund")]
        header += [_("Units bought"), _("Came"), _("Closed"), _("Taken back"), _("Note")]
        return csv_response("purchases.csv", header, _csv_rows(query))
    page = paginate(db.session, query, page_number())
    return render_template("operations/purchases.html", page=page, words=words, everything=everything)


def _csv_rows(query: Any) -> Iterator[Sequence[Any]]:
    for each, fund, amount, units, came in stream(db.session, query):
        money = (decimal_amount(amount), each.currency.upper(), named(fund))
        ended = [local_date(at) if at else "" for at in (each.closed_at, each.withdrawn_at)]
        yield each.id, each.bought_on, each.supplier, *money, units, came, *ended, each.note


@bp.route("/purchases/new", methods=["GET", "POST"])
@requires(Permission.RECORD_PURCHASES)
def new_purchase() -> Answer:
    """Record what a fund bought."""
    form, actor_id, sizes = PurchaseForm(bought_on=local_date(now())), current_user.id, _sizes()
    form.offer(funds.all_funds(db.session), funds.standings(db.session), {typed(name): key for name, key in sizes})
    if form.accepts(
        lambda: purchasing.record_purchase.once(form.token)(
            actor_id=actor_id,
            fund_id=int(form.fund.data),
            supplier=form.supplier.data or "",
            currency=form.currency.data,
            total=form.amount.minor or 0,
            bought_on=form.bought_on.data,
            lines=form.lines,
            carriage=form.carriage.minor or 0,
            note=form.note.data or "",
        )
    ):
        flash(_("Recorded. When goods come, put them into boxes here."))
        return see_other(_path(form.result))
    return render_template(
        "operations/purchase_new.html", form=form, things=[name for name, _key in sizes]
    ), form.status


def _sizes() -> list[tuple[str, int]]:
    """Return the sizes of products in use as they may be typed ("Joggers, men: M"), in the page's order."""
    found = db.session.scalars(
        select(Size)
        .join(Size.product)
        .where(Product.closed_at.is_(None))
        .options(joinedload(Size.product))
        .order_by(Size.product_id, Size.position)
    )
    names = [(f"{_product(size.product)}: {labelled(size.label)}", size.id) for size in found]
    return sorted(names, key=lambda each: sort_key(each[0].rpartition(":")[0]))


def _product(product: Product) -> str:
    whom = for_whom(product.gender)
    return f"{named(product)}, {whom}" if whom else named(product)


@bp.get("/purchases/of-spend/<int:spend_id>")
@requires(Permission.SEE_PURCHASES)
def purchase_of_spend(spend_id: int) -> Response:
    """Lead from a spend to the purchase that it paid for."""
    found = purchasing.of_spend(db.session, spend_id)
    if found is None:
        raise NotFound
    return redirect(_path(found))


@bp.get("/purchases/<int:purchase_id>")
@requires(Permission.SEE_PURCHASES)
def purchase(purchase_id: int) -> Answer:
    """Show a purchase, and what has come of it."""
    found = receiving.get(db.session, purchase_id)
    if wants_csv():
        return _lines_csv(found)
    return _page(found)


def _page(found: Purchase, sent: Any = None, line_id: int = 0) -> tuple[str, int]:
    """Show a purchase; with a form that was refused, as it was filled in."""
    line_ids = [line.id for line in found.lines]
    came, fund_and_amount = receiving.received(db.session, line_ids), purchasing.money_of(db.session, found)
    left = {line.id: line.quantity - came.get(line.id, 0) for line in found.lines}
    waits = found.closed_at is None and any(left.values())
    page = render_template(
        "operations/purchase.html",
        purchase=found,
        fund=fund_and_amount[0],
        amount=fund_and_amount[1],
        came=came,
        left=left,
        waits=waits,
        boxes=receiving.boxes_of(db.session, line_ids),
        forms_here=_forms(found, left, sent, line_id) if waits and may(Permission.MOVE_STOCK) else {},
        sent=sent,
        line_id=line_id,
    )
    return page, sent.status if sent else 200


def _forms(found: Purchase, left: dict[int, int], sent: Any, line_id: int) -> dict[int, ReceiveLineForm]:
    shelves, forms = open_shelves(db.session), {}
    for line in found.lines:
        if left[line.id]:
            own = isinstance(sent, ReceiveLineForm) and line.id == line_id
            form = sent if own else ReceiveLineForm(formdata=None, quantity=left[line.id])
            if not own:
                form.offer(shelves, line.size.product)
            form.seen.data = left[line.id]
            for field in form:
                field.id = field.label.field_id = f"{field.short_name}-{line.id}"
            forms[line.id] = form
    return forms


def _lines_csv(found: Purchase) -> Response:
    came = receiving.received(db.session, [line.id for line in found.lines])
    header = [_("Purchase"), _("Product"), _("Size"), _("How many"), _("Packs of"), _("Price each"), _("Currency")]
    header += [_("Units bought"), _("Came")]
    rows = (
        (
            found.id,
            _product(line.size.product),
            labelled(line.size.label),
            line.packs,
            line.pack_size,
            decimal_amount(line.price),
            found.currency.upper(),
            line.quantity,
            came.get(line.id, 0),
        )
        for line in found.lines
    )
    return csv_response(f"purchase-{found.id}.csv", header, rows)


@bp.post("/purchases/<int:purchase_id>/lines/<int:line_id>/receive")
@requires(Permission.MOVE_STOCK)
def receive_purchase(purchase_id: int, line_id: int) -> Answer:
    """Put what came of a line into boxes."""
    form, actor_id = ReceiveLineForm(), current_user.id
    form.offer(open_shelves(db.session), _line(purchase_id, line_id).size.product)
    dated = form.best_before is not None
    best_before, undated = (form.best_before.data, form.undated.data) if dated else (None, False)
    if form.accepts(
        lambda: receiving.receive.once(form.token)(
            actor_id=actor_id,
            purchase_id=purchase_id,
            line_id=line_id,
            seen=form.seen.data,
            quantity=form.quantity.data or 0,
            location_id=form.location_id.data,
            boxes=form.boxes.data or 0,
            code=form.code.data or "",
            best_before=best_before,
            undated=undated,
        )
    ):
        codes = ", ".join(form.result)
        flash(ngettext("In box %(codes)s.", "In boxes %(codes)s.", len(form.result), codes=codes))
        return see_other(_path(purchase_id))
    return _again(purchase_id, form, line_id)


def _line(purchase_id: int, line_id: int) -> PurchaseLine:
    line = next((line for line in receiving.get(db.session, purchase_id).lines if line.id == line_id), None)
    if line is None:
        raise NotFound
    return line


@bp.post("/purchases/<int:purchase_id>/close")
@requires(Permission.MOVE_STOCK)
def close_purchase(purchase_id: int) -> Answer:
    """Say that the rest of a purchase will not come."""
    return _done(purchase_id, receiving.close, _("Closed: nothing more is expected of it."))


@bp.post("/purchases/<int:purchase_id>/reopen")
@requires(Permission.MOVE_STOCK)
def reopen_purchase(purchase_id: int) -> Answer:
    """Wait for the rest of a purchase again."""
    return _done(purchase_id, receiving.reopen, _("The rest is expected again."))


@bp.post("/purchases/<int:purchase_id>/withdraw")
@requires(Permission.RECORD_PURCHASES)
def withdraw_purchase(purchase_id: int) -> Answer:
    """Take back a purchase that was entered by mistake."""
    said = _("Taken back. Its money is in the fund again; the record stays.")
    return _done(purchase_id, purchasing.withdraw_purchase, said)


def _done(purchase_id: int, act: Any, said: str) -> Answer:
    form, actor_id = BaseForm(), current_user.id
    if form.accepts(lambda: act.once(form.token)(actor_id=actor_id, purchase_id=purchase_id)):
        flash(said)
        return see_other(_path(purchase_id))
    return _again(purchase_id, form)


def _again(purchase_id: int, form: Any, line_id: int = 0) -> tuple[str, int]:
    db.session.rollback()
    return _page(receiving.get(db.session, purchase_id), form, line_id)


def _path(purchase_id: int) -> str:
    return f"/purchases/{purchase_id}"
