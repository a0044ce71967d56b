"""Importing a file through pages: upload, look at what it would change, then write it."""

from collections.abc import Sequence
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from ...config import MAX_UPLOAD_BYTES
from ...db import db
from ...errors import Invalid, msg
from ...paging import Page
from ...people.access import Permission, may, requires
from ...web.asked import page_number
from ...web.filters import number
from ...web.i18n import translate
from ...web.redirects import see_other
from .. import uploads
from ..forms import BoxesUploadForm, ConfirmForm, UploadForm
from ..importing import BadRow, Parsed, is_plain, parse_boxes, parse_products
from ..importing_products import plan_products
from ..models import ImportKind, ImportUpload
from ..spreadsheets.matching import Unknown, look
from ..warehouses import warehouses
from .blueprint import bp

SHOWN = 50  # rows of a preview
BAD_SHOWN = 200  # bad rows on one page


@bp.get("/stock/import")
@requires(Permission.MOVE_STOCK)
def choose_boxes_file() -> str | tuple[str, int]:
    """Ask for Boxtribute's export of boxes."""
    return _upload_page(ImportKind.BOXES, _boxes_form())


@bp.post("/stock/import")
@requires(Permission.MOVE_STOCK)
def upload_boxes() -> Response | str | tuple[str, int]:
    """Keep an export of boxes and show what importing it would do."""
    form = _boxes_form()
    new_warehouse = form.new_warehouse.data or "" if form.new_warehouse else ""
    return _keep(ImportKind.BOXES, form, form.warehouse_id.data or None, new_warehouse)


@bp.get("/stock/import/products")
@requires(Permission.MANAGE_SETUP)
def choose_products_file() -> str | tuple[str, int]:
    """Ask for a list of products."""
    return _upload_page(ImportKind.PRODUCTS, UploadForm())


@bp.post("/stock/import/products")
@requires(Permission.MANAGE_SETUP)
def upload_products() -> Response | str | tuple[str, int]:
    """Keep a list of products and show what importing it would do."""
    return _keep(ImportKind.PRODUCTS, UploadForm())


def _boxes_form() -> BoxesUploadForm:
    form = BoxesUploadForm()
    form.offer(warehouses(db.session), may_add=may(Permission.MANAGE_SETUP))
    return form


def _upload_page(kind: ImportKind, form: UploadForm) -> tuple[str, int]:
    return render_template("stock/upload.html", kind=kind, form=form), form.status


def _keep(
    kind: ImportKind, form: UploadForm, warehouse_id: int | None = None, new_warehouse: str = ""
) -> Response | tuple[str, int]:
    actor_id = current_user.id

    def keep() -> int:
        content = form.file.data.read(MAX_UPLOAD_BYTES + 1)
        if len(content) > MAX_UPLOAD_BYTES:
            raise Invalid(msg("The file is larger than 5 MB."), "file")
        mapped = kind is ImportKind.BOXES and not is_plain(content)
        if mapped:
            look(content)
        else:
            _refuse_unreadable(parse_boxes(content) if kind is ImportKind.BOXES else parse_products(content))
        return uploads.keep(
            actor_id=actor_id,
            kind=kind,
            content=content,
            warehouse_id=warehouse_id,
            new_warehouse=new_warehouse,
            filename=form.file.data.filename or "",
            mapped=mapped,
        )

    if form.accepts(keep):
        return see_other(f"/stock/import/{form.result}{'?add_missing=1' if 'add_missing' in request.form else ''}")
    return _upload_page(kind, form)


def _refuse_unreadable(parsed: Parsed[Any]) -> None:
    """Raise `Invalid` at the file when not one of its rows can be read: it is another kind of file."""
    if not parsed.rows:
        first = parsed.bad[0]
        where = msg("Line %(line)d: %(reason)s", line=first.line, reason=translate(first.reason))
        raise Invalid(where, field="file")


@bp.get("/stock/import/<int:upload_id>")
@requires(Permission.MOVE_STOCK)
def preview(upload_id: int) -> Response | str | tuple[str, int]:
    """Show what importing a kept file would do; nothing is written. First ask which of its columns is what."""
    if uploads.kept(db.session, current_user.id, upload_id).mapping == {}:
        return see_other(f"/stock/import/{upload_id}/columns")
    return _preview(upload_id, ConfirmForm(add_missing=request.args.get("add_missing") == "1"))


@bp.post("/stock/import/<int:upload_id>")
@requires(Permission.MOVE_STOCK)
def confirm(upload_id: int) -> Response | str | tuple[str, int]:
    """Import a kept file."""
    upload = db.session.get(ImportUpload, upload_id)  # gone when this is a repeat
    if upload is not None:
        _refuse_without_permission(upload)
    form = ConfirmForm()
    actor_id = current_user.id
    if form.accepts(
        lambda: uploads.use.once(form.token)(
            actor_id=actor_id,
            upload_id=upload_id,
            add_missing=bool(form.add_missing.data),
            add_warehouses=may(Permission.MANAGE_SETUP),
        )
    ):
        if "boxes" in form.result:
            boxes = ngettext("%(num)d box", "%(num)d boxes", form.result["boxes"])
            items = form.result["items"]
            flash(
                _(
                    "Imported: %(boxes)s with %(items)s.",
                    boxes=boxes,
                    items=ngettext("%(count)s item", "%(count)s items", items, count=number(items)),
                )
            )
            return see_other("/stock/boxes")
        flash(ngettext("Imported: %(num)d product.", "Imported: %(num)d products.", form.result["products"]))
        return see_other("/stock/products")
    return _preview(upload_id, form)


@bp.post("/stock/import/<int:upload_id>/discard")
@requires(Permission.MOVE_STOCK)
def discard(upload_id: int) -> Response:
    """Let go of a kept file."""
    uploads.discard(actor_id=current_user.id, upload_id=upload_id)
    flash(_("Nothing was imported."))
    return see_other("/stock")


def _preview(upload_id: int, form: ConfirmForm) -> tuple[str, int]:
    upload = uploads.kept(db.session, current_user.id, upload_id)
    _refuse_without_permission(upload)
    plan, unknown = _plan(upload, bool(form.add_missing.data))
    page = render_template(
        "stock/preview.html",
        upload=upload,
        plan=plan,
        unknown=len(unknown),
        bad=_page_of(plan.bad),
        rows=plan.new[:SHOWN],
        counts=plan.summary,
        form=form,
        translate=translate,
    )
    return page, form.status


def _refuse_without_permission(upload: ImportUpload) -> None:
    """Boxes are for whoever moves stock; products and new warehouses are set-up."""
    if (upload.kind == ImportKind.PRODUCTS or upload.new_warehouse) and not may(Permission.MANAGE_SETUP):
        raise Forbidden


def _plan(upload: ImportUpload, add_missing: bool) -> tuple[Any, Sequence[Unknown]]:
    warehouse = uploads.target(upload)
    if warehouse is None:
        return plan_products(db.session, upload.content), ()
    add_warehouses = may(Permission.MANAGE_SETUP)
    return uploads.planned(db.session, upload, warehouse, add_missing=add_missing, add_warehouses=add_warehouses)


def _page_of(bad: list[BadRow]) -> Page[BadRow]:
    pages = max(1, -(-len(bad) // BAD_SHOWN))
    number = min(page_number(), pages)
    return Page(bad[(number - 1) * BAD_SHOWN : number * BAD_SHOWN], number, len(bad), BAD_SHOWN)
