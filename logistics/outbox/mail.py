"""From a row of the outbox to a mail, and from a mail to the server that takes it on (or to a file).

Mails that nobody need have (their `unsubscribe` says on which topic) can be stopped with one click; those with a
`calendar` carry an invitation, those of several `shifts` a calendar of them (`attaching`). A kind's words are in
templates/mail/<kind>.txt: a block `subject`, a block `body`, and a block `button`: for each link that stands alone in
a line, a line with what is written on it in HTML. They see the row's params, the filters of every page, `moment` (ISO
text to a moment) and `absolute` (a path of this site to an address).
"""

import os
import smtplib
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from flask import Flask, current_app, render_template
from jinja2 import Template

from ..clock import now
from ..config import LANGUAGES, Settings
from ..web.i18n import speaking
from . import attaching, unsubscribing

Send = Callable[[EmailMessage], None]

PATIENCE = 30  # seconds that a mail server may take for each answer
SUBMISSION = 587  # a port on which mail is only ever handed over encrypted (RFC 6409, RFC 8314)


class NotEncrypted(Exception):
    """The mail server would take a password, or mail on port 587, in the clear."""


class OneLine(UnstructuredHeader, BaseHeader):
    """A header with an address that mail programs open: left to itself, Python would encode a long one as words."""

    def fold(self, *, policy: Any) -> str:
        """Return the header as one line."""
        return f"{self.name}: {self}{policy.linesep}"


_headers = HeaderRegistry()
_headers.map_to_type("list-unsubscribe", OneLine)
POLICY = EmailPolicy(header_factory=_headers)


def compose(kind: str, to: str, language: str, params: Mapping[str, Any], *, message_id: str) -> EmailMessage:
    """Write a mail in its reader's language. Raises ValueError for an address that would forge a header."""
    settings = _settings()
    mail = EmailMessage(POLICY)
    mail["To"] = Address(addr_spec=to)
    mail["From"] = Address(display_name=settings.org_name, addr_spec=settings.mail_from)
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"  # so that no out-of-office answers it (RFC 3834)
    with speaking(language if language in LANGUAGES else "en"):
        stop = _stop(params)
        subject, text = _words(kind, {**params, "stop": stop})
        mail["Subject"] = subject
        if stop:
            # One click in the mail program itself (RFC 8058); `people.views.messages` takes it.
            mail["List-Unsubscribe"] = f"<{stop}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(text)
        mail.add_alternative(_page(kind, {**params, "stop": stop}, subject), subtype="html")
        if "calendar" in params:
            attaching.invite(mail, to, params, settings)
        elif "shifts" in params:
            attaching.enclose(mail, params["shifts"], settings)
    return mail


def _stop(params: Mapping[str, Any]) -> str:
    """Return the address that stops mails like this one; empty for one that its reader must have."""
    about = params.get("unsubscribe")
    if not about:
        return ""
    token = unsubscribing.make_token(_settings().secret_key, about["person"], about["topic"])
    return f"{_settings().base_url}/unsubscribe/{token}"


def text_of(kind: str, language: str, params: Mapping[str, Any]) -> str:
    """Return the text of a message in its reader's language, as it was or would be mailed."""
    with speaking(language if language in LANGUAGES else "en"):
        return _words(kind, {**params, "stop": ""})[1]


def _page(kind: str, params: Mapping[str, Any], subject: str) -> str:
    """Return a mail's text as a page: the same words, with each link as a button that says what it opens."""
    context = dict(params)
    current_app.update_template_context(context)
    paragraphs = [paragraph.split("\n") for paragraph in _split(_block(kind, "body", context))]
    links = [line for lines in paragraphs for line in lines if line.startswith(("http://", "https://"))]
    labels = _block(kind, "button", context).split("\n")
    # From the end, where links stand: a role may be named like an address.
    buttons = dict(zip(reversed(links), reversed(labels), strict=False))
    return render_template(
        "mail/page.html", subject=subject, paragraphs=paragraphs, buttons=buttons, stop=params["stop"]
    )


def _words(kind: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Return a kind's subject and its text."""
    context = dict(params)
    current_app.update_template_context(context)
    text = "\n\n".join(_split(_template(kind).render(context)))
    return subject_of(kind, context), f"{text}\n"


def _split(text: str) -> list[str]:
    """Return the paragraphs of a text."""
    return [paragraph.strip() for paragraph in text.split("\n\n") if paragraph.strip()]


def subject_of(kind: str, params: Mapping[str, Any]) -> str:
    """Return the subject of a message in the language spoken here, on one line whatever its params hold."""
    return " ".join(_block(kind, "subject", params).split())


def _block(kind: str, name: str, params: Mapping[str, Any]) -> str:
    """Return what one block of a kind's template says."""
    template = _template(kind)
    return "".join(template.blocks[name](template.new_context(dict(params))))


def _template(kind: str) -> Template:
    return current_app.jinja_env.get_template(f"mail/{kind}.txt")


def sender(settings: Settings) -> Send:
    """Return what takes a mail on: the server of MAIL_URL, or files in the instance's `mail` folder without one."""
    if not settings.mail_url:
        return lambda mail: write_file(mail, settings.instance / "mail")
    url = urlsplit(settings.mail_url)
    return lambda mail: hand_over(mail, url)


def hand_over(mail: EmailMessage, url: SplitResult) -> None:
    """Give a mail to a server: smtps:// speaks TLS at once, smtp:// as soon as the server offers it.

    Raises `NotEncrypted`, or what smtplib raises when the server refuses or does not answer.
    """
    host, safe = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=PATIENCE, context=safe)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=PATIENCE)
    with server:
        server.ehlo()
        if url.scheme != "smtps" and server.has_extn("starttls"):
            server.starttls(context=safe)
            server.ehlo()
        elif url.scheme != "smtps" and (url.username or url.port == SUBMISSION):
            raise NotEncrypted(f"{host} offers no STARTTLS: nothing was sent in the clear")
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(mail)


def write_file(mail: EmailMessage, folder: Path) -> None:
    """Keep a mail as an .eml file named after its Message-ID; a repeat replaces it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{mail['Message-ID'].strip('<>').split('@')[0]}.eml"
    partial = path.with_suffix(f".{os.getpid()}.new")
    partial.write_bytes(mail.as_bytes())
    partial.replace(path)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["shoreline_settings"]
    return settings


def init_app(app: Flask) -> None:
    """Give mail templates their filters."""
    app.add_template_filter(datetime.fromisoformat, "moment")
    app.add_template_filter(lambda path: f"{_settings().base_url}{path}", "absolute")
