"""Putting a blank label on a box that has a code already, so that both find it; and taking it off again."""

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, NotFound, msg
from ..lookup import NO_SUCH_BOX, box_by_code
from ..models import Box
from .models import Label
from .reading import read


@command
def link(session: Session, *, actor_id: int | None, label: str, code: str) -> str:
    """Put a blank label on a box, which both codes find from then on; return the box's own code.

    Raises NotFound at `code` or `label`, and Conflict at `label` when it is on a box already.
    """
    box = _box(session, code)
    found = read(session, label)
    if found is None:
        raise NotFound(msg("There is no label of this code."), "label")
    linked = session.scalar(
        update(Label)
        .where(Label.code == found.code, Label.box_id.is_(None))
        .values(box_id=box.id, linked_at=now())
        .returning(Label.code)
    )
    if linked is None:
        raise _taken(session, label)
    record(session, actor_id, "label.linked", "box", box.code, code=box.code, label=found.code)
    return box.code


def _taken(session: Session, label: str) -> Conflict:
    """Return the refusal of a label that is no blank one."""
    found = read(session, label)
    own = found.code if found else label
    return Conflict(msg("This is no blank label: it is on box %(code)s.", code=own), "label")


@command
def unlink(session: Session, *, actor_id: int | None, label: str, code: str) -> str:
    """Take a label off the box that it was put on: it is blank again. Returns the box's own code.

    Raises NotFound at `code` or `label`.
    """
    box = _box(session, code)
    blank = session.scalar(
        update(Label)
        .where(Label.code == label, Label.box_id == box.id)
        .values(box_id=None, linked_at=None)
        .returning(Label.code)
    )
    if blank is None:
        raise NotFound(msg("That label is not on this box."), "label")
    record(session, actor_id, "label.unlinked", "box", box.code, code=box.code, label=label)
    return box.code


def labels_on(session: Session, box_id: int) -> Sequence[str]:
    """Return the codes of the labels on a box besides its own."""
    query = select(Label.code).where(Label.box_id == box_id)
    return session.scalars(query.order_by(func.length(Label.code), Label.code)).all()


def _box(session: Session, code: str) -> Box:
    found = read(session, code)
    if found is None or found.blank:
        raise NotFound(NO_SUCH_BOX, "code")
    return box_by_code(session, found.code)
