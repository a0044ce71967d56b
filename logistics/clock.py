"""The one source of the present moment. Moments are aware and in UTC; pages show them in TIMEZONE."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)
