"""The packing list, and packing for it."""

from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ..db import db
from ..distributions.words import GROUP_NAMES
from ..errors import NotFound, msg
from ..paging import paginate
from ..people.access import Permission, requires
from ..stock import packing, packing_lists, warehouses
from ..stock.lookup import product_with_sizes
from ..stock.models import PackingList, Product
from ..stock.packing_lists import ItemView
from ..stock.searching import products_like
from ..stock.splitting import groups_for
from ..stock.stand_ins.offers import by_size, offers, substitutions
from ..web import filters
from ..web.asked import number_in, page_number, searched
from ..web.forms import BaseForm
from ..web.redirects import see_other
from . import board, picks
from .blueprint import before_out, bp, distribution, path
from .packing_forms import ItemForm, PackAllForm, PackForm, PutBackForm, WarehouseForm, item_form

Answer = Response | tuple[str, int]
FOUND_AT_ONCE = 20  # products offered on one page below the list


@bp.get("/distributions/<int:distribution_id>/packing-list")
@requires(Permission.PLAN_DISTRIBUTIONS)
def packing_list(distribution_id: int) -> Answer:
    """Show the packing list to be edited, or the form for one product of it (?product=)."""
    product_id = number_in(request.args.get("product", ""))
    if product_id:
        return _item_page(distribution_id, _item_form(distribution_id, product_id))
    return list_page(distribution_id)


@bp.post("/distributions/<int:distribution_id>/packing-list")
@requires(Permission.PLAN_DISTRIBUTIONS)
def change_packing_list(distribution_id: int) -> Answer:
    """Choose the warehouse, or plan, preview or remove a product, by what the form sends."""
    if "remove" in request.form:
        return _remove(distribution_id, number_in(request.form["remove"]))
    if "product" in request.form:
        return _plan(distribution_id, number_in(request.form["product"]))
    return _choose_warehouse(distribution_id)


def _choose_warehouse(distribution_id: int) -> Answer:
    form, actor_id = WarehouseForm(warehouses.warehouses(db.session)), current_user.id
    if form.accepts(lambda: _set_warehouse(form, actor_id, distribution_id, form.warehouse.data)):
        return see_other(path(distribution_id, "packing-list"))
    return list_page(distribution_id, form)


def _set_warehouse(form: Any, actor_id: int, distribution_id: int, chosen: str) -> int:
    return packing_lists.set_warehouse.once(form.token)(
        actor_id=actor_id, distribution_id=distribution_id, warehouse_id=number_in(chosen)
    )


def _plan(distribution_id: int, product_id: int) -> Answer:
    form, actor_id = _item_form(distribution_id, product_id), current_user.id
    if "preview" in request.form:
        form.status = 200 if form.validate() else 422
        return _item_page(distribution_id, form, previewed=form.status == 200)

    def save() -> int:
        if request.form.get("warehouse"):
            _set_warehouse(form, actor_id, distribution_id, request.form["warehouse"])
        return packing_lists.set_item.once(form.token)(
            actor_id=actor_id,
            distribution_id=distribution_id,
            product_id=product_id,
            version=form.seen_version,
            **form.asked,
        )

    if form.accepts(save):
        flash(_("Saved. What is available is promised to this distribution now."))
        return see_other(path(distribution_id, "packing-list"))
    return _item_page(distribution_id, form)


def _remove(distribution_id: int, product_id: int) -> Answer:
    form, actor_id = BaseForm(), current_user.id
    if form.accepts(
        lambda: packing_lists.remove_item.once(form.token)(
            actor_id=actor_id, distribution_id=distribution_id, product_id=product_id
        )
    ):
        flash(_("Taken off the packing list; what was promised is free again."))
        return see_other(path(distribution_id, "packing-list"))
    return list_page(distribution_id, refused=form)


def list_page(distribution_id: int, form: WarehouseForm | None = None, refused: BaseForm | None = None) -> Answer:
    """Show the packing list to be edited, with a form that was refused."""
    found = distribution(distribution_id)
    if not (before_out(found) or form or refused):
        return see_other(path(distribution_id))
    chosen = _packing_list(distribution_id)
    if form is None:
        form = WarehouseForm(
            warehouses.warehouses(db.session), data={"warehouse": str(chosen.warehouse_id)} if chosen else None
        )
    words = searched()
    page = render_template(
        "operations/packing_list.html",
        d=found,
        form=form,
        refused=refused,
        packing_list=chosen,
        items=packing_lists.sheet(db.session, distribution_id),
        before_out=before_out(found),
        editing=True,
        offers=by_size(offers(db.session, distribution_id)),
        group_names=GROUP_NAMES,
        words=words,
        products=paginate(db.session, _products(words), page_number(), size=FOUND_AT_ONCE),
    )
    return page, max(form.status, refused.status if refused else 200)


def _products(words: str) -> Select[Product]:
    query = select(Product).where(Product.closed_at.is_(None))
    query = query.where(*products_like(db.session, words))
    return query.order_by(Product.name_key, Product.gender, Product.id)


def _item_form(distribution_id: int, product_id: int) -> ItemForm:
    """Return the form for a product, as it is planned so far, or with what suits most when it is new."""
    found = distribution(distribution_id)
    if not product_id:
        raise NotFound(msg("There is no such product."))
    product, item = product_with_sizes(db.session, product_id), _item(distribution_id, product_id)
    chosen = _packing_list(distribution_id)
    values: dict[str, Any] = {"product": str(product_id), "version": str(chosen.version) if chosen else ""}
    if item is None:
        return item_form(product, **values, groups=groups_for(product.gender, found.expected))
    values |= {"mode": "total" if item.per_person_hundredths is None else "per_person", "total": item.total}
    if item.per_person_hundredths is not None:
        values |= {"groups": item.groups, "per_person": f"{item.per_person_hundredths / 100:g}"}
    return item_form(product, item.profile, **values)


def _item_page(distribution_id: int, form: ItemForm, *, previewed: bool = False) -> Answer:
    found, product = distribution(distribution_id), product_with_sizes(db.session, number_in(str(form.product.data)))
    chosen = _packing_list(distribution_id)
    only = warehouses.warehouses(db.session)
    page = render_template(
        "operations/packing_item.html",
        d=found,
        form=form,
        product=product,
        packing_list=chosen,
        before_out=before_out(found),
        previewed=previewed,
        preview=packing_lists.preview(
            db.session,
            distribution_id,
            product.id,
            **form.asked,
            warehouse_id=only[0].id if len(only) == 1 else None,
        ),
    )
    return page, form.status


def _item(distribution_id: int, product_id: int) -> ItemView | None:
    items = packing_lists.sheet(db.session, distribution_id)
    return next((item for item in items if item.product.id == product_id), None)


def _packing_list(distribution_id: int) -> PackingList | None:
    return db.session.get(PackingList, distribution_id, options=[joinedload(PackingList.warehouse)])


@bp.get("/distributions/<int:distribution_id>/pick")
@requires(Permission.PACK)
def pick(distribution_id: int) -> Answer:
    """Show which boxes to take from which shelves, in the order of a walk; it prints well."""
    return pick_page(distribution_id)


@bp.post("/distributions/<int:distribution_id>/pack")
@requires(Permission.PACK)
def pack(distribution_id: int) -> Answer:
    """Pack one line, or all of the pick list (`all`)."""
    actor_id = current_user.id
    if "all" in request.form:
        all_of_it = PackAllForm()
        if all_of_it.accepts(
            lambda: packing.pack_all.once(all_of_it.token)(
                actor_id=actor_id, distribution_id=distribution_id, listed=all_of_it.listed.data or None
            )
        ):
            flash(_("%(count)s packed.", count=filters.number(all_of_it.result)))
            return see_other(path(distribution_id))
        return pick_page(distribution_id, all_of_it)
    form = PackForm()
    if form.accepts(lambda: _pack(form, actor_id, distribution_id)):
        flash(_("Packed: %(quantity)s from box %(code)s.", quantity=form.quantity.data, code=form.code.data))
        return see_other(path(distribution_id, "pick"))
    return pick_page(distribution_id, form)


def _pack(form: PackForm, actor_id: int, distribution_id: int) -> int:
    asked = {
        "actor_id": actor_id,
        "distribution_id": distribution_id,
        "code": form.code.data,
        "quantity": form.quantity.data,
    }
    if form.size.data and form.shelf.data:
        return packing.pack.once(form.token)(
            **asked,
            size_id=form.size.data,
            from_id=form.shelf.data,
            extras=False,
            on_van=number_in(form.on_van.data) if form.on_van.data else None,
        )
    return picks.pack_box.once(form.token)(**asked)


@bp.post("/distributions/<int:distribution_id>/put-back")
@requires(Permission.PACK)
def put_back(distribution_id: int) -> Answer:
    """Undo a packing: put units of a box back on a shelf."""
    form, actor_id = PutBackForm(), current_user.id
    if form.accepts(
        lambda: packing.put_back.once(form.token)(
            actor_id=actor_id,
            distribution_id=distribution_id,
            code=form.code.data,
            to_id=form.shelf.data or 0,
            quantity=form.quantity.data or 0,
        )
    ):
        flash(_("Put back: %(quantity)s into box %(code)s.", quantity=form.quantity.data, code=form.code.data))
        return see_other(path(distribution_id, "pick"))
    return pick_page(distribution_id, form)


def pick_page(distribution_id: int, refused: PackForm | BaseForm | None = None) -> Answer:
    """Show the pick list, with a form that was refused."""
    found = distribution(distribution_id)
    form = refused if isinstance(refused, PackForm) and not refused.of_a_line else PackForm(formdata=None)
    swaps = substitutions(db.session, distribution_id)
    to_pick = picks.in_walking_order(packing.pick_list(db.session, distribution_id))
    on_van = picks.on_van(db.session, distribution_id)
    page = render_template(
        "operations/pick.html",
        d=found,
        before_out=before_out(found),
        packing_list=_packing_list(distribution_id),
        goods=board.totals(db.session, [distribution_id])[distribution_id],
        picks=to_pick,
        listed=packing.digest(to_pick),
        on_van=on_van,
        offers=by_size(offers(db.session, distribution_id)) if before_out(found) else {},
        instead_of={each.by_size_id: [one for one in swaps if one.by_size_id == each.by_size_id] for each in swaps},
        already={each.box.id: each.quantity for each in on_van},
        form=form,
        refused=refused,
    )
    return page, refused.status if refused else 200
