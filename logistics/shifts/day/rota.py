"""The rota for the wall: a day's or a distribution's shifts with their people, on A4.

A wall is read, and photographed, by whoever walks past, and volunteers here have been singled out before. So it never
says more than a first name and an initial, or the few letters that tell two apart, and no meeting point's exact place;
full names are on the shifts' pages.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from ..models import Shift
from . import running
from .running import Task

MOST_LINES = 4  # left blank for names to be written in
MOST_LETTERS = 4  # of a last name, where fewer would be two people's


def of_day(session: Session, begins: datetime, ends: datetime) -> list[Task]:
    """Return the shifts that begin within these moments; one across midnight is on the day it begins."""
    return running.read(session, Shift.starts_at >= begins, Shift.starts_at < ends)


def of_distribution(session: Session, distribution_id: int) -> list[Task]:
    """Return the shifts of a distribution."""
    return running.read(session, Shift.distribution_id == distribution_id)


def names(tasks: Sequence[Task]) -> dict[int, str]:
    """Return what a wall says of everyone on these shifts, by id (see `wall_names`)."""
    return wall_names({each.person_id: each.name for task in tasks for each in task.people})


def crew(task: Task, said: Mapping[int, str]) -> list[tuple[str, bool]]:
    """Return who is on a shift, as a wall says it, and whether they lead it; its lead comes first."""
    people = [(said[each.person_id], each.person_id == task.lead_id) for each in task.people]
    return sorted(people, key=lambda each: not each[1])


def blanks(task: Task) -> int:
    """Return how many lines to leave for names that are still to be written in."""
    return min(MOST_LINES, task.free + task.unnamed)


def wall_names(people: Mapping[int, str]) -> dict[int, str]:
    """Return what a wall says of each of these people, by id: never the same of two.

    Those who share a first name and an initial get as few more letters as tell them apart, or else a number.
    """
    alike: dict[str, list[int]] = defaultdict(list)
    for number in sorted(people):
        alike[wall_name(people[number])].append(number)
    said: dict[int, str] = {}
    for name, numbers in alike.items():
        said |= {numbers[0]: name} if len(numbers) == 1 else _told_apart({each: people[each] for each in numbers})
    return said


def wall_name(name: str, letters: int = 1) -> str:
    """Return "Amina V." for "Amina Volunteer": the first name and the first letter of the last, or so many letters."""
    words = name.split()
    return " ".join(_parts(words, letters)) if words else "?"


def _told_apart(people: Mapping[int, str]) -> dict[int, str]:
    for letters in range(2, MOST_LETTERS + 1):
        said = {number: wall_name(name, letters) for number, name in people.items()}
        if len(set(said.values())) == len(said):
            return said
    return {number: f"{wall_name(name)} ({n})" for n, (number, name) in enumerate(people.items(), start=1)}


def _parts(words: Sequence[str], letters: int) -> Iterator[str]:
    yield words[0]
    if len(words) > 1:
        yield f"{words[-1][0].upper()}{words[-1][1:letters].lower()}."
