"""Lists, one page at a time, paged by the database in a stable order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Integer, Select, func, literal, literal_column, select
from sqlalchemy.orm import Session

from .db import stream

T = TypeVar("T")
W = TypeVar("W")
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
    query = query.limit(literal_column(str(size)))  # there are few sizes: each may have a statement of its own
    return query.offset(_written((number - 1) * size)) if number > 1 else query


def cut_list(found: Sequence[T], number: int, size: int = PAGE_SIZE) -> Page[T]:
    """Return one page of a list that is all there. A number past the end gives the last page."""
    number = min(max(1, number), -(-len(found) // size) or 1)
    return Page(found[(number - 1) * size : number * size], number, len(found), size)


def paginate(session: Session, query: Query, number: int, *, size: int = PAGE_SIZE) -> Page[Any]:
    """Run `query` (which must order its rows to the last tie) for one page, in two queries.

    A query of one entity or column gives that; of several, rows. A number past the end gives the last page.
    """
    found = session.scalar(count(query)) or 0
    number = max(1, number if found > MOST_COUNTED else min(number, last_page(found, size)))
    rows = _rows(session, cut(query, number, size))
    if not rows and number > 1:
        number = last_page(found, size)
        rows = _rows(session, cut(query, number, size))
    return Page(rows, number, found, size)


class KeyedList(Generic[W]):
    """A long list, each page of it in one query, found by a hashable filter.

    `keys` makes the query for the keys of what a filter wants, in their order, from as few tables as it needs. Only
    those of a page are joined with everything that a row shows: `rows` makes that query from the one for keys.
    Statements are kept, because to make one takes longer than to run it.
    """

    def __init__(self, keys: Callable[[W], Query], rows: Callable[[Query], Query]) -> None:
        """Make a list of how its keys are found and what its rows show."""
        self._keys, self._rows = keys, rows
        self._count = lru_cache(maxsize=256)(self._make_count)
        self._page = lru_cache(maxsize=256)(self._make_page)

    def page(self, session: Session, wanted: W, number: int) -> Page[Any]:
        """Return one page. A number past the end gives the last page, for two queries more."""
        number = max(1, number)
        rows = session.connection().execute(self._page(wanted, number)).all()  # plain rows: no need of the ORM
        if not rows and number > 1:
            return self.page(session, wanted, last_page(session.scalar(self._count(wanted)) or 0))
        return Page(rows, number, rows[0].total if rows else 0)

    def every(self, session: Session, wanted: W) -> Iterator[Any]:
        """Yield all rows, for a download."""
        return stream(session, self._rows(self._keys(wanted)))

    def _make_count(self, wanted: W) -> Query:
        return count(self._keys(wanted))

    def _make_page(self, wanted: W, number: int) -> Query:
        total = self._count(wanted).scalar_subquery().label("total")
        return self._rows(cut(self._keys(wanted), number)).add_columns(total)


def _rows(session: Session, query: Query) -> Sequence[Any]:
    result = session.execute(query)
    return result.scalars().all() if len(result.keys()) == 1 else result.all()


def _written(number: int) -> Any:
    """Return a number to be written into the SQL itself.

    PostgreSQL plans a prepared statement anew for each LIMIT that it cannot see, which takes longer than a page.
    """
    return literal(number, Integer, literal_execute=True)
