"""Blank labels: numbers set aside and printed, each to become a box's code, or another code of a box, when used."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Invalid, msg
from ...people.models import Person
from ..codes import claim_new, next_numbers, release
from ..models import Box
from .models import Label

MOST_BLANKS = 300


@command
def make_blanks(session: Session, *, actor_id: int | None, count: int) -> str:
    """Set aside the next free numbers as blank labels; return the moment that they share, as ISO 8601.

    Nobody else gets these numbers: a box takes one only when its code is named. Raises Invalid at `count`.
    """
    if not 1 <= count <= MOST_BLANKS:
        raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least=1, most=MOST_BLANKS), "count")
    codes: list[str] = []
    numbers = next_numbers(session)
    while len(codes) < count:
        codes += _claim(session, list(islice(numbers, count - len(codes))), actor_id)
    made_at = now()
    session.execute(update(Label).where(Label.code.in_(codes)).values(made_at=made_at))
    record(session, actor_id, "labels.made", "label", codes[0], count=count, first=codes[0], last=codes[-1])
    return made_at.isoformat()


def _claim(session: Session, codes: list[str], actor_id: int | None) -> list[str]:
    """Make labels of those of these numbers that are free still."""
    made = claim_new(session, codes, actor_id)
    boxes = set(session.scalars(select(Box.code).where(Box.code.in_(made))))
    if boxes:
        release(session, boxes)
    return [code for code in made if code not in boxes]


def blanks_of(session: Session, made_at: datetime) -> Sequence[str]:
    """Return the codes that were set aside at one moment and are on no box yet, in their order."""
    query = select(Label.code).where(Label.made_at == made_at, Label.box_id.is_(None))
    return session.scalars(query.order_by(func.length(Label.code), Label.code).limit(MOST_BLANKS)).all()


def lately(session: Session, most: int = 10) -> Sequence[Any]:
    """Return when blank labels were made that are on no box yet: the moment, by whom, how many are left."""
    return session.execute(
        select(Label.made_at, Person.name, func.count().label("left"))
        .outerjoin(Person, Person.id == Label.made_by)
        .where(Label.box_id.is_(None))
        .group_by(Label.made_at, Person.name)
        .order_by(Label.made_at.desc())
        .limit(most)
    ).all()
