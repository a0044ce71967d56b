"""The list of boxes, and receiving into a new one."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flask import current_app, flash, redirect, render_template, request, session
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response

from ...db import db
from ...distributions.models import Site
from ...paging import paginate
from ...people.access import Permission, requires
from ...web.asked import id_asked, number_in, page_number, searched
from ...web.csv import csv_response
from ...web.drawing import Drawer
from ...web.filters import short_day
from ...web.i18n import spoken
from ...web.redirects import see_other
from ...web.xlsx import xlsx_response
from .. import finding, receiving
from ..codes import LONGEST_CODE
from ..forms import ReceiveForm
from ..labelling.reading import read
from ..lookup import box_by_code
from ..models import Box, Location, Product, Size
from ..narrowing.columns import COLUMNS, COMPLETE, known, values
from ..searching import products_like
from ..warehouses import open_shelves, warehouses
from ..words import freshness, genders, labels
from .asked_boxes import KEPT, more_asked, query_of, told
from .blueprint import bp, one_of

_LINE = Drawer("stock/box_row.html", "line")
LAST_SHELF = "last_shelf"  # in the session: where this person put something last


@bp.get("/stock/boxes")
@requires(Permission.SEE_STOCK)
def boxes() -> Response | str:
    """Find boxes by whatever is known of them; a code typed in full, or scanned, goes straight to its box."""
    kind, text = request.args.get("format"), searched()
    found = read(db.session, text) if text and not kind else None
    if found is not None:
        return redirect(label_path(found.code) if found.blank else box_path(found.code))
    wanted, sites = asked_filter()
    columns = known(request.args.get("columns", ""))
    if kind:
        return _download(wanted, columns or COMPLETE, kind)
    boxes_here = finding.BOXES_IN_FULL if columns else finding.BOXES
    page = boxes_here.page(db.session, wanted, page_number())
    return render_template(
        "stock/boxes.html",
        page=page,
        lines=_cells(page.rows, columns) if columns else _lines(page.rows),
        columns=[COLUMNS[name] for name in columns],
        wanted=wanted,
        sites=sites,
        shelf=db.session.get(Location, wanted.shelf_id) if wanted.shelf_id else None,
        product=_product(wanted) if wanted.product_id or wanted.size_id else None,
        special=bool(wanted.more or columns),
        told=told(request.args) if wanted.more else (),
        query=query_of(request.args) if request.args else "",
        kept_args=KEPT,
    )


def asked_filter() -> tuple[finding.BoxFilter, Sequence[Site]]:
    """Return which boxes an address asks for, and the warehouses to choose from."""
    sites = warehouses(db.session)
    site = one_of(sites, id_asked("warehouse"))
    wanted = finding.BoxFilter(
        finding.search_boxes(db.session, searched()),
        site.id if site else 0,
        id_asked("shelf"),
        id_asked("product"),
        id_asked("size"),
        request.args.get("empty") == "1",
        request.args.get("expired") == "1",
        more_asked(request.args),
    )
    return wanted, sites


def _cells(rows: Sequence[Any], columns: Sequence[str]) -> Markup:
    """Draw the rows of `finding.BOXES_IN_FULL` with the columns that were chosen."""
    draw = current_app.jinja_env.get_template("stock/box_row.html").module.cells  # type: ignore[attr-defined]
    say = [(COLUMNS[name], of) for name, of in zip(columns, values(columns), strict=True)]
    return Markup("").join(draw(box_path(row.code), [(column, of(row)) for column, of in say]) for row in rows)


def _lines(rows: Sequence[Any]) -> Markup:
    """Draw the rows of `finding.BOXES`."""
    draw, whom, label, french = _LINE.here(), genders(), labels(), spoken() == "fr"
    lines = []
    for (
        code,
        best,
        name,
        name_fr,
        gender,
        size,
        quantity,
        shelf,
        warehouse,
        warehouse_fr,
        distribution,
        *_total,
    ) in rows:
        product = (french and name_fr) or name
        what = f"{product}, {whom[gender]}" if whom[gender] else product
        date = (short_day(best), freshness(best) == "expired") if best else ("", False)
        where = shelf, (french and warehouse_fr) or warehouse, distribution
        lines.append(draw(box_path(code), code, *date, what, label[size], quantity, *where))
    return Markup("".join(lines))


def label_path(code: str) -> str:
    """Return the address that a label's square holds: it leads to whatever has this code."""
    return f"/b/{quote(code, safe='')}"


@lru_cache(maxsize=8192)  # a list has one in each row
def box_path(code: str) -> str:
    """Return the address of a box's page."""
    return f"/stock/boxes/{quote(code, safe='')}"


def _product(wanted: finding.BoxFilter) -> Product | None:
    """Return the product whose boxes are looked for, with its sizes to choose from."""
    product = select(Product).options(selectinload(Product.sizes))
    if wanted.product_id:
        return db.session.scalars(product.where(Product.id == wanted.product_id)).one_or_none()
    return db.session.scalars(product.join(Size).where(Size.id == wanted.size_id)).one_or_none()


def _download(wanted: finding.BoxFilter, columns: Sequence[str], kind: str) -> Response:
    """Return the list with these columns: as XLSX, or as CSV."""
    header, say = [COLUMNS[name].label for name in columns], values(columns)
    rows = ([of(row) for of in say] for row in finding.BOXES_IN_FULL.every(db.session, wanted))
    return xlsx_response("boxes.xlsx", header, rows) if kind == "xlsx" else csv_response("boxes.csv", header, rows)


@bp.get("/stock/boxes/new")
@requires(Permission.MOVE_STOCK)
def new_box() -> str | tuple[str, int]:
    """Choose what has arrived; then say which size, how many and where."""
    if "like" in request.args:
        return _like(request.args["like"])
    if product_id := id_asked("product"):
        form = ReceiveForm(
            location_id=session.get(LAST_SHELF), size_id=id_asked("size"), code=request.args.get("code", "")
        )
        return _receive_page(form, product_id)
    return _choose_page()


@bp.post("/stock/boxes")
@requires(Permission.MOVE_STOCK)
def receive() -> Response | str | tuple[str, int]:
    """Put goods that arrived into a new box."""
    form = ReceiveForm()
    size = db.session.get(Size, form.size_id.data) if form.size_id.data else None
    product = _open_product(size.product_id if size else number_in(request.form.get("product")))
    if product is None:
        flash(_("Choose what has arrived first."), "warn")
        return _choose_page(422)
    product_id = product.id
    form.offer(product, open_shelves(db.session))
    actor_id, location_id, dated = current_user.id, form.location_id.data, form.dated
    if form.accepts(
        lambda: receiving.receive_new_box.once(form.token)(
            actor_id=actor_id,
            size_id=form.size_id.data,
            quantity=form.quantity.data or 0,
            location_id=location_id,
            source=form.source.data,
            **dated,
            note=form.note.data or "",
            code=form.code.data or "",
        )
    ):
        session[LAST_SHELF] = location_id
        if form.code.data and request.form.get("label") == form.code.data:
            flash(_("Received into box %(code)s.", code=form.result))
        else:
            flash(_("Received. Write %(code)s on the box.", code=form.result))
        return see_other(box_path(form.result))
    return _receive_page(form, product_id)


def _like(code: str) -> str | tuple[str, int]:
    """Receive another box like this one: same product, size, shelf and source."""
    box = box_by_code(db.session, code)
    shelf = next((place.id for place in finding.places_of(db.session, box.id) if place.kind == "shelf"), None)
    form = ReceiveForm(size_id=box.size_id, location_id=shelf, source=box.source, best_before=box.best_before)
    return _receive_page(form, box.size.product_id)


def _open_product(product_id: int) -> Product | None:
    query = select(Product).where(Product.id == product_id, Product.closed_at.is_(None))
    return db.session.scalars(query.options(selectinload(Product.sizes))).one_or_none()


def _receive_page(form: ReceiveForm, product_id: int) -> str | tuple[str, int]:
    product = _open_product(product_id)
    if product is None:
        flash(_("That product is not in use. Choose another."), "warn")
        return _choose_page(404)
    form.offer(product, open_shelves(db.session))
    label = request.values.get("label") or request.args.get("code", "")
    return render_template("stock/receive.html", form=form, product=product, label=label), form.status


def _choose_page(status: int = 200) -> tuple[str, int]:
    words = searched()
    query = select(Product).where(Product.closed_at.is_(None))
    query = query.where(*products_like(db.session, words))
    page = paginate(db.session, query.order_by(Product.name_key, Product.gender, Product.id), page_number())
    label = request.args.get("code", "")[:LONGEST_CODE]
    return render_template("stock/choose.html", page=page, words=words, lately=_lately(), label=label), status


def _lately() -> list[Product]:
    """Return the products received last, the newest first: what has just arrived often comes in many boxes."""
    boxes = db.session.scalars(
        select(Box).options(joinedload(Box.size).joinedload(Size.product)).order_by(Box.id.desc()).limit(30)
    )
    found = {box.size.product_id: box.size.product for box in boxes if box.size.product.closed_at is None}
    return list(found.values())[:6]
