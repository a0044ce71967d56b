"""Languages: which one this request speaks, and turning a service's `Message` into its words."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from gettext import NullTranslations
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, g, has_request_context, request, session
from flask_babel import Babel, force_locale, get_locale
from flask_login import current_user
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from ..config import LANGUAGES, ROOT
from ..errors import Message, Name

LOCALES = {code: Locale.parse(code) for code in LANGUAGES}
CATALOGUES = ROOT / "logistics" / "translations"


def translate(message: Message) -> str:
    """Return a service's message in the language of this request (or of the worker's current mail)."""
    params = {name: said(value) for name, value in message.params.items()}
    if message.plural is not None:
        text = _catalogue(spoken()).ngettext(message.text, message.plural, message.count)
        return text % {**params, "num": message.count}
    text = _words(spoken(), message.text)
    return text % params if params else text


def said(value: Any) -> Any:
    """Return a value of a message in the language spoken here: a message or a name in it, a tuple as a list."""
    if isinstance(value, Message):
        return translate(value)
    if isinstance(value, Name):
        return (value.name_fr if spoken() == "fr" else None) or value.name
    return ", ".join(said(each) for each in value) if isinstance(value, tuple) else value


def spoken() -> str:
    """Return the code of the language spoken here: this request's, or that of `speaking`.

    A page asks a hundred times, and Flask-Babel's own `get_locale` takes ten times as long.
    """
    try:
        return str(g.spoken)
    except AttributeError:
        return str((choose_language() if has_request_context() else get_locale()).language)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak another language than the request's, say that of a mail's reader."""
    before = g.get("spoken")
    g.spoken = code
    try:
        with force_locale(code):
            yield
    finally:
        if before is None:
            g.pop("spoken")
        else:
            g.spoken = before


def choose_language() -> Locale:
    """Return the language chosen in this browser, else the account's, else the best that the browser asks for."""
    if not has_request_context():
        return LOCALES["en"]
    chosen = session.get("language")
    if chosen not in LANGUAGES and current_user.is_authenticated:
        chosen = current_user.language
    if chosen not in LANGUAGES:
        chosen = request.accept_languages.best_match(list(LANGUAGES)) or "en"
    g.spoken = chosen
    return LOCALES[chosen]


def compile_catalogues(folder: Path = CATALOGUES) -> None:
    """Compile each catalogue that is newer than its compiled form, so that a fresh clone speaks French."""
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parent.parent.name)
        with NamedTemporaryFile(dir=target.parent, delete=False) as partial:  # another process may be at it too
            write_mo(partial, catalogue)
        Path(partial.name).chmod(0o644)
        Path(partial.name).replace(target)


def init_app(app: Flask) -> None:
    """Set Flask-Babel up with the settings' time zone."""
    compile_catalogues()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGUES)
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    app.config["BABEL_DEFAULT_TIMEZONE"] = str(app.extensions["shoreline_settings"].timezone)
    Babel(app, locale_selector=choose_language)
    app.add_template_global(spoken)
    app.add_template_global(translate)
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]
    app.jinja_env.globals.update(_=_say, gettext=_say, ngettext=_say_how_many, pgettext=_say_in_context)

    @app.after_request
    def say_language(response: Response) -> Response:
        response.headers.setdefault("Content-Language", spoken())
        if "Vary" in response.headers:
            response.vary.update(("Accept-Language", "Cookie"))
        else:
            response.headers["Vary"] = "Accept-Language, Cookie"
        return response


# What templates say `_` and `ngettext` with, and messages are said by. A page asks for a hundred strings, and the ways of Jinja and
# Flask-Babel cost ten times this.


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(CATALOGUES, [language])


@lru_cache(maxsize=4096)
def _words(language: str, text: str) -> str:
    return _catalogue(language).gettext(text)


def in_language(code: str, text: str) -> str:
    """Return what a string is in a language, whichever is spoken here."""
    return _words(code, text)


@lru_cache(maxsize=4096)
def _plain_words(language: str, text: str) -> Markup:
    return Markup(_words(language, text) % ())


@pass_eval_context
def _say(where: EvalContext, text: str, /, **values: Any) -> str:
    language = spoken()
    if not where.autoescape:
        return _words(language, text) % values
    return Markup(_words(language, text)) % values if values else _plain_words(language, text)


@lru_cache(maxsize=1024)
def _words_in_context(language: str, context: str, text: str) -> Markup:
    return Markup(_catalogue(language).pgettext(context, text) % ())


def _say_in_context(context: str, text: str, /) -> Markup:
    return _words_in_context(spoken(), context, text)


@pass_eval_context
def _say_how_many(where: EvalContext, one: str, many: str, number: int, /, **values: Any) -> str:
    text = _catalogue(spoken()).ngettext(one, many, number)
    return (Markup(text) if where.autoescape else text) % {"num": number, **values}
