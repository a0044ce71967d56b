"""Stock-takes: a count is a fact at a moment, and what differs is written from now on."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from logistics.audit import AuditLine
from logistics.db import db
from logistics.errors import Conflict, Invalid, NotFound
from logistics.stock.counting import correct
from logistics.stock.counts import counted, listing, posting, reviewing, takes
from logistics.stock.counts.models import StockCount, StockTake
from logistics.stock.expiring import set_best_before
from logistics.stock.models import OUTSIDE_IDS, Box, LocationKind, Movement, Product, Size
from logistics.stock.moving import move_box
from logistics.stock.taking import take_out
from logistics.stock.undoing import undo
from logistics.stock.warehouses import close_shelf

from .. import make
from ..conftest import empty_tables
from . import kit


@pytest.fixture
def at(app: Flask) -> Iterator[kit.Depot]:
    yield kit.depot()
    kit.sound()


def begin(at: kit.Depot, **more: object) -> int:
    more = more or {"location_id": at.shelf}
    scope = "shelf" if "location_id" in more else "product" if "product_id" in more else "box"
    return takes.start(actor_id=at.actor_id, scope=scope, warehouse_id=at.warehouse_id, **more)


def count(at: kit.Depot, take: int, code: str, number: int, *, shelf: int = 0, by: int = 0) -> None:
    counted.count_box(
        actor_id=by or at.actor_id, stock_take_id=take, code=code, location_id=shelf or at.shelf, counted=number
    )


def post(at: kit.Depot, take: int, reason: str = "miscounted", note: str = "", **held: int) -> int:
    """Post with one reason for all; `held` is who holds, by box code in lower case."""
    db.session.rollback()
    rows = reviewing.read(db.session, take)
    chosen = {}
    for row in rows:
        person = held.get(f"b{row.box.code.lower()}")
        ids = [tally.count.id for tally in row.tallies if tally.count.counter_id == person]
        chosen[row.key] = {"count": ids[0] if ids else 0, "reason": reason, "note": note}
    seen = reviewing.fingerprint(rows)
    db.session.rollback()
    return posting.post(actor_id=at.actor_id, stock_take_id=take, seen=seen, chosen=chosen)


def sizes_of(product: Product) -> int:
    product_id = product.id
    return db.session.scalars(select(Size.id).where(Size.product_id == product_id)).one()


def state(take: int) -> str:
    db.session.rollback()
    return db.session.get_one(StockTake, take).state


def test_the_ledger_says_what_was_counted(at: kit.Depot) -> None:
    fewer, more, same = (kit.receive(at, quantity) for quantity in (20, 5, 8))
    untouched = kit.receive(at, 7)
    take = begin(at)
    for code, number in ((fewer, 0), (more, 9), (same, 8)):
        count(at, take, code, number)
    post(at, take)
    assert [kit.level(code, at.shelf) for code in (fewer, more, same, untouched)] == [0, 9, 8, 7]
    assert kit.level(fewer, OUTSIDE_IDS[LocationKind.WRITTEN_OFF]) == 20
    assert state(take) == "posted"
    rows = reviewing.read(db.session, take)
    assert [row.tallies[0].count.movement_id is not None for row in rows] == [True, True, False]
    actions = db.session.scalars(
        select(AuditLine.action).where(AuditLine.subject == "stock_take").order_by(AuditLine.id)
    ).all()
    assert actions == ["stock_take.started", *["stock_take.counted"] * 3, "stock_take.posted"]


def test_what_moved_after_the_count_stays_right(at: kit.Depot) -> None:
    code = kit.receive(at, 20)
    take = begin(at)
    count(at, take, code, 17)
    move_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=6)
    post(at, take, "lost")
    assert (kit.level(code, at.shelf), kit.level(code, at.other_shelf)) == (11, 6)


def test_where_too_few_are_left_the_box_is_named_and_nothing_is_written(at: kit.Depot) -> None:
    code, other = kit.receive(at, 20), kit.receive(at, 5)
    take = begin(at)
    count(at, take, code, 10)
    count(at, take, other, 6)
    take_out(actor_id=None, code=code, location_id=at.shelf, quantity=15)
    with pytest.raises(Conflict, match=rf"taken off: {code} \(C4\)"):
        post(at, take)
    assert (kit.level(code, at.shelf), kit.level(other, at.shelf), state(take)) == (5, 5, "open")
    count(at, take, code, 4)  # counted again, at another moment
    post(at, take)
    assert (kit.level(code, at.shelf), kit.level(other, at.shelf)) == (4, 6)


def test_a_box_that_should_be_elsewhere_or_empty_is_counted_where_it_is(at: kit.Depot) -> None:
    moved, empty = kit.receive(at, 12, shelf=at.other_shelf), kit.receive(at, 3)
    take_out(actor_id=None, code=empty, location_id=at.shelf, quantity=3)
    take = begin(at)
    count(at, take, moved.lower() + " ", 12)
    count(at, take, empty, 2)
    rows = reviewing.read(db.session, take)
    assert [row.unexpected for row in rows] == [True, True]
    assert reviewing.elsewhere(db.session, rows) == {rows[0].key: [("D1", 12)]}
    post(at, take, "found")
    assert (kit.level(moved, at.shelf), kit.level(moved, at.other_shelf), kit.level(empty, at.shelf)) == (12, 12, 2)


def test_what_stood_on_another_shelf_takes_nobodys_promise(at: kit.Depot) -> None:
    code = kit.receive(at, 20)
    promised = kit.planned(at, 20)
    take = begin(at, product_id=at.product_id)
    count(at, take, code, 5)
    count(at, take, code, 15, shelf=at.other_shelf)
    post(at, take)
    assert kit.allocated(at, promised) == [20]
    assert db.session.scalar(select(AuditLine.id).where(AuditLine.action == "distribution.promise_taken")) is None


def test_promises_are_taken_back_and_what_is_found_serves_who_is_short(at: kit.Depot) -> None:
    code = kit.receive(at, 20)
    promised = kit.planned(at, 20)
    take = begin(at)
    count(at, take, code, 14)
    post(at, take, "damaged")
    assert kit.allocated(at, promised) == [14]
    take = begin(at, code=code)
    count(at, take, code, 18)
    post(at, take, "found")
    assert kit.allocated(at, promised) == [18]


def test_what_is_past_its_date_is_counted_too(at: kit.Depot) -> None:
    code = kit.receive(at, 20)
    set_best_before(actor_id=None, code=code, best_before=make.now().date().replace(year=2020))
    take = begin(at)
    count(at, take, code, 11)
    post(at, take, "expired")
    assert (kit.level(code, at.shelf), kit.expired(at)) == (11, 11)


def test_two_who_count_blind_are_compared_by_what_they_found_at_their_moments(at: kit.Depot) -> None:
    code, other = kit.receive(at, 20), kit.receive(at, 9)
    second = make.person("warehouse", name="Omar").id
    take = begin(at, location_id=at.shelf, blind=True)
    for number, person in ((18, at.actor_id), (20, second)):
        count(at, take, code, number, by=person)
    count(at, take, other, 8)
    move_box(actor_id=None, code=other, from_id=at.shelf, to_id=at.other_shelf, quantity=3)
    count(at, take, other, 5, by=second)  # one fewer than the ledger, as the first found
    rows = reviewing.read(db.session, take)
    assert [(row.agreed, [tally.counter for tally in row.tallies]) for row in rows] == [
        (False, ["Omar", "Salma"]),
        (True, ["Omar", "Salma"]),
    ]
    with pytest.raises(Invalid, match="Choose which count holds") as refused:
        post(at, take)
    assert refused.value.field == f"holds_{rows[0].key}"
    post(at, take, "lost", **{f"b{code}": at.actor_id})
    assert (kit.level(code, at.shelf), kit.level(other, at.shelf)) == (18, 5)


def test_when_blind_nobody_is_shown_what_others_counted(at: kit.Depot) -> None:
    code = kit.receive(at, 20)
    second = make.person("warehouse").id
    for blind, seen in ((True, 0), (False, 1)):
        take = db.session.get_one(StockTake, begin(at, location_id=at.shelf, blind=blind))
        count(at, take.id, code, 18)
        assert listing.progress(db.session, take, second) == listing.Progress(1, seen)
        assert listing.left(db.session, take) == 0
        db.session.rollback()


def test_who_counts_again_replaces_their_number(at: kit.Depot) -> None:
    code = kit.receive(at, 20)
    take = begin(at)
    count(at, take, code, 4)
    count(at, take, code, 20)
    assert db.session.scalars(select(StockCount.counted)).all() == [20]
    post(at, take)
    assert kit.level(code, at.shelf) == 20


def test_a_number_is_taken_back_by_who_counted_it(at: kit.Depot) -> None:
    code = kit.receive(at, 20)
    take, box = begin(at), db.session.scalars(select(Box.id)).one()
    count(at, take, code, 4)
    db.session.rollback()
    same = {"stock_take_id": take, "box_id": box, "location_id": at.shelf}
    with pytest.raises(NotFound):
        counted.take_back(actor_id=make.person().id, **same)
    counted.take_back(actor_id=at.actor_id, **same)
    with pytest.raises(Invalid, match="Nothing has been counted yet"):
        post(at, take)


def test_the_ledger_may_be_left_as_it_is(at: kit.Depot) -> None:
    code = kit.receive(at, 20)
    take = begin(at)
    count(at, take, code, 4)
    post(at, take, posting.LEAVE)
    assert (kit.level(code, at.shelf), state(take)) == (20, "posted")


@pytest.mark.parametrize(
    ("number", "reason", "note", "said", "field"),
    [
        (25, "lost", "", "You counted more than before", "reason"),
        (15, "found", "", "You counted fewer than before", "reason"),
        (15, "other", " ", "Say in the note what happened", "note"),
        (15, "lost", "x" * 501, "Use 500 characters or fewer", "note"),
        (15, "", "", "Choose why the number is another", "reason"),
        (15, "moved", "", "Choose why the number is another", "reason"),
    ],
)
def test_each_difference_needs_a_reason_that_explains_it(
    at: kit.Depot, number: int, reason: str, note: str, said: str, field: str
) -> None:
    code = kit.receive(at, 20)
    take = begin(at)
    count(at, take, code, number)
    with pytest.raises(Invalid, match=said) as refused:
        post(at, take, reason, note)
    assert (refused.value.field or "").startswith(f"{field}_")
    assert (kit.level(code, at.shelf), state(take)) == (20, "open")


def test_what_was_counted_after_the_page_was_shown_is_looked_at_first(at: kit.Depot) -> None:
    code = kit.receive(at, 20)
    take = begin(at)
    count(at, take, code, 4)
    seen = reviewing.fingerprint(reviewing.read(db.session, take))
    count(at, take, code, 5)
    with pytest.raises(Conflict, match="Somebody counted since you opened this page"):
        posting.post(actor_id=at.actor_id, stock_take_id=take, seen=seen, chosen={})


def test_one_that_has_ended_takes_no_more(at: kit.Depot) -> None:
    code = kit.receive(at, 20)
    posted, given_up = begin(at), begin(at)
    for take in (posted, given_up):
        count(at, take, code, 20)
    post(at, posted)
    takes.abandon(actor_id=at.actor_id, stock_take_id=given_up)
    for take in (posted, given_up):
        with pytest.raises(Conflict):
            count(at, take, code, 3)
        with pytest.raises(Conflict):
            post(at, take)
        with pytest.raises(Conflict):
            takes.abandon(actor_id=at.actor_id, stock_take_id=take)
    with pytest.raises(NotFound):
        count(at, 999_999, code, 3)


def test_only_what_the_stock_take_counts_is_counted(at: kit.Depot) -> None:
    code = kit.receive(at, 20)
    far = make.shelf(make.warehouse()).id
    hats = make.product("Hats")
    there = kit.receive(replace(at, sizes={"One size": sizes_of(hats)}), 3)
    by_shelf, by_product, by_box = begin(at), begin(at, product_id=at.product_id), begin(at, code=code)
    for take, box, shelf in (
        (by_shelf, code, at.other_shelf),
        (by_shelf, code, OUTSIDE_IDS[LocationKind.DONATED]),
        (by_product, code, far),
        (by_product, there, at.shelf),
        (by_box, there, at.shelf),
    ):
        with pytest.raises(Invalid):
            count(at, take, box, 3, shelf=shelf)
    for number in (-5, 10**12):
        with pytest.raises(Invalid):
            count(at, by_shelf, code, number)
    with pytest.raises(NotFound):
        count(at, by_shelf, "NOWHERE", 3)
    count(at, by_shelf, there, 1)  # of another product, found on this shelf: it may be


def test_what_cannot_be_counted_is_not_started(at: kit.Depot) -> None:
    close_shelf(actor_id=at.actor_id, shelf_id=at.other_shelf)
    for thing in ({"location_id": at.other_shelf}, {"location_id": 1}, {"product_id": 999_999}, {"code": "?"}):
        with pytest.raises((Invalid, NotFound)):
            begin(at, **thing)
    with pytest.raises(Invalid):
        takes.start(actor_id=at.actor_id, scope="street")
    with pytest.raises(Invalid):
        takes.start(actor_id=at.actor_id, scope="product", product_id=at.product_id, warehouse_id=0)


def test_nothing_is_written_onto_a_shelf_that_was_closed_since(at: kit.Depot) -> None:
    code = kit.receive(at, 20)
    take = begin(at, product_id=at.product_id)
    count(at, take, code, 3, shelf=at.other_shelf)
    close_shelf(actor_id=at.actor_id, shelf_id=at.other_shelf)
    with pytest.raises(Conflict, match="Shelf D1 was closed since"):
        post(at, take, "found")


def test_a_difference_is_undone_in_the_history_of_its_box(at: kit.Depot) -> None:
    code, other = kit.receive(at, 20), kit.receive(at, 9)
    take = begin(at)
    count(at, take, code, 4)
    count(at, take, other, 8)
    post(at, take)
    movement = db.session.scalars(select(Movement.id).where(Movement.quantity == 16)).one()
    undo(actor_id=at.actor_id, movement_id=movement)
    assert (kit.level(code, at.shelf), kit.level(other, at.shelf)) == (20, 8)


def test_what_was_corrected_since_is_told(at: kit.Depot) -> None:
    code = kit.receive(at, 20)
    take = begin(at)
    count(at, take, code, 18)
    correct(actor_id=None, code=code, location_id=at.shelf, seen=20, counted=18, reason="lost")
    (row,) = reviewing.read(db.session, take)
    assert reviewing.corrected(db.session, take) == {row.key: -2}


# What others do to a box after it was counted: onto the shelf (above 0) or off it.
MOVES = st.lists(st.integers(-15, 15).filter(bool), max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held=st.integers(1, 30), number=st.integers(0, 40), before=MOVES, after=MOVES)
def test_after_any_moves_the_level_is_what_was_counted_and_what_moved_since(
    app: Flask, held: int, number: int, before: list[int], after: list[int]
) -> None:
    empty_tables(app)
    at = kit.depot()
    code = kit.receive(at, held)
    kit.receive(at, 30, shelf=at.other_shelf)
    move_box(actor_id=None, code=kit.receive(at, 1), from_id=at.shelf, to_id=at.other_shelf, quantity=1)

    def moved(steps: list[int]) -> int:
        """Move back and forth as far as there is something, and return by how much the shelf has changed."""
        start = kit.level(code, at.shelf)
        for step in steps:
            source, target = (at.other_shelf, at.shelf) if step > 0 else (at.shelf, at.other_shelf)
            if kit.level(code, source) >= abs(step):
                move_box(actor_id=None, code=code, from_id=source, to_id=target, quantity=abs(step))
        return kit.level(code, at.shelf) - start

    take = begin(at)
    moved(before)
    expected = kit.level(code, at.shelf)
    count(at, take, code, number)
    since = moved(after)
    if number + since < 0:  # more left than were counted: one of the two is wrong, and somebody has to look
        with pytest.raises(Conflict, match="By now fewer are there"):
            post(at, take)
        assert kit.level(code, at.shelf) == expected + since
    else:
        post(at, take)
        assert kit.level(code, at.shelf) == number + since
    kit.sound()
