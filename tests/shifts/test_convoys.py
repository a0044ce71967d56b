"""Convoys: places held together, named by a link, given back, and lapsing, through the service."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from logistics.audit import AuditLine
from logistics.clock import as_if, now
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid, NotAllowed, NotFound
from logistics.outbox.mail import compose
from logistics.outbox.models import OutboxMessage
from logistics.people.models import Person
from logistics.shifts import checks, signing, waiting
from logistics.shifts.group_models import Convoy, ConvoyMember
from logistics.shifts.groups import convoys, lapsing, riding, stays
from logistics.shifts.groups.together import Gone
from logistics.shifts.models import Shift, SignUp, SignUpState
from logistics.shifts.plans import planning

from .. import make
from ..racing import race, refused

START = now().replace(microsecond=0) + timedelta(days=20)


@pytest.fixture(autouse=True)
def nothing_broken(app: Flask) -> Iterator[None]:
    yield
    db.session.rollback()
    assert list(checks.problems(db.session)) == []


@pytest.fixture
def leader(app: Flask) -> int:
    return make.person(name="Lena Leader").id


def convoy(leader_id: int, size: int = 8, **more: int) -> int:
    values = {"lapse_hours": 48, "seats": 0, **more}
    return convoys.make(actor_id=leader_id, name="Ghent", size=size, **values)


def shifts(*maxima: int, day: int = 0) -> list[int]:
    return [
        make.shift(starts_at=START + timedelta(days=day + number), maximum=maximum).id
        for number, maximum in enumerate(maxima)
    ]


def hold(convoy_id: int, ids: list[int], count: int) -> None:
    leader_id = db.session.scalars(select(Convoy.leader_id).where(Convoy.id == convoy_id)).one()
    convoys.hold(actor_id=leader_id, convoy_id=convoy_id, shift_ids=ids, count=count)


def link(convoy_id: int) -> str:
    db.session.rollback()
    return convoys.link_of(db.session.get_one(Convoy, convoy_id))


def join(person_id: int, convoy_id: int, seats: int = 0) -> int:
    return riding.join(actor_id=person_id, convoy_id=convoy_id, link=link(convoy_id), seats=seats)


def filled(*ids: int) -> list[int]:
    db.session.rollback()
    return [db.session.scalars(select(Shift.filled).where(Shift.id == number)).one() for number in ids]


def held(person_id: int) -> dict[int, int]:
    """The places of someone's confirmed sign-ups, by shift."""
    db.session.rollback()
    query = select(SignUp.shift_id, SignUp.places)
    rows = db.session.execute(query.where(SignUp.person_id == person_id, SignUp.state == SignUpState.CONFIRMED))
    return {row.shift_id: row.places for row in rows}


def mails(kind: str) -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"size": 0}, "size"),
        ({"size": -1}, "size"),
        ({"size": 51}, "size"),
        ({"size": 10_000}, "size"),
        ({"lapse_hours": 337}, "lapse_hours"),
        ({"lapse_hours": 0}, "lapse_hours"),  # such places would never lapse
        ({"lapse_hours": -1}, "lapse_hours"),
        ({"seats": 61}, "seats"),
    ],
)
def test_what_no_convoy_can_be(leader: int, values: dict[str, int], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        convoy(leader, **values)
    assert refusal.value.field == field


def test_a_leader_holds_places_across_shifts_all_or_none(leader: int) -> None:
    number, ids = convoy(leader), shifts(8, 10, 7)
    with pytest.raises(Gone) as refusal:
        hold(number, ids, 8)
    assert [lost.shift_id for lost in refusal.value.lost] == [ids[2]]
    assert filled(*ids) == [0, 0, 0]
    hold(number, ids[:2], 8)
    hold(number, ids[:2], 8)  # again changes nothing
    assert filled(*ids) == [8, 8, 0]
    assert held(leader) == {ids[0]: 8, ids[1]: 8}
    hold(number, ids[:1], 5)  # fewer gives nothing back by itself
    assert filled(ids[0]) == [8]


@pytest.mark.parametrize("count", [0, -1, 9, 10_000])
def test_a_convoy_holds_no_more_than_its_size(leader: int, count: int) -> None:
    number, ids = convoy(leader), shifts(20)
    with pytest.raises(Invalid) as refusal:
        hold(number, ids, count)
    assert refusal.value.field == "count"


def test_only_its_leader_disposes_of_a_convoy(leader: int) -> None:
    number, ids, other = convoy(leader), shifts(8), make.person().id
    hold(number, ids, 8)
    join(other, number)
    for refused_action in (
        partial(convoys.hold, shift_ids=ids, count=8),
        partial(convoys.give_back, shift_id=ids[0], count=1),
        convoys.end,
        convoys.new_link,
        partial(riding.leave, person_id=leader),
    ):
        with pytest.raises(NotAllowed):
            refused_action(actor_id=other, convoy_id=number)
    with pytest.raises(NotFound):
        convoys.end(actor_id=other, convoy_id=999999)


def test_who_joins_takes_the_places_that_they_can_and_no_more_are_filled(leader: int) -> None:
    number, ids = convoy(leader), shifts(8, 9, 10)
    hold(number, ids, 8)
    one, two = make.person().id, make.person().id
    signing.sign_up(actor_id=one, shift_id=ids[1])  # a place of their own already
    clashing = make.shift(starts_at=START + timedelta(days=2)).id
    signing.sign_up(actor_id=one, shift_id=clashing)
    join(one, number)
    join(one, number)
    join(two, number)
    assert held(one) == {ids[0]: 1, ids[1]: 1, clashing: 1}
    assert held(two) == dict.fromkeys(ids, 1)
    assert held(leader) == {ids[0]: 6, ids[1]: 7, ids[2]: 7}
    assert filled(*ids) == [8, 9, 8]


def test_who_may_not_take_a_shift_yet_joins_and_takes_it_later(leader: int) -> None:
    number, ids, new = convoy(leader), shifts(8), make.person().id
    hold(number, ids, 8)
    with transaction() as session:
        session.get_one(Person, new).age_group = None
    join(new, number)
    assert held(new) == {}
    with transaction() as session:
        session.get_one(Person, new).age_group = "adult"
    riding.take_places(actor_id=new, convoy_id=number)
    assert held(new) == {ids[0]: 1}
    with pytest.raises(NotFound):
        riding.take_places(actor_id=make.person().id, convoy_id=number)


def test_a_convoy_takes_no_more_people_than_it_is_of(leader: int) -> None:
    number = convoy(leader, size=2)
    join(make.person().id, number)
    with pytest.raises(Conflict):
        join(make.person().id, number)


def test_a_new_link_stops_the_old_one_and_an_ended_convoy_both(leader: int) -> None:
    number, ids = convoy(leader), shifts(8)
    hold(number, ids, 8)
    old = link(number)
    convoys.new_link(actor_id=leader, convoy_id=number)
    with pytest.raises(NotFound):
        riding.join(actor_id=make.person().id, convoy_id=number, link=old)
    one = make.person().id
    join(one, number)
    convoys.end(actor_id=leader, convoy_id=number)
    convoys.end(actor_id=leader, convoy_id=number)
    with pytest.raises(Conflict):
        join(make.person().id, number)
    assert (held(leader), held(one), filled(*ids)) == ({ids[0]: 1}, {ids[0]: 1}, [2])


def test_leaving_gives_the_places_to_the_leader(leader: int) -> None:
    number, ids, one = convoy(leader), shifts(8, 8), make.person().id
    hold(number, ids, 8)
    join(one, number)
    riding.leave(actor_id=one, convoy_id=number, person_id=one, shift_id=ids[0])
    assert held(one) == {ids[1]: 1}
    riding.leave(actor_id=leader, convoy_id=number, person_id=one)
    assert (held(one), held(leader), filled(*ids)) == ({}, dict.fromkeys(ids, 8), [8, 8])
    assert riding.count(db.session, number) == 1
    assert len(mails("shift_left")) == 2


def test_leaving_at_the_last_moment_needs_a_reason_and_frees_the_place(leader: int) -> None:
    number, one = convoy(leader), make.person().id
    near = [make.shift(starts_at=now() + timedelta(hours=5)).id]
    hold(number, near, 6)
    join(one, number)
    leave = partial(riding.leave, actor_id=one, convoy_id=number, person_id=one)
    with pytest.raises(Invalid) as refusal:
        leave()
    assert refusal.value.field == "reason"
    leave(reason="The car broke down")
    assert (held(leader), filled(*near)) == ({near[0]: 5}, [5])


def test_the_leader_cannot_leave(leader: int) -> None:
    with pytest.raises(Conflict):
        riding.leave(actor_id=leader, convoy_id=convoy(leader), person_id=leader)


def test_places_given_back_go_to_who_waits(leader: int) -> None:
    number, ids, waits = convoy(leader), shifts(8), make.person().id
    hold(number, ids, 8)
    waiting.join(actor_id=waits, shift_id=ids[0])
    convoys.give_back(actor_id=leader, convoy_id=number, shift_id=ids[0], count=3)
    state = db.session.scalars(select(SignUp.state).where(SignUp.person_id == waits)).one()
    assert (state, held(leader), filled(*ids)) == (SignUpState.OFFERED, {ids[0]: 5}, [6])
    for too_many in (5, 10_000):
        with pytest.raises(Conflict):
            convoys.give_back(actor_id=leader, convoy_id=number, shift_id=ids[0], count=too_many)
    with pytest.raises(Invalid):
        convoys.give_back(actor_id=leader, convoy_id=number, shift_id=ids[0], count=-1)


def test_a_convoy_waits_and_is_offered_as_a_party(leader: int) -> None:
    number, ids, others = convoy(leader), shifts(8), [make.person().id for _ in range(5)]
    for person in others:
        signing.sign_up(actor_id=person, shift_id=ids[0])
    waiting.join(actor_id=leader, shift_id=ids[0], party=4, convoy_id=number)
    signing.cancel(actor_id=others[0], shift_id=ids[0])
    assert filled(*ids) == [8]
    with pytest.raises(Gone):
        hold(number, ids, 4)
    waiting.accept(actor_id=leader, shift_id=ids[0])
    one = make.person().id
    join(one, number)
    assert (held(leader), held(one), filled(*ids)) == ({ids[0]: 3}, {ids[0]: 1}, [8])


def test_a_convoy_with_some_places_is_told_that_it_cannot_wait_for_the_rest(leader: int) -> None:
    number, (only,) = convoy(leader, size=4), shifts(4)
    signing.sign_up(actor_id=make.person().id, shift_id=only)
    hold(number, [only], 3)
    with pytest.raises(Gone) as refusal:
        hold(number, [only], 4)
    assert [lost.full for lost in refusal.value.lost] == [True]
    with pytest.raises(Conflict, match="can’t wait for more there"):
        convoys.wait(actor_id=leader, convoy_id=number, shift_id=only, count=4)
    assert stands(leader, only) == ("confirmed", 3)


def test_a_leader_holds_places_where_they_do_not_come_themselves(leader: int) -> None:
    number, friend = convoy(leader, size=8), make.person().id
    one, two = (make.shift(starts_at=START, maximum=8).id for _ in range(2))  # at the same time
    with pytest.raises(Gone) as refusal:
        hold(number, [one, two], 4)
    assert [(lost.shift_id, lost.full) for lost in refusal.value.lost] == [(two, False)]
    hold(number, [one], 4)
    for _again in range(2):
        convoys.hold(actor_id=leader, convoy_id=number, shift_ids=[one, two], count=4, myself=False)
    assert (stands(leader, one), stands(leader, two)) == (("confirmed", 4), ("held", 4))
    assert filled(one, two) == [4, 4]
    assert [mail.params["path"] for mail in mails("sign_up_confirmed")] == [f"/shifts/{one}"]
    join(friend, number)  # which of the two they do is theirs to say
    riding.leave(actor_id=friend, convoy_id=number, person_id=friend, shift_id=one)
    riding.take_places(actor_id=friend, convoy_id=number, shift_id=two)
    assert held(friend) == {two: 1}
    convoys.hold(actor_id=leader, convoy_id=number, shift_ids=[two], count=6, myself=False)
    assert (stands(leader, two), filled(one, two)) == (("held", 5), [4, 6])


def test_who_may_not_take_a_role_can_still_hold_its_places_for_others(app: Flask) -> None:
    leader, ids = make.person().id, shifts(4)
    with transaction() as session:
        session.get_one(Person, leader).age_group = None
    number = convoy(leader, size=3)
    with pytest.raises(Gone, match="can’t be had"):
        hold(number, ids, 3)
    convoys.hold(actor_id=leader, convoy_id=number, shift_ids=ids, count=2, myself=False)
    assert (stands(leader, ids[0]), filled(*ids)) == (("held", 2), [2])


def run_at(moment: datetime) -> int:
    with as_if(moment):
        return lapsing.due(50)


def test_unnamed_places_lapse_after_a_reminder(leader: int) -> None:
    number, ids, one = convoy(leader, lapse_hours=48), shifts(8), make.person().id
    hold(number, ids, 8)
    join(one, number)
    assert run_at(START - timedelta(hours=73)) == 0
    assert run_at(START - timedelta(hours=71)) == 1
    assert run_at(START - timedelta(hours=71)) == 0
    assert [mail.params["places"] for mail in mails("convoy_unnamed_soon")] == [6]
    assert run_at(START - timedelta(hours=49)) == 0
    assert run_at(START - timedelta(hours=47)) == 1
    assert run_at(START - timedelta(hours=46)) == 0
    assert (held(leader), held(one), filled(*ids)) == ({ids[0]: 1}, {ids[0]: 1}, [2])
    assert [mail.params["places"] for mail in mails("convoy_unnamed_lapsed")] == [6]


def test_a_leader_has_notice_even_when_the_worker_was_away(leader: int) -> None:
    number, ids = convoy(leader, lapse_hours=48), shifts(8)
    hold(number, ids, 8)
    late = START - timedelta(hours=40)
    assert run_at(late) == 1
    assert filled(*ids) == [8]
    assert run_at(late + lapsing.NOTICE) == 1
    assert filled(*ids) == [1]


def test_a_shift_that_has_begun_stays_as_it_was(leader: int) -> None:
    number, ids = convoy(leader, lapse_hours=1), shifts(8)
    hold(number, ids, 8)
    assert run_at(START - timedelta(hours=2)) == 1
    assert run_at(START + timedelta(hours=4)) == 0
    assert filled(*ids) == [8]


@pytest.mark.parametrize("lapse_hours", [1, 48])
def test_places_held_at_the_last_moment_lapse_before_the_shift_and_their_leader_is_told_when(
    leader: int, lapse_hours: int
) -> None:
    number, (only,) = convoy(leader, lapse_hours=lapse_hours), shifts(8)
    held_at = START - timedelta(hours=2)
    with as_if(held_at):
        hold(number, [only], 8)
    assert run_at(held_at) == 1
    (told,) = mails("convoy_unnamed_soon")
    assert datetime.fromisoformat(told.params["lapses_at"]) == START - timedelta(hours=1)
    assert run_at(START - timedelta(minutes=61)) == 0
    assert run_at(START - timedelta(minutes=59)) == 1
    assert filled(only) == [1]


def test_places_held_anew_are_reminded_of_anew(leader: int) -> None:
    number, (only,) = convoy(leader, size=4), shifts(8)
    hold(number, [only], 4)
    with as_if(START - timedelta(hours=71)):
        run_at(now())
        signing.cancel(actor_id=leader, shift_id=only, keep_others=False)
        others = [make.person().id for _ in range(6)]
        for other in others:
            signing.sign_up(actor_id=other, shift_id=only)
        convoys.wait(actor_id=leader, convoy_id=number, shift_id=only, count=4)
        for other in others:
            signing.cancel(actor_id=other, shift_id=only)
        waiting.accept(actor_id=leader, shift_id=only)
    assert run_at(START - timedelta(hours=47)) == 1
    assert (len(mails("convoy_unnamed_soon")), filled(only)) == (2, [4])


def test_a_shift_that_moves_brings_a_new_reminder_before_its_places_lapse(leader: int) -> None:
    number, (only,) = convoy(leader), shifts(8)
    hold(number, [only], 8)
    assert run_at(START - timedelta(hours=71)) == 1
    db.session.rollback()
    shift = db.session.get_one(Shift, only)
    names = "role_id", "site_id", "minimum", "maximum", "version"
    kept = {name: getattr(shift, name) for name in names}
    later = START + timedelta(days=9)
    planner = make.person("coordinator").id
    planning.edit(actor_id=planner, shift_id=only, starts_at=later, ends_at=later + timedelta(hours=3), **kept)
    assert run_at(later - timedelta(hours=71)) == 1
    assert len(mails("convoy_unnamed_soon")) == 2
    assert run_at(later - timedelta(hours=47)) == 1
    assert filled(only) == [1]


def test_sixteen_workers_lapse_once_while_people_join(app: Flask, leader: int) -> None:
    number, ids = convoy(leader, size=20), shifts(20, 20, 20)
    hold(number, ids, 20)
    run_at(START - timedelta(hours=71))
    people = [make.person().id for _ in range(8)]
    secret, after = link(number), START - timedelta(hours=40)

    def join_then(person: int) -> None:
        with as_if(after):
            riding.join(actor_id=person, convoy_id=number, link=secret)

    answers = race(app, *[partial(run_at, after)] * 8, *(partial(join_then, person) for person in people))
    assert refused(answers, Conflict) == 0
    assert sum(answers[:8]) <= 3
    for shift_id in ids[:1]:
        named = sum(shift_id in held(person) for person in people)
        assert (held(leader)[shift_id], filled(shift_id)) == (1, [named + 1])
    lapsed = sum(
        mail.params["places"] for mail in mails("convoy_unnamed_lapsed") if mail.params["path"].endswith(f"/{ids[0]}")
    )
    assert lapsed == 20 - filled(ids[0])[0]


def test_sixteen_join_a_convoy_of_ten_at_once(app: Flask, leader: int) -> None:
    number, ids = convoy(leader, size=10), shifts(10, 12)
    hold(number, ids, 10)
    people, secret = [make.person().id for _ in range(16)], link(number)
    answers = race(app, *(partial(riding.join, actor_id=each, convoy_id=number, link=secret) for each in people))
    assert refused(answers, Conflict) == 7
    assert (held(leader), filled(*ids)) == (dict.fromkeys(ids, 1), [10, 10])
    assert sum(held(person) == dict.fromkeys(ids, 1) for person in people) == 9


def test_convoys_and_single_people_race_for_the_same_places(app: Flask) -> None:
    ids = shifts(12, 12, 12)
    leaders = [make.person().id for _ in range(6)]
    numbers = [convoy(each, size=5) for each in leaders]
    singles = [make.person().id for _ in range(10)]
    answers = race(
        app,
        *(
            partial(convoys.hold, actor_id=each, convoy_id=number, shift_ids=ids[place % 2 : place % 2 + 2], count=5)
            for place, (each, number) in enumerate(zip(leaders, numbers, strict=True))
        ),
        *(partial(signing.sign_up, actor_id=each, shift_id=ids[place % 3]) for place, each in enumerate(singles)),
    )
    refused(answers, Conflict)
    for place, (each, answer) in enumerate(zip(leaders, answers, strict=False)):
        assert held(each) == ({} if isinstance(answer, Gone) else dict.fromkeys(ids[place % 2 : place % 2 + 2], 5))
    assert all(count <= 12 for count in filled(*ids))


def test_joining_leaving_giving_back_and_signing_up_at_once_end_exact(app: Flask, leader: int) -> None:
    number, ids = convoy(leader, size=12), shifts(14, 14)
    hold(number, ids, 12)
    members = [make.person().id for _ in range(4)]
    for person in members:
        join(person, number)
    secret, new, singles = link(number), [make.person().id for _ in range(4)], [make.person().id for _ in range(4)]
    answers = race(
        app,
        *(partial(riding.leave, actor_id=each, convoy_id=number, person_id=each) for each in members),
        *(partial(riding.join, actor_id=each, convoy_id=number, link=secret) for each in new),
        *(partial(signing.sign_up, actor_id=each, shift_id=ids[0]) for each in singles),
        *(partial(convoys.give_back, actor_id=leader, convoy_id=number, shift_id=ids[1], count=2) for _ in range(4)),
    )
    refused(answers, Conflict)
    assert all(held(person) == {} for person in members)
    assert riding.count(db.session, number) == 5
    everyone = [leader, *members, *new, *singles]
    assert filled(*ids) == [sum(held(each).get(shift_id, 0) for each in everyone) for shift_id in ids]
    assert sum(held(each).get(ids[0], 0) for each in (leader, *new)) == 12
    assert db.session.get(ConvoyMember, (number, leader)) is not None


def test_all_ways_of_taking_and_giving_places_at_once_end_exact(app: Flask) -> None:
    """Convoys, stays, single people, staff, the waiting list, and the worker, on the same three shifts."""
    ids, coordinator = shifts(9, 9, 9), make.person("coordinator").id
    leaders = [make.person().id for _ in range(3)]
    numbers = [convoy(each, size=4) for each in leaders]
    hold(numbers[0], ids, 4)
    people = [make.person().id for _ in range(12)]
    secret = link(numbers[0])
    signing.sign_up(actor_id=people[0], shift_id=ids[0])
    answers = race(
        app,
        *(partial(riding.join, actor_id=each, convoy_id=numbers[0], link=secret) for each in people[1:3]),
        partial(convoys.give_back, actor_id=leaders[0], convoy_id=numbers[0], shift_id=ids[1], count=1),
        partial(convoys.end, actor_id=leaders[0], convoy_id=numbers[0]),
        *(
            partial(convoys.hold, actor_id=leaders[place], convoy_id=numbers[place], shift_ids=ids, count=4)
            for place in (1, 2)
        ),
        *(partial(stays.book, actor_id=each, shift_ids=ids) for each in people[3:6]),
        *(partial(signing.sign_up, actor_id=each, shift_id=ids[2]) for each in people[6:8]),
        partial(signing.add_person, actor_id=coordinator, shift_id=ids[0], person_id=people[8], over=True),
        partial(signing.cancel, actor_id=people[0], shift_id=ids[0]),
        *(partial(waiting.join, actor_id=each, shift_id=ids[1]) for each in people[9:11]),
        partial(run_at, START - timedelta(hours=71)),
    )
    refused(answers, Conflict)
    for place in (1, 2):
        assert set(held(leaders[place])) in (set(), set(ids))
    for each in people[3:6]:
        assert set(held(each)) in (set(), set(ids))
    assert ids[0] in held(people[8])
    assert held(leaders[0]) == dict.fromkeys(ids, 1)


def stands(person_id: int, shift_id: int) -> tuple[str, int]:
    db.session.rollback()
    mine = db.session.scalars(select(SignUp).where(SignUp.person_id == person_id, SignUp.shift_id == shift_id)).one()
    return mine.state, mine.places


def test_a_leader_who_cannot_come_must_say_what_becomes_of_the_others_places(leader: int) -> None:
    number, (first, second) = convoy(leader, size=5), shifts(9, 9)
    hold(number, [first, second], 5)
    with pytest.raises(Conflict, match="for others too"):
        signing.cancel(actor_id=leader, shift_id=first)
    for _again in range(2):
        signing.cancel(actor_id=leader, shift_id=first, keep_others=True)
        signing.cancel(actor_id=leader, shift_id=second, keep_others=False)
    assert (stands(leader, first), filled(first, second)) == (("held", 4), [4, 0])
    signing.cancel(actor_id=leader, shift_id=first, keep_others=False)  # from a page that is stale by now
    assert filled(first) == [0]


def test_places_held_without_the_leader_get_names_and_end_with_the_last(leader: int) -> None:
    number, (only,), friends = convoy(leader, size=3), shifts(9), [make.person().id for _ in range(2)]
    hold(number, [only], 3)
    signing.cancel(actor_id=leader, shift_id=only, keep_others=True)
    other = make.shift(starts_at=START, maximum=4).id
    signing.sign_up(actor_id=leader, shift_id=other)  # they are free at that time
    for friend in friends:
        join(friend, number)
    assert (stands(leader, only), filled(only)) == (("cancelled", 1), [2])
    riding.leave(actor_id=friends[0], convoy_id=number, person_id=friends[0])
    assert filled(only) == [1]


def test_a_leader_comes_after_all_and_still_holds_what_they_held(leader: int) -> None:
    number, (only,) = convoy(leader, size=3), shifts(4)
    hold(number, [only], 3)
    signing.cancel(actor_id=leader, shift_id=only, keep_others=True)
    with pytest.raises(Conflict, match="hold places there"):
        waiting.join(actor_id=leader, shift_id=only)
    signing.sign_up(actor_id=leader, shift_id=only)
    assert (stands(leader, only), filled(only)) == (("confirmed", 3), [3])
    signing.cancel(actor_id=leader, shift_id=only, keep_others=True)
    for _ in range(2):
        signing.sign_up(actor_id=make.person().id, shift_id=only)
    with pytest.raises(Conflict):
        signing.sign_up(actor_id=leader, shift_id=only)
    convoys.give_back(actor_id=leader, convoy_id=number, shift_id=only, count=1)
    convoys.hold(actor_id=leader, convoy_id=number, shift_ids=[only], count=2)
    assert (stands(leader, only), filled(only)) == (("held", 2), [4])
    convoys.end(actor_id=leader, convoy_id=number)
    assert (stands(leader, only), filled(only)) == (("cancelled", 1), [2])


@pytest.mark.parametrize("size", [3, 50])
@pytest.mark.parametrize("by_staff", [False, True])
def test_a_leader_who_comes_back_makes_a_convoy_no_more_people_than_it_is_of(
    leader: int, size: int, by_staff: bool
) -> None:
    staff, number, (only,) = make.person("coordinator").id, convoy(leader, size=size), shifts(size)
    hold(number, [only], size)
    signing.cancel(actor_id=leader, shift_id=only, keep_others=True)
    hold(number, [only], size)
    assert stands(leader, only) == ("held", size)
    if by_staff:
        signing.add_person(actor_id=staff, shift_id=only, person_id=leader)
    else:
        signing.sign_up(actor_id=leader, shift_id=only)
    assert (stands(leader, only), filled(only)) == (("confirmed", size), [size])


def test_places_held_without_the_leader_lapse_too(leader: int) -> None:
    number, ids = convoy(leader, size=2), shifts(8)
    hold(number, ids, 2)
    signing.cancel(actor_id=leader, shift_id=ids[0], keep_others=True)
    assert run_at(START - timedelta(hours=71)) == 1
    assert run_at(START - timedelta(hours=47)) == 1
    assert filled(*ids) == [0]
    assert [mail.params["places"] for mail in mails("convoy_unnamed_lapsed")] == [1]


def test_a_leader_goes_and_comes_while_names_are_put_and_places_lapse(app: Flask, leader: int) -> None:
    number, ids = convoy(leader, size=9), shifts(12)
    hold(number, ids, 9)
    people, single = [make.person().id for _ in range(4)], [make.person().id for _ in range(4)]
    run_at(START - timedelta(hours=71))
    secret = link(number)
    answers = race(
        app,
        *(partial(signing.cancel, actor_id=leader, shift_id=ids[0], keep_others=True) for _ in range(3)),
        *(partial(signing.sign_up, actor_id=leader, shift_id=ids[0]) for _ in range(3)),
        *(partial(riding.join, actor_id=each, convoy_id=number, link=secret) for each in people),
        *(partial(signing.sign_up, actor_id=each, shift_id=ids[0]) for each in single),
        *(partial(run_at, START - timedelta(hours=40)) for _ in range(2)),
    )
    refused(answers, Conflict)
    state, places = stands(leader, ids[0])
    others = sum(held(each).get(ids[0], 0) for each in (*people, *single))
    assert filled(*ids) == [others + (0 if state == "cancelled" else places)]


def test_coordinators_hear_at_once_of_places_given_back_when_a_shift_is_near(leader: int) -> None:
    coordinator = make.person("coordinator").id
    soon = [make.shift(starts_at=now() + timedelta(hours=5 + 4 * n), maximum=8).id for n in range(3)]
    far = make.shift(starts_at=START, maximum=8).id
    number = convoy(leader)
    hold(number, [*soon, far], 8)
    convoys.give_back(actor_id=leader, convoy_id=number, shift_id=far, count=1)
    convoys.give_back(actor_id=leader, convoy_id=number, shift_id=soon[0], count=7)
    signing.cancel(actor_id=leader, shift_id=soon[1], keep_others=True, reason="ill")
    signing.cancel(actor_id=leader, shift_id=soon[1])  # and then what was held, too
    convoys.end(actor_id=leader, convoy_id=number)
    found = sorted(mails("left_late"), key=lambda mail: mail.id)
    told = [(mail.person_id, mail.about, mail.params["party"]) for mail in found]
    assert told == [
        (coordinator, f"shift:{soon[0]}", 7),
        (coordinator, f"shift:{soon[1]}", 0),
        (coordinator, f"shift:{soon[1]}", 7),
        (coordinator, f"shift:{soon[2]}", 7),
    ]
    words = compose("left_late", "s@example.org", "en", found[0].params, message_id="<1@localhost>")
    assert "Lena Leader has just given back 7 places of a convoy" in words.get_body(("plain",)).get_content()


def test_coordinators_hear_of_places_that_lapse_when_a_shift_is_near(leader: int) -> None:
    coordinator = make.person("coordinator", language="fr").id
    near, ids = convoy(leader, lapse_hours=12), shifts(8, 8)  # people leave without a reason until 24 hours before
    hold(near, ids[:1], 8)
    hold(convoy(leader, lapse_hours=48), ids[1:], 8)
    run_at(START - timedelta(hours=30))
    assert run_at(START - timedelta(hours=11)) == 2  # the other shift is a day later, and so 35 hours away
    assert [mail.params["places"] for mail in mails("convoy_unnamed_lapsed")] == [7, 7]
    (told,) = mails("left_late")
    assert (told.person_id, told.language, told.about) == (coordinator, "fr", f"shift:{ids[0]}")
    assert (told.params["party"], told.params["lapsed"]) == (7, True)
    words = compose("left_late", "s@example.org", "en", told.params, message_id="<1@localhost>")
    for kind in ("plain", "html"):
        assert "7 places that Lena Leader held on this shift" in words.get_body((kind,)).get_content()


@pytest.mark.parametrize(
    ("count", "myself", "party", "given_up"),
    [(4, True, 6, True), (6, True, 6, False), (6, False, 6, False), (4, False, 1, True), (4, True, 1, False)],
)
def test_a_turn_in_line_that_is_given_up_for_fewer_places_is_said(
    leader: int, count: int, myself: bool, party: int, given_up: bool
) -> None:
    number, (only,) = convoy(leader), shifts(8)
    others = [make.person().id for _ in range(8)]
    for person in others:
        signing.sign_up(actor_id=person, shift_id=only)
    if party == 1:
        waiting.join(actor_id=leader, shift_id=only)
    else:
        convoys.wait(actor_id=leader, convoy_id=number, shift_id=only, count=party)
    with transaction() as session:  # places come free, and nobody has been asked yet
        session.execute(delete(SignUp).where(SignUp.person_id.in_(others[:count])))
        session.execute(update(Shift).where(Shift.id == only).values(filled=8 - count))
    said = convoys.hold(actor_id=leader, convoy_id=number, shift_ids=[only], count=count, myself=myself)
    assert said == ([only] if given_up else [])
    with transaction() as session:
        left = session.scalars(select(AuditLine.subject_id).where(AuditLine.action == "shift.waiting_left")).all()
    assert list(map(int, left)) == said


def test_all_of_a_convoys_places_given_back_late_are_told_as_so_many(leader: int) -> None:
    make.person("coordinator")
    shift = make.shift(starts_at=now() + timedelta(hours=5), maximum=8).id
    hold(convoy(leader), [shift], 8)
    signing.cancel(actor_id=leader, shift_id=shift, keep_others=False, reason="The van broke down")
    (mail,) = mails("left_late")
    assert (mail.params["party"], mail.params["reason"]) == (8, "The van broke down")
