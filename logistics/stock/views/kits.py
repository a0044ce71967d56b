"""Kits: the list of them, a kit's recipe, putting kits together and taking them apart."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ...db import db
from ...distributions.models import Site
from ...errors import NotFound, msg
from ...paging import paginate
from ...people.access import Permission, may, requires
from ...web.asked import id_asked, number_in, page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import by_name, named
from ...web.redirects import see_other
from ..kits import assembling, recipes
from ..kits.forms import AssembleForm, TakeApartForm, kit_form, part_name, parts_of
from ..kits.models import KitBox, KitRecipe
from ..lookup import box_by_code
from ..models import Box, Level, Location, LocationKind, Product, Size
from ..searching import products_like
from ..warehouses import open_shelves, warehouses
from .blueprint import bp

Answer = Response | str | tuple[str, int]


@bp.get("/stock/kits")
@requires(Permission.SEE_STOCK)
def kit_list() -> Response | str:
    """List the kits: what is in each, how many there are, and how many more could be put together."""
    query = recipes.listed(products_like(db.session, searched()))
    if wants_csv():
        header = [_("Kit"), _("Available"), _("Could be put together"), _("Part"), _("In one kit")]
        return csv_response("kits.csv", header, _rows(db.session.scalars(query).all()))
    page = paginate(db.session, query, page_number())
    figures = _figures(page.rows)
    return render_template("stock/kits.html", page=page, words=searched(), part_name=_part, **figures)


def _rows(kits: Sequence[KitRecipe]) -> Iterator[Sequence[Any]]:
    figures = _figures(kits)
    for kit in kits:
        first = (named(kit.product), figures["available"][kit.id], figures["possible"][kit.id])
        for part in kit.parts:
            yield *first, _part(part.size), part.quantity


def _figures(kits: Sequence[KitRecipe]) -> dict[str, dict[int, int]]:
    """Return by recipe how many of each kit are available, and how many could be made, in two queries."""
    sizes = {
        size.product_id: size.id
        for size in db.session.scalars(select(Size).where(Size.product_id.in_([kit.product_id for kit in kits])))
    }
    parts = {part.size_id for kit in kits for part in kit.parts}
    free = recipes.free_of(db.session, {*sizes.values(), *parts})
    sites = {site for site, _size in free}
    return {
        "available": {kit.id: sum(free.get((site, sizes[kit.product_id]), 0) for site in sites) for kit in kits},
        "possible": {kit.id: sum(recipes.possible(kit.parts, free, site) for site in sites) for kit in kits},
    }


@bp.route("/stock/kits/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_SETUP)
def new_kit() -> Answer:
    """Make a kit."""
    form, actor_id, known = kit_form(None, named), current_user.id, _known()
    if form.accepts(
        lambda: recipes.make_kit.once(form.token)(
            actor_id=actor_id,
            name=form.name.data,
            name_fr=form.name_fr.data,
            parts=parts_of(form, known),
        )
    ):
        flash(_("Saved. Packing lists can ask for it now."))
        return see_other(f"/stock/kits/{form.result}")
    return _form_page(form, None, known)


@bp.route("/stock/kits/<int:product_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_SETUP)
def change_kit(product_id: int) -> Answer:
    """Change a kit, for those that are put together from now on."""
    kept = recipes.kit(db.session, product_id)
    form, actor_id, known = kit_form(kept, named), current_user.id, _known()
    for part in kept.parts:  # though its product is closed by now
        known.setdefault(part_name(part.size, named).casefold(), part.size_id)
    if form.accepts(
        lambda: recipes.change_kit.once(form.token)(
            actor_id=actor_id,
            product_id=product_id,
            seen=number_in(form.seen.data or ""),
            name=form.name.data,
            name_fr=form.name_fr.data,
            parts=parts_of(form, known),
        )
    ):
        flash(_("Saved. Kits that were put together before stay as they are."))
        return see_other(f"/stock/kits/{product_id}")
    return _form_page(form, recipes.kit(db.session, product_id), known)


def _known() -> dict[str, int]:
    """Return the sizes that can be parts, by how they are called in small letters."""
    return {name.casefold(): size_id for name, size_id in _names()}


def _names() -> list[tuple[str, int]]:
    query = (
        select(Size)
        .join(Size.product)
        .where(Product.closed_at.is_(None), Product.id.not_in(select(KitRecipe.product_id)))
        .options(joinedload(Size.product))
        .order_by(Product.name_key, Product.id, Size.position)
    )
    return [(_part(size), size.id) for size in db.session.scalars(query)]


def _part(size: Size) -> str:
    return part_name(size, named)


def _form_page(form: Any, kit: recipes.Kit | None, known: Mapping[str, int]) -> tuple[str, int]:
    numbers = range(1, recipes.MOST_PARTS + 1)
    page = render_template(
        "stock/kit_form.html", form=form, kit=kit, names=[name for name, _size in _names()], numbers=numbers
    )
    return page, form.status


@bp.get("/stock/kits/<int:product_id>")
@requires(Permission.SEE_STOCK)
def kit(product_id: int) -> Answer:
    """Show a kit: what is in it, what there is of that, and the boxes of it."""
    return _kit_page(recipes.kit(db.session, product_id), AssembleForm(formdata=None))


@bp.post("/stock/kits/<int:product_id>/assemble")
@requires(Permission.MOVE_STOCK)
def assemble_kits(product_id: int) -> Answer:
    """Put kits together."""
    form, actor_id = AssembleForm(), current_user.id
    if form.accepts(
        lambda: assembling.assemble.once(form.token)(
            actor_id=actor_id,
            product_id=product_id,
            seen=number_in(form.seen.data or ""),
            location_id=form.location_id.data or 0,
            quantity=form.quantity.data or 0,
        )
    ):
        flash(_("Put together, in box %(code)s. Write this number on it.", code=form.result))
        return see_other(f"/stock/kits/{product_id}#boxes")
    return _kit_page(recipes.kit(db.session, product_id), form)


def _kit_page(found: recipes.Kit, form: AssembleForm) -> Answer:
    sites = warehouses(db.session)
    free = recipes.free_of(db.session, [found.size_id, *(part.size_id for part in found.parts)])
    form.offer(open_shelves(db.session) if may(Permission.MOVE_STOCK) else [])
    form.seen.data = str(found.recipe_id)
    return render_template(
        "stock/kit.html",
        kit=found,
        form=form,
        sites=by_name(site for site in sites if any(place == site.id for place, _size in free)),
        free=free,
        possible={site.id: recipes.possible(found.parts, free, site.id) for site in sites},
        boxes=_boxes(found.size_id),
        part_name=_part,
    ), form.status


def _boxes(size_id: int) -> Sequence[Any]:
    """Return the boxes of a kit on shelves, the first to expire first, with how many are where."""
    return db.session.execute(
        select(Box, Location.id.label("shelf_id"), Location.name.label("shelf"), Site, Level.quantity, KitBox.recipe_id)
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .join(Site, Site.id == Location.warehouse_id)
        .outerjoin(KitBox, KitBox.box_id == Box.id)
        .where(Box.size_id == size_id, Location.kind == LocationKind.SHELF, Level.quantity > 0)
        .order_by(Box.best_before.asc().nulls_last(), Box.id, Location.id)
        .limit(MOST_BOXES)
    ).all()


MOST_BOXES = 100  # on a kit's page; the list of boxes has all


@bp.route("/stock/kits/<int:product_id>/take-apart", methods=["GET", "POST"])
@requires(Permission.MOVE_STOCK)
def take_kits_apart(product_id: int) -> Answer:
    """Take kits of one box apart."""
    form, actor_id = TakeApartForm(), current_user.id
    if not form.is_submitted():
        form.code.data, form.from_id.data = request.args.get("box", ""), str(id_asked("shelf"))
    form.offer(open_shelves(db.session))
    if form.accepts(
        lambda: assembling.take_apart.once(form.token)(
            actor_id=actor_id,
            code=form.code.data or "",
            from_id=form.shelf_id,
            to_id=form.to_id.data or 0,
            quantity=form.quantity.data or 0,
        )
    ):
        codes = ", ".join(form.result)
        flash(
            ngettext(
                "Taken apart, into box %(codes)s.", "Taken apart, into boxes %(codes)s.", len(form.result), codes=codes
            )
        )
        return see_other(f"/stock/kits/{product_id}#boxes")
    found, box = recipes.kit(db.session, product_id), box_by_code(db.session, form.code.data or "")
    recipe = recipes.of_box(db.session, box.id)
    if box.size_id != found.size_id or recipe is None:
        raise NotFound(msg("There is no box of this kit with this code."))
    there = next(
        (row.quantity for row in _boxes(found.size_id) if (row.Box.id, row.shelf_id) == (box.id, form.shelf_id)), 0
    )
    if not form.is_submitted():
        form.quantity.data = there or None
    page = render_template(
        "stock/kit_apart.html", kit=found, form=form, box=box, recipe=recipe, there=there, part_name=_part
    )
    return page, form.status
