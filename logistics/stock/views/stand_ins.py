"""Saying on a product's page what may stand in for it."""

from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from ...db import db
from ...paging import paginate
from ...people.access import Permission, requires
from ...web.asked import number_in, page_number, searched
from ...web.forms import BaseForm
from ...web.redirects import see_other
from ..models import Product
from ..searching import products_like
from ..stand_ins import setting
from ..stand_ins.forms import sizes_of, stand_in_form
from ..stand_ins.models import StandIn
from .blueprint import bp
from .products import found_product

FOUND_AT_ONCE = 20


@bp.get("/stock/products/<int:product_id>/stand-ins")
@requires(Permission.MANAGE_SETUP)
def ask_stand_in(product_id: int) -> Response | str | tuple[str, int]:
    """Choose a product that may stand in for this one, or (?by=) say which of its sizes for which."""
    product, by_id = found_product(product_id), number_in(request.args.get("by", ""))
    if by_id and by_id != product_id:
        return _form_page(product, found_product(by_id))
    words = searched()
    query = select(Product).where(Product.closed_at.is_(None), Product.id != product_id)
    query = query.where(*products_like(db.session, words))
    # What is for the same people and of the same kind comes first.
    near = (Product.category != product.category, Product.gender != product.gender)
    return render_template(
        "stock/stand_in_choose.html",
        product=product,
        words=words,
        page=paginate(
            db.session,
            query.order_by(*near, Product.name_key, Product.gender, Product.id),
            page_number(),
            size=FOUND_AT_ONCE,
        ),
    )


@bp.post("/stock/products/<int:product_id>/stand-ins")
@requires(Permission.MANAGE_SETUP)
def set_stand_in(product_id: int) -> Response | str | tuple[str, int]:
    """Let a product stand in for this one, size by size."""
    product, by = found_product(product_id), found_product(number_in(request.form.get("by_id", "")))
    form, actor_id = _form(product, by), current_user.id
    if form.accepts(
        lambda: setting.set_stand_in.once(form.token)(
            actor_id=actor_id,
            product_id=product_id,
            by_id=number_in(form.by_id.data),
            sizes=sizes_of(form, product),
            both_ways=form.both_ways.data,
        )
    ):
        flash(_("Saved. It is offered where this is short."))
        return see_other(f"/stock/products/{product_id}#stand-ins")
    return _form_page(found_product(product_id), found_product(number_in(form.by_id.data)), form)


def _form(product: Product, by: Product) -> Any:
    return stand_in_form(product, by, db.session.get(StandIn, (product.id, by.id)))


def _form_page(product: Product, by: Product, form: Any = None) -> tuple[str, int]:
    form = form or _form(product, by)
    return render_template("stock/stand_in_form.html", product=product, by=by, form=form), form.status


@bp.post("/stock/products/<int:product_id>/stand-ins/remove")
@requires(Permission.MANAGE_SETUP)
def remove_stand_in(product_id: int) -> Response:
    """Let a product stand in for this one no more."""
    form, by_id = BaseForm(), number_in(request.form.get("by_id", ""))
    setting.remove_stand_in.once(form.token)(actor_id=current_user.id, product_id=product_id, by_id=by_id)
    flash(_("It is not offered any more. What was chosen already stays."))
    seen_on = by_id if number_in(request.form.get("seen_on", "")) == by_id else product_id
    return see_other(f"/stock/products/{seen_on}#stand-ins")
