"""The same goods sent, received, packed and taken back at once, on both databases."""

from functools import partial

from flask import Flask

from logistics.db import db
from logistics.errors import Conflict
from logistics.stock import packing
from logistics.stock.models import TRANSIT_ID
from logistics.stock.transfers import arriving, listing, preparing, sending

from .. import make
from ..racing import race, refused
from . import kit
from .test_transfers import line_ids, lines, prepare, receive, send, sent, state


def two(app: Flask) -> tuple[kit.Depot, int]:
    at = kit.depot("S", "M")
    return at, make.shelf(make.warehouse("Depot in Dunkirk"), "Z1").id


def test_two_who_send_the_same_box_send_it_once(app: Flask) -> None:
    at, there = two(app)
    code, other = kit.receive(at, 20, size="S"), kit.receive(at, 5, size="M")
    both = [prepare(at, there, *codes) for codes in ((code, other), (other, code))]
    answers = race(app, *[partial(send, at, each) for each in both])
    assert refused(answers, Conflict) == 1
    assert sorted(map(state, both)) == ["on_the_way", "prepared"]
    assert (kit.level(code, TRANSIT_ID), kit.level(other, TRANSIT_ID)) == (20, 5)
    answers = race(app, *[partial(send, at, both[0])] * 4)
    assert refused(answers, Conflict) == 4
    kit.sound()


def test_what_arrives_is_received_once(app: Flask) -> None:
    at, there = two(app)
    code = kit.receive(at, 20, size="S")
    transfer = sent(at, there, code)
    said = {str(line_ids(transfer)[0]): {"arrived": 12, "seen": 20}}
    one = partial(arriving.receive, actor_id=None, transfer_id=transfer, shelf_id=there, arrived=said)
    assert refused(race(app, *[one] * 6), Conflict) == 5
    assert (kit.level(code, there), kit.level(code, TRANSIT_ID)) == (12, 8)
    rest = partial(receive, at, transfer, there, True)
    assert refused(race(app, *[rest] * 6), Conflict) == 5
    assert (kit.level(code, there), state(transfer)) == (20, "closed")
    kit.sound()


def test_receiving_explaining_and_taking_back_at_once_share_what_is_on_the_way(app: Flask) -> None:
    at, there = two(app)
    for _ in range(3):
        code = kit.receive(at, 20, size="S")
        transfer = sent(at, there, code)
        line = line_ids(transfer)[0]
        which = {"actor_id": None, "transfer_id": transfer}
        answers = race(
            app,
            partial(receive, at, transfer, there, True),
            partial(arriving.explain, line_id=line, seen=20, quantity=20, reason="lost", **which),
            partial(sending.take_back, **which),
        )
        assert refused(answers, Conflict) == 2
        assert (lines(transfer)[0].left, state(transfer)) == (0, "closed")
        act = listing.happened(db.session, transfer)[0].act
        undo = partial(arriving.undo, movement_id=act, **which)
        assert refused(race(app, *[undo] * 3), Conflict) == 2
        assert state(transfer) == "on_the_way"
        kit.sound()


def test_what_is_packed_meanwhile_is_not_sent(app: Flask) -> None:
    at, there = two(app)
    for _ in range(3):
        code = kit.receive(at, 20, size="S")
        distribution = kit.distribution(at)
        transfer = prepare(at, there, code)
        kit.plan(at, distribution, 10, {"S": 1})
        packed = {"size_id": at.sizes["S"], "code": code, "from_id": at.shelf, "quantity": 10}
        answers = race(
            app,
            partial(send, at, transfer),
            partial(packing.pack, actor_id=None, distribution_id=distribution, **packed),
            partial(kit.plan, at, kit.distribution(at), 8, {"S": 1}),
        )
        refused(answers, Conflict)
        assert isinstance(answers[0], Conflict)  # ten of the twenty are promised, whoever comes first
        assert kit.level(code, TRANSIT_ID) == 0
        kit.sound()


def test_transfers_both_ways_of_the_same_sizes_do_not_wait_for_each_other_for_good(app: Flask) -> None:
    at, there = two(app)
    mine = [kit.receive(at, 10, size=size) for size in ("S", "M", "S", "M")]
    back = [kit.receive(at, 10, size=size, shelf=there) for size in ("M", "S", "M", "S")]
    away = [prepare(at, there, code) for code in mine]
    home = [preparing.prepare(actor_id=None, to_id=at.warehouse_id, codes=[code]) for code in back]
    assert refused(race(app, *[partial(send, at, each) for each in (*away, *home)]), Conflict) == 0
    answers = race(
        app,
        *[partial(receive, at, each, there, True) for each in away],
        *[partial(receive, at, each, at.shelf, True) for each in home],
    )
    assert refused(answers, Conflict) == 0
    kit.sound()
