"""The aisle: one page that works with and without a signal, what its phone keeps, and what it sends."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from flask import current_app, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from ...clock import now
from ...commands import Token
from ...config import ROOT
from ...db import db
from ...errors import DomainError, Invalid
from ...people.access import Permission, requires
from ...web.asked import id_asked
from ...web.filters import by_name, named, zone
from ...web.forms import token_scope
from ...web.i18n import spoken, translate
from ...web.permission import everyone
from ...web.security import WITH_WASM
from ...web.views import asset
from .. import words
from ..aisle import copying, doing, reading, standing
from ..codes import canonical
from ..counting import LOSSES, CorrectionReason, reasons_for
from ..labelling.forms import LONGEST_SCANNED
from ..labelling.reading import read
from ..lookup import any_shelf, box_by_code, open_warehouse
from ..warehouses import warehouses
from .blueprint import bp
from .scanning import product_name

SCRIPTS = (
    "scanning.js",
    "aisle/outbox.js",
    "aisle/words.js",
    "aisle/forms.js",
    "aisle/box.js",
    "aisle/decide.js",
    "aisle/page.js",
)
FILES = (
    *SCRIPTS,
    "theme.css",
    "icon.svg",
    "shoreline.js",
    "vendor/htmx-2.0.11.min.js",
    "vendor/zxing-wasm-3.1.4/reader.js",
    "vendor/zxing-wasm-3.1.4/zxing_reader.wasm",
)
BOOTSTRAP = "/bootstrap/static/bootstrap5/css/bootstrap.min.css"
ICONS = (("icons/aisle-192.png", "192x192", "any"), ("icons/aisle-512.png", "512x512", "any maskable"))
FRENCH = "logistics/translations/fr/LC_MESSAGES/messages.po"
LONGEST_SENDING = 256 * 1024  # bytes: fifty acts with the longest notes
Refusal = tuple[dict[str, Any], int]


@bp.get("/stock/aisle")
@requires(Permission.MOVE_STOCK)
def aisle() -> BaseResponse:
    """Show the page that a phone keeps: the same for everyone who may open it."""
    fewer, more = reasons_for(-1), reasons_for(1)
    page = render_template(
        "stock/aisle.html",
        scripts=SCRIPTS,
        zone=str(zone()),
        sources=list(words.SOURCES.items()),
        losses=_reasons(LOSSES),
        more=_reasons(more),
        fewer=_reasons(fewer),
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = WITH_WASM
    return answer


def _reasons(some: Iterable[CorrectionReason]) -> list[tuple[str, Any]]:
    return [(why.value, words.CORRECTIONS[why]) for why in some]


@bp.get("/sw.js")
@everyone
def aisle_worker() -> BaseResponse:
    """Give the service worker, with the addresses of all it keeps: it is another one when any of them is."""
    files = [BOOTSTRAP, *(asset(name) for name in FILES)]
    version = hashlib.sha256(json.dumps([files, _shape(), spoken()]).encode()).hexdigest()[:12]
    head = f"const VERSION = {json.dumps(version)}, SHELL = {json.dumps(url_for('stock.aisle'))}, FILES = "
    answer = make_response(f"{head}{json.dumps(files)};\n{(ROOT / 'static/aisle/worker.js').read_text('utf-8')}")
    answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Service-Worker-Allowed"] = "/"
    return answer


@cache
def _shape() -> str:
    """Return what changes when the page's template or its French does."""
    parts = ("templates/stock/aisle.html", "templates/stock/camera.html", "templates/base.html", FRENCH)
    return hashlib.sha256(b"".join((ROOT / part).read_bytes() for part in parts)).hexdigest()


@bp.get("/app.webmanifest")
@everyone
def aisle_manifest() -> BaseResponse:
    """Say what a phone needs to know to install the aisle as an app."""
    name: str = current_app.extensions["shoreline_settings"].org_name
    answer = jsonify(
        name=f"{name} · {_('In the aisle')}",
        short_name=name,
        lang=spoken(),
        id=url_for("stock.aisle"),
        start_url=url_for("stock.aisle"),
        scope="/",
        display="standalone",
        background_color="#f7f4ee",
        theme_color="#073b45",
        icons=[
            {"src": asset(file), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for file, sizes, purpose in ICONS
        ],
    )
    answer.headers["Content-Type"] = "application/manifest+json"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.get("/stock/aisle/me")
@requires(Permission.MOVE_STOCK)
def aisle_me() -> dict[str, Any]:
    """Say who is signed in, by number alone, what their sendings need, and what time it is."""
    return {"person": current_user.id, "token": generate_csrf(), "now": now().isoformat()}


@bp.get("/stock/aisle/catalogue")
@requires(Permission.MOVE_STOCK)
def aisle_catalogue() -> BaseResponse | Refusal:
    """Give the warehouses to choose from; with one chosen, its shelves and the sizes of all products."""
    found: dict[str, Any] = {
        "warehouses": [{"id": site.id, "name": named(site)} for site in by_name(warehouses(db.session))]
    }
    try:
        if chosen := id_asked("warehouse"):
            site = open_warehouse(db.session, chosen)
            found["warehouse"] = {"id": site.id, "name": named(site)}
            found["shelves"] = [
                {"id": shelf.id, "name": shelf.name, "closed": shelf.closed_at is not None}
                for shelf in copying.shelves(db.session, site.id)
            ]
            found["sizes"] = {str(size.id): _told(size) for size in copying.sizes(db.session)}
    except DomainError as error:
        return _refused(error)
    answer = make_response(found)
    answer.add_etag()
    return answer.make_conditional(request)


def _told(size: Any) -> list[Any]:
    """Return how a phone tells a size: the product, the size, what it is counted in, whether it has a date."""
    unit = "" if size.unit == "piece" else str(words.UNITS[size.unit])
    return [product_name(size), words.labelled(size.label), unit, size.has_best_before]


@bp.get("/stock/aisle/data")
@requires(Permission.MOVE_STOCK)
def aisle_data() -> dict[str, Any] | Refusal:
    """Give the boxes of a warehouse, in parts: all, or those that something happened to since; or one by its code."""
    at = copying.cursor()
    try:
        site_id = open_warehouse(db.session, id_asked("warehouse")).id
        if "code" in request.args:
            found = read(db.session, request.args["code"][:LONGEST_SCANNED])
            ids = [found.box_id] if found and found.box_id else []
            return {"at": at, "boxes": copying.boxes(db.session, site_id, ids), "next": None}
        part = copying.part(db.session, site_id, since=_since(), after=id_asked("after"))
    except DomainError as error:
        return _refused(error)
    return {"at": at, "boxes": part.boxes, "next": part.next}


def _since() -> datetime | None:
    """Return the moment of the last answer, None when everything is asked for. Raises Invalid."""
    text = request.args.get("since", "")
    return reading.moment({"since": text}, "since") if text else None


@bp.post("/stock/aisle/acts")
@requires(Permission.MOVE_STOCK)
def aisle_acts() -> dict[str, Any] | Refusal:
    """Do what was done in the aisle, in order. What is refused is told with how things stand, and holds up its box."""
    body = request.get_data()
    if len(body) > LONGEST_SENDING:
        raise RequestEntityTooLarge
    try:
        sent = reading.sent(body)
    except Invalid as error:
        return _refused(error, 400)
    if sent.person_id != current_user.id:
        return {"says": _("Somebody else did this. They must sign in to send it.")}, 409
    held: set[str] = set()
    return {"results": [_result(found, sent.warehouse_id, held) for found in sent.acts]}


def _result(found: Any, warehouse_id: int, held: set[str]) -> dict[str, Any]:
    """Do one act and say how it went: done, conflict, or waits (for one of the same box before it)."""
    code = _canonical(found)
    if code in held:
        return {"key": found.get("key"), "state": "waits"}
    result: dict[str, Any] = {"key": None, "state": "done"}
    try:
        token = Token(token_scope(), reading.key_of(found))
        result["key"] = token.key
        act = reading.act(found)
        doing.once(db.session, actor_id=current_user.id, token=token, act=act)
    except DomainError as error:
        held |= {code} - {""}
        result |= {"state": "conflict", "says": translate(error.message), "field": error.field}
        result["then"] = _then(found) if error.field == "expected" else None
    result["box"] = _box(code, warehouse_id)
    return result


def _canonical(found: Any) -> str:
    text = found.get("code") if isinstance(found, dict) else None
    try:
        return canonical(text) if isinstance(text, str) else ""
    except Invalid:
        return ""


def _box(code: str, warehouse_id: int) -> dict[str, Any] | None:
    """Return a box as it stands now, as a phone keeps it."""
    found = read(db.session, code)
    boxes = copying.boxes(db.session, warehouse_id, [found.box_id]) if found and found.box_id else []
    return boxes[0] if boxes else None


def _then(found: dict[str, Any]) -> int:
    """Return what the ledger says by now of the moment of a count."""
    act = reading.act(found)
    box, shelf = box_by_code(db.session, act.code), any_shelf(db.session, act.shelf_id, "shelf_id")
    return standing.stood(db.session, box.id, shelf.id, min(act.made_at, now())).quantity


def _refused(error: DomainError, status: int = 0) -> Refusal:
    return {"says": translate(error.message)}, status or error.status
