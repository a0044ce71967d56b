"""The privacy notice: its versions in each language, and its plain text taken apart into headings and paragraphs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..audit import record
from ..clock import now
from ..commands import command
from ..config import LANGUAGES
from ..errors import Conflict, Invalid, msg
from .models import PrivacyNotice


@dataclass(frozen=True)
class Block:
    """A part of a plain text: `kind` is "heading", "list" or "paragraph"; `lines` are its lines."""

    kind: str
    lines: Sequence[str]


def newest(session: Session, language: str) -> PrivacyNotice | None:
    """Return the notice in force in a language, or None while nobody has edited the one we came with."""
    return session.scalars(
        select(PrivacyNotice).where(PrivacyNotice.language == language).order_by(PrivacyNotice.version.desc()).limit(1)
    ).one_or_none()


@command
def publish(session: Session, *, actor_id: int, language: str, text: str, shown: int) -> int:
    """Publish another version and return its number. `shown` is the version that was edited (0: the first text).

    Raises `Conflict` when somebody published meanwhile; of two at once the UNIQUE constraint lets one through.
    """
    if language not in LANGUAGES:
        raise Invalid(msg("There is no such language here."))
    current = newest(session, language)
    version = current.version if current else 0
    if version != shown:
        raise Conflict(msg("Someone published another version meanwhile. Compare it with yours, then publish again."))
    session.add(
        PrivacyNotice(language=language, version=version + 1, text=text, published_at=now(), published_by=actor_id)
    )
    record(session, actor_id, "privacy_notice.published", "privacy_notice", f"{language}-{version + 1}")
    return version + 1


def blocks(text: str) -> list[Block]:
    """Take a plain text apart: "# " begins a heading, "- " a line of a list, an empty line a new paragraph."""
    found: list[Block] = []
    open_block = ""  # the kind of block that the next line may go on with
    for line in (line.strip() for line in text.splitlines()):
        kind, content = _read(line)
        if content and kind == open_block:
            found[-1] = Block(kind, (*found[-1].lines, content))
        elif content:
            found.append(Block(kind, (content,)))
        open_block = kind if content and kind != "heading" else ""
    return found


def _read(line: str) -> tuple[str, str]:
    for mark, kind in (("# ", "heading"), ("- ", "list")):
        if line.startswith(mark):
            return kind, line.removeprefix(mark).strip()
    return "paragraph", line
