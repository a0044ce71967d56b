"""What was typed or scanned: a box's own code, a label on a box, a blank label, or nothing known."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, Select, cast, null, select
from sqlalchemy.orm import Session

from ...errors import Invalid
from ..codes import canonical, scanned
from ..models import Box
from .models import Label


@dataclass(frozen=True)
class Reading:
    """What one code is. `code` is the box's own, or the blank label's; `box_id` is None for a blank label."""

    code: str
    box_id: int | None

    @property
    def blank(self) -> bool:
        """Return whether it is a label that is on no box yet."""
        return self.box_id is None


def read(session: Session, text: str) -> Reading | None:
    """Return what was typed or scanned, None when nothing has this code."""
    return read_all(session, [text])[0]


def read_all(session: Session, texts: Sequence[str]) -> list[Reading | None]:
    """Return what each of these is, in their order, all by one query."""
    codes = [_code(text) for text in texts]
    found = {code: Reading(own, box_id) for code, own, box_id in session.execute(_known({*codes} - {""}))}
    return [found.get(code) for code in codes]


def _known(codes: set[str]) -> Select[str, str, int]:
    boxes = select(Box.code.label("asked"), Box.code.label("own"), Box.id.label("box_id")).where(Box.code.in_(codes))
    linked = select(Label.code, Box.code, Box.id).join(Box, Box.id == Label.box_id).where(Label.code.in_(codes))
    blank = select(Label.code, Label.code, cast(null(), Integer)).where(Label.code.in_(codes), Label.box_id.is_(None))
    every = boxes.union_all(linked, blank).subquery()
    return select(every.c.asked, every.c.own, every.c.box_id)


def _code(text: str) -> str:
    """Return a text as codes are kept; empty when it can be no code."""
    try:
        return canonical(scanned(text))
    except Invalid:
        return ""
