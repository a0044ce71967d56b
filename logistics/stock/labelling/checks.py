"""What must hold of labels: one sentence for each thing that is off."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Box
from .models import Label


def _one_meaning(session: Session) -> Iterator[str]:
    for code in session.scalars(select(Label.code).join(Box, Box.code == Label.code).order_by(Label.code)):
        yield f"The code {code} is both a box's own and a label's."


def _linked_once(session: Session) -> Iterator[str]:
    off = (Label.box_id.is_(None)) != (Label.linked_at.is_(None))
    for code in session.scalars(select(Label.code).where(off).order_by(Label.code)):
        yield f"Label {code} is on a box without a moment when it was put there, or the other way round."


CHECKS = (_one_meaning, _linked_once)
