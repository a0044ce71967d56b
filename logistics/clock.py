"""The one source of the present moment. Moments are aware and in UTC; pages show them in TIMEZONE."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, tzinfo

_told: ContextVar[datetime | None] = ContextVar("told_moment", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _told.get() or datetime.now(UTC)


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the first moment of a day by the clock on the wall in `zone`."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


@contextmanager
def as_if(moment: datetime) -> Iterator[None]:
    """Within this block, in this thread, it is `moment`. For the demo, which makes a past through the services."""
    token = _told.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _told.reset(token)
