"""What pages with ticked shifts share: which were ticked, and saying which of them can't be had."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ...errors import DomainError
from ...web.asked import number_in
from ...web.forms import BaseForm
from ...web.i18n import translate
from ..groups.together import Gone
from ..models import Shift


class TicksForm(BaseForm):
    """A form of ticked shifts. `gone` is the refusal that lists those which can't be had."""

    gone: Gone | None = None

    def refuse(self, error: DomainError) -> None:
        """Keep the list; the page says it, in place of a summary of errors."""
        if isinstance(error, Gone):
            self.gone, self.status = error, error.status
        else:
            super().refuse(error)


@dataclass(frozen=True)
class LostLine:
    """A shift that can't be had (see `Lost`), as a page says it; `shift` is none when there is no such one any more."""

    shift: Shift | None
    why: str
    unlock: str
    full: bool = False


def ticked(name: str = "shift") -> list[int]:
    """Return the ids of the shifts that were ticked, each once."""
    found = (number_in(text) for text in request.form.getlist(name))
    return sorted({number for number in found if number})


def lost_lines(session: Session, gone: Gone | None) -> Sequence[LostLine]:
    """Return what to say of each shift that can't be had, the soonest first; nothing when all can."""
    if gone is None:
        return []
    query = select(Shift).where(Shift.id.in_([lost.shift_id for lost in gone.lost]))
    shifts = {
        shift.id: shift
        for shift in session.scalars(query.options(joinedload(Shift.role), joinedload(Shift.site))).all()
    }
    lines = [LostLine(shifts.get(lost.shift_id), translate(lost.why), lost.unlock, lost.full) for lost in gone.lost]
    known = [line for line in lines if line.shift is not None]
    known.sort(key=lambda line: (line.shift.starts_at, line.shift.id) if line.shift else ())
    return [*known, *(line for line in lines if line.shift is None)]
