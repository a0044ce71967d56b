"""The pages no part owns: health, and the choice of language."""

import hashlib
import secrets
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, abort, request, session
from markupsafe import Markup
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as BaseResponse

from ..config import LANGUAGES, ROOT
from ..db import db
from .forms import field_errors
from .permission import everyone
from .redirects import came_from, see_other

MOST_KEPT = 4096  # pieces of pages, of a few KB each

bp = Blueprint("web", __name__)


class RowId(IntegerConverter):
    """A whole number in an address, no larger than any id can be; a larger one is no page."""

    def __init__(self, map: Map, **kwargs: Any) -> None:
        """Bound it by what the databases can hold, unless the route says less."""
        super().__init__(map, **{"max": 2**31 - 1, **kwargs})


@bp.get("/health")
@everyone
def health() -> tuple[dict[str, str], int]:
    """Say 200 and the migration's revision when the database answers, else 503."""
    try:
        revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        db.session.rollback()
        return {"status": "the database does not answer"}, 503
    return {"status": "ok", "revision": str(revision)}, 200


@bp.get("/language/<code>")
@everyone
def language(code: str) -> BaseResponse:
    """Speak this language from now on in this browser."""
    if code not in LANGUAGES:
        abort(404)
    session["language"] = code
    return see_other(came_from())


@lru_cache(maxsize=256)
def _version(filename: str) -> str:
    return hashlib.sha256((ROOT / "static" / filename).read_bytes()).hexdigest()[:12]


def asset(filename: str) -> str:
    """Return a static file's address with its content's hash, so that it may be cached for a year."""
    return f"/static/{filename}?v={_version(filename)}"


def init_app(app: Flask) -> None:
    """Register the pages, and what every template may use."""
    kept_pieces: dict[Hashable, Markup] = {}

    def kept(key: Hashable, draw: Callable[[], Markup]) -> Markup:
        """Return a piece of a page that looks the same for everyone with this key: drawn once."""
        piece = kept_pieces.get(key)
        if piece is None:
            if len(kept_pieces) >= MOST_KEPT:
                kept_pieces.clear()
            piece = kept_pieces[key] = draw()
        return piece

    app.add_template_global(kept)
    app.url_map.converters["int"] = RowId
    app.register_blueprint(bp)
    app.add_template_filter(asset)
    app.add_template_global(this_query, "this_page_with")
    app.jinja_env.globals["languages"] = LANGUAGES
    app.add_template_global(field_errors)
    app.add_template_global(lambda: secrets.token_urlsafe(16), "new_key")


def this_query(**changes: object) -> str:
    """Return this page's address with some query values changed, for paging and filters."""
    values = {**request.args.to_dict(flat=True), **changes} if request.args else changes
    return _address(request.path, tuple((name, str(each)) for name, each in values.items() if each not in (None, "")))


@lru_cache(maxsize=1024)
def _address(path: str, values: tuple[tuple[str, str], ...]) -> str:
    return f"{path}?{urlencode(values)}" if values else path
