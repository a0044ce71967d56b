"""Scanning: one code to open what it is on, or many codes to do one thing with all of them."""

from collections.abc import Sequence
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from ...db import db
from ...errors import Invalid, msg
from ...people.access import Permission, may, requires
from ...web.asked import id_asked
from ...web.filters import named
from ...web.redirects import see_other
from ...web.security import WITH_WASM
from .. import finding, words
from ..labelling import many
from ..labelling.forms import LONGEST_SCANNED, ManyForm, MoveAllForm, WriteOffAllForm, shown
from ..labelling.reading import read
from ..lookup import box_by_code
from ..models import Location, LocationKind
from ..transfers import preparing
from ..transfers.forms import TransferAllForm
from ..warehouses import open_shelves, warehouses
from .blueprint import bp
from .boxes import box_path, label_path

Answer = Response | str | tuple[str, int]
FORMS: dict[str, type[ManyForm]] = {
    "move": MoveAllForm,
    "transfer": TransferAllForm,
    "print": ManyForm,
    "write-off": WriteOffAllForm,
}


@bp.get("/stock/scan")
@requires(Permission.SEE_STOCK)
def scan() -> Answer:
    """Open what a code is on, or show where to scan or type one."""
    text = request.args.get("code", "").strip()
    if not text:
        return scan_page()
    found = read(db.session, text[:LONGEST_SCANNED])
    if found is None:
        return scan_page(missing=text)
    return redirect(label_path(found.code) if found.blank else box_path(found.code))


@bp.get("/stock/scan/look")
@requires(Permission.SEE_STOCK)
def look() -> dict[str, Any]:
    """Say what a code is on, for the list that a browser collects."""
    found = read(db.session, request.args.get("code", "")[:LONGEST_SCANNED])
    if found is None:
        return {"found": False, "says": _("No box and no label has this code.")}
    if found.box_id is None:
        return {"found": False, "says": _("This label is blank: it is on no box yet.")}
    box, places = box_by_code(db.session, found.code), finding.places_of(db.session, found.box_id)
    what = f"{product_name(box.size.product)}, {words.labelled(box.size.label)}"
    here = [f"{place.name}: {place.quantity}" for place in places if place.kind == LocationKind.SHELF]
    return {"found": True, "code": box.code, "says": " · ".join([what, *here])}


def product_name(thing: Any) -> str:
    """Return a product with whom it is for: "Joggers, men"."""
    whom = words.for_whom(thing.gender)
    return f"{named(thing)}, {whom}" if whom else named(thing)


@bp.post("/stock/scan")
@requires(Permission.MOVE_STOCK)
def act_on_many() -> Answer:
    """Do one thing with all the boxes of a list of codes, or with none."""
    do = request.form.get("do", "")
    form = FORMS.get(do, ManyForm)()
    _offer(form, open_shelves(db.session))
    if do not in ACTS:
        form.refuse(Invalid(msg("Choose what shall be done with them.")))
    elif form.accepts(lambda: ACTS[do](form)):
        return see_other(form.result)
    return scan_page(form, do)


def _offer(form: ManyForm, shelves: Sequence[Location]) -> None:
    """Set the choices of what has any."""
    form.offer(shelves)
    if isinstance(form, TransferAllForm):
        form.offer_sites(warehouses(db.session))


def _transfer(form: Any) -> str:
    made = preparing.prepare.once(form.token)(actor_id=current_user.id, to_id=form.warehouse_id.data, codes=form.list)
    return f"/stock/scan?done=0&transfer={made}"


def _move(form: Any) -> str:
    done = many.move_all.once(form.token)(actor_id=current_user.id, codes=form.list, to_id=form.to_id.data)
    told = ngettext("%(num)d box moved.", "%(num)d boxes moved.", done["moved"])
    if done["there"]:
        told += " " + ngettext(
            "%(num)d was on that shelf already.", "%(num)d were on that shelf already.", done["there"]
        )
    flash(told)
    return _done(done["act"])


def _write_off(form: Any) -> str:
    done = many.write_off_all.once(form.token)(
        actor_id=current_user.id, codes=form.list, reason=form.reason.data or "", note=form.note.data or ""
    )
    flash(
        ngettext(
            "%(num)d box is empty now: %(units)s written off.",
            "%(num)d boxes are empty now: %(units)s written off.",
            done["boxes"],
            units=done["units"],
        )
    )
    return _done(done["act"])


def _done(act: int) -> str:
    """Return where it is said that the list, which a browser keeps, is done with; and where it can be undone."""
    return f"/stock/scan?done={act}"


def _print(form: Any) -> str:
    boxes = many.boxes_of(db.session, form.list)
    return f"/stock/labels?boxes={'.'.join(str(box.box_id) for box in boxes)}"


ACTS = {"move": _move, "transfer": _transfer, "print": _print, "write-off": _write_off}


def scan_page(form: ManyForm | None = None, do: str = "", *, missing: str = "") -> Answer:
    """Show the page, with a list that was refused, or a code that is on nothing."""
    forms: dict[str, ManyForm] = {}
    if may(Permission.MOVE_STOCK):
        shelves = open_shelves(db.session)
        for name, kind in FORMS.items():
            forms[name] = form if form is not None and name == do else kind(formdata=None)
            _offer(forms[name], shelves)
    status = form.status if form is not None else 404 if missing else 200
    page = render_template(
        "stock/scan.html",
        sent=form,
        do=do,
        forms_here=forms,
        missing=shown(missing),
        shown=shown,
        done="done" in request.args,
        act=id_asked("done"),
        made=id_asked("transfer"),
    )
    answer: FlaskResponse = make_response(page, status)
    answer.headers["Content-Security-Policy"] = WITH_WASM
    return answer
