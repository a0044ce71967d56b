"""Making shifts and changing them: what coordinators do."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...distributions.models import Distribution, DistributionState, Site
from ...errors import Conflict, NotFound, msg
from .. import moving, places
from ..models import HAS_A_PLACE, Role, Shift
from ..qualifying import standings
from ..telling.mail import Was
from . import terms as rules
from .terms import TIME_AND_PLACE, WORK, Terms

NO_SUCH = msg("There is no such shift.")


@command
def create(session: Session, /, *, actor_id: int, distribution_id: int | None, **values: Any) -> int:
    """Make a shift with the values of `Terms`, of a distribution or of a plain warehouse day, and return its id.

    Raises NotFound (distribution), Conflict when that is closed or was cancelled, Invalid with the field to blame.
    """
    terms = Terms(**values)
    rules.check(terms)
    rules.check_not_past(terms.starts_at)
    rules.open_role(session, terms.role_id)
    rules.check_site(rules.open_site(session, terms.site_id), distribution_id)
    if distribution_id is not None:
        lock_distribution(session, distribution_id)
    made = Shift(distribution_id=distribution_id, created_at=now(), **asdict(terms))
    session.add(made)
    session.flush()
    record(session, actor_id, "shift.created", "shift", made.id, distribution_id=distribution_id)
    return made.id


@command
def edit(session: Session, /, *, actor_id: int, shift_id: int, version: int, **values: Any) -> int:
    """Give a shift the values of `Terms` and return its id. Its crew is told of another time, site, role or notes.

    Raises NotFound; Conflict when it was called off, is over, or someone changed it since the page was opened
    (`version`), or when someone on it can't do its new role; Invalid with the field to blame, such as a maximum below the places already taken.
    """
    terms = Terms(**values)
    moving.lock_crew(session, [shift_id])
    shift = _lock(session, shift_id)
    check_change(session, shift, version, terms)
    change(session, [(shift, terms)], actor_id)
    return shift_id


@command
def call_off(session: Session, *, actor_id: int, shift_id: int) -> int:
    """Cancel a shift, tell its crew, and return its id. Doing it again changes nothing.

    Raises NotFound, and Conflict when it is over.
    """
    shift = _lock(session, shift_id)
    if shift.cancelled_at is not None:
        return shift_id
    if shift.ends_at <= now():
        raise Conflict(msg("This shift is over: its record stays as it was."))
    moving.call_off(session, [shift], actor_id)
    return shift_id


def check_change(session: Session, shift: Shift, version: int, terms: Terms) -> None:
    """Raise what `edit` does when a locked shift can't be changed so."""
    if shift.cancelled_at is not None:
        raise Conflict(msg("This shift has been called off."))
    if shift.ends_at <= now():
        raise Conflict(msg("This shift is over: its record stays as it was."))
    if shift.version != version:
        raise Conflict(
            msg(
                "Someone changed this shift while you were editing. What you typed is still below: open the shift "
                "in another tab, compare, then edit again."
            )
        )
    rules.check(terms)
    rules.check_room(shift, terms.maximum)
    if terms.starts_at != shift.starts_at:
        rules.check_not_past(terms.starts_at)
    if terms.role_id != shift.role_id:
        rules.open_role(session, terms.role_id)
    site = shift.site if terms.site_id == shift.site_id else rules.open_site(session, terms.site_id)
    rules.check_site(site, shift.distribution_id)


def change(session: Session, changes: Sequence[tuple[Shift, Terms]], actor_id: int) -> None:
    """Give locked shifts, whose crews are locked too, other terms that make sense; tell the crews what matters to them.

    Raises Conflict when someone on one of them can't do the role that it would have.
    """
    changed = [(shift, terms, rules.differing(shift, terms)) for shift, terms in changes]
    was = {shift.id: Was.of(shift) for shift, _ in changes}
    _refuse_unfit(session, [(shift, terms) for shift, terms, fields in changed if "role_id" in fields])
    for shift, terms, fields in changed:
        shift.touch()
        for name in {*fields} - TIME_AND_PLACE - {"role_id"}:
            setattr(shift, name, getattr(terms, name))
        if "role_id" in fields:
            shift.role = session.get_one(Role, terms.role_id)
    moved = [(shift, terms) for shift, terms, fields in changed if not TIME_AND_PLACE.isdisjoint(fields)]
    if moved:
        to = [(terms.starts_at, terms.ends_at, session.get_one(Site, terms.site_id)) for _, terms in moved]
        moving.move(session, [shift for shift, _ in moved], to, actor_id, [was[shift.id] for shift, _ in moved])
    stayed = [shift for shift, _, fields in changed if TIME_AND_PLACE.isdisjoint(fields) and WORK & {*fields}]
    moving.tell(session, [(shift, was[shift.id]) for shift in stayed])
    for shift, _, fields in changed:
        places.settle(session, shift)
        if fields:
            record(
                session,
                actor_id,
                "shift.changed",
                "shift",
                shift.id,
                distribution_id=shift.distribution_id,
                fields=fields,
            )


def _refuse_unfit(session: Session, changes: Sequence[tuple[Shift, Terms]]) -> None:
    """Raise Conflict when someone who is on one of these shifts, or is offered it, can't do the role it would have."""
    crews = moving.sign_ups_of(session, [shift for shift, _ in changes], HAS_A_PLACE)
    unfit = set()
    for shift, terms in changes:
        people = {mine.person_id: mine.person.name for mine in crews[shift.id]}
        unfit |= {people[number] for number in standings.unfit(session, [*people], terms.role_id, terms.ends_at)}
    if unfit:
        raise Conflict(
            msg(
                "Not able to do this role yet: %(names)s. Take them off the shift first, or choose another role.",
                names=", ".join(sorted(unfit)),
            ),
            "role_id",
        )


def lock_distribution(session: Session, distribution_id: int) -> Distribution:
    """Hold a distribution's row while shifts are added, so that a cancellation at the same time finds them.

    Raises NotFound, and Conflict when it is over or was cancelled.
    """
    found = session.scalars(
        select(Distribution)
        .where(Distribution.id == distribution_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound(msg("There is no such distribution."))
    if found.state in (DistributionState.CLOSED, DistributionState.CANCELLED):
        raise Conflict(msg("This distribution is over or was cancelled: no more shifts can be added."))
    return found


def _lock(session: Session, shift_id: int) -> Shift:
    found = moving.lock_shifts(session, Shift.id == shift_id)
    if not found:
        raise NotFound(NO_SUCH)
    return found[0]
