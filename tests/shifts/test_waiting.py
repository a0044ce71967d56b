"""The waiting list: who is offered what is freed, in which order, and what becomes of an offer."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import as_if, now
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid, NotFound
from logistics.outbox.mail import compose
from logistics.outbox.models import OutboxMessage
from logistics.people import qualifications
from logistics.people.qualification_models import HeldQualification
from logistics.shifts import checks, signing, waiting
from logistics.shifts.models import RoleQualification, Shift, SignUp, SignUpState
from logistics.shifts.plans import planning
from logistics.shifts.qualifying.standing import EXPERIENCED_AFTER

from .. import make
from ..browsing import Browser, text_of
from ..racing import race, refused

START = now().replace(microsecond=0) + timedelta(days=3)


def state(person_id: int, shift_id: int) -> str:
    db.session.rollback()
    query = select(SignUp.state).where(SignUp.person_id == person_id, SignUp.shift_id == shift_id)
    return db.session.scalar(query) or ""


def filled(shift_id: int) -> int:
    db.session.rollback()
    return db.session.get_one(Shift, shift_id).filled


def all_well() -> bool:
    db.session.rollback()
    return list(checks.problems(db.session)) == []


def mails(kind: str) -> list[int | None]:
    db.session.rollback()
    query = select(OutboxMessage.person_id).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    return list(db.session.scalars(query))


@pytest.fixture
def full(app: Flask) -> tuple[int, int]:
    """A shift of one place, and who has it."""
    shift_id, person_id = make.shift(starts_at=START, maximum=1).id, make.person().id
    signing.sign_up(actor_id=person_id, shift_id=shift_id)
    return shift_id, person_id


def waits(shift_id: int) -> int:
    person_id = make.person().id
    waiting.join(actor_id=person_id, shift_id=shift_id)
    return person_id


def test_a_freed_place_is_held_for_the_first_in_line_and_for_nobody_else(full: tuple[int, int]) -> None:
    shift_id, holder = full
    first, second = waits(shift_id), waits(shift_id)
    signing.cancel(actor_id=holder, shift_id=shift_id)
    assert (state(first, shift_id), state(second, shift_id)) == ("offered", "waiting")
    assert filled(shift_id) == 1
    assert mails("place_offered") == [first]
    with pytest.raises(Conflict, match="full"):
        signing.sign_up(actor_id=make.person().id, shift_id=shift_id)
    waiting.accept(actor_id=first, shift_id=shift_id)
    waiting.accept(actor_id=first, shift_id=shift_id)
    assert (state(first, shift_id), filled(shift_id)) == ("confirmed", 1)
    assert all_well()


def test_signing_up_is_another_way_to_accept(full: tuple[int, int]) -> None:
    shift_id, holder = full
    first = waits(shift_id)
    signing.cancel(actor_id=holder, shift_id=shift_id)
    signing.sign_up(actor_id=first, shift_id=shift_id)
    assert (state(first, shift_id), filled(shift_id)) == ("confirmed", 1)
    assert all_well()


def test_an_offer_lapses_and_goes_to_the_next(full: tuple[int, int]) -> None:
    shift_id, holder = full
    first, second = waits(shift_id), waits(shift_id)
    signing.cancel(actor_id=holder, shift_id=shift_id)
    assert waiting.lapse_due(20) == 0
    with as_if(now() + timedelta(hours=12, minutes=1)):
        assert waiting.lapse_due(20) == 1
        assert waiting.lapse_due(20) == 0
    assert (state(first, shift_id), state(second, shift_id)) == ("cancelled", "offered")
    assert mails("offer_lapsed") == [first]
    with pytest.raises(Conflict, match="went to the next"):
        waiting.accept(actor_id=first, shift_id=shift_id)
    assert all_well()


def test_saying_no_passes_it_on_and_the_last_no_frees_the_place(full: tuple[int, int]) -> None:
    shift_id, holder = full
    first, second = waits(shift_id), waits(shift_id)
    signing.cancel(actor_id=holder, shift_id=shift_id)
    waiting.leave(actor_id=first, shift_id=shift_id)
    assert state(second, shift_id) == "offered"
    waiting.leave(actor_id=second, shift_id=shift_id)
    waiting.leave(actor_id=second, shift_id=shift_id)
    assert filled(shift_id) == 0
    signing.sign_up(actor_id=make.person().id, shift_id=shift_id)
    assert all_well()


@pytest.mark.parametrize(
    ("before", "stands"), [(timedelta(days=3), timedelta(hours=12)), (timedelta(hours=4), timedelta(hours=2))]
)
def test_an_offer_stands_for_less_when_the_shift_is_near(app: Flask, before: timedelta, stands: timedelta) -> None:
    shift_id, holder = make.shift(starts_at=now() + before, maximum=1).id, make.person().id
    signing.sign_up(actor_id=holder, shift_id=shift_id)
    person_id = waits(shift_id)
    signing.cancel(actor_id=holder, shift_id=shift_id, reason="ill")
    db.session.rollback()
    lapses_at = db.session.scalar(select(SignUp.offer_lapses_at).where(SignUp.person_id == person_id))
    assert lapses_at is not None
    assert abs(lapses_at - now() - stands) < timedelta(minutes=1)


def test_too_near_to_wait_a_freed_place_is_for_whoever_comes(app: Flask) -> None:
    shift_id, holder = make.shift(starts_at=now() + timedelta(hours=2), maximum=1).id, make.person().id
    signing.sign_up(actor_id=holder, shift_id=shift_id)
    person_id = waits(shift_id)
    with as_if(now() + timedelta(hours=1, minutes=30)):
        signing.cancel(actor_id=holder, shift_id=shift_id, reason="ill")
        assert state(person_id, shift_id) == "waiting"
        with pytest.raises(Conflict, match="too near"):
            waiting.join(actor_id=holder, shift_id=shift_id)
        signing.sign_up(actor_id=make.person().id, shift_id=shift_id)
    assert all_well()


def test_a_party_waits_for_as_many_places_and_smaller_ones_behind_it_do_not(app: Flask) -> None:
    shift_id = make.shift(starts_at=START, maximum=3).id
    holders = [make.person().id for _ in range(3)]
    for holder in holders:
        signing.sign_up(actor_id=holder, shift_id=shift_id)
    leader = make.person()
    convoy_id = make.convoy(leader).id
    waiting.join(actor_id=leader.id, shift_id=shift_id, party=2, convoy_id=convoy_id)
    single = waits(shift_id)
    signing.cancel(actor_id=holders[0], shift_id=shift_id)
    assert (state(leader.id, shift_id), state(single, shift_id)) == ("waiting", "offered")
    waiting.leave(actor_id=single, shift_id=shift_id)
    signing.cancel(actor_id=holders[1], shift_id=shift_id)
    assert state(leader.id, shift_id) == "offered"
    assert filled(shift_id) == 3
    waiting.accept(actor_id=leader.id, shift_id=shift_id)
    assert filled(shift_id) == 3
    assert all_well()


def test_the_leader_of_a_party_that_waits_cannot_take_its_turn_alone_unsaid(app: Flask) -> None:
    people, leader = [make.person().id for _ in range(3)], make.person()
    shift_id, convoy_id = make.shift(starts_at=START, maximum=3).id, make.convoy(leader).id
    for person_id in people:
        signing.sign_up(actor_id=person_id, shift_id=shift_id)
    waiting.join(actor_id=leader.id, shift_id=shift_id, party=2, convoy_id=convoy_id)
    signing.cancel(actor_id=people[0], shift_id=shift_id)  # one place is free, and they wait for two
    page = Browser(app).sign_in(leader).send(f"/shifts/{shift_id}/sign-up", status=409).text
    assert "You wait here with your convoy, for 2 places together." in text_of(page)
    assert "Stop waiting" in page
    assert (state(leader.id, shift_id), filled(shift_id)) == ("waiting", 2)
    signing.cancel(actor_id=people[1], shift_id=shift_id)
    assert state(leader.id, shift_id) == "offered"
    signing.sign_up(actor_id=leader.id, shift_id=shift_id)  # what is offered is for all of them
    assert (state(leader.id, shift_id), filled(shift_id)) == ("confirmed", 3)
    assert all_well()


def test_more_places_are_offered_too(full: tuple[int, int]) -> None:
    shift_id, _holder = full
    first = waits(shift_id)
    shift = db.session.get_one(Shift, shift_id)
    fields = ("role_id", "site_id", "starts_at", "ends_at", "minimum", "version")
    values = {name: getattr(shift, name) for name in fields}
    planning.edit(actor_id=make.person("coordinator").id, shift_id=shift_id, maximum=2, **values)
    assert (state(first, shift_id), filled(shift_id)) == ("offered", 2)
    assert all_well()


def test_an_offer_that_clashes_is_taken_instead_of_the_other(full: tuple[int, int]) -> None:
    shift_id, holder = full
    first = waits(shift_id)
    other = make.shift(starts_at=START + timedelta(hours=1)).id
    signing.sign_up(actor_id=first, shift_id=other)
    signing.cancel(actor_id=holder, shift_id=shift_id)
    with pytest.raises(signing.Clash):
        waiting.accept(actor_id=first, shift_id=shift_id)
    waiting.accept(actor_id=first, shift_id=shift_id, instead=True)
    assert (state(first, shift_id), state(first, other)) == ("confirmed", "cancelled")
    assert all_well()


def test_who_cannot_wait(full: tuple[int, int]) -> None:
    shift_id, holder = full
    with pytest.raises(Conflict, match="on this shift already"):
        waiting.join(actor_id=holder, shift_id=shift_id)
    with pytest.raises(Conflict, match="places free"):
        waiting.join(actor_id=make.person().id, shift_id=make.shift(starts_at=START).id)
    with pytest.raises(NotFound):
        waiting.join(actor_id=make.person().id, shift_id=987654)
    for party in (0, -1, 10_000):
        with pytest.raises(Invalid):
            waiting.join(actor_id=make.person().id, shift_id=shift_id, party=party)
    person_id = waits(shift_id)
    planning.call_off(actor_id=make.person("coordinator").id, shift_id=shift_id)
    assert state(person_id, shift_id) == "cancelled"
    with pytest.raises(Conflict, match="called off"):
        waiting.join(actor_id=person_id, shift_id=shift_id)
    assert all_well()


def test_sixteen_grab_for_a_freed_place_and_it_is_the_first_in_lines(app: Flask) -> None:
    for _ in range(5):
        shift_id, holder = make.shift(starts_at=START, maximum=1).id, make.person().id
        signing.sign_up(actor_id=holder, shift_id=shift_id)
        first = waits(shift_id)
        others = [make.person().id for _ in range(14)]
        grabs = [partial(signing.sign_up, actor_id=number, shift_id=shift_id) for number in others]
        answers = race(app, partial(signing.cancel, actor_id=holder, shift_id=shift_id), *grabs)
        assert refused(answers, Conflict) == 14
        assert state(first, shift_id) == "offered"
    assert all_well()


def test_accepting_and_lapsing_at_once_leave_one_holder(app: Flask) -> None:
    for _ in range(8):
        shift_id, holder = make.shift(starts_at=START, maximum=1).id, make.person().id
        signing.sign_up(actor_id=holder, shift_id=shift_id)
        first, second = waits(shift_id), waits(shift_id)
        signing.cancel(actor_id=holder, shift_id=shift_id)
        with transaction() as session:
            mine = session.scalars(select(SignUp).where(SignUp.person_id == first)).one()
            mine.offer_lapses_at = now() - timedelta(seconds=1)
        accept = partial(waiting.accept, actor_id=first, shift_id=shift_id)
        answers = race(app, accept, partial(waiting.lapse_due, 20), accept, partial(waiting.lapse_due, 20))
        refused(answers, Conflict)
        assert {(state(first, shift_id), state(second, shift_id))} <= {
            ("confirmed", "waiting"),
            ("cancelled", "offered"),
        }
        assert filled(shift_id) == 1
    assert all_well()


def test_staff_put_people_on_and_take_them_off_and_go_over_only_on_purpose(full: tuple[int, int]) -> None:
    shift_id, _holder = full
    actor, person_id = make.person("coordinator").id, make.person().id
    with pytest.raises(Conflict, match="full"):
        signing.add_person(actor_id=actor, shift_id=shift_id, person_id=person_id)
    signing.add_person(actor_id=actor, shift_id=shift_id, person_id=person_id, over=True)
    signing.add_person(actor_id=actor, shift_id=shift_id, person_id=person_id, over=True)
    db.session.rollback()
    shift = db.session.get_one(Shift, shift_id)
    assert (shift.filled, shift.maximum, shift.extra) == (2, 1, 1)
    waits_too = waits(shift_id)
    signing.remove_person(actor_id=actor, shift_id=shift_id, person_id=person_id, reason="too many")
    signing.remove_person(actor_id=actor, shift_id=shift_id, person_id=person_id)
    db.session.rollback()
    shift = db.session.get_one(Shift, shift_id)
    assert (shift.filled, shift.extra) == (1, 0)
    assert state(waits_too, shift_id) == "waiting"
    assert all_well()


def test_leaving_late_asks_why_and_tells_coordinators(app: Flask) -> None:
    coordinator = make.person("coordinator").id
    shift_id, person_id = make.shift(starts_at=now() + timedelta(hours=20)).id, make.person().id
    signing.sign_up(actor_id=person_id, shift_id=shift_id)
    with pytest.raises(Invalid) as refusal:
        signing.cancel(actor_id=person_id, shift_id=shift_id, reason="  ")
    assert refusal.value.field == "reason"
    assert state(person_id, shift_id) == "confirmed"
    signing.cancel(actor_id=person_id, shift_id=shift_id, reason="My train is cancelled")
    assert mails("left_late") == [coordinator]
    assert state(person_id, shift_id) == "cancelled"
    assert all_well()


def test_a_moved_shift_asks_those_who_are_offered_a_place_nothing_new(full: tuple[int, int]) -> None:
    """An offer on a shift that moves stands, and its reader hears of the move."""
    shift_id, holder = full
    first = waits(shift_id)
    signing.cancel(actor_id=holder, shift_id=shift_id)
    shift = db.session.get_one(Shift, shift_id)
    later: datetime = shift.starts_at + timedelta(hours=1)
    fields = ("role_id", "site_id", "minimum", "maximum", "version")
    values = {name: getattr(shift, name) for name in fields}
    planning.edit(
        actor_id=make.person("coordinator").id,
        shift_id=shift_id,
        starts_at=later,
        ends_at=later + timedelta(hours=3),
        **values,
    )
    assert (state(first, shift_id), mails("offer_moved")) == (SignUpState.OFFERED, [first])
    assert all_well()


def test_the_link_of_an_offer_asks_to_sign_in_and_shows_the_offer_with_its_button(app: Flask) -> None:
    people, leader = [make.person().id for _ in range(2)], make.person()
    browser, stranger = Browser(app).sign_in(leader), Browser(app).sign_in(make.person())
    shift_id, convoy_id = make.shift(starts_at=START, maximum=2).id, make.convoy(leader).id
    for person_id in people:
        signing.sign_up(actor_id=person_id, shift_id=shift_id)
    waiting.join(actor_id=browser.person_id, shift_id=shift_id, party=2, convoy_id=convoy_id)
    for person_id in people:
        signing.cancel(actor_id=person_id, shift_id=shift_id)
    db.session.rollback()
    mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "place_offered")).one()
    words = compose(mail.kind, mail.to_address, "en", mail.params, message_id="<1@localhost>")
    assert "you were waiting for 2 places on this shift" in words.get_body(("plain",)).get_content()
    path = mail.params["path"]
    assert Browser(app).get(path).location == f"/sign-in?next={path}"
    page = browser.page(path)
    assert f'action="/shifts/{shift_id}/accept"' in page
    for path_of_offer in (path, "/", "/my/shifts"):
        assert "2 places are kept, for you and your convoy." in browser.page(path_of_offer)
    assert "No place on this shift is kept for you any more." in text_of(stranger.page(path))
    browser.send(path)
    assert "is kept for you any more" not in browser.page(path)
    browser.page("/shifts/999999/accept", 404)


def experienced() -> int:
    """Someone who has worked as many shifts as make one experienced."""
    person_id = make.person().id
    shifts = [make.shift(starts_at=now() - timedelta(days=2 + n), filled=1).id for n in range(EXPERIENCED_AFTER)]
    with transaction() as session:
        for shift_id in shifts:
            made = {"created_at": now(), "changed_at": now()}
            session.add(SignUp(shift_id=shift_id, person_id=person_id, state=SignUpState.ATTENDED, **made))
    return person_id


def test_an_offer_goes_to_the_first_who_may_have_it_and_who_is_passed_by_keeps_their_turn(app: Flask) -> None:
    shift_id = make.shift(starts_at=START, maximum=2, experienced_minimum=1).id
    veteran, another, newcomer = experienced(), experienced(), make.person().id
    for person_id in (veteran, newcomer):
        signing.sign_up(actor_id=person_id, shift_id=shift_id)
    first = waits(shift_id)
    waiting.join(actor_id=another, shift_id=shift_id)
    signing.cancel(actor_id=veteran, shift_id=shift_id)
    assert (state(first, shift_id), state(another, shift_id)) == ("waiting", "offered")
    waiting.accept(actor_id=another, shift_id=shift_id)
    signing.cancel(actor_id=newcomer, shift_id=shift_id)  # any may have that one
    assert state(first, shift_id) == "offered"
    waiting.accept(actor_id=first, shift_id=shift_id)
    assert all_well()


def test_a_newcomer_takes_no_place_that_an_offer_to_another_counts_on(app: Flask) -> None:
    """An offer is kept for its reader as far as the mix goes, too: who comes meanwhile does not take it from them."""
    shift_id, holder = make.shift(starts_at=START, maximum=2, newcomers_maximum=1).id, experienced()
    others = [holder, experienced()]
    for person_id in others:
        signing.sign_up(actor_id=person_id, shift_id=shift_id)
    first = waits(shift_id)
    for person_id in others:
        signing.cancel(actor_id=person_id, shift_id=shift_id)
    assert (state(first, shift_id), filled(shift_id)) == ("offered", 1)
    with pytest.raises(Conflict, match="newcomers"):
        signing.sign_up(actor_id=make.person().id, shift_id=shift_id)
    waiting.accept(actor_id=first, shift_id=shift_id)
    assert all_well()


def test_who_may_have_what_is_free_only_now_is_asked_by_the_worker(app: Flask) -> None:
    shift = make.shift(starts_at=START, maximum=1)
    shift_id, role_id, holder, person_id = shift.id, shift.role_id, make.person().id, make.person().id
    signing.sign_up(actor_id=holder, shift_id=shift_id)
    waiting.join(actor_id=person_id, shift_id=shift_id)
    licence = qualifications.create(actor_id=make.person("admin").id, terms=qualifications.Terms("Licence"))
    with transaction() as session:
        session.add(RoleQualification(role_id=role_id, qualification_id=licence))
    signing.cancel(actor_id=holder, shift_id=shift_id)
    assert (state(person_id, shift_id), waiting.offer_due(20)) == ("waiting", 0)
    assert all_well()
    with transaction() as session:
        held = {"detail": "", "declared_at": now(), "confirmed_at": now(), "confirmed_by": holder}
        session.add(HeldQualification(person_id=person_id, qualification_id=licence, **held))
    assert waiting.offer_due(20) == 1
    assert (state(person_id, shift_id), mails("place_offered"), waiting.offer_due(20)) == ("offered", [person_id], 0)
    assert all_well()


def test_who_waits_hears_of_a_place_that_comes_free_in_the_last_hour_and_signs_up(app: Flask) -> None:
    shift_id, holder = make.shift(starts_at=now() + timedelta(hours=3), maximum=1).id, make.person().id
    signing.sign_up(actor_id=holder, shift_id=shift_id)
    people = [make.person() for _ in range(2)]
    browsers = [Browser(app).sign_in(person) for person in people]
    for browser in browsers:
        waiting.join(actor_id=browser.person_id, shift_id=shift_id)
    with as_if(now() + timedelta(hours=2, minutes=15)):
        signing.cancel(actor_id=holder, shift_id=shift_id, reason="ill")
        assert mails("place_free") == [browser.person_id for browser in browsers]
        assert "A place is free: whoever signs up first has it." in browsers[1].page(f"/shifts/{shift_id}")
        for path in (f"/shifts/{shift_id}", "/shifts"):
            assert f'action="/shifts/{shift_id}/sign-up"' in browsers[1].page(path)
        browsers[1].send(f"/shifts/{shift_id}/sign-up")
        browsers[0].send(f"/shifts/{shift_id}/sign-up", status=409)
    assert (state(browsers[0].person_id, shift_id), state(browsers[1].person_id, shift_id)) == ("waiting", "confirmed")


def test_giving_up_a_near_shift_for_an_offer_asks_why_and_tells_coordinators(app: Flask) -> None:
    coordinator, holder, person = make.person("coordinator").id, make.person().id, make.person()
    browser, soon = Browser(app).sign_in(person), now() + timedelta(hours=6)
    shift_id = make.shift(starts_at=soon, maximum=1).id
    other_id = make.shift(of_role=make.role("Barber"), starts_at=soon).id
    signing.sign_up(actor_id=holder, shift_id=shift_id)
    waiting.join(actor_id=browser.person_id, shift_id=shift_id)
    signing.sign_up(actor_id=browser.person_id, shift_id=other_id)
    signing.cancel(actor_id=holder, shift_id=shift_id, reason="ill")
    page = browser.page(f"/shifts/{shift_id}/accept")
    assert ('name="reason"' in page, "That shift is near" in page, "(optional)" in page) == (True, True, False)
    page = browser.send(f"/shifts/{shift_id}/accept", {"instead": "1", "reason": " "}, status=422).text
    assert 'id="reason-error"' in page
    assert (state(browser.person_id, other_id), mails("left_late")) == ("confirmed", [coordinator])  # of the holder
    browser.send(f"/shifts/{shift_id}/accept", {"instead": "1", "reason": "I am asked for there"})
    assert (state(browser.person_id, shift_id), state(browser.person_id, other_id)) == ("confirmed", "cancelled")
    assert (mails("left_late"), mails("shift_left")) == ([coordinator] * 2, [holder, browser.person_id])
    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "left_late")).all()[1]
    assert (told.params["reason"], told.params["role"]) == ("I am asked for there", "Barber")
    assert all_well()


def test_all_who_plan_shifts_hear_of_a_late_leave_whatever_they_are_called(app: Flask) -> None:
    told = {make.person(role).id for role in ["admin", "coordinator", *["coordinator"] * 20]}
    make.person("warehouse")
    shift_id, person_id = make.shift(starts_at=now() + timedelta(hours=20)).id, make.person().id
    signing.sign_up(actor_id=person_id, shift_id=shift_id)
    signing.cancel(actor_id=person_id, shift_id=shift_id, reason="ill")
    assert (set(mails("left_late")), len(mails("left_late"))) == (told, 22)


def test_no_thanks_of_a_page_that_was_open_while_the_place_was_taken_says_what_is_true(
    app: Flask, full: tuple[int, int]
) -> None:
    shift_id, holder = full
    person = make.person()
    browser = Browser(app).sign_in(person)
    waiting.join(actor_id=browser.person_id, shift_id=shift_id)
    signing.cancel(actor_id=holder, shift_id=shift_id)
    browser.send(f"/shifts/{shift_id}/accept")
    page = text_of(browser.send(f"/shifts/{shift_id}/leave", status=409).text)
    assert ("you are on this shift" in page, "off the waiting list" in page) == (True, False)
    assert state(browser.person_id, shift_id) == "confirmed"
