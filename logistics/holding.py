"""What a part holds about a person: how it is shown to them, and how it is let go of when they leave.

Each part that has a table about people, or one that names who did something, says so in its `personal.py` with a
`Holding`. `operations.personal` puts them together, and a test sees that no column that refers to a person is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from .errors import Message
from .paging import Query


@dataclass(frozen=True)
class Whose:
    """Whose data it is. `email` is theirs for certain only when it is `confirmed`."""

    id: int
    email: str
    confirmed: bool


@dataclass(frozen=True)
class Section:
    """One kind of thing that is held about a person.

    `key` names it in a file, `title` on a page. `fields` are the columns of the query that `rows` makes, in its order,
    with how a page calls them. `covers` are the columns ("sign_up.person_id") whose rows it gives.
    """

    key: str
    title: Message
    fields: Mapping[str, Message]
    rows: Callable[[Whose], Query]
    covers: frozenset[str]


def _nothing(_session: Session, _whose: Whose) -> None:
    """Have nothing to refuse, or to forget."""


@dataclass(frozen=True)
class Holding:
    """What one part holds.

    `signs` are columns that only say who did something: those acts are told by the audit log, and who did them is
    nobody any more once the account is emptied. `refuse` raises `Conflict` while the account cannot go; `forget` lets
    go of what is personal. Both are steps, with the person's row locked.
    """

    sections: Sequence[Section] = ()
    signs: frozenset[str] = frozenset()
    refuse: Callable[[Session, Whose], None] = _nothing
    forget: Callable[[Session, Whose], None] = _nothing
