"""Trace: through splits, merges, kits and transfers, back to what brought goods and forward to where they went."""

from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from logistics.db import db, transaction
from logistics.distributions import service as distributions
from logistics.distributions.models import DistributionState
from logistics.stock import ledger, packing, receiving
from logistics.stock.dividing import merge_boxes, split_box
from logistics.stock.ledger import MovementReason
from logistics.stock.models import OUTSIDE_IDS, Box, LocationKind, Movement, Size
from logistics.stock.taking import take_out
from logistics.stock.tracing import destinations, origins
from logistics.stock.tracing.walking import FOREVER
from logistics.stock.undoing import undo

from .. import make
from ..conftest import empty_tables
from ..counting import queries
from . import arriving, kit
from .test_sorting import put
from .test_transfers import receive as receive_transfer
from .test_transfers import sent

CONVERTED = OUTSIDE_IDS[LocationKind.CONVERTED]


@pytest.fixture
def at(app: Flask) -> Iterator[kit.Depot]:
    yield kit.depot()
    kit.sound()


def box_id(code: str) -> int:
    db.session.rollback()
    return db.session.scalars(select(Box.id).where(Box.code == code)).one()


def came_from(code: str) -> dict[object, bool]:
    """A box's origins, deliveries by id and others by kind and box, and whether each is sure."""
    number = box_id(code)
    found = origins.of_nodes(db.session, origins.of_box(number))
    codes = {key: row.code for key, row in found.boxes.items()}
    said = {
        each.delivery_id or f"{each.kind} {codes[each.box_id]}": sure
        for each, sure in found.of[number, FOREVER].items()
    }
    db.session.rollback()
    return said


def went(code: str = "", delivery: int = 0) -> dict[int, tuple[int, int, bool]]:
    """Where a box or a delivery went: by distribution how many were packed and handed out, and whether that is sure."""
    number = box_id(code) if code else 0
    find = destinations.of_box(db.session, number) if code else destinations.of_delivery(db.session, delivery)
    said: dict[int, tuple[int, int, bool]] = {}
    for each in find.went:
        packed, handed, sure = said.get(each.distribution_id, (0, 0, True))
        said[each.distribution_id] = (packed + each.packed, handed + each.handed_out, sure and each.sure)
    db.session.rollback()
    return said


def brought(at: kit.Depot, quantity: int = 10) -> tuple[int, str]:
    """A delivery that is in one box: its id and the box's code."""
    delivery = arriving.came(at)
    return delivery, str(put(at, quantity, delivery_id=delivery)["code"])


def pack(at: kit.Depot, code: str, quantity: int) -> int:
    """Pack some of a box for a distribution of its own, and return that."""
    distribution = kit.planned(at, quantity)
    packing.pack(
        actor_id=None,
        distribution_id=distribution,
        size_id=at.size,
        code=code,
        from_id=at.shelf,
        quantity=quantity,
    )
    return distribution


def size_of(product_id: int) -> int:
    db.session.rollback()
    found = db.session.scalars(select(Size.id).where(Size.product_id == product_id)).one()
    db.session.rollback()
    return found


def split(at: kit.Depot, code: str, quantity: int) -> str:
    return split_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.shelf, quantity=quantity)


def merge(at: kit.Depot, code: str, into: str, quantity: int) -> str:
    return merge_boxes(actor_id=None, code=code, from_id=at.shelf, into=into, quantity=quantity)


def test_a_split_box_comes_from_where_the_first_came(at: kit.Depot) -> None:
    delivery, code = brought(at)
    part = split(at, split(at, code, 6), 3)
    assert came_from(part) == {delivery: True}
    distribution = pack(at, part, 2)
    assert went(code) == went(delivery=delivery) == {distribution: (2, 0, True)}


def test_a_merged_box_may_have_come_from_either(at: kit.Depot) -> None:
    (first, a), (second, b) = brought(at), brought(at)
    merge(at, a, b, 4)
    assert came_from(b) == {first: False, second: False}
    assert came_from(a) == {first: True}
    distribution = pack(at, b, 3)
    assert went(delivery=first) == {distribution: (3, 0, False)}
    assert went(delivery=second) == {distribution: (3, 0, False)}


def test_what_left_before_a_merge_was_none_of_it(at: kit.Depot) -> None:
    (first, a), (second, b) = brought(at), brought(at)
    before = pack(at, b, 3)
    merge(at, a, b, 4)
    assert went(delivery=first) == {}
    assert went(delivery=second)[before][0] == 3
    part_before = split(at, a, 2)
    merge(at, b, a, 1)
    assert came_from(part_before) == {first: True}


def test_two_boxes_of_one_delivery_put_together_are_sure(at: kit.Depot) -> None:
    delivery, a = brought(at)
    b = str(put(at, 5, delivery_id=delivery)["code"])
    merge(at, a, b, 10)
    assert came_from(b) == {delivery: True}
    distribution = pack(at, b, 12)
    assert went(delivery=delivery) == {distribution: (12, 0, True)}


def test_boxes_put_into_each_other_do_not_go_round_for_ever(at: kit.Depot) -> None:
    (first, a), (second, b) = brought(at), brought(at)
    for _ in range(5):
        merge(at, a, b, 2)
        merge(at, b, a, 2)
    assert came_from(a).keys() == came_from(b).keys() == {first, second}
    distribution = pack(at, a, 1)
    assert went(delivery=second) == {distribution: (1, 0, False)}


def test_a_kit_comes_from_each_of_its_parts(at: kit.Depot) -> None:
    (first, a), (second, b) = brought(at), brought(at)
    product = make.product("Hygiene pack").id
    made = receiving.receive_new_box(actor_id=None, size_id=size_of(product), quantity=0, location_id=at.shelf)
    with transaction() as session:
        group = None
        for code, source, target in ((a, at.shelf, CONVERTED), (b, at.shelf, CONVERTED), (made, CONVERTED, at.shelf)):
            number = session.scalars(select(Box.id).where(Box.code == code)).one()
            movement = ledger.move(
                session,
                box_id=number,
                from_id=source,
                to_id=target,
                quantity=2,
                actor_id=None,
                reason=MovementReason.SPLIT,
                group_id=group,
            )
            group = group or movement.id
    assert came_from(made) == {first: True, second: True}
    take_out(actor_id=None, code=made, location_id=at.shelf, quantity=1)
    found = destinations.of_delivery(db.session, first)
    assert (found.given, found.here, {row.code for row in found.boxes.values()}) == (1, 9, {a, made})
    undone = db.session.scalars(select(Movement.id).where(Movement.reason == "taken_out")).one()
    db.session.rollback()
    undo(actor_id=None, movement_id=undone)
    with transaction() as session:  # taken apart again, so that nothing is left over in converted
        for code, source, target in ((made, at.shelf, CONVERTED), (a, CONVERTED, at.shelf), (b, CONVERTED, at.shelf)):
            number = session.scalars(select(Box.id).where(Box.code == code)).one()
            ledger.move(
                session,
                box_id=number,
                from_id=source,
                to_id=target,
                quantity=2,
                actor_id=None,
                reason=MovementReason.SPLIT,
                group_id=group,
            )
    assert {first, second} <= came_from(a).keys()


def test_a_transfer_changes_nothing_of_where_it_came_from(at: kit.Depot) -> None:
    delivery, code = brought(at)
    there = make.shelf(make.warehouse("Depot in Dunkirk"), "Z1").id
    transfer = sent(at, there, code)
    receive_transfer(at, transfer, there, everything=True)
    part = split_box(actor_id=None, code=code, from_id=there, to_id=there, quantity=4)
    assert came_from(part) == {delivery: True}
    found = destinations.of_delivery(db.session, delivery)
    assert (found.here, found.went) == (10, [])


def test_what_was_undone_is_no_part_of_it(at: kit.Depot) -> None:
    (first, a), (_second, b) = brought(at), brought(at)
    merge(at, b, a, 4)
    done = db.session.scalars(select(Movement.id).where(Movement.reason == "merged")).first()
    db.session.rollback()
    undo(actor_id=None, movement_id=done or 0)
    assert came_from(a) == {first: True}
    distribution = pack(at, a, 4)
    packing.put_back(actor_id=None, distribution_id=distribution, code=a, to_id=at.shelf, quantity=3)
    assert went(a) == {distribution: (1, 0, True)}


def test_without_a_delivery_it_is_said_how_it_came(at: kit.Depot) -> None:
    given, bought = kit.receive(at, 5), kit.receive(at, 5, source="bought")
    assert came_from(given) == {f"donated {given}": True}
    merge(at, bought, given, 5)
    assert came_from(given) == {f"donated {given}": False, f"bought {bought}": False}


def test_what_came_back_was_not_handed_out(at: kit.Depot) -> None:
    delivery, code = brought(at, 20)
    distribution = pack(at, code, 10)
    kit.leave(at, distribution)
    line = kit.line(at, distribution).id
    db.session.rollback()
    with transaction() as session:
        found = distributions.lock(session, distribution)
        distributions.advance(session, found, DistributionState.RETURNED, at.actor_id)
    kit.come_back(at, distribution, {line: (6, 3, 1)})
    assert went(delivery=delivery) == {distribution: (7, 6, True)}
    back = origins.of_nodes(db.session, origins.of_distribution(distribution))
    assert {origin.delivery_id for of in back.of.values() for origin in of} == {delivery}


def test_a_walk_takes_as_many_queries_at_any_length(at: kit.Depot) -> None:
    delivery, code = brought(at, 60)
    pack(at, code, 1)

    def asked() -> int:
        db.session.rollback()
        with queries() as sent_ones:
            origins.of_nodes(db.session, origins.of_box(box_id(code)))
            destinations.of_delivery(db.session, delivery)
        return len(sent_ones)

    few = asked()
    part = code
    for _ in range(15):
        part = split(at, part, 3) if part != code else split(at, code, 40)
        if part != code and kit.level(part, at.shelf) < 4:
            merge(at, code, part, 1)
    assert asked() == few


STEPS = st.lists(st.tuples(st.sampled_from("sm"), st.integers(0, 5), st.integers(0, 5), st.integers(1, 6)), max_size=12)


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_back_and_forth_agree_after_any_splits_and_merges(app: Flask, steps: list[tuple[str, int, int, int]]) -> None:
    """What a plain model, which follows every unit that may be in a box, says of each box."""
    empty_tables(app)
    at = kit.depot()
    deliveries, codes = zip(*(brought(at, 8) for _ in range(3)), strict=True)
    boxes = list(codes)
    may = {code: {delivery} for code, delivery in zip(codes, deliveries, strict=True)}
    for what, one, other, quantity in steps:
        code, target = boxes[one % len(boxes)], boxes[other % len(boxes)]
        if kit.level(code, at.shelf) < quantity or (what == "m" and code == target):
            continue
        if what == "s":
            part = split(at, code, quantity)
            boxes.append(part)
            may[part] = set(may[code])
        else:
            merge(at, code, target, quantity)
            may[target] |= may[code]
    for code in boxes:
        found = came_from(code)
        assert found.keys() == may[code]
        assert set(found.values()) == {len(may[code]) == 1}
    for delivery in deliveries:
        reached = destinations.of_delivery(db.session, delivery)
        named = {row.code: reached.sure[key] for key, row in reached.boxes.items()}
        db.session.rollback()
        assert named == {code: may[code] == {delivery} for code in boxes if delivery in may[code]}
    kit.sound()
