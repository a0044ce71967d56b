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
from .telling.mail import Was

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
    crews = sign_ups_of(session, shifts, CONCERNED)
    mail.withdraw(session, shifts)
    for shift in shifts:
        crew = crews[shift.id]
        shift.cancelled_at, shift.lead_id = now(), None
        shift.touch()
        for mine in crew:
            mail.cancelled(session, mine, shift)
        _give_up(session, shift, [mine.person_id for mine in crew])
        places.recount(session, shift)
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
    session: Session,
    shifts: Sequence[Shift],
    to: Sequence[tuple[datetime, datetime, Site]],
    actor_id: int | None,
    was: Sequence[Was] | None = None,
) -> None:
    """Give each locked shift its new start, end and site, and tell its crew; `was` is how each was before any change.

    Who would then be on two shifts at once is asked which of them they want: the place on the one that moved is kept
    for them as an offer, or given up where the shift is too near to wait for an answer. What they hold there for a
    convoy's others stays held in any case, so that these can still come: then their own place is given up. Expects
    `lock_crew` to have been called before the shifts were locked.
    """
    # Someone may have signed up between the two locks. Rare enough that a deadlock here may simply be retried.
    lock_crew(session, [shift.id for shift in shifts])
    crews = sign_ups_of(session, shifts, ON_IT)
    mail.withdraw(session, shifts, ["shift_reminder"])  # of another time or place; they hear of the new one
    before = was or [Was.of(shift) for shift in shifts]
    for shift, (starts_at, ends_at, site) in zip(shifts, to, strict=True):
        shift.starts_at, shift.ends_at, shift.site = starts_at, ends_at, site
        shift.touch()
    session.flush()
    _remind_anew(
        session, [shift.id for shift, old in zip(shifts, before, strict=True) if shift.starts_at != old.starts_at]
    )
    clashes, stands = _clashes(session, shifts), rules.read(session).offer_stands
    for shift, old in zip(shifts, before, strict=True):
        others = [clashes.get((shift.id, mine.person_id)) for mine in crews[shift.id]]
        until, torn = places.offer_until(shift.starts_at, stands), 0
        for mine, other in zip(crews[shift.id], others, strict=True):
            torn += _take_along(session, shift, old, mine, other, until)
        places.settle(session, shift)
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
            clashes=torn,
        )


def _remind_anew(session: Session, shift_ids: Sequence[int]) -> None:
    """Forget that leaders of convoys were reminded of places without a name: these lapse at another time now."""
    session.execute(
        update(SignUp)
        .where(SignUp.shift_id.in_(shift_ids), SignUp.unnamed_reminded_at.is_not(None))
        .values(unnamed_reminded_at=None)
        .execution_options(synchronize_session=False)
    )


def tell(session: Session, changed: Sequence[tuple[Shift, Was]]) -> None:
    """Tell the crews of locked shifts, which did not move, of another role or other notes; the notes are the crew's."""
    crews = sign_ups_of(session, [shift for shift, _ in changed], ON_IT)
    for shift, was in changed:
        for mine in crews[shift.id]:
            if mine.state == SignUpState.CONFIRMED or shift.role is not was.role:
                say = mail.offer_moved if mine.state == SignUpState.OFFERED else mail.changed
                say(session, mine, shift, was)


def _take_along(
    session: Session, shift: Shift, was: Was, mine: SignUp, other: Role | None, until: datetime | None
) -> bool:
    """Let a sign-up follow its shift, and tell whose it is; say whether they are torn between it and `other`.

    `until` is how long an offer of it may stand now; None when it is too near to wait for an answer.
    """
    if mine.state == SignUpState.OFFERED:
        _keep_offer(session, shift, was, mine, other, until)
        return False
    if mine.state == SignUpState.HELD or other is None:
        mail.changed(session, mine, shift, was)
        return False
    _ask(session, shift, was, mine, other, until)
    return True


def _keep_offer(
    session: Session, shift: Shift, was: Was, mine: SignUp, other: Role | None, until: datetime | None
) -> None:
    """Let an offer end before its shift, which may be nearer now; or at once when it is too near to wait for an answer.

    To accept it may mean now to give up `other`.
    """
    if until is not None and mine.offer_lapses_at is not None:
        mine.offer_lapses_at = min(mine.offer_lapses_at, until)
        mail.offer_moved(session, mine, shift, was, other)
    else:
        mail.offer_gone(session, mine, shift, was)
        places.take_off(session, shift, mine)


def _ask(session: Session, shift: Shift, was: Was, mine: SignUp, other: Role, until: datetime | None) -> None:
    if mine.places > 1:
        places.leave_held(session, shift, mine)
        mail.released(session, mine, shift, was, other)
    elif until is None:
        places.take_off(session, shift, mine)
        mail.released(session, mine, shift, was, other)
    else:
        places.step_down(shift, mine.person_id)
        mine.state, mine.offer_lapses_at, mine.changed_at = SignUpState.OFFERED, until, now()
        mail.asked_again(session, mine, shift, was, other)


def _give_up(session: Session, shift: Shift, person_ids: Sequence[int]) -> None:
    session.execute(
        update(SignUp)
        .where(
            SignUp.shift_id == shift.id,
            SignUp.person_id.in_(person_ids),
            SignUp.state.in_(CONCERNED),
        )
        .values(state=SignUpState.CANCELLED, places=1, convoy_id=None, changed_at=now())
        .execution_options(synchronize_session=False)
    )


def sign_ups_of(session: Session, shifts: Sequence[Shift], states: Sequence[SignUpState]) -> dict[int, list[SignUp]]:
    """Return the sign-ups of each shift that are in one of these states, with their people."""
    found: dict[int, list[SignUp]] = defaultdict(list)
    rows = session.scalars(
        select(SignUp)
        .where(SignUp.shift_id.in_([shift.id for shift in shifts]), SignUp.state.in_(states))
        .order_by(SignUp.person_id)
        .options(joinedload(SignUp.person))
        .execution_options(populate_existing=True)
    )
    for mine in rows:
        found[mine.shift_id].append(mine)
    return found


def _clashes(session: Session, shifts: Sequence[Shift]) -> dict[tuple[int, int], Role]:
    """Return, by (shift, person), the role of another shift of theirs at the same time.

    Theirs is a shift that they are on; these shifts are too, or are offered to them.
    """
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
            mine.state.in_((SignUpState.CONFIRMED, SignUpState.OFFERED)),
            other.state == SignUpState.CONFIRMED,
            that.id != this.id,
            that.starts_at < this.ends_at,
            this.starts_at < that.ends_at,
        )
        .order_by(that.starts_at.desc(), that.id)
    )
    return {(shift_id, person_id): role for shift_id, person_id, role in rows}
