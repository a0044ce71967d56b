"""Best-before dates, held against the day it is by the clock on the wall."""

from datetime import date

from ..errors import Invalid, msg
from ..web.filters import today


def is_past(best_before: date | None) -> bool:
    """Return whether a best-before has passed: goods are good until the end of that day."""
    return best_before is not None and best_before < today()


def checked_date(best_before: date | None, undated: bool) -> date | None:
    """Return a best-before that was asked for, none where somebody looked and said so.

    Raises Invalid at `best_before` when neither is said, or both.
    """
    if best_before is None and not undated:
        raise Invalid(msg("Enter the date, or tick that there is none on it."), "best_before")
    if best_before is not None and undated:
        raise Invalid(msg("You entered a date and ticked that there is none. Which is it?"), "best_before")
    return best_before
