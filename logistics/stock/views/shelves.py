"""The shelves of a warehouse: adding, renaming, closing."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from ...commands import Command
from ...db import db, stream
from ...errors import DomainError
from ...paging import paginate
from ...people.access import Permission, requires
from ...web.asked import id_asked, page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.forms import BaseForm
from ...web.i18n import translate
from ...web.redirects import see_other
from .. import warehouses
from ..forms import ShelfNameForm, ShelvesForm
from ..models import Location, LocationKind
from .blueprint import bp, one_of


@bp.get("/stock/shelves")
@requires(Permission.SEE_STOCK)
def shelves() -> Response | str | tuple[str, int]:
    """Show the shelves of one warehouse, the first one unless another is asked for."""
    return _page(id_asked("warehouse"), ShelvesForm(formdata=None))


@bp.post("/stock/warehouses/<int:warehouse_id>/shelves")
@requires(Permission.MANAGE_SETUP)
def add_shelves(warehouse_id: int) -> Response | str | tuple[str, int]:
    """Add one or several shelves to a warehouse."""
    form = ShelvesForm()
    actor_id = current_user.id
    if form.accepts(
        lambda: warehouses.add_shelves.once(form.token)(
            actor_id=actor_id, warehouse_id=warehouse_id, names=warehouses.shelf_names(form.names.data)
        )
    ):
        flash(_("Added: %(count)d.", count=len(form.result)))
        return see_other(_list_path(warehouse_id))
    if form.status == 404:
        raise NotFound
    return _page(warehouse_id, form)


def _page(warehouse_id: int, form: ShelvesForm) -> Response | str | tuple[str, int]:
    sites = warehouses.warehouses(db.session)
    site = one_of(sites, warehouse_id) or (sites[0] if sites and not warehouse_id else None)
    if site is None:
        if warehouse_id:
            raise NotFound
        return render_template("stock/no_warehouse.html")
    query = warehouses.shelves_with_contents(site.id, searched())
    if wants_csv():
        header = [_("Warehouse"), _("Shelf"), _("Boxes"), _("Pieces"), _("Closed on")]
        return csv_response("shelves.csv", header, _csv_rows(site.name, query))
    page = paginate(db.session, query, page_number())
    return (
        render_template("stock/shelves.html", page=page, sites=sites, site=site, form=form, words=searched()),
        form.status,
    )


def _csv_rows(warehouse: str, query: Select[*tuple[Any, ...]]) -> Iterator[Sequence[Any]]:
    for each, boxes, pieces in stream(db.session, query):
        yield warehouse, each.name, boxes, pieces, each.closed_at and each.closed_at.date()


@bp.get("/stock/shelves/<int:shelf_id>")
@requires(Permission.MANAGE_SETUP)
def shelf(shelf_id: int) -> str | tuple[str, int]:
    """Show the form that renames a shelf."""
    found = _shelf(shelf_id)
    return _shelf_page(found, ShelfNameForm(obj=found))


@bp.post("/stock/shelves/<int:shelf_id>")
@requires(Permission.MANAGE_SETUP)
def rename_shelf(shelf_id: int) -> Response | str | tuple[str, int]:
    """Give a shelf another name."""
    warehouse_id = _shelf(shelf_id).warehouse_id
    form = ShelfNameForm()
    actor_id = current_user.id
    if form.accepts(
        lambda: warehouses.rename_shelf.once(form.token)(actor_id=actor_id, shelf_id=shelf_id, name=form.name.data)
    ):
        flash(_("Saved."))
        return see_other(_list_path(warehouse_id))
    return _shelf_page(_shelf(shelf_id), form)


@bp.post("/stock/shelves/<int:shelf_id>/close")
@requires(Permission.MANAGE_SETUP)
def close_shelf(shelf_id: int) -> Response | str | tuple[str, int]:
    """Stop using a shelf, unless goods are on it."""
    return _change(shelf_id, warehouses.close_shelf, _("Closed: nothing is put there any more."))


@bp.post("/stock/shelves/<int:shelf_id>/reopen")
@requires(Permission.MANAGE_SETUP)
def reopen_shelf(shelf_id: int) -> Response | str | tuple[str, int]:
    """Use a closed shelf again."""
    return _change(shelf_id, warehouses.reopen_shelf, _("Open again."))


def _change(shelf_id: int, change: Command[Any, int], done: str) -> Response | str | tuple[str, int]:
    """Do it and go back to the list; a refusal is told on the shelf's page."""
    warehouse_id = _shelf(shelf_id).warehouse_id
    token, actor_id = BaseForm().token, current_user.id
    try:
        change.once(token)(actor_id=actor_id, shelf_id=shelf_id)
    except DomainError as error:
        found = _shelf(shelf_id)
        form = ShelfNameForm(formdata=None, obj=found)
        form.status = error.status
        form.form_errors.append(translate(error.message))
        return _shelf_page(found, form)
    flash(done)
    return see_other(_list_path(warehouse_id))


def _shelf(shelf_id: int) -> Location:
    found = db.session.get(Location, shelf_id)
    if found is None or found.kind != LocationKind.SHELF:
        raise NotFound
    return found


def _shelf_page(found: Location, form: ShelfNameForm) -> tuple[str, int]:
    return render_template("stock/shelf.html", shelf=found, form=form), form.status


def _list_path(warehouse_id: int | None) -> str:
    return f"/stock/shelves?warehouse={warehouse_id}"
