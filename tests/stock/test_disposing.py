"""What is past its date or will be soon: the list, and taking many boxes out at once."""

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask

from logistics.db import db
from logistics.errors import Conflict
from logistics.stock import disposing, expiring
from logistics.stock.labelling import many
from logistics.stock.searching import search
from logistics.web.filters import today

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries
from ..racing import race, refused
from . import kit


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    """One box past its date, one on its last good day, one each within 7, 30 and 60 days, and one good for longer."""
    at = kit.depot(has_best_before=True)
    for code, days in (("OLD", -3), ("LAST", 0), ("WEEK", 7), ("MONTH", 30), ("SIXTY", 60), ("GOOD", 61)):
        kit.receive(at, 10, code=code, best_before=today() + timedelta(days=days))
    return at


def codes(words: str = "", **wanted: object) -> list[str]:
    db.session.rollback()
    return [
        row.code
        for row in disposing.find(db.session, disposing.ExpiryFilter(search(db.session, words), **wanted), 1).rows
    ]


def test_the_list_is_of_what_was_asked_for_the_earliest_first(at: kit.Depot) -> None:
    assert codes() == ["OLD", "LAST", "WEEK", "MONTH", "SIXTY"]
    assert codes(within=disposing.PAST) == ["OLD"]
    assert codes(within=7) == ["LAST", "WEEK"]
    assert codes(within=30) == ["LAST", "WEEK", "MONTH"]
    assert codes(within=60) == ["LAST", "WEEK", "MONTH", "SIXTY"]
    assert disposing.counts(db.session, disposing.ExpiryFilter()) == {0: 1, 7: 2, 30: 3, 60: 4}
    assert codes(words="week") == ["WEEK"]
    assert codes(words="joggers old") == ["OLD"]
    assert codes(warehouse_id=at.warehouse_id) == codes()
    assert codes(warehouse_id=make.warehouse().id) == []


def test_what_is_empty_or_away_is_not_listed(at: kit.Depot) -> None:
    many.write_off_all(actor_id=at.actor_id, codes=["OLD", "WEEK"], reason="lost")
    assert codes() == ["LAST", "MONTH", "SIXTY"]
    assert disposing.any_past(db.session) == 0


def test_the_page_and_its_download(at: kit.Depot, warehouse_staff: Browser) -> None:
    page = warehouse_staff.page("/stock/expiring")
    assert 'href="/stock/boxes/OLD"' in page
    assert "Past its date (1) 7 days (2) 30 days (3) 60 days (4)" in text_of(page)
    assert page.count('name="codes"') == 1, "only what is past its date can be taken out here"
    assert "No box fits that." in warehouse_staff.page("/stock/expiring?q=nothing")
    rows = warehouse_staff.page("/stock/expiring?show=past&format=csv").splitlines()
    assert len(rows) == 2
    assert rows[1].endswith(f"{today() - timedelta(days=3)},-3")


def test_the_page_makes_the_same_queries_at_any_size(at: kit.Depot, warehouse_staff: Browser) -> None:
    with queries() as before:
        warehouse_staff.page("/stock/expiring")
    for _each in range(5):
        kit.receive(at, 2, best_before=today() - timedelta(days=1))
    with queries() as after:
        warehouse_staff.page("/stock/expiring")
    assert len(after) == len(before)


def test_ticked_boxes_are_taken_out_together_and_that_can_be_undone(at: kit.Depot, warehouse_staff: Browser) -> None:
    kit.receive(at, 4, code="OLDER", best_before=today() - timedelta(days=9))
    answer = warehouse_staff.send("/stock/expiring?show=past", {"codes": ["OLD", "OLDER"], "key": "k"})
    assert answer.location.startswith("/stock/expiring?show=past&done=")
    assert (kit.stock(at), kit.expired(at)) == ((50, 0), 0)
    again = warehouse_staff.send("/stock/expiring?show=past", {"codes": ["OLD", "OLDER"], "key": "k"})
    assert again.location == answer.location
    page = warehouse_staff.page(answer.location)
    assert "2 boxes are taken out: 14 past their date." in page
    act = int(answer.location.rpartition("=")[2])
    warehouse_staff.send(f"/stock/movements/{act}/undo", {"key": "u"})
    assert (kit.stock(at), kit.expired(at)) == ((64, 0), 14)
    kit.sound()


def test_a_box_that_is_good_stops_it_and_nothing_ticked_is_an_error(at: kit.Depot, warehouse_staff: Browser) -> None:
    kit.receive(at, 4, code="OLDER", best_before=today() - timedelta(days=9))
    answer = warehouse_staff.send("/stock/expiring", {"codes": ["OLD", "OLDER", "WEEK"], "key": "a"}, 409)
    page = text_of(answer.get_data(as_text=True))
    assert "WEEK This box is not past its date: somebody changed it." in page
    assert kit.stock(at) == (64, 0)
    answer = warehouse_staff.send("/stock/expiring", {"key": "b"}, 422)
    assert "Fill this in." in answer.get_data(as_text=True)
    answer = warehouse_staff.send("/stock/expiring", {"codes": ["NONE"], "key": "c"}, 422)
    assert "No box and no label has this code." in answer.get_data(as_text=True)


def test_a_date_put_right_at_the_same_moment_wins_or_comes_too_late(app: Flask, at: kit.Depot) -> None:
    for _turn in range(4):
        code = kit.receive(at, 5, best_before=today() - timedelta(days=1))
        answers = race(
            app,
            partial(many.write_off_all, actor_id=at.actor_id, codes=[code], reason="expired", only_past=True),
            partial(expiring.set_best_before, actor_id=at.actor_id, code=code, best_before=today() + timedelta(days=9)),
        )
        assert kit.level(code, at.shelf) == (5 if refused(answers, Conflict) else 0)
    kit.sound()


def test_the_home_of_who_works_with_stock_says_it(at: kit.Depot, warehouse_staff: Browser, volunteer: Browser) -> None:
    assert "1 box on the shelves is past its date" in warehouse_staff.page("/")
    assert "/stock/expiring" in warehouse_staff.page("/stock")
    assert "past its date" not in volunteer.page("/")
    assert volunteer.get("/stock/expiring").status_code == 403
    many.write_off_all(actor_id=at.actor_id, codes=["OLD"], reason="expired")
    assert "past its date and" not in warehouse_staff.page("/")
