"""What the crew is told by mail. Times go as ISO strings, so that each mail can say them in its reader's language.

The exact place is never mailed: the link leads to it, for those who are still on the shift. A mail that puts a shift
into its reader's calendar, or takes it out, carries that as an attachment (`outbox.invitation`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...outbox import service as outbox
from ...people.models import Person
from ..models import Shift, SignUp, SignUpState

UNTIL_IT_BEGINS = (  # said of a shift that is still to take place
    "called_out",
    "shift_reminder",
    "place_offered",
    "place_free",
    "offer_moved",
    "offer_gone",
)
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


class Named(Protocol):
    """A thing with a name in one or two languages."""

    name: str
    name_fr: str | None


@dataclass(frozen=True)
class Was:
    """What a shift was like before it changed, for those who are told of that."""

    starts_at: datetime
    ends_at: datetime
    site: Named
    role: Named
    notes: str

    @classmethod
    def of(cls, shift: Shift) -> "Was":
        """Return what a shift (its role and site loaded) is like now."""
        return cls(shift.starts_at, shift.ends_at, shift.site, shift.role, shift.notes)


def confirmed(session: Session, person: Person, shift: Shift, since: datetime) -> None:
    """Tell someone that they are on a shift (its role and site loaded), `since` their sign-up changed."""
    invite = _invite(person, shift, since)
    _tell(session, "sign_up_confirmed", person, shift, bring=_bring(person, shift), calendar=invite)


def confirmed_together(session: Session, person: Person, shifts: Sequence[Shift]) -> None:
    """Tell someone in one mail that they are on these shifts, with all of them for their calendar (see `confirmed`)."""
    theirs = SignUp.person_id == person.id, SignUp.shift_id.in_([shift.id for shift in shifts])
    rows = session.execute(select(SignUp.shift_id, SignUp.changed_at).where(*theirs))
    since = {row.shift_id: row.changed_at for row in rows}
    if len(shifts) < 2:
        for shift in shifts:
            confirmed(session, person, shift, since[shift.id])
        return
    shifts = sorted(shifts, key=lambda shift: (shift.starts_at, shift.id))
    told = [
        {
            **_words(person, shift),
            "bring": _bring(person, shift),
            "calendar": _invite(person, shift, since[shift.id]),
        }
        for shift in shifts
    ]
    outbox.enqueue(
        session,
        "sign_ups_confirmed",
        person.email,
        person.language,
        person_id=person.id,
        about=_about(shifts[0]),
        name=person.name,
        shifts=told,
        path="/my/shifts",
    )


def cancelled(session: Session, mine: SignUp, shift: Shift) -> None:
    """Tell someone that a shift will not take place: theirs, or one that they hold places on, are offered or wait for.

    Their sign-up (its person loaded) says which, so it is told before that changes.
    """
    _tell(session, "shift_cancelled", mine.person, shift, **_stands(mine), **_calendar(mine, shift, _uninvite))


def left(session: Session, person: Person, shift: Shift, since: datetime) -> None:
    """Tell someone that they are off a shift, as they asked: it leaves their calendar, too."""
    _tell(session, "shift_left", person, shift, calendar=_uninvite(person, shift, since))


def removed(session: Session, person: Person, shift: Shift, since: datetime, reason: str) -> None:
    """Tell someone that staff took them off a shift, and why if a reason was given."""
    _tell(session, "shift_removed", person, shift, reason=reason, calendar=_uninvite(person, shift, since))


def changed(session: Session, mine: SignUp, shift: Shift, was: Was) -> None:
    """Tell someone that their shift, or one that they hold a convoy's places on, has changed, and what it was before.

    The notes are for those who are on it. They are not mailed, since they may name the place.
    """
    notes = mine.state == SignUpState.CONFIRMED and shift.notes != was.notes
    more = {**_old(mine.person, was), **_stands(mine), **_calendar(mine, shift, _invite)}
    _tell(session, "shift_changed", mine.person, shift, notes=notes, **more)


def released(session: Session, mine: SignUp, shift: Shift, was: Was, other: Named) -> None:
    """Tell someone that their shift moved onto another of theirs (whose role is `other`), and so is theirs no more.

    What they still hold there, for a convoy's others, is said too.
    """
    person, held = mine.person, mine.places if mine.state == SignUpState.HELD else 0
    old = {**_old(person, was), "other_role": _in(person.language, other)}
    _tell(
        session, "shift_released", person, shift, held=held, **old, calendar=_uninvite(person, shift, mine.changed_at)
    )


def asked_again(session: Session, mine: SignUp, shift: Shift, was: Was, other: Named) -> None:
    """Ask someone whose shift moved onto another of theirs (`other`) to choose; it is held for them until it lapses.

    It leaves their calendar for now, and comes back when they choose it (`confirmed`).
    """
    person = mine.person
    more = {**_old(person, was), **_lapses(mine), "other_role": _in(person.language, other)}
    gone = _uninvite(person, shift, mine.changed_at)
    _tell(session, "shift_asked_again", person, shift, _answer(shift), **more, calendar=gone)


def offer_moved(session: Session, mine: SignUp, shift: Shift, was: Was, other: Named | None = None) -> None:
    """Tell someone that the shift they are offered has changed, and if it is now at the time of `other`, theirs."""
    person = mine.person
    more = {**_old(person, was), **_lapses(mine), "other_role": other and _in(person.language, other)}
    until = mine.offer_lapses_at
    _tell(session, "offer_moved", person, shift, _answer(shift), good_until=until, places=mine.places, **more)


def offer_gone(session: Session, mine: SignUp, shift: Shift, was: Was) -> None:
    """Tell someone that the shift they are offered moved so near that it can't be kept for them."""
    _tell(session, "offer_gone", mine.person, shift, **_old(mine.person, was))


def offered(session: Session, mine: SignUp, shift: Shift) -> None:
    """Tell someone who waits that as many places as they wait for are held for them until the offer lapses."""
    more: dict[str, Any] = {"good_until": mine.offer_lapses_at, "places": mine.places, **_lapses(mine)}
    _tell(session, "place_offered", mine.person, shift, _answer(shift), **more)


def place_free(session: Session, mine: SignUp, shift: Shift) -> None:
    """Tell someone who waits for a shift that is near that what they wait for is free, and kept for nobody."""
    _tell(session, "place_free", mine.person, shift, good_until=shift.starts_at, places=mine.places)


def offer_lapsed(session: Session, person: Person, shift: Shift) -> None:
    """Tell someone that the place held for them went to the next."""
    _tell(session, "offer_lapsed", person, shift)


def left_late(
    session: Session,
    coordinators: Iterable[Person],
    person: Person,
    shift: Shift,
    reason: str = "",
    party: int = 0,
    lapsed: bool = False,
) -> None:
    """Tell coordinators at once that `person` left a shift that is near, and why.

    `party` is how many places of a convoy they gave back: those of people without a name, and their own if that went.
    With `lapsed` they did nothing: these places had no name in time.
    """
    more: dict[str, Any] = {"who": person.name, "reason": reason, "party": party, "lapsed": lapsed}
    for coordinator in coordinators:
        _tell(session, "left_late", coordinator, shift, **more)


def called_out(session: Session, person: Person, shift: Shift) -> None:
    """Ask someone who wants to be asked to fill in on a shift that is short."""
    if person.wants_call_outs:
        bring, unsubscribe = _bring(person, shift), _from(person, "call_outs")
        good_until = shift.starts_at
        _tell(session, "called_out", person, shift, good_until=good_until, bring=bring, unsubscribe=unsubscribe)


def reminder(session: Session, person: Person, shift: Shift) -> None:
    """Remind someone who wants it of a shift: where, when and what to bring."""
    if person.wants_reminders:
        bring, unsubscribe = _bring(person, shift), _from(person, "reminders")
        good_until = shift.starts_at
        _tell(session, "shift_reminder", person, shift, good_until=good_until, bring=bring, unsubscribe=unsubscribe)


def thanks(session: Session, person: Person, shift: Shift, helped: tuple[int, int, int] | None = None) -> None:
    """Thank someone, unless they would rather not be mailed for that, for a shift they came to.

    `helped` is how many of their shifts helped hand out how many items to how many people, where that can be told.
    """
    if person.wants_thanks:
        gave = dict(zip(("shifts", "things", "people"), helped, strict=True)) if helped else None
        _tell(session, "shift_thanks", person, shift, helped=gave, unsubscribe=_from(person, "thanks"))


def unnamed_soon(session: Session, leader: Person, shift: Shift, places: int, lapses_at: datetime) -> None:
    """Remind a convoy's leader of places that nobody has taken, and that lapse at `lapses_at`."""
    _tell(
        session,
        "convoy_unnamed_soon",
        leader,
        shift,
        good_until=lapses_at,
        places=places,
        lapses_at=lapses_at.isoformat(),
    )


def unnamed_lapsed(session: Session, leader: Person, shift: Shift, places: int) -> None:
    """Tell a convoy's leader that places nobody had taken went back to everyone."""
    _tell(session, "convoy_unnamed_lapsed", leader, shift, places=places)


def withdraw(session: Session, shifts: Iterable[Shift], kinds: Sequence[str] = UNTIL_IT_BEGINS) -> None:
    """Send no more of what waits to be mailed of these kinds, since it no longer holds of these shifts."""
    outbox.withdraw(session, [_about(shift) for shift in shifts], kinds)


def text_changed(session: Session, person: Person, kind: str) -> None:
    """Tell someone who is booked that what volunteers agree to has changed, and that they are asked again."""
    outbox.enqueue(
        session,
        "text_changed",
        person.email,
        person.language,
        person_id=person.id,
        name=person.name,
        text=kind,
        path="/my/agreements",
    )


def uid(shift_id: int, person_id: int) -> str:
    """Return what names a person's shift in their calendar, before the host: the same for as long as both exist."""
    return f"shift-{shift_id}-{person_id}"


def last_change(shift_changed_at: datetime, sign_up_changed_at: datetime) -> datetime:
    """Return when someone's entry for a shift last changed, in a calendar: with the shift, or with their sign-up."""
    return max(shift_changed_at, sign_up_changed_at)


def sequence(version: int, changed_at: datetime) -> int:
    """Return an iCalendar SEQUENCE that grows whenever the shift (`version`) or the sign-up changes.

    `changed_at` is the `last_change`, in mails and feeds alike, so that one never falls below the other. RFC 5545 wants
    an integer that never falls; the seconds since 2020 fit into 32 bits until 2088.
    """
    return version + int((changed_at - BEGINNING).total_seconds())


def _invite(person: Person, shift: Shift, sign_up_changed_at: datetime) -> dict[str, Any]:
    changed_at = last_change(shift.changed_at, sign_up_changed_at)
    return {
        "method": "REQUEST",
        "uid": uid(shift.id, person.id),
        "sequence": sequence(shift.version, changed_at),
        "changed_at": changed_at.isoformat(),
    }


def _uninvite(person: Person, shift: Shift, sign_up_changed_at: datetime) -> dict[str, Any]:
    return {**_invite(person, shift, sign_up_changed_at), "method": "CANCEL"}


def _from(person: Person, topic: str) -> dict[str, Any]:
    return {"person": person.id, "topic": topic}


def _bring(person: Person, shift: Shift) -> str:
    return (shift.role.bring_fr if person.language == "fr" else None) or shift.role.bring


def _calendar(mine: SignUp, shift: Shift, part: Callable[[Person, Shift, datetime], dict[str, Any]]) -> dict[str, Any]:
    """Return what changes the calendar of who is on a shift; nobody else's has it."""
    return {"calendar": part(mine.person, shift, mine.changed_at)} if mine.state == SignUpState.CONFIRMED else {}


def _stands(mine: SignUp) -> dict[str, Any]:
    return {"stands": str(mine.state), "places": mine.places}


def _lapses(mine: SignUp) -> dict[str, Any]:
    return {"lapses_at": mine.offer_lapses_at.isoformat() if mine.offer_lapses_at else ""}


def _answer(shift: Shift) -> str:
    """Return where an offer is answered: it asks who is signed out to sign in, since it shows each their own."""
    return f"/shifts/{shift.id}/accept"


def _old(person: Person, was: Was) -> dict[str, Any]:
    return {
        "old_starts_at": was.starts_at.isoformat(),
        "old_ends_at": was.ends_at.isoformat(),
        "old_site": _in(person.language, was.site),
        "old_role": _in(person.language, was.role),
    }


def _about(shift: Shift) -> str:
    return f"shift:{shift.id}"


def _tell(
    session: Session,
    kind: str,
    person: Person,
    shift: Shift,
    path: str = "",
    *,
    good_until: datetime | None = None,
    **more: Any,
) -> None:
    outbox.enqueue(
        session,
        kind,
        person.email,
        person.language,
        person_id=person.id,
        about=_about(shift),
        good_until=good_until,
        name=person.name,
        **{**_words(person, shift), **({"path": path} if path else {})},
        **more,
    )


def _words(person: Person, shift: Shift) -> dict[str, str]:
    return {
        "role": _in(person.language, shift.role),
        "site": _in(person.language, shift.site),
        "starts_at": shift.starts_at.isoformat(),
        "ends_at": shift.ends_at.isoformat(),
        "path": f"/shifts/{shift.id}",
    }


def _in(language: str, thing: Named) -> str:
    return (thing.name_fr if language == "fr" else None) or thing.name
