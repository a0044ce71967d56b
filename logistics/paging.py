"""Lists, one page at a time, paged by the database in a stable order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Integer, Select, func, literal, literal_column, select
from sqlalchemy.orm import Session

T = TypeVar("T")
Query = Select[*tuple[Any, ...]]
PAGE_SIZE = 50
MOST_COUNTED = 1000  # a longer list has "more than 1,000": to count them all would cost more than to show a page


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list. `number` starts at 1; `total` counts the rows of the list, as far as `count` does."""

    rows: Sequence[T]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def counted(self) -> bool:
        """Return whether `total` is every row of the list, and not merely more than MOST_COUNTED."""
        return self.total <= MOST_COUNTED

    @property
    def pages(self) -> int:
        """Return how many pages there are, at least one; of a list too long to count, as many as are known."""
        if self.counted:
            return last_page(self.total, self.size)
        return self.number + 1 if len(self.rows) == self.size else self.number

    @property
    def first(self) -> int:
        """Return the position of the first row shown, from 1; 0 in an empty list."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Return the position of the last row shown."""
        return (self.number - 1) * self.size + len(self.rows)


def last_page(total: int, size: int = PAGE_SIZE) -> int:
    """Return the number of the last page that is sure to exist in a list of `total` rows (see `count`)."""
    return max(1, -(-min(total, MOST_COUNTED) // size))


def count(query: Query) -> Select[int]:
    """Return the query for how many rows `query` finds, which stops at one more than MOST_COUNTED."""
    some = query.order_by(None).limit(literal_column(str(MOST_COUNTED + 1))).subquery()
    return select(func.count()).select_from(some)


def cut(query: Query, number: int, size: int = PAGE_SIZE) -> Query:
    """Return `query` for one page only."""
    return query.limit(_written(size)).offset(_written((number - 1) * size))


def paginate(session: Session, query: Query, number: int, *, size: int = PAGE_SIZE) -> Page[Any]:
    """Run `query` (which must order its rows to the last tie) for one page, in two queries.

    A query of one entity or column gives that; of several, rows. A number past the end gives the last page.
    """
    return fetch(session, count(query), lambda page: cut(query, page, size), number, size=size)


def fetch(
    session: Session, total: Query, page_query: Callable[[int], Query], number: int, *, size: int = PAGE_SIZE
) -> Page[Any]:
    """Like `paginate`, for a list whose queries are made beforehand: its `count`, and what shows page n."""
    found = session.scalar(total) or 0
    number = max(1, number if found > MOST_COUNTED else min(number, last_page(found, size)))
    rows = _rows(session, page_query(number))
    if not rows and number > 1:
        number = last_page(found, size)
        rows = _rows(session, page_query(number))
    return Page(rows, number, found, size)


def _rows(session: Session, query: Query) -> Sequence[Any]:
    result = session.execute(query)
    return result.scalars().all() if len(result.keys()) == 1 else result.all()


def _written(number: int) -> Any:
    """Return a number to be written into the SQL itself.

    PostgreSQL plans a prepared statement anew for each LIMIT that it cannot see, which takes longer than a page.
    """
    return literal(number, Integer, literal_execute=True)
