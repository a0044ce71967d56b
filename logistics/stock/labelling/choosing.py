"""Which labels are printed: of one box, of those scanned, of a range or a list of boxes, or blank ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from ..finding import BOXES, BoxFilter
from ..models import Box, Product, Size
from .blanks import blanks_of
from .many import MOST_AT_ONCE


@dataclass(frozen=True)
class Choice:
    """What is to be printed: the first of these that is given."""

    code: str = ""
    box_ids: tuple[int, ...] = ()
    made_at: datetime | None = None  # blank labels that were made then
    first: str = ""  # a range of codes of one length, from `first` to `last`
    last: str = ""
    listed: BoxFilter | None = None


@dataclass(frozen=True)
class Printed:
    """What one label is about; a blank one has a code alone."""

    code: str
    name: str = ""
    name_fr: str | None = None
    gender: str = ""
    size: str = ""
    best_before: date | None = None


def chosen(session: Session, choice: Choice) -> Sequence[Printed]:
    """Return the labels in their order: MOST_AT_ONCE, and one more when there are more."""
    if choice.code:
        return _boxes(session, Box.code == choice.code)
    if choice.box_ids:
        return _boxes(session, Box.id.in_(choice.box_ids))
    if choice.made_at:
        return [Printed(code) for code in blanks_of(session, choice.made_at)]
    if choice.first and choice.last:
        return _boxes(session, _between(choice.first, choice.last))
    return _of_list(session, choice.listed) if choice.listed else []


def _boxes(session: Session, which: ColumnElement[bool]) -> list[Printed]:
    rows = session.execute(
        select(Box.code, Product.name, Product.name_fr, Product.gender, Size.label, Box.best_before)
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        .where(which)
        .order_by(func.length(Box.code), Box.code)
        .limit(MOST_AT_ONCE + 1)
    )
    return [Printed(*row) for row in rows]


def _between(first: str, last: str) -> ColumnElement[bool]:
    """Return the condition that a code stands between two, shorter ones before longer ones: 0998, 0999, 10000."""
    length = func.length(Box.code)
    after = or_(length > len(first), and_(length == len(first), Box.code >= first))
    before = or_(length < len(last), and_(length == len(last), Box.code <= last))
    return and_(after, before)


def _of_list(session: Session, wanted: BoxFilter) -> list[Printed]:
    """Return the boxes of a list once each, in its order; one that stands in two places is in it twice."""
    found: dict[str, Printed] = {}
    number = 1
    while len(found) <= MOST_AT_ONCE:
        page = BOXES.page(session, wanted, number)
        for row in page.rows:
            label = Printed(row.code, row.name, row.name_fr, row.gender, row.label, row.best_before)
            found.setdefault(row.code, label)
        if page.number != number or number >= page.pages:
            break
        number += 1
    return list(found.values())[: MOST_AT_ONCE + 1]
