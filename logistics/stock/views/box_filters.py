"""Choosing what the list of boxes shows and how; and keeping that under a name."""

from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from ...db import db
from ...people.access import Permission, requires
from ...web.asked import id_asked
from ...web.forms import BaseForm, Line
from ...web.redirects import see_other
from .. import products, words
from ..arriving.words import whole_name
from ..forms import shelf_choices
from ..models import Product, Size
from ..narrowing import saving
from ..narrowing.columns import COLUMNS, known
from ..narrowing.words import AGES, ORIGINS, STATES
from ..size_ranges import in_order
from ..warehouses import open_shelves, warehouses
from .asked_boxes import query_of
from .blueprint import bp

Answer = Response | str | tuple[str, int]


def _name_form(*args: Any, **kwargs: Any) -> BaseForm:
    fields = {"name": Line(_("Name"), longest=saving.LONGEST_NAME)}
    form: BaseForm = type("NameForm", (BaseForm,), fields)(*args, **kwargs)
    return form


@bp.get("/stock/boxes/filter")
@requires(Permission.SEE_STOCK)
def box_filter() -> Answer:
    """Ask what the list of boxes shall show, and with which columns; show the filters that one keeps."""
    if request.args.get("do") == "show":
        asked = MultiDict(request.args)
        asked["columns"] = ".".join(request.args.getlist("columns"))
        query = query_of(asked)
        return see_other(f"/stock/boxes?{query}" if query else "/stock/boxes")
    return _page(_name_form(formdata=None))


@bp.post("/stock/boxes/filters")
@requires(Permission.SEE_STOCK)
def save_filter() -> Answer:
    """Keep what is chosen under a name."""
    form, actor_id = _name_form(), current_user.id
    query = query_of(request.args)
    if form.accepts(lambda: saving.save.once(form.token)(actor_id=actor_id, name=form["name"].data or "", query=query)):
        flash(_("Saved. It stands with your filters from now on."))
        return see_other(f"/stock/boxes?{query}")
    return _page(form)


@bp.post("/stock/boxes/filters/<int:filter_id>/delete")
@requires(Permission.SEE_STOCK)
def delete_filter(filter_id: int) -> Response:
    """Delete a filter that one keeps."""
    form = BaseForm()
    saving.delete.once(form.token)(actor_id=current_user.id, filter_id=filter_id)
    flash(_("Deleted."))
    return see_other("/stock/boxes/filter")


def _page(form: BaseForm) -> tuple[str, int]:
    in_use = db.session.scalars(
        select(Product).where(Product.closed_at.is_(None)).order_by(Product.name_key, Product.gender)
    )
    sizes = db.session.scalars(select(Size.label).distinct()).all()
    page = render_template(
        "stock/box_filter.html",
        form=form,
        args=request.args,
        query=query_of(request.args),
        sites=warehouses(db.session),
        shelves=shelf_choices(open_shelves(db.session)),
        shelf_id=id_asked("shelf"),
        products=[(str(product.id), whole_name(product)) for product in in_use],
        sizes=[(label, words.labelled(label)) for label in in_order(sizes)],
        genders=[(gender.value, label) for gender, label in words.FOR_WHOM.items()],
        categories=words.label_choices(products.categories(db.session)),
        states=list(STATES.items()),
        origins=list(ORIGINS.items()),
        ages=[(str(days), label) for days, label in AGES.items()],
        columns=COLUMNS,
        chosen=known(request.args.get("columns", "")),
        kept_filters=saving.kept_by(db.session, current_user.id),
    )
    return page, form.status
