"""Transfers: what leaves one warehouse is on the way, and nobody's, until it is written down in the other."""

from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.audit import AuditLine
from logistics.db import db
from logistics.distributions.models import Site
from logistics.errors import Conflict, Invalid, NotFound
from logistics.stock.counting import correct
from logistics.stock.labelling.many import Stopped, Unknown
from logistics.stock.models import OUTSIDE_IDS, TRANSIT_ID, LocationKind, Movement
from logistics.stock.moving import move_box
from logistics.stock.taking import take_out
from logistics.stock.transfers import arriving, listing, preparing, sending
from logistics.stock.transfers.models import Transfer, TransferLine
from logistics.stock.undoing import undo
from logistics.stock.warehouses import close_shelf

from .. import make
from . import kit


@pytest.fixture
def at(app: Flask) -> Iterator[kit.Depot]:
    yield kit.depot("S", "M")
    kit.sound()


@pytest.fixture
def there(at: kit.Depot) -> int:
    """A shelf of another warehouse."""
    return make.shelf(make.warehouse("Depot in Dunkirk"), "Z1").id


def prepare(at: kit.Depot, there: int, *codes: str, **more: object) -> int:
    return preparing.prepare(
        actor_id=at.actor_id, from_id=at.warehouse_id, to_id=kit.site_of(there), codes=list(codes), **more
    )


def lines(transfer: int) -> Sequence[TransferLine]:
    db.session.rollback()
    return db.session.scalars(
        select(TransferLine).where(TransferLine.transfer_id == transfer).order_by(TransferLine.id)
    ).all()


def line_ids(transfer: int) -> list[int]:
    found = [line.id for line in lines(transfer)]
    db.session.rollback()
    return found


def send(at: kit.Depot, transfer: int) -> int:
    return sending.send(actor_id=at.actor_id, transfer_id=transfer)


def sent(at: kit.Depot, there: int, *codes: str) -> int:
    return send(at, prepare(at, there, *codes))


def receive(at: kit.Depot, transfer: int, there: int, everything: bool = False, **arrived: int) -> int:
    """Receive numbers by place on the list: l0=3, l1=5."""
    numbers = line_ids(transfer)
    said = {str(numbers[int(name[1:])]): {"arrived": count} for name, count in arrived.items()}
    return arriving.receive(
        actor_id=at.actor_id, transfer_id=transfer, shelf_id=there, arrived=said, everything=everything
    )


def missing(at: kit.Depot, transfer: int, place: int, quantity: int, reason: str = "lost", note: str = "") -> None:
    line = lines(transfer)[place]
    number, left = line.id, line.left
    db.session.rollback()
    arriving.explain(
        actor_id=at.actor_id,
        transfer_id=transfer,
        line_id=number,
        seen=left,
        quantity=quantity,
        reason=reason,
        note=note,
    )


def state(transfer: int) -> str:
    db.session.rollback()
    return db.session.get_one(Transfer, transfer).state


def on_the_way(code: str) -> int:
    return kit.level(code, TRANSIT_ID)


def test_what_is_sent_is_nobodys_until_it_arrives(at: kit.Depot, there: int) -> None:
    code = kit.receive(at, 20, size="S")
    transfer = prepare(at, there, code.lower())
    assert (kit.level(code, at.shelf), on_the_way(code), state(transfer)) == (20, 0, "prepared")
    send(at, transfer)
    assert (kit.level(code, at.shelf), on_the_way(code), state(transfer)) == (0, 20, "on_the_way")
    assert kit.stock(at, "S") == (0, 0)
    assert kit.stock(at, "S", kit.site_of(there)) == (0, 0)
    wanting = kit.planned(at, 5)
    assert kit.line(at, wanting, "S").allocated == 0
    assert receive(at, transfer, there, everything=True) == 20
    assert (kit.level(code, there), on_the_way(code), state(transfer)) == (20, 0, "closed")
    assert kit.stock(at, "S", kit.site_of(there)) == (20, 0)
    actions = db.session.scalars(
        select(AuditLine.action).where(AuditLine.subject == "transfer").order_by(AuditLine.id)
    ).all()
    assert actions == ["transfer.prepared", "transfer.sent", "transfer.received"]


def test_it_arrives_in_several_goes_and_serves_who_is_short_there(at: kit.Depot, there: int) -> None:
    first, second = kit.receive(at, 20, size="S"), kit.receive(at, 8, size="M", shelf=at.other_shelf)
    transfer = sent(at, there, first, second)
    receive(at, transfer, there, l0=12)
    assert (on_the_way(first), on_the_way(second), state(transfer)) == (8, 8, "on_the_way")
    other = make.shelf(db.session.get_one(Site, kit.site_of(there)), "Z2").id
    numbers = line_ids(transfer)
    arriving.receive(
        actor_id=None,
        transfer_id=transfer,
        shelf_id=there,
        arrived={str(numbers[1]): {"arrived": 8, "seen": 8, "shelf": other}, str(numbers[0]): {"seen": 8}},
        everything=True,
    )
    assert (kit.level(first, there), kit.level(second, other), state(transfer)) == (20, 8, "closed")


def test_a_part_of_a_box_may_go(at: kit.Depot, there: int) -> None:
    code = kit.receive(at, 20, size="S")
    transfer = prepare(at, there, code)
    assert (
        preparing.change_line(actor_id=at.actor_id, transfer_id=transfer, line_id=line_ids(transfer)[0], quantity=7)
        == code
    )
    send(at, transfer)
    assert (kit.level(code, at.shelf), on_the_way(code)) == (13, 7)
    assert preparing.prepare(actor_id=None, to_id=kit.site_of(there), codes=[code]) > transfer  # the rest, later


def test_what_is_promised_stays_and_each_line_says_why(at: kit.Depot, there: int) -> None:
    promised, free, gone = kit.receive(at, 20, size="S"), kit.receive(at, 5, size="M"), kit.receive(at, 4, size="M")
    distribution = kit.distribution(at)
    kit.plan(at, distribution, 15, {"S": 1})
    transfer = prepare(at, there, promised, free, gone)
    take_out(actor_id=None, code=gone, location_id=at.shelf, quantity=3)
    with pytest.raises(sending.Refused) as refused:
        send(at, transfer)
    first, _second, third = line_ids(transfer)
    assert {key: str(each) for key, each in refused.value.lines.items()} == {
        first: "Of this size only 5 are free to leave the warehouse; the others are promised.",
        third: "Only 1 are on shelf C4.",
    }
    assert (on_the_way(free), state(transfer)) == (0, "prepared")
    preparing.change_line(actor_id=None, transfer_id=transfer, line_id=first, quantity=5)
    preparing.remove_line(actor_id=None, transfer_id=transfer, line_id=third)
    send(at, transfer)
    assert (on_the_way(promised), on_the_way(free)) == (5, 5)
    assert kit.line(at, distribution, "S").allocated == 15


def test_two_lines_of_a_size_may_not_take_the_same_free_goods(at: kit.Depot, there: int) -> None:
    codes = [kit.receive(at, 10, size="S") for _ in range(2)]
    kit.plan(at, kit.distribution(at), 5, {"S": 1})
    with pytest.raises(sending.Refused) as refused:
        send(at, prepare(at, there, *codes))
    assert len(refused.value.lines) == 1


def test_what_never_left_comes_back_to_its_boxes(at: kit.Depot, there: int) -> None:
    first, second = kit.receive(at, 20, size="S"), kit.receive(at, 8, size="S", shelf=at.other_shelf)
    transfer = sent(at, there, first, second)
    promised = kit.distribution(at)
    kit.plan(at, promised, 10, {"S": 1})
    receive(at, transfer, there, l0=12)
    assert sending.take_back(actor_id=None, transfer_id=transfer, line_id=line_ids(transfer)[1]) == 8
    assert (kit.level(second, at.other_shelf), state(transfer)) == (8, "on_the_way")
    assert kit.line(at, promised, "S").allocated == 8
    assert sending.take_back(actor_id=None, transfer_id=transfer) == 8
    assert (kit.level(first, at.shelf), kit.level(first, there), state(transfer)) == (8, 12, "closed")
    assert kit.line(at, promised, "S").allocated == 10
    with pytest.raises(Conflict, match="closed"):
        sending.take_back(actor_id=None, transfer_id=transfer)


def test_it_does_not_come_back_to_a_closed_shelf(at: kit.Depot, there: int) -> None:
    transfer = sent(at, there, kit.receive(at, 20, size="S"))
    close_shelf(actor_id=at.actor_id, shelf_id=at.shelf)
    with pytest.raises(Conflict, match="Shelf C4 was closed since"):
        sending.take_back(actor_id=None, transfer_id=transfer)


def test_differences_need_a_reason_before_it_is_closed(at: kit.Depot, there: int) -> None:
    code = kit.receive(at, 20, size="S")
    transfer = sent(at, there, code)
    receive(at, transfer, there, l0=15)
    for reason, note, field in (
        ("", "", "reason"),
        ("found", "", "reason"),
        ("sample", "", "reason"),
        ("other", " ", "note"),
    ):
        with pytest.raises(Invalid) as refused:
            missing(at, transfer, 0, 5, reason, note)
        assert refused.value.field == field
    for quantity in (0, 6, 10**12):
        with pytest.raises(Invalid):
            missing(at, transfer, 0, quantity)
    missing(at, transfer, 0, 3, "stolen")
    assert state(transfer) == "on_the_way"
    missing(at, transfer, 0, 2, "other", "fell off")
    assert (state(transfer), kit.level(code, OUTSIDE_IDS[LocationKind.WRITTEN_OFF])) == ("closed", 5)


def test_what_came_beyond_the_list_is_found(at: kit.Depot, there: int) -> None:
    code = kit.receive(at, 20, size="S")
    transfer = sent(at, there, code)
    with pytest.raises(Invalid, match="Only 20 are on the way"):
        receive(at, transfer, there, l0=22)
    receive(at, transfer, there, l0=20)
    more = {"transfer_id": transfer, "line_id": line_ids(transfer)[0], "actor_id": None}
    with pytest.raises(Invalid):
        arriving.find_more(quantity=2, shelf_id=there, reason="lost", **more)
    with pytest.raises(Invalid):
        arriving.find_more(quantity=2, shelf_id=at.shelf, reason="found", **more)
    arriving.find_more(quantity=2, shelf_id=there, reason="miscounted", **more)
    assert (kit.level(code, there), lines(transfer)[0].extra, state(transfer)) == (22, 2, "closed")


def test_what_was_written_is_undone_and_it_is_on_the_way_again(at: kit.Depot, there: int) -> None:
    first, second = kit.receive(at, 20, size="S"), kit.receive(at, 8, size="M")
    transfer = sent(at, there, first, second)
    receive(at, transfer, there, l0=12, l1=8)
    missing(at, transfer, 0, 5)
    sending.take_back(actor_id=None, transfer_id=transfer)
    arriving.find_more(
        actor_id=None, transfer_id=transfer, line_id=line_ids(transfer)[1], quantity=1, shelf_id=there, reason="found"
    )
    assert state(transfer) == "closed"
    acts = {row.act for row in listing.happened(db.session, transfer)}
    db.session.rollback()
    assert len(acts) == 4
    for act in sorted(acts):
        with pytest.raises(Conflict):
            undo(actor_id=None, movement_id=act)  # not on the page of its box
        db.session.rollback()
        arriving.undo(actor_id=None, transfer_id=transfer, movement_id=act)
        with pytest.raises(Conflict, match="undone already"):
            arriving.undo(actor_id=None, transfer_id=transfer, movement_id=act)
        kit.sound()
    assert (on_the_way(first), on_the_way(second), state(transfer)) == (20, 8, "on_the_way")
    assert [(line.received, line.returned, line.missing, line.extra) for line in lines(transfer)] == [(0, 0, 0, 0)] * 2
    left = db.session.scalars(select(Movement.id).where(Movement.reason == "sent").order_by(Movement.id)).first()
    for movement in (left, 999_999):
        with pytest.raises((Conflict, NotFound)):
            arriving.undo(actor_id=None, transfer_id=transfer, movement_id=movement or 0)


def test_what_was_moved_on_since_is_not_undone(at: kit.Depot, there: int) -> None:
    code = kit.receive(at, 20, size="S")
    transfer = sent(at, there, code)
    receive(at, transfer, there, everything=True)
    take_out(actor_id=None, code=code, location_id=there, quantity=1)
    act = listing.happened(db.session, transfer)[0].act
    with pytest.raises(Conflict, match="Only 19 are on shelf Z1"):
        arriving.undo(actor_id=None, transfer_id=transfer, movement_id=act)


def test_goods_past_their_date_stay_so_wherever_they_are(at: kit.Depot, there: int) -> None:
    code = kit.receive(at, 20, size="S", best_before=date(2020, 1, 1))
    transfer = sent(at, there, code)
    assert kit.expired(at, "S") == 0
    receive(at, transfer, there, everything=True)
    assert kit.expired(at, "S", kit.site_of(there)) == 20


def test_only_one_that_waits_is_changed_and_called_off(at: kit.Depot, there: int) -> None:
    code, other = kit.receive(at, 20, size="S"), kit.receive(at, 8, size="M")
    off, gone = prepare(at, there, code), prepare(at, there, code)
    preparing.cancel(actor_id=None, transfer_id=off)
    send(at, gone)
    for transfer in (off, gone):
        line = line_ids(transfer)[0]
        for change in (
            lambda transfer=transfer: preparing.add_boxes(actor_id=None, transfer_id=transfer, codes=[other]),
            lambda transfer=transfer, line=line: preparing.change_line(
                actor_id=None, transfer_id=transfer, line_id=line, quantity=3
            ),
            lambda transfer=transfer, line=line: preparing.remove_line(
                actor_id=None, transfer_id=transfer, line_id=line
            ),
            lambda transfer=transfer: preparing.cancel(actor_id=None, transfer_id=transfer),
            lambda transfer=transfer: send(at, transfer),
        ):
            with pytest.raises(Conflict):
                change()
    with pytest.raises(Conflict):
        receive(at, off, there, everything=True)
    assert on_the_way(code) == 20


def test_what_cannot_be_meant_is_refused(at: kit.Depot, there: int) -> None:
    code = kit.receive(at, 20, size="S")
    elsewhere = kit.receive(at, 3, size="M", shelf=there)
    for to in (at.warehouse_id, 999_999, 0):
        with pytest.raises(Invalid) as refused:
            preparing.prepare(actor_id=None, from_id=at.warehouse_id, to_id=to)
        assert refused.value.field == "to_id"
    with pytest.raises(Unknown):
        prepare(at, there, "NOWHERE")
    with pytest.raises(Stopped):
        prepare(at, there, elsewhere)
    empty = prepare(at, there)
    with pytest.raises(Invalid, match="Nothing is on this transfer yet"):
        send(at, empty)
    assert preparing.add_boxes(actor_id=None, transfer_id=empty, codes=[code, code]) == 1
    assert preparing.add_boxes(actor_id=None, transfer_id=empty, codes=[code]) == 0
    for quantity in (0, -5, 10**12):
        with pytest.raises(Invalid):
            preparing.change_line(actor_id=None, transfer_id=empty, line_id=line_ids(empty)[0], quantity=quantity)
    send(at, empty)
    with pytest.raises(Invalid, match="at least one line"):
        receive(at, empty, there)
    for shelf in (at.shelf, TRANSIT_ID, 1, 999_999):
        with pytest.raises(Invalid):
            receive(at, empty, shelf, l0=1)
    with pytest.raises(NotFound):
        send(at, 999_999)


def test_a_box_on_two_shelves_is_two_lines(at: kit.Depot, there: int) -> None:
    code = kit.receive(at, 20, size="S")
    move_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=6)
    transfer = sent(at, there, code)
    assert [line.quantity for line in lines(transfer)] == [14, 6]
    receive(at, transfer, there, everything=True)
    assert kit.level(code, there) == 20


def test_counting_at_home_leaves_what_is_on_the_way(at: kit.Depot, there: int) -> None:
    code = kit.receive(at, 20, size="S")
    transfer = prepare(at, there, code)
    preparing.change_line(actor_id=None, transfer_id=transfer, line_id=line_ids(transfer)[0], quantity=5)
    send(at, transfer)
    correct(actor_id=None, code=code, location_id=at.shelf, seen=15, counted=0, reason="lost")
    assert on_the_way(code) == 5
    (row,) = listing.of_box(db.session, lines(transfer)[0].box_id)
    assert row.left == 5
