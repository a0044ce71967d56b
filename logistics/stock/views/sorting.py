"""The sorting table: one screen for somebody who puts into boxes what came, all morning."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, session
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from ...clock import midnight, now
from ...commands import Command
from ...db import db
from ...errors import Conflict
from ...people.access import Permission, requires
from ...web.asked import day_asked, number_in, searched
from ...web.filters import number, today, zone
from ...web.forms import BaseForm
from ...web.i18n import translate
from ...web.redirects import see_other
from .. import undoing, words
from ..arriving import deliveries, discards, sorting, tally
from ..arriving import words as arriving_words
from ..arriving.models import Delivery
from ..arriving.sorting_forms import OPEN, OTHER, DiscardForm, SortForm
from ..models import Product
from ..searching import products_like
from ..warehouses import open_shelves, warehouses
from .blueprint import bp, one_of
from .boxes import LAST_SHELF

LAST_TABLE = "sorting_at"  # in the session: the warehouse where this person sorted last
MOST_FOUND = 20


@dataclass(frozen=True)
class Table:
    """Where somebody sorts, what of, and which product is in their hands: as the address or a form says it."""

    sites: Any
    site: Any
    waiting: Any
    delivery: Delivery | None
    product: Product | None

    def path(self, **more: Any) -> str:
        """Return the address of this table."""
        chosen = {
            "warehouse": self.site.id if self.site else None,
            "delivery": self.delivery.id if self.delivery else None,
            "product": self.product.id if self.product else None,
            **more,
        }
        return "/stock/sorting?" + urlencode({name: value for name, value in chosen.items() if value})


def _asked(name: str) -> int:
    return number_in(request.values.get(name))


def _table() -> Table:
    sites = warehouses(db.session)
    site = one_of(sites, _asked("warehouse")) or one_of(sites, session.get(LAST_TABLE, 0))
    site = site or one_of(sites, deliveries.where_most_waits(db.session)) or (sites[0] if sites else None)
    waiting = deliveries.open_ones(db.session, site.id) if site else []
    delivery = next((each for each in waiting if each.id == _asked("delivery")), None)
    query = select(Product).where(Product.id == _asked("product"), Product.closed_at.is_(None))
    product = db.session.scalars(query.options(selectinload(Product.sizes))).one_or_none()
    return Table(sites, site, waiting, delivery, product)


@bp.get("/stock/sorting")
@requires(Permission.MOVE_STOCK)
def sorting_table() -> Response | str | tuple[str, int]:
    """Show the table: what to sort, or, once that is chosen, how many go where."""
    table = _table()
    if table.site is None:
        return _no_warehouse()
    found = _found()
    if len(found) == 1 and table.product is None:
        return redirect(table.path(product=found[0].id))
    if _asked("product") and table.product is None:
        flash(_("That product is not in use. Choose another."), "warn")
    return _page(table, _fresh(table), DiscardForm(formdata=None), found)


def _found() -> list[Product]:
    """Return the products that were searched for."""
    like = products_like(db.session, searched())
    if not like:
        return []
    query = select(Product).where(Product.closed_at.is_(None), *like)
    return list(db.session.scalars(query.order_by(Product.name_key, Product.gender, Product.id).limit(MOST_FOUND)))


def _fresh(table: Table) -> SortForm:
    """Return a form with everything kept of the entry before but the number."""
    form = SortForm(
        formdata=None,
        size_id=_asked("size"),
        pack_size=_asked("of") or None,
        location_id=session.get(LAST_SHELF),
        best_before=day_asked("best"),
        undated=request.args.get("undated") == "1",
    )
    return _offered(form, table)


def _offered(form: SortForm, table: Table) -> SortForm:
    if table.product is not None:
        shelves = [shelf for shelf in open_shelves(db.session) if shelf.warehouse_id == table.site.id]
        form.offer(table.product, shelves)
    return form


@bp.post("/stock/sorting")
@requires(Permission.MOVE_STOCK)
def put_sorted() -> Response | str | tuple[str, int]:
    """Put sorted goods into a box."""
    table = _table()
    form = SortForm()
    if table.site is None or table.product is None:
        flash(_("Choose what you sort first."), "warn")
        form.status = 422
        return _page(table, form, DiscardForm(formdata=None), [])
    _offered(form, table)
    actor_id, said, product_id = current_user.id, _said(), table.product.id
    answers = form.answers({size.id: request.form.get(f"open_{size.id}", "")[:100] for size in table.product.sizes})
    if form.accepts(lambda: sorting.put.once(form.token)(actor_id=actor_id, **said, **answers)):
        session[LAST_TABLE] = said["warehouse_id"]
        if answers["location_id"]:
            session[LAST_SHELF] = answers["location_id"]
        flash(_told(form))
        return see_other(_next(said, product_id, form))
    return _page(_table(), form, DiscardForm(formdata=None), [])


def _said() -> dict[str, Any]:
    """Return which table a form was sent from, as it says: whether that still holds, the service knows."""
    return {"warehouse_id": _asked("warehouse"), "delivery_id": _asked("delivery") or None}


def _told(form: SortForm) -> str:
    """Say what was put where; packs with the number that they are."""
    count, code = number(form.result["count"]), form.result["code"]
    if form.packs.data:
        count = _(
            "%(packs)s packs of %(size)s = %(count)s",
            packs=number(form.packs.data),
            size=number(form.pack_size.data or 0),
            count=count,
        )
    if form.result["new"]:
        return str(_("%(count)s put into a new box. Write %(code)s on it.", count=count, code=code))
    return str(_("%(count)s put into box %(code)s.", count=count, code=code))


def _next(said: dict[str, Any], product_id: int, form: SortForm) -> str:
    """Return the way back to the table, with what the next entry keeps. The box used is the open one now."""
    kept = {
        "warehouse": said["warehouse_id"],
        "delivery": said["delivery_id"],
        "product": product_id,
        "size": form.size_id.data,
        "of": form.pack_size.data if form.packs.data else None,
    }
    if "best_before" in form:
        kept |= {"best": form.best_before.data, "undated": "1" if form.undated.data else None}
    return "/stock/sorting?" + urlencode({name: value for name, value in kept.items() if value})


@bp.post("/stock/sorting/discards")
@requires(Permission.MOVE_STOCK)
def throw_out() -> Response | str | tuple[str, int]:
    """Write down what was thrown out."""
    table = _table()
    form = DiscardForm()
    actor_id, said, reason = current_user.id, _said(), request.form.get("reason", "")
    product_id = _asked("product") if form.of_product.data and _asked("product") else None
    back = table.path(size=_asked("size"))
    if form.accepts(
        lambda: discards.throw_out.once(form.token)(
            actor_id=actor_id, **said, reason=reason, quantity=form.thrown.data or 0, product_id=product_id
        )
    ):
        flash(_("Thrown out: %(count)s.", count=number(form.thrown.data or 0)))
        return see_other(back)
    return _page(_table(), _unsent(table), form, [])


def _unsent(table: Table) -> SortForm:
    return _offered(SortForm(formdata=None, size_id=_asked("size"), location_id=session.get(LAST_SHELF)), table)


@bp.post("/stock/sorting/undo/<int:movement_id>")
@requires(Permission.MOVE_STOCK)
def undo_sorted(movement_id: int) -> Response:
    """Take out again what was put into a box."""
    return _undo(undoing.undo, movement_id=movement_id)


@bp.post("/stock/sorting/discards/<int:discard_id>/withdraw")
@requires(Permission.MOVE_STOCK)
def withdraw_discard(discard_id: int) -> Response:
    """Take back that something was thrown out."""
    return _undo(discards.withdraw, discard_id=discard_id)


def _undo(change: Command[Any, Any], **which: int) -> Response:
    """Do it and go back to the table; a refusal is told there."""
    token, actor_id = BaseForm().token, current_user.id
    try:
        change.once(token)(actor_id=actor_id, **which)
    except Conflict as error:
        flash(translate(error.message), "warn")
    else:
        flash(_("Undone."))
    return see_other(_table().path(size=_asked("size")))


def _page(table: Table, form: SortForm, discard: DiscardForm, found: list[Product]) -> str | tuple[str, int]:
    status = discard.status if form.status == 200 else form.status
    if table.site is None:
        return _no_warehouse(), status
    since = midnight(today(), zone())
    person, lately = current_user.id, now() - tally.LATELY
    product = table.product
    return (
        render_template(
            "stock/sorting.html",
            table=table,
            form=form,
            discard=discard,
            found=found,
            words_asked=searched(),
            in_use=tally.products_in_use(db.session, person, table.site.id, lately),
            open_boxes=tally.open_boxes(db.session, person, table.site.id, product.id, lately) if product else {},
            packed=bool(product and (product.pack_size or form.packs.data or form.packs.errors or _asked("of"))),
            tally=tally.today(db.session, person, table.site.id, since),
            acts=tally.last_acts(db.session, person, table.site.id, since),
            words=words,
            said=arriving_words,
            OTHER=OTHER,
            OPEN=OPEN,
        ),
        status,
    )


def _no_warehouse() -> str:
    return render_template("stock/no_warehouse.html", title=_("Sorting table"))
