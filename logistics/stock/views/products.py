"""Products: the list, one product, adding and changing it, its default split by size."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import current_app, flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import selectinload
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from ...db import db, stream
from ...paging import paginate
from ...people.access import Permission, requires
from ...web.asked import page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import today
from ...web.forms import BaseForm
from ...web.redirects import see_other
from .. import finding, products
from ..arriving import stop_signs
from ..diets import Allergen, Diet, code, codes
from ..forms import NONE, NOT_KNOWN, SOME, EditProductForm, ProductForm, shares_form
from ..knowing import figures
from ..ledger import Stock
from ..models import Availability, Product, Size, Unit
from ..searching import products_like
from ..stand_ins import setting as stand_ins
from ..targets.forms import TargetForm
from ..targets.models import season_of
from ..targets.setting import set_targets, targets_of
from ..targets.words import SEASONS
from ..transfers import listing as transfers
from ..warehouses import warehouses
from ..words import (
    ALLERGENS,
    DIETS,
    UNITS,
    allergens_of,
    as_kept,
    diets_of,
    label_choices,
    labelled,
    labels,
    listed_gender,
    sizes_typed,
)
from .blueprint import bp
from .knowing import week_chart, week_labels


@bp.get("/stock/products")
@requires(Permission.SEE_STOCK)
def product_list() -> Response | str:
    """List products by name."""
    words, category = searched(), request.args.get("category", "")[:60]
    closed = request.args.get("closed") == "1"
    free_of, fit = request.args.get("free_of", ""), request.args.get("diet", "")
    query = _find(words, category, closed).where(*_eaten(free_of, fit))
    if wants_csv():
        return _csv(query)
    return render_template(
        "stock/products.html",
        page=paginate(db.session, query, page_number()),
        words=words,
        category=category,
        closed=closed,
        categories=_categories(),
        free_of=free_of,
        diet=fit,
        allergens=[("not_known", _("Not known")), *((code(flag), label) for flag, label in ALLERGENS.items())],
        diets=[(code(flag), label) for flag, label in DIETS.items()],
    )


def _eaten(free_of: str, fit: str) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that a product is known to be free of an allergen (or that this is not known), and fit."""
    allergens, diets = ({code(flag): int(flag) for flag in kind} for kind in (Allergen, Diet))
    if free_of == NOT_KNOWN:
        yield and_(Product.allergens.is_(None), or_(Product.has_best_before.is_(True), Product.diets > 0))
    elif free_of in allergens:
        yield Product.allergens.bitwise_and(allergens[free_of]) == 0
    if fit in diets:
        yield Product.diets.bitwise_and(diets[fit]) > 0


def _find(words: str, category: str, closed: bool) -> Select[*tuple[Any, ...]]:
    on_hand = (
        select(func.sum(Availability.on_hand))
        .join(Size, Size.id == Availability.size_id)
        .where(Size.product_id == Product.id)
        .scalar_subquery()
    )
    query = select(Product, func.coalesce(on_hand, 0).label("on_hand"))
    query = query.where(Product.closed_at.is_not(None) if closed else Product.closed_at.is_(None))
    if category:
        query = query.where(Product.category == category)
    query = query.where(*products_like(db.session, words))
    return query.order_by(Product.name_key, Product.gender, Product.id)


def _csv(query: Select[*tuple[Any, ...]]) -> Response:
    header = [_("Product"), _("Name in French"), _("Gender"), _("Category"), _("Sizes"), _("Unit"), _("On hand")]
    header += [_("Allergens"), _("Diets")]
    return csv_response("products.csv", header, _csv_rows(query))


def _csv_rows(query: Select[*tuple[Any, ...]]) -> Iterator[Sequence[Any]]:
    label = labels()
    for each, on_hand in stream(db.session, query):
        what = (listed_gender(each.gender), label[each.category], label[each.size_range], UNITS[Unit(each.unit)])
        eaten = (allergens_of(each), diets_of(each)) if each.is_food else ("", "")
        yield each.name, each.name_fr, *what, on_hand, *eaten


@bp.get("/stock/products/new")
@requires(Permission.MANAGE_SETUP)
def new_product() -> str | tuple[str, int]:
    """Show the form for a new product."""
    return _new_page(ProductForm())


@bp.post("/stock/products")
@requires(Permission.MANAGE_SETUP)
def add_product() -> Response | str | tuple[str, int]:
    """Add a product."""
    form = ProductForm()
    actor_id = current_user.id
    if form.accepts(
        lambda: products.add_product.once(form.token)(
            actor_id=actor_id, sizes=sizes_typed(form.sizes.data), **_described(form)
        )
    ):
        flash(_("Added."))
        return see_other(f"/stock/products/{form.result}")
    return _new_page(form)


def _new_page(form: ProductForm) -> tuple[str, int]:
    page = render_template("stock/product_form.html", form=form, product=None, categories=_categories())
    return page, form.status


def _categories() -> list[tuple[str, str]]:
    return label_choices(products.categories(db.session))


def _described(form: ProductForm) -> dict[str, Any]:
    return {
        "name": form.name.data,
        "name_fr": form.name_fr.data or None,
        "gender": form.gender.data,
        "category": as_kept(form.category.data or ""),
        "unit": form.unit.data,
        "has_best_before": form.has_best_before.data,
        "unit_cost": form.unit_cost.minor,
        "pack_size": form.pack_size.data,
        **form.food,
    }


@bp.get("/stock/products/<int:product_id>")
@requires(Permission.SEE_STOCK)
def product(product_id: int) -> str | tuple[str, int]:
    """Show a product: what is on hand of it, by size and warehouse, and its default split."""
    found = found_product(product_id)
    return _page(found)


def _page(found: Product, form: BaseForm | None = None, keeping: TargetForm | None = None) -> tuple[str, int]:
    """Show a product, with one of its forms if that was refused."""
    status = form.status if form else keeping.status if keeping else 200
    form = form or shares_form(found.sizes)
    keeping = keeping or TargetForm(formdata=None)
    keeping.offer(warehouses(db.session), found)
    by_size: dict[int, list[Any]] = {}
    stock = products.stock_of(db.session, found.id)
    for row in stock:
        by_size.setdefault(row.size_id, []).append(row)
    zone = current_app.extensions["shoreline_settings"].timezone
    weeks, curve = figures.of_product(db.session, zone, found)
    coming = transfers.on_the_way(db.session, product_id=found.id)
    coming_by_size: dict[int, list[Any]] = {}
    for row in coming:
        coming_by_size.setdefault(row.size_id, []).append(row)
    page = render_template(
        "stock/product.html",
        on_the_way=sum(row.left for row in coming),
        coming=coming_by_size,
        product=found,
        by_size=by_size,
        total=Stock(
            on_hand=sum(row.on_hand for row in stock),
            allocated=sum(row.allocated for row in stock),
            expired=sum(row.expired for row in stock),
        ),
        all_shares=sum(size.share for size in found.sizes) or 1,
        form=form,
        weeks=weeks,
        chart=week_chart(weeks),
        labels=week_labels(weeks.firsts),
        curve=curve if len(found.sizes) > 1 else [],
        expiring=finding.expiring_soon(db.session, found) if found.has_best_before else [],
        last_seen=None if stock else finding.last_seen(db.session, found.id),
        keeping=keeping,
        stand_ins=stand_ins.stand_ins_of(db.session, found.id),
        fits=stand_ins.fits,
        targets=targets_of(db.session, found.id),
        seasons=SEASONS,
        now_season=season_of(today()),
    )
    return page, status


def found_product(product_id: int) -> Product:
    """Return a product with its sizes, or answer that there is none."""
    query = select(Product).where(Product.id == product_id).options(selectinload(Product.sizes))
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


@bp.get("/stock/products/<int:product_id>/edit")
@requires(Permission.MANAGE_SETUP)
def change_product(product_id: int) -> str | tuple[str, int]:
    """Show the form that changes a product."""
    found = found_product(product_id)
    known = NOT_KNOWN if found.allergens is None else SOME if found.allergens else NONE
    form = EditProductForm(obj=found, data={"sizes": "", "contains": known})
    form.allergens.data, form.diets.data = codes(found.allergens or 0, Allergen), codes(found.diets, Diet)
    form.sizes.data, form.category.data = "", labelled(found.category)
    form.unit_cost.data = f"{found.unit_cost / 100:.2f}".removesuffix(".00") if found.unit_cost else ""
    return _edit_page(found, form)


@bp.post("/stock/products/<int:product_id>")
@requires(Permission.MANAGE_SETUP)
def edit_product(product_id: int) -> Response | str | tuple[str, int]:
    """Change a product, and add sizes to it."""
    found_product(product_id)
    form = EditProductForm()
    actor_id = current_user.id
    if form.accepts(
        lambda: products.edit_product.once(form.token)(
            actor_id=actor_id,
            product_id=product_id,
            new_sizes=sizes_typed(form.sizes.data) if form.sizes.data else [],
            **_described(form),
        )
    ):
        flash(_("Saved."))
        return see_other(f"/stock/products/{product_id}")
    return _edit_page(found_product(product_id), form)


def _edit_page(found: Product, form: ProductForm) -> tuple[str, int]:
    page = render_template("stock/product_form.html", form=form, product=found, categories=_categories())
    return page, form.status


@bp.post("/stock/products/<int:product_id>/shares")
@requires(Permission.MANAGE_SETUP)
def set_shares(product_id: int) -> Response | str | tuple[str, int]:
    """Set how a number of this product is split by size unless somebody says otherwise."""
    found = found_product(product_id)
    form, size_ids = shares_form(found.sizes), [size.id for size in found.sizes]
    actor_id = current_user.id
    if form.accepts(
        lambda: products.set_shares.once(form.token)(
            actor_id=actor_id,
            product_id=product_id,
            shares={str(size_id): form[f"share_{size_id}"].data for size_id in size_ids},
        )
    ):
        flash(_("Saved. New packing lists are split like this."))
        return see_other(f"/stock/products/{product_id}")
    return _page(found_product(product_id), form)


@bp.post("/stock/products/<int:product_id>/targets")
@requires(Permission.MOVE_STOCK)
def set_target(product_id: int) -> Response | str | tuple[str, int]:
    """Set a product's minimum and target in one place and season, or take them away."""
    form, actor_id = TargetForm(), current_user.id
    form.offer(warehouses(db.session), found_product(product_id))
    if form.accepts(
        lambda: set_targets.once(form.token)(
            actor_id=actor_id,
            warehouse_id=form.warehouse_id.data,
            season=form.season.data,
            wishes=[form.wish(product_id)],
        )
    ):
        flash(_("Saved."))
        return see_other(f"/stock/products/{product_id}#keep")
    return _page(found_product(product_id), keeping=form)


@bp.post("/stock/products/<int:product_id>/close")
@requires(Permission.MANAGE_SETUP)
def close_product(product_id: int) -> Response:
    """Stop offering a product."""
    form = BaseForm()
    products.close_product.once(form.token)(actor_id=current_user.id, product_id=product_id)
    flash(_("It is no longer offered. What is in boxes stays."))
    return see_other(f"/stock/products/{product_id}")


@bp.post("/stock/products/<int:product_id>/reopen")
@requires(Permission.MANAGE_SETUP)
def reopen_product(product_id: int) -> Response:
    """Offer a closed product again."""
    form = BaseForm()
    products.reopen_product.once(form.token)(actor_id=current_user.id, product_id=product_id)
    flash(_("It is offered again."))
    return see_other(f"/stock/products/{product_id}")


@bp.post("/stock/products/<int:product_id>/stop")
@requires(Permission.MOVE_STOCK)
def stop_sending(product_id: int) -> Response:
    """Ask that nobody sends any more of a product."""
    stop_signs.stop.once(BaseForm().token)(actor_id=current_user.id, product_id=product_id)
    flash(_("Everyone who looks now reads: please don’t send any."))
    return see_other(f"/stock/products/{product_id}")


@bp.post("/stock/products/<int:product_id>/welcome")
@requires(Permission.MOVE_STOCK)
def welcome_again(product_id: int) -> Response:
    """Welcome a product again."""
    stop_signs.take_back.once(BaseForm().token)(actor_id=current_user.id, product_id=product_id)
    flash(_("It is welcome again."))
    return see_other(f"/stock/products/{product_id}")
