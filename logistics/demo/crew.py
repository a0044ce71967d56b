"""Shifts and who has taken them. Each volunteer takes at most one shift of a half-day, so nobody is in two places."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..people.models import Person
from ..shifts.models import Shift, SignUp, SignUpState
from . import content
from .rows import add_rows
from .setting import Setting

WEEKS = 26  # that the charity has had mornings in
FIRST, A_WEEK = 10, 2  # how many came at first, and how many more each week


@dataclass(frozen=True)
class Crewed:
    """A half-day of work to be crewed: a distribution's afternoon, or a morning at the warehouse."""

    site_id: int
    starts_at: datetime
    ends_at: datetime
    distribution_id: int | None
    fullness: float  # 1.0: every place is taken
    known: int | None = None  # how many of the volunteers had come by then; all, unless told


def add_crews(session: Session, setting: Setting, halves: list[Crewed], at: datetime) -> None:
    """Write the shifts of these half-days, with their sign-ups, volunteers taking turns."""
    shifts: list[dict[str, Any]] = []
    sign_ups: list[tuple[int, int]] = []  # (position in shifts, person)
    turn = 0
    for half in halves:
        people = setting.volunteers[: half.known]
        taken = 0  # of this half-day: a volunteer may not come round twice
        for name, _french, _what, _quoi, least, most in _roles(half):
            places = min(most, max(least if half.fullness >= 1 else 0, round(most * half.fullness)))
            places = min(places, len(people) - taken)
            shifts.append(
                {
                    "role_id": setting.roles[name],
                    "site_id": half.site_id,
                    "created_at": at,
                    "distribution_id": half.distribution_id,
                    "starts_at": half.starts_at,
                    "ends_at": half.ends_at,
                    "minimum": least,
                    "maximum": most,
                    "filled": places,
                }
            )
            for place in range(places):
                regular = place == 0 and name == "Hand out" and _is_regular(half, at)
                person = setting.accounts["volunteer"] if regular else people[turn % len(people)]
                sign_ups.append((len(shifts) - 1, person))
                turn += 1
                taken += 1
    ids = add_rows(session, Shift, shifts)
    _had_accounts(session, [(person, shifts[position]["starts_at"]) for position, person in sign_ups])
    add_rows(
        session,
        SignUp,
        [
            {"shift_id": ids[position], "person_id": person, "created_at": at, "changed_at": at}
            | _attendance(shifts[position], n, at)
            for n, (position, person) in enumerate(sign_ups)
        ],
    )


def _had_accounts(session: Session, starts: list[tuple[int, datetime]]) -> None:
    """Let everyone's account be older than their first shift."""
    first: dict[int, datetime] = {}
    for person, start in starts:
        first[person] = min(start, first.get(person, start))
    rows = session.execute(select(Person.id, Person.created_at).where(Person.id.in_(first)))
    made = {row.id: row.created_at for row in rows}
    earlier = [
        {"id": person, "created_at": start - timedelta(days=3)}
        for person, start in first.items()
        if start < made[person]
    ]
    if earlier:
        session.execute(update(Person), earlier)


def _is_regular(half: Crewed, at: datetime) -> bool:
    """Return whether the demo's own volunteer was there: at every third distribution of the past."""
    return half.distribution_id is not None and half.distribution_id % 3 == 0 and half.ends_at <= at


def _attendance(shift: dict[str, Any], number: int, at: datetime) -> dict[str, Any]:
    """Return how a sign-up stands: of a shift that is over, nearly all came, a little early, and stayed to the end."""
    if shift["ends_at"] > at:
        return {"state": SignUpState.CONFIRMED, "arrived_at": None, "left_at": None}
    if number % 23 == 7:
        return {"state": SignUpState.NO_SHOW, "arrived_at": None, "left_at": None}
    arrived = shift["starts_at"] - timedelta(minutes=number % 11)
    return {"state": SignUpState.ATTENDED, "arrived_at": arrived, "left_at": shift["ends_at"]}


def _roles(half: Crewed) -> tuple[tuple[str, str, str, str, int, int], ...]:
    return content.CREW_ROLES if half.distribution_id else content.WAREHOUSE_ROLES


def once_a_week(today: datetime, days: int, site_id: int, people: int) -> list[Crewed]:
    """Return the mornings of once a week before the last `days`, half a year long, in which more and more came."""
    weeks = [week for week in range(WEEKS, 0, -1) if week * 7 > days]
    return [
        replace(morning(today - timedelta(days=7 * week), site_id, 1.0), known=min(people, FIRST + n * A_WEEK))
        for n, week in enumerate(weeks)
    ]


def morning(day: datetime, site_id: int, fullness: float) -> Crewed:
    """Return the warehouse's morning, 9:30 to 12:30; `day` is local midnight."""
    start = day.replace(hour=9, minute=30)
    return Crewed(site_id, start, start + timedelta(hours=3), None, fullness)


def fullness(chance: random.Random) -> float:
    """Return how full a half-day to come is: mostly, not wholly."""
    return chance.choice((0.4, 0.6, 0.8, 0.9, 1.0))
