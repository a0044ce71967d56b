"""Matching a kept file's columns and values with ours, before its import is looked at."""

from collections.abc import Mapping, Sequence

from flask import flash, render_template
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from ...db import db
from ...people.access import Permission, requires
from ...web.forms import BaseForm
from ...web.redirects import see_other
from .. import uploads
from ..arriving.things import names
from ..importing_here import products_by_key
from ..models import ImportUpload, Product
from ..searching import catalogue
from ..spreadsheets import forms
from ..spreadsheets.headings import NEEDED, Field
from ..spreadsheets.matching import Layout, Unknown, first_mapping, look
from ..spreadsheets.models import MatchKind
from .blueprint import bp

Answer = Response | str | tuple[str, int]
ASKED_AT_ONCE = 30
ORDER = (MatchKind.GENDER, MatchKind.SOURCE, MatchKind.PRODUCT, MatchKind.SIZE)  # what rests on what


@bp.get("/stock/import/<int:upload_id>/columns")
@requires(Permission.MOVE_STOCK)
def match_columns(upload_id: int) -> Answer:
    """Ask which column of a file is what; those that are known are chosen already."""
    upload = _mapped(upload_id)
    layout = look(upload.content)
    mapping, name = first_mapping(db.session, layout)
    kept = upload.mapping or mapping.plain()
    form = forms.columns_form(layout)
    for what in forms.FIELDS:
        key = kept["columns"].get(what)
        form[f"column_{what}"].data = str(layout.keys.index(key)) if key in layout.keys else ""
    form.prefix.data, form.shelf.data = kept["prefix"], kept["shelf"]
    form.name.data = name or upload.filename.rpartition(".")[0] or upload.filename
    return _columns_page(upload, layout, form)


@bp.post("/stock/import/<int:upload_id>/columns")
@requires(Permission.MOVE_STOCK)
def save_columns(upload_id: int) -> Answer:
    """Keep which column is what, and go on to the values."""
    upload = _mapped(upload_id)
    layout = look(upload.content)
    form, actor_id = forms.columns_form(layout), current_user.id
    if form.accepts(
        lambda: uploads.map_columns.once(form.token)(
            actor_id=actor_id,
            upload_id=upload_id,
            columns=forms.chosen_columns(form),
            name=form.name.data,
            prefix=form.prefix.data,
            shelf=form.shelf.data,
        )
    ):
        return see_other(f"/stock/import/{upload_id}/values")
    return _columns_page(_mapped(upload_id), layout, form)


def _columns_page(upload: ImportUpload, layout: Layout, form: BaseForm) -> tuple[str, int]:
    page = render_template(
        "stock/match_columns.html",
        upload=upload,
        form=form,
        fields=forms.FIELDS,
        needed=NEEDED,
        code=Field.CODE,
        shelf=Field.SHELF,
        layout=layout,
    )
    return page, form.status


@bp.get("/stock/import/<int:upload_id>/values")
@requires(Permission.MOVE_STOCK)
def match_values(upload_id: int) -> Answer:
    """Ask what the values mean that nothing here is called; with none left, go on to look at it all."""
    upload = _mapped(upload_id)
    if not upload.mapping:
        return see_other(f"/stock/import/{upload_id}/columns")
    unknown, products = _unknown(upload), _products()
    if not unknown:
        return see_other(f"/stock/import/{upload_id}{'?add_missing=1' if upload.mapping.get('new') else ''}")
    return _values_page(upload, unknown, products)


@bp.post("/stock/import/<int:upload_id>/values")
@requires(Permission.MOVE_STOCK)
def save_values(upload_id: int) -> Answer:
    """Remember what values mean, and ask for what is left."""
    upload = _mapped(upload_id)
    unknown, products = _unknown(upload), _products()
    questions = _questions(unknown, products)
    form = forms.values_form(questions)
    actor_id = current_user.id
    if form.accepts(
        lambda: uploads.match_values.once(form.token)(
            actor_id=actor_id, upload_id=upload_id, **forms.answers(form, products)
        )
    ):
        if form.result:
            flash(ngettext("%(num)d is remembered.", "%(num)d are remembered.", form.result))
        return see_other(f"/stock/import/{upload_id}/values")
    return _values_page(_mapped(upload_id), _unknown(_mapped(upload_id)), _products(), form)


def _values_page(
    upload: ImportUpload,
    unknown: Sequence[Unknown],
    products: Mapping[int, Product],
    form: BaseForm | None = None,
) -> tuple[str, int]:
    questions = _questions(unknown, products)
    form = form or forms.values_form(questions)
    page = render_template(
        "stock/match_values.html",
        upload=upload,
        form=form,
        questions=questions,
        left=len(unknown) - len(questions),
        names=names(db.session) if any(each.typed for each in questions) else (),
    )
    return page, form.status


def _questions(unknown: Sequence[Unknown], products: Mapping[int, Product]) -> list[forms.Question]:
    """Return what is asked now: values of one kind, for what comes after rests on them."""
    kind = next((kind for kind in ORDER if any(each.kind is kind for each in unknown)), None)
    asked = [each for each in unknown if each.kind is kind][:ASKED_AT_ONCE]
    index = catalogue(db.session)
    return [forms.question(each, products, index) for each in asked]


def _unknown(upload: ImportUpload) -> Sequence[Unknown]:
    warehouse = uploads.target(upload) or ""
    _plan, unknown = uploads.planned(db.session, upload, warehouse, add_missing=True, add_warehouses=True)
    return unknown


def _products() -> Mapping[int, Product]:
    return {product.id: product for product in products_by_key(db.session).values()}


def _mapped(upload_id: int) -> ImportUpload:
    """Return a kept file whose columns are to be matched. Raises NotFound."""
    upload = uploads.kept(db.session, current_user.id, upload_id)
    if upload.mapping is None:
        raise NotFound
    return upload
