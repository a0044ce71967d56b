"""What charities name themselves (sites, roles, funds), and close rather than delete."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Select, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .audit import record
from .clock import now
from .db import lock_row
from .errors import Invalid, Message, NotFound, msg


class Named:
    """A table's columns and words. The table's name is also what its audit lines are about: "site.closed".

    `name_key` is the form in which names are compared: no two of a table are the same.
    """

    LONGEST_NAME: ClassVar[int] = 80
    NO_SUCH: ClassVar[Message]
    NAME_TAKEN: ClassVar[Message]
    __tablename__: Any

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_fr: Mapped[str | None] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80), unique=True)
    closed_at: Mapped[datetime | None]


N = TypeVar("N", bound=Named)


def key_of(name: str, longest: int, field: str = "name") -> str:
    """Return the form in which a name is compared: without outer spaces and case.

    Raises `Invalid` when that form is empty or longer than can be kept ("ß" becomes two letters).
    """
    key = name.strip().casefold()
    if not key:
        raise Invalid(msg("Fill this in."), field=field)
    if len(key) > longest or len(name.strip()) > longest:
        raise Invalid(msg("Use %(max)d characters or fewer.", max=longest), field=field)
    return key


def kept(text: str | None, longest: int, field: str) -> str:
    """Return a text as it is kept: without outer spaces. Raises `Invalid` when it is too long for its column."""
    text = (text or "").strip()
    if len(text) > longest:
        raise Invalid(msg("Use %(max)d characters or fewer.", max=longest), field=field)
    return text


def rename(session: Session, thing: Named, name: str, name_fr: str | None) -> None:
    """Give a thing, new or locked, its names. Raises `Invalid` at the field, also when another has the name."""
    key = key_of(name, thing.LONGEST_NAME)
    kind = type(thing)
    with session.no_autoflush:
        if session.scalar(select(kind.id).where(kind.name_key == key, kind.id != (thing.id or 0))):
            raise Invalid(thing.NAME_TAKEN, "name")
    thing.name_fr = kept(name_fr, thing.LONGEST_NAME, "name_fr") or None
    thing.name, thing.name_key = name.strip(), key


def close(session: Session, thing: Named, actor_id: int | None) -> int:
    """Offer a locked thing no more for anything new, and return its id; what has it keeps it."""
    if thing.closed_at is None:
        thing.closed_at = now()
        record(session, actor_id, f"{thing.__tablename__}.closed", thing.__tablename__, thing.id)
    return thing.id


def reopen(session: Session, thing: Named, actor_id: int | None) -> int:
    """Offer a locked, closed thing again, and return its id."""
    if thing.closed_at is not None:
        thing.closed_at = None
        record(session, actor_id, f"{thing.__tablename__}.reopened", thing.__tablename__, thing.id)
    return thing.id


def get(session: Session, kind: type[N], thing_id: int) -> N:
    """Return one thing. Raises `NotFound`."""
    thing = session.get(kind, thing_id)
    if thing is None:
        raise NotFound(kind.NO_SUCH)
    return thing


def lock(session: Session, kind: type[N], thing_id: int) -> N:
    """Lock a thing's row and return it as it now stands. Raises `NotFound`."""
    thing = lock_row(session, kind, thing_id)
    if thing is None:
        raise NotFound(kind.NO_SUCH)
    return thing


def search(kind: type[Named], words: str, *first: Any) -> Select[Any]:
    """Return the query for every thing so named: in the order of `first`, the open before the closed, each by name."""
    query = select(kind).order_by(*first, kind.closed_at.is_not(None), kind.name_key, kind.id)
    if words:
        query = query.where(or_(*(column.icontains(words, autoescape=True) for column in (kind.name, kind.name_fr))))
    return query


def open_ones(session: Session, kind: type[N], *which: Any, also: int | None = None) -> Sequence[N]:
    """Return the open ones by name; `also` is the id of one to offer even if closed, `which` are further conditions."""
    query = select(kind).where(kind.closed_at.is_(None) | (kind.id == (also or 0)), *which)
    return session.scalars(query.order_by(kind.name_key, kind.id)).all()
