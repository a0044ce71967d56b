"""Languages: which one this request speaks, and turning a service's `Message` into its words."""

from gettext import NullTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, g, has_request_context, request, session
from flask_babel import Babel, get_locale, get_translations, gettext, ngettext
from flask_login import current_user

from ..config import LANGUAGES, ROOT
from ..errors import Message

CATALOGUES = ROOT / "logistics" / "translations"


def translate(message: Message) -> str:
    """Return a service's message in the language of this request (or of the worker's current mail)."""
    if message.plural is not None:
        params = {name: value for name, value in message.params.items() if name != "num"}
        return str(ngettext(message.text, message.plural, message.count, **params))
    return str(gettext(message.text, **message.params))


def choose_language() -> str:
    """Return the language chosen in this browser, else the account's, else the best that the browser asks for."""
    if not has_request_context():
        return "en"
    chosen = session.get("language")
    if chosen not in LANGUAGES and current_user.is_authenticated:
        chosen = current_user.language
    if chosen not in LANGUAGES:
        chosen = request.accept_languages.best_match(list(LANGUAGES)) or "en"
    return str(chosen)


def compile_catalogues(folder: Path = CATALOGUES) -> None:
    """Compile each catalogue that is newer than its compiled form, so that a fresh clone speaks French."""
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parent.parent.name)
        partial = target.with_suffix(".mo.new")
        with partial.open("wb") as binary:
            write_mo(binary, catalogue)
        partial.replace(target)


def init_app(app: Flask) -> None:
    """Set Flask-Babel up with the settings' time zone."""
    compile_catalogues()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGUES)
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    app.config["BABEL_DEFAULT_TIMEZONE"] = str(app.extensions["shoreline_settings"].timezone)
    Babel(app, locale_selector=choose_language)
    app.add_template_global(get_locale)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalogue().gettext(text),
        lambda one, many, count: _catalogue().ngettext(one, many, count),
        newstyle=True,
    )

    @app.after_request
    def say_language(response: Response) -> Response:
        response.headers.setdefault("Content-Language", str(get_locale()))
        response.vary.update(("Accept-Language", "Cookie"))
        return response


def _catalogue() -> NullTranslations:
    """Return this request's catalogue, looked up once: a page asks for a hundred strings.

    Outside a request (the worker's mails) each mail has its own language, so nothing is kept.
    """
    if has_request_context() and "catalogue" in g:
        kept: NullTranslations = g.catalogue
        return kept
    found: NullTranslations = get_translations()
    if has_request_context():
        g.catalogue = found
    return found
