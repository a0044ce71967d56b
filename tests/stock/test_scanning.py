"""Scan many, act once: all of them, or none and why not; and the page where one scans."""

import gzip
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from logistics.audit import AuditLine
from logistics.config import ROOT
from logistics.db import db, transaction
from logistics.distributions.models import Site
from logistics.errors import DomainError, Invalid
from logistics.stock import moving, taking, undoing
from logistics.stock.labelling import blanks, linking
from logistics.stock.labelling.many import MOST_AT_ONCE, Stopped, move_all, write_off_all
from logistics.stock.models import Level, Movement
from logistics.stock.receiving import ReceivedRow, receive_rows

from .. import make
from ..browsing import Browser, text_of
from ..racing import race, refused
from . import kit


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot("S", "M")


def blank() -> str:
    made = blanks.make_blanks(actor_id=None, count=1)
    db.session.rollback()
    return blanks.blanks_of(db.session, datetime.fromisoformat(made))[0]


def moved(**asked: object) -> tuple[int, int]:
    """Move a list; return how many boxes moved, and how many were there."""
    done = move_all(**{"actor_id": None, **asked})
    return done["moved"], done["there"]


def stopped(work: Callable[[], object]) -> tuple[int, dict[str, str]]:
    """What a refused act says: its status, and why for each code."""
    with pytest.raises(Stopped) as caught:
        work()
    return caught.value.status, {each.code: str(each.why) for each in caught.value.obstacles}


def planned(at: kit.Depot, total: int) -> int:
    """A distribution that wants so many of the first size."""
    made = kit.distribution(at)
    kit.plan(at, made, total, {"S": 1})
    return made


# Moving


def test_all_boxes_of_a_list_are_moved_in_one_act(at: kit.Depot) -> None:
    codes = [kit.receive(at, 5), kit.receive(at, 7, size="M"), kit.receive(at, 3, shelf=at.other_shelf)]
    moving.move_box(actor_id=None, code=codes[1], from_id=at.shelf, to_id=at.other_shelf, quantity=2)
    label = blank()
    linking.link(actor_id=None, label=label, code=codes[0])
    asked = [f"http://localhost/b/{codes[0]}", label, codes[1], codes[2], codes[1]]
    assert moved(codes=asked, to_id=at.other_shelf) == (2, 1)
    assert [kit.level(code, at.other_shelf) for code in codes] == [5, 7, 3]
    groups = db.session.execute(
        select(Movement.id, Movement.group_id).where(Movement.reason == "moved").order_by(Movement.id.desc()).limit(2)
    ).all()
    assert groups[0].group_id == groups[1].id
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "boxes.moved")).one()
    assert line.details == {"codes": codes[:2], "quantity": 10, "shelf": "D1"}
    assert moved(codes=codes, to_id=at.other_shelf) == (0, 3)
    undoing.undo(actor_id=None, movement_id=groups[0].id)  # one act is undone as one
    assert [kit.level(code, at.shelf) for code in codes] == [5, 5, 0]
    kit.sound()


def test_one_that_cannot_be_moved_stops_all_and_says_why(at: kit.Depot) -> None:
    code, empty, label = kit.receive(at, 5), kit.receive(at, 0), blank()
    work = lambda: move_all(actor_id=None, codes=[code, "none", label, "none"], to_id=at.other_shelf)  # noqa: E731
    nothing, is_blank = "No box and no label has this code.", "This label is blank: it is on no box yet."
    assert stopped(work) == (422, {"none": nothing, label: is_blank})
    work = lambda: move_all(actor_id=None, codes=[code, empty], to_id=at.other_shelf)  # noqa: E731
    assert stopped(work) == (409, {empty: "Nothing of this box is on a shelf: it is empty, or on the way."})
    assert kit.level(code, at.other_shelf) == 0
    kit.sound()


def test_what_is_promised_does_not_leave_its_warehouse(at: kit.Depot) -> None:
    codes = [kit.receive(at, 5) for _ in range(3)]
    planned(at, 8)
    away = make.shelf(make.warehouse("Far away"), "Z1").id
    status, why = stopped(lambda: move_all(actor_id=None, codes=codes, to_id=away))
    assert status == 409
    assert why == {
        codes[1]: "Of this size only 2 are free to leave the warehouse; the others are promised.",
        codes[2]: "Of this size only 2 are free to leave the warehouse; the others are promised.",
    }
    assert moved(codes=codes[:1], to_id=away) == (1, 0)
    assert moved(codes=codes[1:], to_id=at.other_shelf) == (2, 0)
    kit.sound()


def test_what_arrives_is_promised_to_who_is_short_there(at: kit.Depot) -> None:
    far = make.warehouse("Far away")
    far_id, shelf = far.id, make.shelf(far, "Z1").id
    code = kit.receive(at, 5, shelf=shelf)
    made = planned(at, 8)
    assert [kit.line(at, made, "S").allocated] == [0]
    move_all(actor_id=None, codes=[code], to_id=at.shelf)
    assert [kit.line(at, made, "S").allocated] == [5]
    assert kit.stock(at, warehouse_id=far_id) == (0, 0)
    kit.sound()


def test_what_is_past_its_date_was_promised_to_nobody(app: Flask) -> None:
    at = kit.depot(has_best_before=True)
    good = kit.receive(at, 5)
    expired = [kit.receive(at, 5, best_before=date.today() - timedelta(days=2)) for _ in range(2)]
    made = kit.planned(at, 5)
    away = make.shelf(make.warehouse("Far away"), "Z1").id
    status, why = stopped(lambda: move_all(actor_id=None, codes=[good, *expired], to_id=away))
    assert (status, list(why)) == (409, [good])
    assert moved(codes=expired[:1], to_id=away) == (1, 0)
    write_off_all(actor_id=None, codes=expired, reason="expired")
    assert kit.allocated(at, made) == [5]
    assert kit.stock(at) == (5, 5)
    kit.sound()


@pytest.mark.parametrize("to_id", [0, -1, 3, 10**12])
def test_a_shelf_that_is_none_is_refused(at: kit.Depot, to_id: int) -> None:
    code = kit.receive(at, 5)
    with pytest.raises(Invalid) as caught:
        move_all(actor_id=None, codes=[code], to_id=to_id)
    assert caught.value.field == "to_id"


def test_a_list_that_is_empty_or_too_long_is_refused(at: kit.Depot) -> None:
    for codes in ([], ["1"] * (MOST_AT_ONCE + 1)):
        with pytest.raises(Invalid) as caught:
            move_all(actor_id=None, codes=codes, to_id=at.shelf)
        assert caught.value.field == "codes"


# Writing off


def test_all_boxes_of_a_list_are_written_off_and_promises_with_them(at: kit.Depot) -> None:
    codes = [kit.receive(at, 5), kit.receive(at, 5), kit.receive(at, 4, size="M")]
    made = planned(at, 8)
    kept = kit.receive(at, 1)
    done = write_off_all(actor_id=at.actor_id, codes=codes, reason="damaged", note="The roof leaked")
    assert (done["boxes"], done["units"]) == (3, 14)
    assert kit.stock(at, "S") == (1, 1)
    assert kit.stock(at, "M") == (0, 0)
    assert [kit.line(at, made, "S").allocated] == [1]
    assert kit.level(kept, at.shelf) == 1
    assert set(db.session.execute(select(Movement.reason, Movement.note).where(Movement.to_id == 4))) == {
        ("damaged", "The roof leaked")
    }
    status, why = stopped(lambda: write_off_all(actor_id=None, codes=[kept, codes[0]], reason="lost"))
    assert (status, list(why)) == (409, [codes[0]])
    kit.sound()


@pytest.mark.parametrize(
    ("reason", "note", "field"),
    [("", "", "reason"), ("whim", "", "reason"), ("found", "", "reason"), ("other", " ", "note")],
)
def test_a_loss_needs_a_reason(at: kit.Depot, reason: str, note: str, field: str) -> None:
    code = kit.receive(at, 5)
    with pytest.raises(Invalid) as caught:
        write_off_all(actor_id=None, codes=[code], reason=reason, note=note)
    assert caught.value.field == field
    assert kit.level(code, at.shelf) == 5


# At the same moment


def test_lists_that_overlap_are_moved_and_written_off_at_once(app: Flask, at: kit.Depot) -> None:
    codes = [kit.receive(at, 10, size=size) for size in ("S", "M", "S", "M")]
    third = make.shelf(db.session.get_one(Site, at.warehouse_id), "E1").id
    planned(at, 15)
    works: list[Callable[[], object]] = [
        lambda: move_all(actor_id=None, codes=codes, to_id=at.other_shelf),
        lambda: move_all(actor_id=None, codes=codes[::-1], to_id=third),
        lambda: move_all(actor_id=None, codes=codes[1:], to_id=at.shelf),
        lambda: write_off_all(actor_id=None, codes=codes[2:], reason="stolen"),
        lambda: write_off_all(actor_id=None, codes=codes[2::-1], reason="lost"),
        lambda: taking.take_out(actor_id=None, code=codes[0], location_id=at.shelf, quantity=1),
    ]
    answers = race(app, *works)
    assert 1 <= refused(answers, DomainError) <= 5  # of the two that write off, one finds a box empty
    assert db.session.scalar(select(func.sum(Level.quantity)).where(Level.outside.is_(False))) in {10, 19, 20}
    kit.sound()


# Through the page


def test_a_list_is_typed_and_moved_without_javascript(at: kit.Depot, warehouse_staff: Browser) -> None:
    codes = [kit.receive(at, 5), kit.receive(at, 7, size="M")]
    page = warehouse_staff.page("/stock/scan")
    assert "Several boxes, one action" in text_of(page)
    text = f" {codes[0]} ,http://localhost/b/{codes[1]}\r\n\r\n{codes[0]};"
    data = {"do": "move", "codes": text, "to_id": at.other_shelf, "key": "k"}
    path = warehouse_staff.send("/stock/scan", data).location
    assert warehouse_staff.send("/stock/scan", data).location == path
    assert path.startswith("/stock/scan?done=")
    page = warehouse_staff.page(path)
    assert "2 boxes moved." in text_of(page)
    assert "data-done" in page
    assert [kit.level(code, at.other_shelf) for code in codes] == [5, 7]
    warehouse_staff.send("/stock/scan", {**data, "codes": codes[0]}, 409)  # the same form with another list
    undo = re.search(r'action="(/stock/movements/\d+/undo)"', page)
    assert undo is not None
    assert "Undo for all 2 boxes" in text_of(warehouse_staff.page(f"/stock/boxes/{codes[1]}"))
    warehouse_staff.send(undo[1])
    assert [kit.level(code, at.shelf) for code in codes] == [5, 7]
    assert "Undo for all" not in text_of(warehouse_staff.page(f"/stock/boxes/{codes[1]}"))


def test_a_refused_list_comes_back_with_each_reason(at: kit.Depot, warehouse_staff: Browser) -> None:
    code, empty = kit.receive(at, 5), kit.receive(at, 0)
    text = "\n".join([code, "x" * 300, "😀", "<b>"])
    answer = warehouse_staff.send("/stock/scan", {"do": "move", "codes": text, "to_id": at.other_shelf}, 422)
    page = answer.get_data(as_text=True)
    assert "3 of these codes stop it, so nothing was changed." in page
    assert page.count("No box and no label has this code.") == 3
    assert "x" * 300 in page  # in the list, as it was typed
    assert f"<b>{'x' * 40}…</b>" in page
    assert "<b>&lt;b&gt;</b>" in page
    assert f'<option selected value="{at.other_shelf}">D1</option>' in page
    page = warehouse_staff.send("/stock/scan", {"do": "print", "codes": f"{code}\nnone"}, 422).get_data(as_text=True)
    assert "One of these codes stops it" in page
    answer = warehouse_staff.send(
        "/stock/scan", {"do": "write-off", "codes": f"{empty}\n{code}", "reason": "lost"}, 409
    )
    assert "it is empty, or on the way" in answer.get_data(as_text=True)
    assert kit.level(code, at.shelf) == 5


@pytest.mark.parametrize(
    ("data", "status", "error"),
    [
        ({"do": "move", "codes": "1"}, 422, "Choose a shelf."),
        ({"do": "move", "codes": ""}, 422, "Fill this in."),
        ({"do": "move", "codes": ",;\n", "to_id": "1"}, 422, "Scan or type at least one code."),
        ({"do": "print", "codes": "1\x00"}, 422, "This has characters that cannot be stored."),
        ({"do": "print", "codes": "1," * 301}, 422, "Use 300 codes at most."),
        ({"do": "write-off", "codes": "1"}, 422, "Choose why they are written off."),
        ({"do": "write-off", "codes": "1", "reason": "other"}, 422, "Say in the note what happened."),
        ({"do": "burn", "codes": "1"}, 422, "Choose what shall be done with them."),
        ({}, 422, "Choose what shall be done with them."),
    ],
)
def test_bad_input_is_told_at_its_field(
    at: kit.Depot, warehouse_staff: Browser, data: dict[str, str], status: int, error: str
) -> None:
    if "to_id" in data:
        data = {**data, "to_id": str(at.shelf)}
    kit.receive(at, 5, code="1")
    assert error in warehouse_staff.send("/stock/scan", data, status).get_data(as_text=True)
    assert kit.level("1", at.shelf) == 5


def test_labels_of_a_list_are_printed(at: kit.Depot, warehouse_staff: Browser) -> None:
    codes = [kit.receive(at, 5), kit.receive(at, 7, size="M")]
    kit.receive(at, 1)
    path = warehouse_staff.send("/stock/scan", {"do": "print", "codes": "\n".join(codes)}).location
    assert path.startswith("/stock/labels?boxes=")
    assert "Print 2 labels" in text_of(warehouse_staff.page(path))


def test_a_list_is_written_off(at: kit.Depot, warehouse_staff: Browser) -> None:
    codes = [kit.receive(at, 5), kit.receive(at, 7)]
    warehouse_staff.send("/stock/scan", {"do": "write-off", "codes": "\n".join(codes), "reason": "expired"})
    assert "2 boxes are empty now: 12 written off." in text_of(warehouse_staff.page("/stock/scan"))
    assert kit.stock(at) == (0, 0)


def test_a_browser_is_told_what_a_code_is_on(at: kit.Depot, warehouse_staff: Browser) -> None:
    code, label = kit.receive(at, 5), blank()

    def look(text: str) -> object:
        return warehouse_staff.get("/stock/scan/look", query_string={"code": text}).get_json()

    assert look(f"http://localhost/b/{code}") == {"found": True, "code": code, "says": "Joggers, S · C4: 5"}
    assert look(label) == {"found": False, "says": "This label is blank: it is on no box yet."}
    for text in ("none", "", "x" * 5000, "😀"):
        assert look(text) == {"found": False, "says": "No box and no label has this code."}


def test_that_page_alone_may_run_the_reader(at: kit.Depot, warehouse_staff: Browser) -> None:
    for path, may_run in (("/stock/scan", True), ("/b/none", True), ("/stock/boxes", False)):
        answer = warehouse_staff.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert ("'wasm-unsafe-eval'" in policy) == may_run, path
        assert "unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
        assert "camera=(self)" in answer.headers["Permissions-Policy"]


def test_the_reader_is_sent_small_and_as_what_it_is(warehouse_staff: Browser) -> None:
    vendor = ROOT / "static" / "vendor" / "zxing-wasm-3.1.4"
    assert (
        gzip.decompress((vendor / "zxing_reader.wasm.gz").read_bytes()) == (vendor / "zxing_reader.wasm").read_bytes()
    )
    answer = warehouse_staff.get(
        "/static/vendor/zxing-wasm-3.1.4/zxing_reader.wasm", headers={"Accept-Encoding": "gzip"}
    )
    assert (answer.mimetype, answer.headers["Content-Encoding"]) == ("application/wasm", "gzip")


def test_one_act_takes_as_many_boxes_as_are_allowed(at: kit.Depot) -> None:
    with transaction() as session:
        rows = [ReceivedRow(f"B{n:03}", at.size, at.shelf, 2) for n in range(MOST_AT_ONCE)]
        receive_rows(session, rows, actor_id=None)
    assert moved(codes=[row.code for row in rows], to_id=at.other_shelf) == (MOST_AT_ONCE, 0)
    kit.sound()


def test_only_who_moves_stock_acts_on_many(at: kit.Depot, volunteer: Browser) -> None:
    code = kit.receive(at, 5)
    volunteer.send("/stock/scan", {"do": "move", "codes": code, "to_id": at.other_shelf}, 403)
    assert kit.level(code, at.shelf) == 5
