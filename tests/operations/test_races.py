"""Two at once on one distribution: one of them is told so, and the books balance."""

from datetime import timedelta

import pytest
from flask import Flask

from logistics.clock import now
from logistics.db import db
from logistics.distributions.models import DistributionState
from logistics.errors import Conflict, DomainError
from logistics.operations import cancelling, closing, dispatch, replan, returning
from logistics.shifts import signing
from logistics.stock import packing

from .. import make
from ..racing import race, refused
from ..stock import kit as stock
from . import kit

TIMES = 5


def go(plan: kit.Plan) -> int:
    return dispatch.dispatch(actor_id=plan.depot.actor_id, distribution_id=plan.id)


def call_off(plan: kit.Plan) -> int:
    return cancelling.cancel(actor_id=plan.depot.actor_id, distribution_id=plan.id, reason="Snow.")


def come_back(plan: kit.Plan, counts: dict[int, tuple[int, int, int]], people: int = 0) -> int:
    return returning.record_return(
        actor_id=plan.depot.actor_id,
        distribution_id=plan.id,
        counts=counts,
        shelf_id=plan.depot.shelf,
        served={"men": people} if people else {},
        debrief="",
        ran_out_first="",
    )


@pytest.mark.parametrize("time", range(TIMES))
def test_it_leaves_or_is_called_off_but_not_both(app: Flask, time: int) -> None:
    plan = kit.plan(100, 60)
    packing.pack_all(actor_id=plan.depot.actor_id, distribution_id=plan.id)
    answers = race(app, lambda: go(plan), lambda: call_off(plan))
    assert refused(answers, Conflict) == 1
    assert kit.state(plan.id) in (DistributionState.OUT, DistributionState.CANCELLED)
    on_hand = 40 if kit.state(plan.id) == DistributionState.OUT else 100
    assert stock.stock(plan.depot) == (on_hand, 0)
    kit.in_order()


@pytest.mark.parametrize("time", range(TIMES))
def test_of_two_who_pack_the_same_line_one_does(app: Flask, time: int) -> None:
    plan = kit.plan(100, 60)

    def pack() -> int:
        return packing.pack(
            actor_id=plan.depot.actor_id,
            distribution_id=plan.id,
            size_id=plan.depot.size,
            code=plan.codes[0],
            from_id=plan.depot.shelf,
            quantity=30,
            extras=False,
            on_van=0,
        )

    assert refused(race(app, pack, pack), Conflict) == 1
    assert kit.lines(plan.id)["One size"].packed == 30
    kit.in_order()


@pytest.mark.parametrize("time", range(TIMES))
def test_of_two_returns_of_a_line_one_counts(app: Flask, time: int) -> None:
    plan = kit.plan(100, 60)
    packing.pack_all(actor_id=plan.depot.actor_id, distribution_id=plan.id)
    go(plan)
    line_id = kit.lines(plan.id)["One size"].id
    answers = race(
        app, lambda: come_back(plan, {line_id: (50, 10, 0)}, 40), lambda: come_back(plan, {line_id: (40, 20, 0)}, 30)
    )
    assert refused(answers, Conflict) == 1
    line = kit.lines(plan.id)["One size"]
    assert (line.handed_out, line.came_back) in ((50, 10), (40, 20))
    assert kit.found(plan.id).served_men == (40 if line.came_back == 10 else 30)
    kit.in_order()


@pytest.mark.parametrize("time", range(TIMES))
def test_two_returns_of_two_lines_both_count(app: Flask, time: int) -> None:
    plan = kit.plan(100, 60, "S", "M")
    packing.pack_all(actor_id=plan.depot.actor_id, distribution_id=plan.id)
    go(plan)
    small, medium = (kit.lines(plan.id)[label].id for label in ("S", "M"))
    answers = race(app, lambda: come_back(plan, {small: (30, 0, 0)}), lambda: come_back(plan, {medium: (0, 30, 0)}, 12))
    assert refused(answers, DomainError) == 0
    closing.close(actor_id=plan.depot.actor_id, distribution_id=plan.id)
    assert stock.stock(plan.depot, "M") == (100, 0)
    kit.in_order()


@pytest.mark.parametrize("time", range(TIMES))
def test_packing_sign_ups_and_a_change_of_plan_at_the_same_moment_as_it_leaves(app: Flask, time: int) -> None:
    plan = kit.plan(100, 60)
    found = kit.found(plan.id)
    shift_id, point_id = make.shift(found, maximum=3).id, make.meeting_point().id
    packing.pack(
        actor_id=plan.depot.actor_id,
        distribution_id=plan.id,
        size_id=plan.depot.size,
        code=plan.codes[0],
        from_id=plan.depot.shelf,
        quantity=10,
    )
    volunteers = [make.person().id for _ in range(3)]
    version, starts_at = kit.found(plan.id).version, now() + timedelta(days=2)
    db.session.rollback()

    def move() -> int:
        return replan.change(
            actor_id=plan.depot.actor_id,
            distribution_id=plan.id,
            version=version,
            title="Hoodies",
            site_id=point_id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            notes="",
            expected={"men": 50},
        )

    answers = race(
        app,
        lambda: go(plan),
        lambda: packing.pack_all(actor_id=plan.depot.actor_id, distribution_id=plan.id),
        move,
        lambda: call_off(plan),
        *(lambda who=who: signing.sign_up(actor_id=who, shift_id=shift_id) for who in volunteers),
    )
    refused(answers, DomainError)
    assert kit.state(plan.id) in (DistributionState.OUT, DistributionState.CANCELLED)
    kit.in_order()
