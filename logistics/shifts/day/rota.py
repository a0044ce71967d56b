"""The rota for the wall: a day's or a distribution's shifts with their people, on A4.

A wall is read, and photographed, by whoever walks past, and volunteers here have been singled out before. So it never
says more than a first name and an initial, and no meeting point's exact place; full names are on the shifts' pages.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from ..models import Shift
from . import running
from .running import Task

MOST_LINES = 4  # left blank for names to be written in


def of_day(session: Session, begins: datetime, ends: datetime) -> list[Task]:
    """Return the shifts that begin within these moments; one across midnight is on the day it begins."""
    return running.read(session, Shift.starts_at >= begins, Shift.starts_at < ends)


def of_distribution(session: Session, distribution_id: int) -> list[Task]:
    """Return the shifts of a distribution."""
    return running.read(session, Shift.distribution_id == distribution_id)


def names(task: Task) -> list[str]:
    """Return who is on a shift, as a wall may say it, its lead first."""
    people = sorted(task.people, key=lambda each: each.person_id != task.lead_id)
    return [wall_name(each.name) for each in people]


def blanks(task: Task) -> int:
    """Return how many lines to leave for names that are still to be written in."""
    return min(MOST_LINES, task.free + task.unnamed)


def wall_name(name: str) -> str:
    """Return "Amina V." for "Amina Volunteer": the first name and the first letter of the last."""
    words = name.split()
    return " ".join(_parts(words)) if words else "?"


def _parts(words: list[str]) -> Iterator[str]:
    yield words[0]
    if len(words) > 1:
        yield f"{words[-1][0].upper()}."
