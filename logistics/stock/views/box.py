"""A box's page: how many, where, promised to whom, what happened; and putting in, moving, counting."""

from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...db import db
from ...errors import Conflict
from ...people.access import Permission, may, requires
from ...web.asked import page_number
from ...web.filters import either
from ...web.forms import BaseForm
from ...web.i18n import translate
from ...web.redirects import came_from, see_other
from .. import counting, dividing, expiring, finding, history, moving, receiving, taking, undoing, words
from ..arriving import trace
from ..forms import BoxForm, CountForm, DateForm, MergeForm, MoveForm, PutInForm, SplitForm, TakeOutForm, shelf_choices
from ..lookup import box_by_code
from ..models import Box, LocationKind
from ..purchases import receiving as purchases
from ..transfers import listing as transfers
from ..warehouses import open_shelves
from .blueprint import bp
from .boxes import box_path
from .lists import by_day


@bp.get("/stock/boxes/<code>")
@requires(Permission.SEE_STOCK)
def box(code: str) -> str | tuple[str, int]:
    """Show a box."""
    return _page(code)


@bp.post("/stock/boxes/<code>/receive")
@requires(Permission.MOVE_STOCK)
def put_in(code: str) -> Response | str | tuple[str, int]:
    """Put more goods into a box."""
    form = _offered(PutInForm(), code)
    actor_id, best_before = current_user.id, form.best_before.data if form.best_before else None
    if form.accepts(
        lambda: receiving.receive_into.once(form.token)(
            actor_id=actor_id,
            code=code,
            quantity=form.quantity.data,
            location_id=form.location_id.data,
            source=form.source.data,
            best_before=best_before,
            note=form.note.data or "",
        )
    ):
        flash(_("Put in: %(count)d more.", count=form.quantity.data))
        return see_other(box_path(form.result))
    return _page(code, form)


@bp.post("/stock/boxes/<code>/best-before")
@requires(Permission.MOVE_STOCK)
def date(code: str) -> Response | str | tuple[str, int]:
    """Set a box's best-before, or say that it has none."""
    form = _offered(DateForm(), code)
    actor_id = current_user.id
    if form.accepts(
        lambda: expiring.set_best_before.once(form.token)(
            actor_id=actor_id, code=code, best_before=form.best_before.data, undated=form.undated.data
        )
    ):
        flash(_("Saved."))
        return see_other(box_path(form.result))
    return _page(code, form)


@bp.post("/stock/boxes/<code>/move")
@requires(Permission.MOVE_STOCK)
def move(code: str) -> Response | str | tuple[str, int]:
    """Move all or part of a box to another shelf."""
    form = _offered(MoveForm(), code)
    actor_id = current_user.id
    if form.accepts(
        lambda: moving.move_box.once(form.token)(
            actor_id=actor_id,
            code=code,
            from_id=form.from_.data,
            to_id=form.to.data,
            quantity=form.quantity.data,
        )
    ):
        flash(_("Moved."))
        return see_other(box_path(form.result))
    return _page(code, form)


@bp.post("/stock/boxes/<code>/take-out")
@requires(Permission.MOVE_STOCK)
def take_out(code: str) -> Response | str | tuple[str, int]:
    """Give some of a box away at the warehouse."""
    form = _offered(TakeOutForm(), code)
    actor_id = current_user.id
    if form.accepts(
        lambda: taking.take_out.once(form.token)(
            actor_id=actor_id,
            code=code,
            location_id=form.from_.data,
            quantity=form.quantity.data,
            note=form.note.data or "",
        )
    ):
        flash(_("Taken out: %(count)d.", count=form.quantity.data))
        return see_other(box_path(form.result))
    return _page(code, form)


@bp.post("/stock/boxes/<code>/split")
@requires(Permission.MOVE_STOCK)
def split(code: str) -> Response | str | tuple[str, int]:
    """Put some of a box into a new box of its own."""
    form = _offered(SplitForm(), code)
    actor_id = current_user.id
    if form.accepts(
        lambda: dividing.split_box.once(form.token)(
            actor_id=actor_id,
            code=code,
            from_id=form.from_.data,
            to_id=form.to.data,
            quantity=form.quantity.data,
            new_code=form.new_code.data or "",
        )
    ):
        flash(_("Split. Write %(code)s on the new box.", code=form.result))
        return see_other(box_path(form.result))
    return _page(code, form)


@bp.post("/stock/boxes/<code>/merge")
@requires(Permission.MOVE_STOCK)
def merge(code: str) -> Response | str | tuple[str, int]:
    """Put some or all of a box into another one of the same."""
    form = _offered(MergeForm(), code)
    actor_id = current_user.id
    if form.accepts(
        lambda: dividing.merge_boxes.once(form.token)(
            actor_id=actor_id,
            code=code,
            from_id=form.from_.data,
            into=form.into.data,
            quantity=form.quantity.data,
        )
    ):
        flash(_("They are in box %(code)s now.", code=form.result))
        return see_other(box_path(form.result))
    return _page(code, form)


@bp.post("/stock/movements/<int:movement_id>/undo")
@requires(Permission.MOVE_STOCK)
def undo(movement_id: int) -> Response:
    """Undo what was done to a box; a refusal is told on the page where it was asked for."""
    token, actor_id = BaseForm().token, current_user.id
    try:
        code = undoing.undo.once(token)(actor_id=actor_id, movement_id=movement_id)
    except Conflict as error:
        flash(translate(error.message), "warn")
        return see_other(came_from())
    flash(_("Undone."))
    return see_other(box_path(code))


@bp.post("/stock/boxes/<code>/adjust")
@requires(Permission.MOVE_STOCK)
def adjust(code: str) -> Response | str | tuple[str, int]:
    """Correct how many are in a box to what was counted."""
    form = _offered(CountForm(), code)
    actor_id, shelf_id = current_user.id, form.location.data
    seen = _seen(code, shelf_id)
    if form.accepts(
        lambda: counting.correct.once(form.token)(
            actor_id=actor_id,
            code=code,
            location_id=shelf_id,
            seen=seen,
            counted=form.counted.data,
            reason=form.reason.data,
            note=form.note.data or "",
        )
    ):
        flash(_("Counted: the number is right now."))
        return see_other(box_path(form.result))
    return _page(code, form)


def _seen(code: str, shelf_id: int) -> int:
    """Return the number that the page showed for a shelf; what is there now, if it showed none."""
    text = request.form.get(f"seen_{shelf_id}") or request.form.get("seen") or ""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    return next((place.quantity for place in _shelves(code) if place.id == shelf_id), 0)


def _shelves(code: str) -> list[Any]:
    """Return the shelves where a box is; when it is nowhere, where it was last."""
    places = finding.places_of(db.session, box_by_code(db.session, code).id)
    return _on_shelves(places)


def _on_shelf(place: Any) -> str:
    where = _("%(shelf)s, %(warehouse)s", shelf=place.name, warehouse=either(place.warehouse, place.warehouse_fr))
    return f"{where} ({place.quantity})"


def _on_shelves(places: Any) -> list[Any]:
    shelves = [place for place in places if place.kind == LocationKind.SHELF]
    return [place for place in shelves if place.quantity] or shelves[-1:]


def _offered(form: Any, code: str) -> Any:
    """Set a form's choices; a box that is on one shelf needs not be asked which."""
    box = box_by_code(db.session, code)
    return _offer(form, box, _shelves(code), shelf_choices(open_shelves(db.session)))


def _offer(form: Any, box: Box, here: list[Any], choices: dict[str, list[tuple[int, str]]]) -> Any:
    if isinstance(form, DateForm):
        return form
    (form.counted if isinstance(form, CountForm) else form.quantity).offer(box.size.product)
    if isinstance(form, PutInForm):
        form.location_id.offer(choices)
        if not _has_date(box):
            del form.best_before
    if isinstance(form, MoveForm | SplitForm):
        form.to.offer(choices)
    asked = {CountForm: "location", PutInForm: "location_id"}.get(type(form), "from_")
    field = form[asked]
    if asked != "location_id":
        field.offer([(place.id, _on_shelf(place)) for place in here])
    if not any(field.raw_data or []) and not field.data and len(here) == 1:
        field.data = here[0].id
    return form


def _has_date(box: Box) -> bool:
    """Return whether to speak of a box's date at all."""
    return box.size.product.has_best_before or box.best_before is not None


def _page(code: str, sent: BoxForm | None = None) -> str | tuple[str, int]:
    """Show a box; with a form that was refused, open where it was."""
    box = box_by_code(db.session, code)
    places = finding.places_of(db.session, box.id)
    here = _on_shelves(places)
    forms = _forms(box, here, sent) if may(Permission.MOVE_STOCK) else {}
    past = history.MOVEMENTS.page(db.session, history.MovementFilter(box_id=box.id), page_number())
    writing_off = bool(forms) and sent is None and request.args.get("write-off") == "1"
    if writing_off:
        forms[CountForm.name]["counted"].data = 0
        forms[CountForm.name]["reason"].data = counting.CorrectionReason.EXPIRED
    return (
        render_template(
            "stock/box.html",
            box=box,
            places=here,
            vans=[place for place in places if place.kind == LocationKind.VAN and place.quantity],
            total=sum(place.quantity for place in here),
            stock=finding.promised_to(db.session, box.size_id),
            history=past,
            acts=undoing.boxes_of_acts(db.session, past.rows) if forms else {},
            days=by_day,
            words=words,
            on_the_way=transfers.of_box(db.session, box.id),
            came_with=trace.came_with(db.session, box.id),
            bought=purchases.came_with(db.session, box.id) if box.source == LocationKind.BOUGHT else [],
            forms_here=forms,
            sent=sent,
            writing_off=writing_off,
            path=box_path(box.code),
        ),
        sent.status if sent else 200,
    )


def _forms(box: Box, here: list[Any], sent: BoxForm | None) -> dict[str, BoxForm]:
    """Return the forms of a box's page; the one that was sent as it was filled in, the others fresh."""
    choices = shelf_choices(open_shelves(db.session))
    forms: dict[str, BoxForm] = {}
    dates = (DateForm,) if _has_date(box) or isinstance(sent, DateForm) else ()
    for kind in (PutInForm, TakeOutForm, MoveForm, SplitForm, MergeForm, CountForm, *dates):
        form = sent if isinstance(sent, kind) else kind(formdata=None)
        forms[kind.name] = _offer(form, box, here, choices)
    if dates and not isinstance(sent, DateForm):
        forms[DateForm.name]["best_before"].data = box.best_before
    return forms
