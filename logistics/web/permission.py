"""The mark by which every view states who may open it. The table of who may what is `people.access`."""

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])

EVERYONE = "everyone"
SIGNED_IN = "signed-in"
MARK = "allowed"


def allow(who: str) -> Callable[[F], F]:
    """Mark a view as open to `who`: EVERYONE, SIGNED_IN or a permission. Stands below the route decorator."""

    def mark(view: F) -> F:
        setattr(view, MARK, who)
        return view

    return mark


def everyone(view: F) -> F:
    """Mark a view as open to the world."""
    return allow(EVERYONE)(view)


def signed_in(view: F) -> F:
    """Mark a view as open to every account."""
    return allow(SIGNED_IN)(view)
