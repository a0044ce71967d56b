"""Convoys: places held together, named by a link, given back, and waited for."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid, NotAllowed, NotFound
from logistics.people.models import Person
from logistics.shifts import signing, waiting
from logistics.shifts.groups import convoys, riding
from logistics.shifts.groups.together import Gone
from logistics.shifts.models import SignUp, SignUpState

from ... import make
from .convoying import START, convoy, filled, held, hold, join, link, mails, shifts, stands


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
