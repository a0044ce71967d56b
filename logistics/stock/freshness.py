"""Best-before dates, held against the day it is by the clock on the wall."""

from datetime import date

from ..web.filters import today


def is_past(best_before: date | None) -> bool:
    """Return whether a best-before has passed: goods are good until the end of that day."""
    return best_before is not None and best_before < today()
