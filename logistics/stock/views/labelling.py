"""Labels: printing them, blank ones, and what the code on one leads to."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response as FlaskResponse
from flask import current_app, flash, redirect, render_template, request, session
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db
from ...people.access import Permission, may, requires
from ...web.filters import full_day
from ...web.i18n import spoken
from ...web.redirects import see_other
from .. import words
from ..labelling import blanks, linking
from ..labelling.choosing import Choice, Printed, chosen
from ..labelling.drawing import Face, draw
from ..labelling.forms import BlanksForm, DamagedForm, LabelForm, LayoutForm
from ..labelling.layouts import LAYOUTS
from ..labelling.many import MOST_AT_ONCE
from ..labelling.reading import read
from ..lookup import box_by_code
from .blueprint import bp
from .boxes import asked_filter, box_path, label_path
from .scanning import product_name, scan_page

Answer = Response | str | tuple[str, int]
LAST_LAYOUT = "label_sheet"  # in the session: what this person printed on last
MOST_IDS = 10  # digits of an id


@bp.get("/b/<code>")
@requires(Permission.SEE_STOCK)
def label(code: str) -> Answer:
    """Lead from a label to its box; ask what is in the box when the label is blank."""
    found = read(db.session, code)
    if found is None:
        return scan_page(missing=code)
    if found.box_id is not None:
        return redirect(box_path(found.code))
    return _blank_page(found.code)


@bp.post("/b/<code>/link")
@requires(Permission.MOVE_STOCK)
def replace_label(code: str) -> Answer:
    """Put a blank label on a box whose own is damaged."""
    form, actor_id = DamagedForm(), current_user.id
    if form.accepts(
        lambda: linking.link.once(form.token)(actor_id=actor_id, label=code, code=form.code.data),
    ):
        return _linked(code, form.result)
    found = read(db.session, code)
    if found is None:
        return scan_page(missing=code)
    if found.box_id is not None:
        flash(_("This is no blank label: it is on box %(code)s.", code=found.code), "warn")
        return see_other(box_path(found.code))
    return _blank_page(found.code, form)


def _linked(label: str, code: str) -> Response:
    flash(_("Box %(code)s is found by label %(label)s, too, from now on.", code=code, label=label))
    return see_other(box_path(code))


def _blank_page(code: str, form: DamagedForm | None = None) -> tuple[str, int]:
    form = form or DamagedForm(formdata=None)
    return render_template("stock/label_blank.html", code=code, form=form, path=label_path(code)), form.status


@bp.get("/stock/labels")
@requires(Permission.SEE_STOCK)
def labels() -> Answer:
    """Choose what to print labels on; without boxes, choose of which."""
    return _labels_page(_layout_form())


@bp.get("/stock/labels.pdf")
@requires(Permission.SEE_STOCK)
def labels_pdf() -> Answer | FlaskResponse:
    """Print labels as PDF."""
    form = LayoutForm(request.args if "sheet" in request.args else MultiDict({"sheet": _last(), "first": "1"}))
    printed = chosen(db.session, _choice())[:MOST_AT_ONCE]
    if not form.holds() or not printed:
        return _labels_page(form)
    session[LAST_LAYOUT] = form.layout.key
    settings = current_app.extensions["shoreline_settings"]
    pdf = draw(
        form.layout,
        [_face(settings.base_url, each) for each in printed],
        first=form.first_place,
        title=_("Labels"),
        author=settings.org_name,
        language=spoken(),
        made_at=now(),
    )
    return FlaskResponse(
        pdf, mimetype="application/pdf", headers={"Content-Disposition": 'inline; filename="labels.pdf"'}
    )


def _face(base_url: str, label: Printed) -> Face:
    return Face(
        f"{base_url}{label_path(label.code)}",
        label.code,
        product_name(label) if label.name else "",
        words.labelled(label.size) if label.size else "",
        _("Best before %(day)s", day=full_day(label.best_before)) if label.best_before else "",
    )


@bp.post("/stock/labels/blanks")
@requires(Permission.MOVE_STOCK)
def make_blanks() -> Answer:
    """Set numbers aside for blank labels, and go on to printing them."""
    form, actor_id = BlanksForm(), current_user.id
    if form.accepts(lambda: blanks.make_blanks.once(form.token)(actor_id=actor_id, count=form.count.data or 0)):
        return see_other(f"/stock/labels?made={_stamp(datetime.fromisoformat(form.result))}")
    return _labels_page(_layout_form(), form)


@bp.post("/stock/boxes/<code>/label")
@requires(Permission.MOVE_STOCK)
def put_on_label(code: str) -> Answer:
    """Put a blank label on this box."""
    form, actor_id = LabelForm(), current_user.id
    if form.accepts(lambda: linking.link.once(form.token)(actor_id=actor_id, label=form.label.data, code=code)):
        found = read(db.session, form.label.data)
        flash(_("Both labels find this box from now on."))
        return see_other(box_path(found.code if found else form.result))
    return _labels_page(_layout_form(), put_on=form, code=box_by_code(db.session, code).code)


@bp.post("/stock/boxes/<code>/label/remove")
@requires(Permission.MOVE_STOCK)
def take_off_label(code: str) -> Answer:
    """Take a label off this box: it is blank again."""
    form, actor_id = LabelForm(), current_user.id
    if form.accepts(lambda: linking.unlink.once(form.token)(actor_id=actor_id, label=form.label.data, code=code)):
        flash(_("Label %(label)s is blank again.", label=form.label.data))
        return see_other(f"/stock/labels?code={box_path(form.result).rpartition('/')[2]}")
    return _labels_page(_layout_form(), put_on=form, code=box_by_code(db.session, code).code)


def _last() -> str:
    last = session.get(LAST_LAYOUT)
    return last if last in LAYOUTS else next(iter(LAYOUTS))


def _layout_form() -> LayoutForm:
    return LayoutForm(formdata=None, sheet=_last())


def _stamp(moment: datetime) -> str:
    """Return a moment as an address carries it."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%f")


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return None


def _choice(code: str = "") -> Choice:
    """Return what an address asks to print."""
    ids = [text for text in request.args.get("boxes", "").split(".") if text.isascii() and text.isdigit()]
    if "code" in request.args:
        code = box_by_code(db.session, request.args["code"]).code
    return Choice(
        code=code,
        box_ids=tuple(int(text) for text in ids[: MOST_AT_ONCE + 1] if len(text) < MOST_IDS),
        made_at=_moment(request.args.get("made", "")),
        first=request.args.get("from", "").strip().upper()[:40],
        last=request.args.get("to", "").strip().upper()[:40],
        listed=asked_filter()[0] if request.args.get("of") == "list" else None,
    )


def _labels_page(
    form: LayoutForm, blanks_form: BlanksForm | None = None, put_on: LabelForm | None = None, code: str = ""
) -> tuple[str, int]:
    """Show what would be printed, and on what; for one box, which other labels are on it."""
    choice = _choice(code)
    printed: Sequence[Printed] = chosen(db.session, choice)
    asked = {name: value for name, value in request.args.items() if value and name not in ("sheet", "first", "page")}
    status = max(each.status for each in (form, blanks_form, put_on) if each is not None)
    return (
        render_template(
            "stock/labels.html",
            form=form,
            layouts=LAYOUTS,
            printed=printed[:MOST_AT_ONCE],
            more=len(printed) > MOST_AT_ONCE,
            most=MOST_AT_ONCE,
            choice=choice,
            asked={"code": choice.code} if choice.code else asked,
            blanks_form=blanks_form or BlanksForm(formdata=None, count=LAYOUTS[_last()].on_page),
            put_on=put_on or LabelForm(formdata=None),
            path=box_path(choice.code) if choice.code else "",
            **_besides(choice),
        ),
        status,
    )


def _besides(choice: Choice) -> dict[str, Any]:
    """Return what stands below: a box's other labels, or the blank labels made lately."""
    if choice.code:
        return {"others": linking.labels_on(db.session, box_by_code(db.session, choice.code).id), "lately": []}
    some = blanks.lately(db.session) if may(Permission.MOVE_STOCK) and choice == Choice() else []
    return {"others": [], "lately": [(_stamp(row.made_at), row) for row in some]}
