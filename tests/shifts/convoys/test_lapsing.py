"""Places of a convoy that nobody is named for: reminded of, and given up in time."""

from datetime import datetime, timedelta

import pytest

from logistics.clock import as_if, now
from logistics.db import db
from logistics.shifts import signing, waiting
from logistics.shifts.groups import convoys, lapsing
from logistics.shifts.models import Shift
from logistics.shifts.plans import planning

from ... import make
from .convoying import START, convoy, filled, held, hold, join, mails, run_at, shifts


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


def test_places_held_without_the_leader_lapse_too(leader: int) -> None:
    number, ids = convoy(leader, size=2), shifts(8)
    hold(number, ids, 2)
    signing.cancel(actor_id=leader, shift_id=ids[0], keep_others=True)
    assert run_at(START - timedelta(hours=71)) == 1
    assert run_at(START - timedelta(hours=47)) == 1
    assert filled(*ids) == [0]
    assert [mail.params["places"] for mail in mails("convoy_unnamed_lapsed")] == [1]
