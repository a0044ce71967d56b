"""Convoys at once with others, on both databases: nobody gets a place twice."""

from datetime import timedelta
from functools import partial

from flask import Flask

from logistics.clock import as_if
from logistics.db import db
from logistics.errors import Conflict
from logistics.shifts import signing, waiting
from logistics.shifts.group_models import ConvoyMember
from logistics.shifts.groups import convoys, riding, stays
from logistics.shifts.groups.together import Gone

from ... import make
from ...racing import race, refused
from .convoying import START, convoy, filled, held, hold, join, link, mails, run_at, shifts, stands


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
