"""Lists, one page at a time, paged by the database in a stable order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

T = TypeVar("T")
PAGE_SIZE = 50


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list. `number` starts at 1; `total` counts every row of the list."""

    rows: Sequence[T]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """Return how many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Return the position of the first row shown, from 1; 0 in an empty list."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Return the position of the last row shown."""
        return (self.number - 1) * self.size + len(self.rows)


def paginate(session: Session, query: Select[*tuple[Any, ...]], number: int, *, size: int = PAGE_SIZE) -> Page[Any]:
    """Run `query` (which must order its rows to the last tie) for one page, in two queries.

    A query of one entity or column gives that; of several, rows. A number past the end gives the last page.
    """
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    number = min(max(1, number), max(1, -(-total // size)))
    result = session.execute(query.limit(size).offset((number - 1) * size))
    rows: Sequence[Any] = result.scalars().all() if len(query.column_descriptions) == 1 else result.all()
    return Page(rows, number, total, size)
