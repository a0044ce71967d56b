"""Shifts and who has taken them. Each volunteer takes at most one shift of a half-day, so nobody is in two places."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ..shifts.models import Shift, SignUp, SignUpState
from . import content
from .rows import add_rows
from .setting import Setting


@dataclass(frozen=True)
class Crewed:
    """A half-day of work to be crewed: a distribution's afternoon, or a morning at the warehouse."""

    site_id: int
    starts_at: datetime
    ends_at: datetime
    distribution_id: int | None
    fullness: float  # 1.0: every place is taken


def add_crews(session: Session, setting: Setting, halves: list[Crewed], at: datetime) -> None:
    """Write the shifts of these half-days, with their sign-ups, volunteers taking turns."""
    shifts: list[dict[str, Any]] = []
    sign_ups: list[tuple[int, int]] = []  # (position in shifts, person)
    turn = 0
    people = setting.volunteers
    for half in halves:
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
    add_rows(
        session,
        SignUp,
        [
            {"shift_id": ids[position], "person_id": person, "created_at": at, "changed_at": at}
            | _attendance(shifts[position], n, at)
            for n, (position, person) in enumerate(sign_ups)
        ],
    )


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


def morning(day: datetime, site_id: int, fullness: float) -> Crewed:
    """Return the warehouse's morning, 9:30 to 12:30; `day` is local midnight."""
    start = day.replace(hour=9, minute=30)
    return Crewed(site_id, start, start + timedelta(hours=3), None, fullness)


def fullness(chance: random.Random) -> float:
    """Return how full a half-day to come is: mostly, not wholly."""
    return chance.choice((0.4, 0.6, 0.8, 0.9, 1.0))
