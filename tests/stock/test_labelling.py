"""Codes: blank labels, labels on boxes, and what a scanner sends."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from logistics.audit import AuditLine
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid, NotFound
from logistics.stock import history, moving, receiving
from logistics.stock.codes import next_numbers, scanned
from logistics.stock.labelling import linking, reading
from logistics.stock.labelling.blanks import blanks_of, lately, make_blanks
from logistics.stock.labelling.models import Label
from logistics.stock.lookup import box_by_code
from logistics.stock.models import Box

from ..racing import race, refused
from . import kit


def blanks(count: int) -> Sequence[str]:
    """Make blank labels; return their codes."""
    made = make_blanks(actor_id=None, count=count)
    db.session.rollback()
    return blanks_of(db.session, datetime.fromisoformat(made))


# What a scanner sends


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0042", "0042"),
        ("  ab 12+3 ", "ab 12+3"),
        ("https://stock.example.org/b/0042", "0042"),
        ("HTTPS://STOCK.EXAMPLE.ORG/B/0042/", "0042"),
        ("https://stock.example.org/b/AB%2012%2B3\r\n", "AB 12+3"),
        ("https://stock.example.org/b/", "https://stock.example.org/b/"),
        ("httpsM!!stock:exq,ple:org!b!àà'é", "0042"),
        ("httpM!!127:0:0:1M5000!B!Q&)é", "A1-2"),
        ("httpsM!!stock:exq,ple:org!b!QB5éà&é", "AB 12"),
        ("!b!", "!b!"),
        ("", ""),
    ],
)
def test_the_code_is_found_in_what_a_scanner_types(text: str, code: str) -> None:
    assert scanned(text) == code


@pytest.mark.parametrize("text", ["nothing", "x" * 300, "\x00", "😀", "", "%", "/b/%00", "' OR 1=1", "ÿ\udcff"])
def test_a_code_that_is_none_is_nothing(app: Flask, text: str) -> None:
    assert reading.read(db.session, text) is None
    with pytest.raises(NotFound):
        box_by_code(db.session, text)


def test_codes_are_read_all_at_once(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 5)
    blank, other = blanks(2)
    linking.link(actor_id=at.actor_id, label=other, code=code)
    box_id = db.session.scalars(select(Box.id)).one()
    read = reading.read_all(db.session, ["none", blank, f"https://x.org/b/{code}", other.lower(), blank])
    own = reading.Reading(code, box_id)
    assert read == [None, reading.Reading(blank, None), own, own, reading.Reading(blank, None)]
    assert [found is not None and found.blank for found in read] == [False, True, False, False, True]


# Blank labels


def test_blanks_are_the_next_free_numbers_and_nobody_else_gets_them(app: Flask) -> None:
    at = kit.depot()
    box_id = db.session.scalar(select(Box.id).where(Box.code == kit.receive(at, 1))) or 0
    by_hand = [kit.receive(at, 1, code=f"{box_id + further:04}") for further in (4, 6)]
    made = blanks(4)
    boxes = [kit.receive(at, 1) for _ in range(3)]
    later = blanks(1)
    numbers = [int(code) for code in (*made, *boxes, *later)]
    assert numbers == sorted({*range(numbers[0], numbers[0] + 8 + len(by_hand))} - {int(code) for code in by_hand})[:8]
    assert numbers[0] == box_id + 3
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "labels.made").order_by(AuditLine.id)).first()
    assert line is not None
    assert line.details == {"count": 4, "first": made[0], "last": made[-1]}
    assert [row.left for row in lately(db.session)] == [1, 4]
    kit.sound()


def test_many_blanks_are_skipped_at_once(app: Flask) -> None:
    at = kit.depot()
    last = blanks(300)[-1]
    assert int(kit.receive(at, 1)) > int(last)
    with transaction() as session:
        numbers = next_numbers(session)
        given = [int(next(numbers)) for _ in range(250)]
        assert given == list(range(given[0], given[0] + 250))
        assert given[0] > int(last)


@pytest.mark.parametrize("count", [0, -5, 301, 10**12])
def test_a_number_of_blanks_that_none_can_want_is_refused(app: Flask, count: int) -> None:
    with pytest.raises(Invalid) as caught:
        make_blanks(actor_id=None, count=count)
    assert caught.value.field == "count"
    assert db.session.scalar(select(func.count()).select_from(Label)) == 0


def test_a_box_received_under_a_blank_takes_its_code(app: Flask) -> None:
    at = kit.depot()
    blank, other = blanks(2)
    assert kit.receive(at, 5, code=blank) == blank
    assert list(db.session.scalars(select(Label.code))) == [other]
    with pytest.raises(Conflict, match="already") as caught:
        kit.receive(at, 5, code=blank)
    assert caught.value.field == "code"
    assert kit.level(blank, at.shelf) == 5
    kit.sound()


def test_imported_boxes_take_blanks_and_never_a_label_that_is_on_a_box(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 5)
    blank, linked = blanks(2)
    linking.link(actor_id=at.actor_id, label=linked, code=code)
    rows = [receiving.ReceivedRow(each, at.size, at.shelf, 1) for each in ("B1", linked)]
    with pytest.raises(Conflict, match=f"The label {linked} is on another box already"), transaction() as session:
        receiving.receive_rows(session, rows, actor_id=None)
    with transaction() as session:
        receiving.receive_rows(
            session, [receiving.ReceivedRow(blank, at.size, at.shelf, 1), rows[0]], actor_id=at.actor_id
        )
    assert set(db.session.scalars(select(Box.code))) == {code, "B1", blank}
    kit.sound()


# A label on a box that has a code


def test_both_codes_find_a_box_whose_damaged_label_was_replaced(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 5)
    (blank,) = blanks(1)
    assert linking.link(actor_id=at.actor_id, label=f"http://x/b/{blank}", code=code.lower()) == code
    assert box_by_code(db.session, blank).code == code
    assert moving.move_box(
        actor_id=at.actor_id, code=f" {blank}", from_id=at.shelf, to_id=at.other_shelf, quantity=2
    ) == (code)
    assert history.MOVEMENTS.page(db.session, history.MovementFilter(code=blank), 1).total == 2
    assert list(linking.labels_on(db.session, box_by_code(db.session, code).id)) == [blank]
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "label.linked")).one()
    assert (line.subject_id, line.details) == (code, {"code": code, "label": blank})
    with pytest.raises(Conflict, match="is on another box already"):
        kit.receive(at, 1, code=blank)
    kit.sound()


def test_a_label_is_taken_off_again_and_is_blank(app: Flask) -> None:
    at = kit.depot()
    code, other = kit.receive(at, 5), kit.receive(at, 5)
    (blank,) = blanks(1)
    linking.link(actor_id=at.actor_id, label=blank, code=code)
    with pytest.raises(NotFound):
        linking.unlink(actor_id=at.actor_id, label=blank, code=other)
    assert linking.unlink(actor_id=at.actor_id, label=blank, code=code) == code
    assert reading.read(db.session, blank) == reading.Reading(blank, None)
    linking.link(actor_id=at.actor_id, label=blank, code=other)
    assert box_by_code(db.session, blank).code == other
    kit.sound()


def test_what_is_no_blank_label_is_not_put_on_a_box(app: Flask) -> None:
    at = kit.depot()
    code, other = kit.receive(at, 5), kit.receive(at, 5)
    (blank,) = blanks(1)
    linking.link(actor_id=at.actor_id, label=blank, code=code)
    for label, to, kind, field in (
        ("none", code, NotFound, "label"),
        (other, code, Conflict, "label"),
        (blank, other, Conflict, "label"),
        (blank, "none", NotFound, "code"),
        ("x" * 300, code, NotFound, "label"),
    ):
        with pytest.raises(kind) as caught:
            linking.link(actor_id=at.actor_id, label=label, code=to)
        assert caught.value.field == field
    assert box_by_code(db.session, blank).code == code


# At the same moment


def test_blanks_and_boxes_made_at_once_share_no_number(app: Flask) -> None:
    at = kit.depot()
    kit.receive(at, 1)
    makers = [lambda: make_blanks(actor_id=None, count=15)] * 3
    answers = race(app, *makers, *[lambda: kit.receive(at, 1)] * 9)
    assert refused(answers, Conflict) == 0
    labels, boxes = list(db.session.scalars(select(Label.code))), list(db.session.scalars(select(Box.code)))
    assert (len(labels), len(boxes)) == (45, 10)
    assert len({*labels, *boxes}) == 55
    kit.sound()


def test_of_ten_who_use_one_blank_at_once_one_gets_it(app: Flask) -> None:
    at = kit.depot()
    codes = [kit.receive(at, 1) for _ in range(5)]
    (blank,) = blanks(1)
    links = [lambda code=code: linking.link(actor_id=at.actor_id, label=blank, code=code) for code in codes]
    answers = race(app, *links, *[lambda: kit.receive(at, 1, code=blank)] * 5)
    assert refused(answers, Conflict) == 9
    assert reading.read(db.session, blank) is not None
    kit.sound()


def test_a_number_written_by_hand_while_blanks_are_made_is_one_or_the_other(app: Flask) -> None:
    at = kit.depot()
    first = int(kit.receive(at, 1))
    wanted = [f"{first + further:04}" for further in range(1, 7)]
    writers = [lambda code=code: kit.receive(at, 1, code=code) for code in wanted]
    answers = race(app, lambda: make_blanks(actor_id=None, count=10), *writers)
    assert refused(answers, Conflict) == 0
    assert set(wanted) <= set(db.session.scalars(select(Box.code)))
    kit.sound()
