"""How one person stands towards what roles require, and why a shift is not theirs yet: plain values, no statement.

person = requirements.read(db.session, person_id)                # one statement for every role
crews = requirements.crews_of(db.session, ids)                     # one more, if shifts of the page demand a mix
why = standing.why_not(person, shift, crews.get(shift.id, NOBODY))
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import IntEnum
from typing import Any, Protocol

from ...errors import Message, Name, msg
from ...people.models import AgeGroup

EXPERIENCED_AFTER = 3  # shifts worked
NO_ROLE = 0  # of which nothing is required


class Work(Protocol):
    """What is asked about a shift: a `Shift`, or a row of a list that has these columns."""

    role_id: Any
    ends_at: Any
    maximum: Any
    filled: Any
    experienced_minimum: Any
    newcomers_maximum: Any


@dataclass(frozen=True)
class Why:
    """Why a shift is not someone's yet. `unlock` is the path where they can change that, and `todo` its link's words.

    Both are empty when there is nothing that they can do about it by themselves.
    """

    reason: Message
    unlock: str = ""
    todo: Message | None = None


class Holds(IntEnum):
    """How far someone has a qualification."""

    NOT = 0
    DECLARED = 1  # and staff have yet to confirm it
    YES = 2


@dataclass(frozen=True)
class Need:
    """A qualification that a role requires, and how far the person has it; `expires_on` is its last day.

    `category` is the one that the role asks of a licence, if any; `detail` are those that the person's is for.
    """

    qualification_id: int
    name: str
    name_fr: str | None
    holds: Holds
    expires_on: date | None
    category: str = ""
    detail: str = ""

    @property
    def of_category(self) -> bool:
        """Return whether what the person has is of the category that the role asks for."""
        return not self.category or self.category.casefold() in re.split(r"[\s,;/+]+", self.detail.casefold())

    def met_on(self, day: date) -> bool:
        """Return whether the person has it on a day."""
        return self.holds == Holds.YES and self.of_category and (self.expires_on is None or self.expires_on >= day)


@dataclass(frozen=True)
class Standing:
    """What a person brings. `needs` are what roles require by role id, without what is got on the shift's own day."""

    person_id: int
    age_group: str | None = None
    guardian_consents: bool = False
    worked: int = 0  # shifts
    unagreed: Sequence[str] = ()  # kinds of text whose newest version they have not agreed to
    needs: Mapping[int, Sequence[Need]] = field(default_factory=dict)
    open_to_minors: frozenset[int] = frozenset()  # role ids


@dataclass(frozen=True)
class Crew:
    """How much the people on a shift have done before: those who never worked one, and those who have often."""

    newcomers: int = 0
    experienced: int = 0


NOBODY = Crew()


def why_not(standing: Standing, shift: Work, crew: Crew = NOBODY, more: int = 1) -> Why | None:
    """Return why this person may not take a shift: the first thing to put right, or None when they may.

    `crew` (see `crews_of`) are the others on it; `more` is how many places they would take that are free now: none,
    if one of their convoy's is theirs. Whether the shift is full, begun, called off or clashes with another is not
    asked here.
    """
    return why_not_role(standing, shift.role_id, shift.ends_at) or (
        why_not_mix(standing, shift, crew, shift.maximum - shift.filled - more) if demands_mix(shift) else None
    )


def why_not_role(standing: Standing, role_id: int, ends_at: datetime) -> Why | None:
    """Return why this person may not take a shift of this role that ends then, as far as it lies with them."""
    return _age(standing, role_id) or _agreements(standing) or _needs(standing.needs.get(role_id, ()), ends_at)


def first_step(standing: Standing, at: datetime) -> Why | None:
    """Return what keeps this person from every shift, whatever its role, and is to be put right before all else."""
    no_minor = replace(standing, age_group=standing.age_group and AgeGroup.ADULT)
    return why_not_role(no_minor, NO_ROLE, at)


def demands_mix(shift: Work) -> bool:
    """Return whether a shift asks for experienced people or limits newcomers, so that its crew matters."""
    return bool(shift.experienced_minimum) or shift.newcomers_maximum is not None


def why_not_mix(standing: Standing, shift: Work, crew: Crew, left: int) -> Why | None:
    """Return why this person would upset the mix of a shift: `left` places would still be free after them."""
    if standing.worked == 0 and shift.newcomers_maximum is not None and crew.newcomers >= shift.newcomers_maximum:
        return Why(msg("This shift has as many newcomers as it can look after. Choose another for your first."))
    if standing.worked < EXPERIENCED_AFTER and left < shift.experienced_minimum - crew.experienced:
        return Why(msg("The places left on this shift are kept for people who have done a few shifts."))
    return None


def _age(standing: Standing, role_id: int) -> Why | None:
    if standing.age_group is None:
        return Why(msg("Say first whether you are 18 or over."), "/my/details", msg("Say so now"))
    if standing.age_group != AgeGroup.MINOR:
        return None
    if role_id not in standing.open_to_minors:
        return Why(msg("This role is for people of 18 or over."))
    if not standing.guardian_consents:
        reason = msg("A coordinator has to see your parent's or guardian's consent first.")
        return Why(reason, "/my/details", msg("How to give it"))
    return None


def _agreements(standing: Standing) -> Why | None:
    if not standing.unagreed:
        return None
    reason = msg("Before your first shift, read what every volunteer agrees to.")
    return Why(reason, "/my/agreements", msg("Read and agree"))


def _needs(needs: Sequence[Need], ends_at: datetime) -> Why | None:
    day = ends_at.date()  # in UTC: nobody's first aid ends with the hour between one midnight and the other
    for need in needs:
        if not need.met_on(day):
            return _need(need)
    return None


def _need(need: Need) -> Why:
    what, path = Name(need.name, need.name_fr), f"/my/qualifications#qualification-{need.qualification_id}"
    if need.category and (need.holds == Holds.NOT or not need.of_category):
        return Why(_of_category(need, what), path, msg("How to get it"))
    if need.holds == Holds.YES:
        return Why(msg("%(what)s: yours runs out before this shift.", what=what), path, msg("Renew it"))
    if need.holds == Holds.DECLARED:
        return Why(msg("%(what)s: waiting for a coordinator to confirm it.", what=what), path, msg("How that goes"))
    return Why(msg("This role needs: %(what)s.", what=what), path, msg("How to get it"))


def _of_category(need: Need, what: Name) -> Message:
    if need.holds == Holds.NOT:
        return msg("This role needs: %(what)s, category %(category)s.", what=what, category=need.category)
    return msg(
        "This role needs: %(what)s, category %(category)s. Yours is for %(detail)s.",
        what=what,
        category=need.category,
        detail=need.detail or "–",
    )
