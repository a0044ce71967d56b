"""What befalls a shift that people are already on: it moves, or it is called off, and they are told.

The order of locks is people, then shifts, each by id. A person's lock is what keeps them off two shifts at once
(see `signing`), so whoever moves a shift holds its whole crew.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session, aliased, joinedload

from ..audit import record
from ..clock import now
from ..distributions.models import Site
from ..people.models import Person
from . import places, rules
from .models import Role, Shift, SignUp, SignUpState
from .telling import mail

ON_IT = (SignUpState.CONFIRMED, SignUpState.OFFERED, SignUpState.HELD)  # who must hear when a shift changes
CONCERNED = (*ON_IT, SignUpState.WAITING)  # and when it is called off


def lock_crew(session: Session, shift_ids: Select[Any] | Sequence[int]) -> None:
    """Lock everyone who is on one of these shifts, in id order."""
    on_them = select(SignUp.person_id).where(SignUp.shift_id.in_(shift_ids), SignUp.state == SignUpState.CONFIRMED)
    session.execute(
        select(Person.id).where(Person.id.in_(on_them)).order_by(Person.id).with_for_update(key_share=True)
    ).all()


def lock_shifts(session: Session, *which: ColumnElement[bool]) -> Sequence[Shift]:
    """Lock shifts in id order and return them as they now stand, with role and site."""
    return session.scalars(
        select(Shift)
        .where(*which)
        .order_by(Shift.id)
        .options(joinedload(Shift.role), joinedload(Shift.site))
        .with_for_update(key_share=True, of=Shift)
        .execution_options(populate_existing=True)
    ).all()


def call_off(session: Session, shifts: Sequence[Shift], actor_id: int | None) -> None:
    """Cancel locked shifts and what people have there (a place, an offer, a turn in its line), and tell them."""
    crews = _crews(session, shifts, CONCERNED)
    mail.withdraw(session, shifts)
    for shift in shifts:
        crew = crews[shift.id]
        shift.cancelled_at = now()
        shift.version += 1
        _give_up(session, shift, [person.id for person in crew])
        places.recount(session, shift)
        for person in crew:
            mail.cancelled(session, person, shift)
        record(
            session,
            actor_id,
            "shift.called_off",
            "shift",
            shift.id,
            distribution_id=shift.distribution_id,
            told=len(crew),
        )


def move(
    session: Session, shifts: Sequence[Shift], to: Sequence[tuple[datetime, datetime, Site]], actor_id: int | None
) -> None:
    """Give each locked shift its new start, end and site, and tell its crew.

    Who would then be on two shifts at once is asked which of them they want: the place on the one that moved is kept
    for them as an offer, or given up where the shift is too near to wait for an answer. Expects `lock_crew` to have
    been called before the shifts were locked.
    """
    # Someone may have signed up between the two locks. Rare enough that a deadlock here may simply be retried.
    lock_crew(session, [shift.id for shift in shifts])
    crews = _crews(session, shifts, ON_IT)
    mail.withdraw(session, shifts, ["shift_reminder"])  # of another time or place; they hear of the new one
    before = [(shift.starts_at, shift.ends_at, shift.site) for shift in shifts]
    for shift, (starts_at, ends_at, site) in zip(shifts, to, strict=True):
        shift.starts_at, shift.ends_at, shift.site = starts_at, ends_at, site
        shift.version += 1
    session.flush()
    _remind_anew(session, [shift.id for shift, old in zip(shifts, before, strict=True) if shift.starts_at != old[0]])
    clashes, stands = _clashes(session, shifts), rules.read(session).offer_stands
    for shift, (old_starts_at, old_ends_at, old_site) in zip(shifts, before, strict=True):
        old: dict[str, Any] = {"old_starts_at": old_starts_at, "old_ends_at": old_ends_at, "old_site": old_site}
        torn = [person.id for person in crews[shift.id] if (shift.id, person.id) in clashes]
        until = places.offer_until(shift.starts_at, stands)
        if until is None:
            _give_up(session, shift, torn)
        else:
            _ask(session, shift, torn, until)
        places.recount(session, shift)
        for person in crews[shift.id]:
            other = clashes.get((shift.id, person.id))
            if other is None:
                mail.changed(session, person, shift, **old)
            elif until is None:
                mail.released(session, person, shift, **old, other=other)
            else:
                mail.asked_again(session, person, shift, **old, other=other, lapses_at=until)
        record(
            session,
            actor_id,
            "shift.moved",
            "shift",
            shift.id,
            distribution_id=shift.distribution_id,
            starts_at=shift.starts_at.isoformat(),
            site_id=shift.site.id,
            told=len(crews[shift.id]),
            clashes=len(torn),
        )


def _remind_anew(session: Session, shift_ids: Sequence[int]) -> None:
    """Forget that leaders of convoys were reminded of places without a name: these lapse at another time now."""
    session.execute(
        update(SignUp)
        .where(SignUp.shift_id.in_(shift_ids), SignUp.unnamed_reminded_at.is_not(None))
        .values(unnamed_reminded_at=None)
        .execution_options(synchronize_session=False)
    )


def _give_up(session: Session, shift: Shift, person_ids: Sequence[int]) -> None:
    _change(session, shift, person_ids, state=SignUpState.CANCELLED, places=1, convoy_id=None)


def _ask(session: Session, shift: Shift, person_ids: Sequence[int], until: datetime) -> None:
    _change(session, shift, person_ids, state=SignUpState.OFFERED, offer_lapses_at=until)


def _change(session: Session, shift: Shift, person_ids: Sequence[int], **values: Any) -> None:
    session.execute(
        update(SignUp)
        .where(
            SignUp.shift_id == shift.id,
            SignUp.person_id.in_(person_ids),
            SignUp.state.in_(CONCERNED),
        )
        .values(changed_at=now(), **values)
        .execution_options(synchronize_session=False)
    )


def _crews(session: Session, shifts: Sequence[Shift], states: Sequence[SignUpState]) -> dict[int, list[Person]]:
    """Return the people of each shift whose sign-ups are in one of these states."""
    found: dict[int, list[Person]] = defaultdict(list)
    rows = session.execute(
        select(SignUp.shift_id, Person)
        .join(SignUp.person)
        .where(SignUp.shift_id.in_([shift.id for shift in shifts]), SignUp.state.in_(states))
        .order_by(Person.id)
    )
    for shift_id, person in rows:
        found[shift_id].append(person)
    return found


def _clashes(session: Session, shifts: Sequence[Shift]) -> dict[tuple[int, int], Role]:
    """Return, by (shift, person), the role of another shift of theirs at the same time."""
    mine, other = aliased(SignUp), aliased(SignUp)
    this, that = aliased(Shift), aliased(Shift)
    rows = session.execute(
        select(mine.shift_id, mine.person_id, Role)
        .join(this, this.id == mine.shift_id)
        .join(other, other.person_id == mine.person_id)
        .join(that, that.id == other.shift_id)
        .join(Role, Role.id == that.role_id)
        .where(
            mine.shift_id.in_([shift.id for shift in shifts]),
            mine.state == SignUpState.CONFIRMED,
            other.state == SignUpState.CONFIRMED,
            that.id != this.id,
            that.starts_at < this.ends_at,
            this.starts_at < that.ends_at,
        )
        .order_by(that.starts_at.desc(), that.id)
    )
    return {(shift_id, person_id): role for shift_id, person_id, role in rows}
