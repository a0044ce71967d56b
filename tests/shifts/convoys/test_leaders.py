"""Leaders of convoys who do not come themselves, and come after all."""

import pytest
from flask import Flask

from logistics.db import transaction
from logistics.errors import Conflict
from logistics.people.models import Person
from logistics.shifts import signing, waiting
from logistics.shifts.groups import convoys, riding
from logistics.shifts.groups.together import Gone

from ... import make
from .convoying import START, convoy, filled, held, hold, join, mails, shifts, stands


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
