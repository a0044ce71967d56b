"""What a shift's change means for whoever has to do with it, as each of them stands, and what they read of it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from logistics.clock import as_if, now
from logistics.db import db, transaction
from logistics.errors import Conflict
from logistics.outbox.mail import compose
from logistics.outbox.models import OutboxMessage
from logistics.people.models import Person
from logistics.people.qualification_models import HeldQualification
from logistics.people.qualifications import Terms, create
from logistics.shifts import checks, signing, waiting
from logistics.shifts.day import leads
from logistics.shifts.group_models import Convoy
from logistics.shifts.groups import convoys, riding
from logistics.shifts.models import RoleQualification, Shift, SignUp
from logistics.shifts.plans import planning

from .. import make
from ..browsing import Browser

START = now().replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
LATER = START + timedelta(days=1)


@pytest.fixture
def actor(app: Flask) -> Iterator[int]:
    yield make.person("coordinator", name="Salma Coordinator").id
    db.session.rollback()
    assert list(checks.problems(db.session)) == []


def edit(actor: int, shift_id: int, **changes: Any) -> None:
    db.session.rollback()
    shift = db.session.get_one(Shift, shift_id)
    names = ("role_id", "site_id", "starts_at", "ends_at", "minimum", "maximum", "notes", "version")
    planning.edit(actor_id=actor, shift_id=shift_id, **{name: getattr(shift, name) for name in names} | changes)


def move(actor: int, shift_id: int, starts_at: datetime) -> None:
    edit(actor, shift_id, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))


def stands(person_id: int, shift_id: int) -> tuple[str, int]:
    db.session.rollback()
    query = select(SignUp.state, SignUp.places).where(SignUp.person_id == person_id, SignUp.shift_id == shift_id)
    state, places = db.session.execute(query).one()
    return state, places


def filled(shift_id: int) -> int:
    db.session.rollback()
    return db.session.get_one(Shift, shift_id).filled


def read(kind: str, person_id: int) -> tuple[str, bool]:
    """The words of the one mail of a kind to someone, and whether it changes their calendar."""
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.kind == kind, OutboxMessage.person_id == person_id)
    found = db.session.scalars(query).one()
    mail = compose(kind, found.to_address, "en", found.params, message_id="<1@localhost>")
    return " ".join(mail.get_body(("plain",)).get_content().split()), "calendar" in found.params


def convoy(leader_id: int, shift_id: int, count: int) -> int:
    number = convoys.make(actor_id=leader_id, name="Ghent", size=8, lapse_hours=12)
    convoys.hold(actor_id=leader_id, convoy_id=number, shift_ids=[shift_id], count=count)
    return number


class Everyone:
    """A full shift, and everyone who can have to do with it: on it, offered it, holding places on it, waiting for it."""

    def __init__(self, starts_at: datetime = START) -> None:
        self.shift = make.shift(of_role=make.role("Driver"), starts_at=starts_at, maximum=5).id
        self.on, self.offered, self.holding, self.waiting, gone = (make.person().id for _ in range(5))
        for person_id in (self.on, gone):
            signing.sign_up(actor_id=person_id, shift_id=self.shift)
        convoy(self.holding, self.shift, 3)
        signing.cancel(actor_id=self.holding, shift_id=self.shift, keep_others=True, reason="ill")
        signing.sign_up(actor_id=make.person().id, shift_id=self.shift)
        for person_id in (self.offered, self.waiting):
            waiting.join(actor_id=person_id, shift_id=self.shift)
        signing.cancel(actor_id=gone, shift_id=self.shift, reason="ill")
        assert stands(self.offered, self.shift) == ("offered", 1)


def test_who_has_to_do_with_a_shift_reads_what_its_move_means_for_them(actor: int) -> None:
    they = Everyone()
    move(actor, they.shift, LATER)
    words, in_calendar = read("shift_changed", they.on)
    assert ("You are still on it." in words, in_calendar) == (True, True)
    words, in_calendar = read("offer_moved", they.offered)
    assert "the shift that you are offered has changed. The place is kept for you until" in words
    assert ("still on it" in words, in_calendar) == (False, False)
    words, in_calendar = read("shift_changed", they.holding)
    assert "the shift on which you hold 2 places for your convoy has changed." in words
    assert ("still on it" in words, in_calendar) == (False, False)


def test_who_has_to_do_with_a_shift_reads_what_it_means_for_them_that_it_is_called_off(actor: int) -> None:
    they = Everyone()
    planning.call_off(actor_id=actor, shift_id=they.shift)
    for person_id, said, in_calendar in (
        (they.on, "your shift will not take place", True),
        (they.offered, "the shift that you are offered will not take place", False),
        (they.holding, "the shift on which you hold 2 places for your convoy will not take place", False),
        (they.waiting, "the shift that you wait for will not take place", False),
    ):
        words, changes = read("shift_cancelled", person_id)
        assert (said in words, changes) == (True, in_calendar)


def test_an_offer_ends_before_its_shift_that_moved_nearer(actor: int) -> None:
    they = Everyone()
    move(actor, they.shift, now() + timedelta(hours=4))
    with as_if(now() + timedelta(hours=2, minutes=1)):
        assert waiting.lapse_due(20) == 1
    assert stands(they.offered, they.shift) == ("cancelled", 1)


def test_an_offer_of_a_shift_that_moved_far_stands_no_longer_than_it_did(actor: int) -> None:
    they = Everyone(starts_at=now() + timedelta(hours=6))
    move(actor, they.shift, LATER)
    with as_if(now() + timedelta(hours=3, minutes=1)):
        assert waiting.lapse_due(20) == 1


def test_an_offer_of_a_shift_that_moved_too_near_to_wait_for_an_answer_ends_with_that(actor: int) -> None:
    they = Everyone()
    move(actor, they.shift, now() + timedelta(minutes=50))
    assert (stands(they.offered, they.shift), filled(they.shift)) == (("cancelled", 1), 4)
    words, in_calendar = read("offer_gone", they.offered)
    assert ("whoever comes first has it" in words, in_calendar) == (True, False)
    assert stands(they.waiting, they.shift) == ("waiting", 1)


def test_who_is_offered_a_shift_hears_that_it_is_now_at_the_time_of_theirs(actor: int) -> None:
    they = Everyone()
    signing.sign_up(actor_id=they.offered, shift_id=make.shift(of_role=make.role("Barber"), starts_at=LATER).id)
    move(actor, they.shift, LATER)
    assert "At that time you are on another shift (Barber)." in read("offer_moved", they.offered)[0]
    assert stands(they.offered, they.shift) == ("offered", 1)


def test_a_move_onto_a_leaders_other_shift_leaves_their_convoy_its_places(actor: int) -> None:
    leader, friend = make.person().id, make.person().id
    shift, other = make.shift(starts_at=START, maximum=4).id, make.shift(starts_at=LATER).id
    number = convoy(leader, shift, 4)
    signing.sign_up(actor_id=leader, shift_id=other)
    waits = make.person().id
    waiting.join(actor_id=waits, shift_id=shift)

    move(actor, shift, LATER)

    assert (stands(leader, shift), stands(leader, other)) == (("held", 3), ("confirmed", 1))
    assert (stands(waits, shift), filled(shift)) == (("offered", 1), 4)  # of the leader's own place
    words, _in_calendar = read("shift_released", leader)
    assert "The 3 places that you hold here for your convoy stay held" in words
    link = convoys.link_of(db.session.get_one(Convoy, number))
    riding.join(actor_id=friend, convoy_id=number, link=link)
    assert stands(friend, shift) == ("confirmed", 1)
    with as_if(now() + timedelta(hours=13)):
        waiting.lapse_due(20)
    assert stands(leader, shift) == ("held", 2)


def a_lead(actor: int) -> tuple[int, int]:
    """Someone who leads a shift, on which they hold places for their convoy, and that shift."""
    lead, shift = make.person().id, make.shift(starts_at=START).id
    convoy(lead, shift, 2)
    leads.choose_lead(actor_id=actor, shift_id=shift, person_id=lead)
    return lead, shift


def moves_onto_another(actor: int, lead: int, shift: int) -> None:
    signing.sign_up(actor_id=lead, shift_id=make.shift(starts_at=LATER).id)
    move(actor, shift, LATER)


def gives_back_then_moves(actor: int, lead: int, shift: int) -> None:
    number = db.session.scalars(select(Convoy.id)).one()
    convoys.give_back(actor_id=lead, convoy_id=number, shift_id=shift, count=1)
    moves_onto_another(actor, lead, shift)


@pytest.mark.parametrize(
    "leave",
    [
        lambda actor, lead, shift: signing.cancel(actor_id=lead, shift_id=shift, keep_others=True),
        lambda actor, lead, shift: signing.cancel(actor_id=lead, shift_id=shift, keep_others=False),
        lambda actor, lead, shift: signing.remove_person(actor_id=actor, shift_id=shift, person_id=lead, reason="x"),
        lambda actor, lead, shift: planning.call_off(actor_id=actor, shift_id=shift),
        moves_onto_another,
        gives_back_then_moves,
    ],
)
def test_who_is_off_a_shift_leads_it_no_more(actor: int, leave: Callable[[int, int, int], Any]) -> None:
    lead, shift = a_lead(actor)
    leave(actor, lead, shift)
    db.session.rollback()
    assert db.session.get_one(Shift, shift).lead_id is None


def test_a_member_of_a_convoy_who_gives_their_place_to_its_leader_leads_no_more(actor: int) -> None:
    leader, member, shift = make.person().id, make.person().id, make.shift(starts_at=START).id
    number = convoy(leader, shift, 3)
    riding.join(actor_id=member, convoy_id=number, link=convoys.link_of(db.session.get_one(Convoy, number)))
    leads.choose_lead(actor_id=actor, shift_id=shift, person_id=member)
    riding.leave(actor_id=member, convoy_id=number, person_id=member)
    db.session.rollback()
    assert db.session.get_one(Shift, shift).lead_id is None


def test_a_lead_who_is_not_on_the_shift_sees_nothing_of_it_and_is_named(app: Flask) -> None:
    coordinator, lead = make.person("coordinator").id, make.person()
    browser = Browser(app).sign_in(lead)
    shift = make.shift(starts_at=now() + timedelta(hours=2)).id
    signing.sign_up(actor_id=lead.id, shift_id=shift)
    leads.choose_lead(actor_id=coordinator, shift_id=shift, person_id=lead.id)
    assert "Emergency contacts" in browser.page(f"/shifts/{shift}")
    assert list(checks.problems(db.session)) == []
    with transaction() as session:
        session.execute(text("UPDATE sign_up SET state = 'cancelled'"))
        session.execute(text("UPDATE shift SET filled = 0"))
    assert list(checks.problems(db.session)) == [f"person {browser.person_id} leads shift {shift}, and is not on it"]
    page = browser.page(f"/shifts/{shift}")
    assert ("Emergency contacts" in page, "Given on the day" in page) == (False, False)
    browser.page(f"/shifts/{shift}/contacts", 403)
    browser.page(f"/shifts/{shift}/on-the-day", 403)


def test_another_role_is_told_to_all_with_what_it_was(actor: int) -> None:
    they, role_id = Everyone(), make.role("Barber").id
    edit(actor, they.shift, role_id=role_id)
    words, in_calendar = read("shift_changed", they.on)
    assert ("Barber" in words, "Its role was: Driver." in words, "It was:" in words) == (True, True, False)
    assert in_calendar
    for kind, person_id in (("offer_moved", they.offered), ("shift_changed", they.holding)):
        assert "Its role was: Driver." in read(kind, person_id)[0]


def test_other_notes_are_told_to_those_who_are_on_it(actor: int) -> None:
    they = Everyone()
    edit(actor, they.shift, notes="Meet at the blue door")
    words, in_calendar = read("shift_changed", they.on)
    assert "The notes for the crew have changed: read them on its page." in words
    assert ("blue door" in words, in_calendar) == (False, True)
    db.session.rollback()
    query = select(OutboxMessage.person_id).where(OutboxMessage.kind.in_(("shift_changed", "offer_moved")))
    assert not {they.offered, they.holding} & set(db.session.scalars(query))


def test_a_role_that_someone_on_the_shift_cannot_do_is_refused_by_name(actor: int) -> None:
    they, role_id = Everyone(), make.role("Barber").id
    licence = create(actor_id=make.person("admin").id, terms=Terms("Barber's licence"))
    able = db.session.scalars(
        select(SignUp.person_id).where(
            SignUp.shift_id == they.shift, SignUp.state == "confirmed", SignUp.person_id != they.on
        )
    ).one()
    with transaction() as session:
        session.add(RoleQualification(role_id=role_id, qualification_id=licence))
        held = {"detail": "", "declared_at": now(), "confirmed_at": now(), "confirmed_by": actor}
        session.add(HeldQualification(person_id=able, qualification_id=licence, **held))
    names = sorted(db.session.get_one(Person, each).name for each in (they.on, they.offered))
    with pytest.raises(Conflict, match=f"Not able to do this role yet: {', '.join(names)}") as refusal:
        edit(actor, they.shift, role_id=role_id)
    assert refusal.value.field == "role_id"
    for person_id in (they.on, they.offered, they.waiting):
        signing.remove_person(actor_id=actor, shift_id=they.shift, person_id=person_id, reason="another role")
    edit(actor, they.shift, role_id=role_id)
    assert db.session.get_one(Shift, they.shift).role_id == role_id
