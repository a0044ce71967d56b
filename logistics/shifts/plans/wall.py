"""Shifts by the clock on the wall: what begins at 08:30 does so in winter and in summer.

Moments are UTC in the database; a pattern, and a plan that is copied, are hours of a day.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

MINUTE = timedelta(minutes=1)
DAY = 24 * 60  # minutes


def moment(local: datetime, zone: tzinfo) -> datetime:
    """Return the moment at which the clock on the wall shows `local` (naive).

    Of an hour that the clocks repeat the first is meant; what they skip is as much later as they are put forward.
    """
    return local.replace(tzinfo=zone).astimezone(UTC)


def local(at: datetime, zone: tzinfo) -> datetime:
    """Return what the clock on the wall shows at a moment, naive."""
    return at.astimezone(zone).replace(tzinfo=None)


def span(begins: datetime, minutes: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the moments from `begins` (naive) until the clock on the wall shows `minutes` later.

    So a night until 06:00 ends at 06:00 when the clocks change in it. 24 hours are the longest.
    """
    starts_at, ends_at = moment(begins, zone), moment(begins + minutes * MINUTE, zone)
    if ends_at <= starts_at:  # both in the hour that the clocks skip or repeat
        ends_at = starts_at + minutes * MINUTE
    return starts_at, min(ends_at, starts_at + timedelta(days=1))


def span_on(day: date, start_minute: int, minutes: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the moments of a shift on a day that begins `start_minute` after midnight by the clock on the wall."""
    return span(datetime.combine(day, time()) + start_minute * MINUTE, minutes, zone)


def hours_of(starts_at: datetime, ends_at: datetime, zone: tzinfo) -> tuple[int, int]:
    """Return when a shift begins, in minutes after midnight, and how long it lasts by the clock on the wall."""
    begins = local(starts_at, zone)
    minutes = (local(ends_at, zone) - begins) // MINUTE
    if minutes < 1:
        minutes = (ends_at - starts_at) // MINUTE
    return begins.hour * 60 + begins.minute, min(max(minutes, 1), DAY)
