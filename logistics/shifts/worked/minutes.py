"""Time worked, in whole minutes: counted by the database, typed and read by people."""

import re
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from ...errors import Invalid, msg
from ..models import Shift, SignUp

MOST = 2880  # as the CHECK of `SignUp.minutes` says: two days
_TYPED = (
    re.compile(r"(?P<hours>\d{1,3})(?:[.,](?P<part>\d{1,2}))?\s*(?:h|hours?|heures?)?"),
    re.compile(r"(?P<hours>\d{1,3})\s*(?::|h)\s*(?P<minutes>[0-5]\d)\s*(?:m|min)?"),
    re.compile(r"(?P<minutes>\d{1,4})\s*(?:m|min|minutes?)"),
)


class MinutesBetween(FunctionElement[int]):
    """The minutes from one moment to another, to the nearest whole one."""

    type = Integer()
    inherit_cache = True


@compiles(MinutesBetween, "sqlite")
def _sqlite(element: Any, compiler: Any, **more: Any) -> str:
    first, last = (compiler.process(clause, **more) for clause in element.clauses)
    return f"CAST(ROUND((julianday({last}) - julianday({first})) * 1440) AS INTEGER)"


@compiles(MinutesBetween, "postgresql")
def _postgresql(element: Any, compiler: Any, **more: Any) -> str:
    first, last = (compiler.process(clause, **more) for clause in element.clauses)
    return f"CAST(ROUND(EXTRACT(EPOCH FROM ({last} - {first})) / 60) AS INTEGER)"


def worked() -> ColumnElement[int]:
    """Return how many minutes a sign-up that attended stands for; the query joins `SignUp` and `Shift`.

    What staff corrected; else from arrival to leaving, with the shift's own times for what was not written down.
    """
    counted = MinutesBetween(
        func.coalesce(SignUp.arrived_at, Shift.starts_at), func.coalesce(SignUp.left_at, Shift.ends_at)
    )
    return case((SignUp.minutes.is_not(None), SignUp.minutes), (counted > 0, counted), else_=0)


def parse(text: str, field: str | None = None) -> int:
    """Return the minutes that someone typed as "3:30", "3h30", "3.5", "3 h" or "210 min".

    Raises `Invalid` at `field` for anything else, and beyond two days.
    """
    typed = text.strip().casefold()
    for pattern in _TYPED:
        found = pattern.fullmatch(typed) if typed.isascii() else None
        if found is not None:
            parts = found.groupdict()
            # A part of an hour: ".5" is half of one, ".25" a quarter.
            part = round(60 * int(parts["part"]) / 10 ** len(parts["part"])) if parts.get("part") else 0
            minutes = 60 * int(parts.get("hours") or 0) + int(parts.get("minutes") or 0) + part
            if minutes <= MOST:
                return minutes
            raise Invalid(msg("Nobody works more than %(hours)s hours on one shift.", hours=MOST // 60), field)
    raise Invalid(msg("Enter hours and minutes, such as 3:30."), field)


def typed(minutes: int) -> str:
    """Return minutes as one types them: "3:30"."""
    return f"{minutes // 60}:{minutes % 60:02}"


def decimal(minutes: int) -> str:
    """Return minutes as hours for a spreadsheet: "3.50"."""
    return f"{minutes / 60:.2f}"
