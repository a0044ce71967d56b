"""Minimums and targets: setting them, what is below, and what is therefore needed."""

from datetime import UTC, date, datetime
from functools import partial

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from logistics.clock import as_if
from logistics.db import db, transaction
from logistics.errors import Conflict, DomainError, Invalid, NotFound
from logistics.stock.arriving import stop_signs
from logistics.stock.models import Product, Size
from logistics.stock.needs import needs
from logistics.stock.targets.below import below, spread
from logistics.stock.targets.models import Season, StockTarget, season_of
from logistics.stock.targets.setting import Bounds, Wish, set_targets
from logistics.stock.transfers import preparing, sending

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries
from ..racing import race, refused
from . import kit

SUMMER, WINTER = datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot("S", "M")


def keep(
    at: kit.Depot,
    minimum: int | None,
    target: int | None = None,
    *,
    warehouse_id: int = 0,
    season: str = "all",
    product_id: int = 0,
    seen: Bounds | None = None,
) -> int:
    wish = Wish(product_id or at.product_id, Bounds(minimum, target), seen)
    return set_targets(actor_id=at.actor_id, warehouse_id=warehouse_id, season=season, wishes=[wish.plain()])


def lacking() -> list[tuple[str, int, int]]:
    """What is free, and what is missing to the target, of what is below its minimum."""
    db.session.rollback()
    return [(one.product.name, one.free, one.lacking) for one in below(db.session)]


def needed() -> list[tuple[str, int, int]]:
    db.session.rollback()
    return [(each.size.label, each.lacked, each.kept) for each in needs(db.session)]


def test_below_its_minimum_a_product_is_needed_up_to_its_target(at: kit.Depot) -> None:
    keep(at, 10, 50)
    assert lacking() == [("Joggers", 0, 50)]
    kit.receive(at, 9, size="S")
    assert lacking() == [("Joggers", 9, 41)]
    kit.receive(at, 1, size="M")
    assert lacking() == []
    kit.planned(at, 4)
    assert lacking() == [("Joggers", 7, 43)], "what is promised, one M and two S, is not free"


def test_what_distributions_lack_comes_first_and_what_is_kept_is_added(at: kit.Depot) -> None:
    with transaction() as session:
        session.execute(update(Size).where(Size.id == at.sizes["S"]).values(share=1))
        session.execute(update(Size).where(Size.id == at.sizes["M"]).values(share=3))
    made = kit.distribution(at)
    kit.plan(at, made, 30, {"S": 1})
    keep(at, 10, 20)
    assert needed() == [("S", 30, 5), ("M", 0, 15)]
    kit.receive(at, 36, size="S")
    assert needed() == [("M", 0, 14)], "6 S are free; all that is missing is of the size that lacks"
    tent = make.product("Tent").id
    keep(at, 100, product_id=tent)
    assert needed() == [("M", 0, 14), ("One size", 0, 100)]


def test_a_product_that_nobody_should_send_is_never_needed(at: kit.Depot, browser: Browser) -> None:
    kit.planned(at, 30)
    keep(at, 10, 20)
    assert sum(lacked + kept for _size, lacked, kept in needed()) == 50
    stop_signs.stop(actor_id=at.actor_id, product_id=at.product_id)
    assert needed() == []
    assert lacking() == [("Joggers", 0, 20)], "whoever works with stock sees it"
    assert browser.get("/needs.json").json["needs"] == []
    with transaction() as session:
        session.execute(update(Product).values(closed_at=SUMMER))
    assert lacking() == []


def test_a_season_comes_before_all_year_in_its_months(at: kit.Depot) -> None:
    keep(at, 10, 50)
    keep(at, 20, 80, season="winter")
    keep(at, 0, 0, season="summer")
    with as_if(WINTER):
        assert lacking() == [("Joggers", 0, 80)]
    with as_if(SUMMER):
        assert lacking() == []
    keep(at, None, season="summer")
    with as_if(SUMMER):
        assert lacking() == [("Joggers", 0, 50)]


@pytest.mark.parametrize(("month", "season"), [(3, "winter"), (4, "summer"), (9, "summer"), (10, "winter")])
def test_summer_is_april_to_september(month: int, season: str) -> None:
    assert season_of(date(2026, month, 1)) == season
    assert season_of(date(2026, month, 28)) == season


def test_a_warehouse_has_its_own_and_the_same_goods_are_not_asked_for_twice(at: kit.Depot) -> None:
    other = make.warehouse()
    far = make.shelf(other).id
    kit.receive(at, 30, size="S", shelf=far)
    keep(at, 5, 8, warehouse_id=at.warehouse_id)
    keep(at, 5, 8, warehouse_id=other.id)
    assert lacking() == [("Joggers", 0, 8)]
    keep(at, 40, 50)
    assert lacking() == [("Joggers", 30, 20), ("Joggers", 0, 8)]
    assert sum(kept for _size, _lacked, kept in needed()) == 20, "the larger of the two"
    keep(at, 32, 32)
    assert sum(kept for _size, _lacked, kept in needed()) == 8


def test_what_is_on_the_way_there_counts_already(at: kit.Depot) -> None:
    other = make.warehouse()
    make.shelf(other)
    there, code = other.id, kit.receive(at, 30, size="S")
    for place in (0, at.warehouse_id, there):
        keep(at, 10, 30, warehouse_id=place)
    assert lacking() == [("Joggers", 0, 30)]
    sent = preparing.prepare(actor_id=at.actor_id, from_id=at.warehouse_id, to_id=there, codes=[code])
    sending.send(actor_id=at.actor_id, transfer_id=sent)
    assert lacking() == [("Joggers", 0, 30)], "now the other one lacks them, and the charity has as many as before"
    db.session.rollback()
    assert [(one.warehouse and one.warehouse.id, one.coming) for one in below(db.session)] == [(at.warehouse_id, 0)]


def test_what_cannot_be_meant_is_refused_at_its_field(at: kit.Depot) -> None:
    low, high = f"minimum_{at.product_id}", f"target_{at.product_id}"
    for numbers, field in (
        ((10, 9), high),
        ((None, 9), low),
        ((-1, 5), low),
        ((5, 10**12), high),
        ((10**7, None), low),
    ):
        with pytest.raises(Invalid) as refusal:
            keep(at, *numbers)
        assert refusal.value.field == field
    for more, error in (
        ({"season": "spring"}, Invalid),
        ({"warehouse_id": 999_999}, Invalid),
        ({"warehouse_id": make.meeting_point().id}, Invalid),
        ({"product_id": 999_999}, NotFound),
    ):
        with pytest.raises(error):
            keep(at, 1, 2, **more)


def test_changes_of_the_same_number_are_told_apart(at: kit.Depot) -> None:
    assert keep(at, 10, 20, seen=Bounds()) == 1
    assert keep(at, 10, 20, seen=Bounds()) == 0, "it is so already"
    with pytest.raises(Conflict) as refusal:
        keep(at, 11, 20, seen=Bounds())
    assert refusal.value.field == f"minimum_{at.product_id}"
    assert keep(at, 5, 5, seen=Bounds(5, 5)) == 0, "an untouched field of an old page changes nothing"
    assert keep(at, 12, 20, seen=Bounds(10, 20)) == 1
    assert keep(at, None, None, seen=Bounds(12, 20)) == 1
    assert db.session.scalars(select(StockTarget)).all() == []


def test_of_two_at_once_one_is_told(app: Flask, at: kit.Depot) -> None:
    for season in Season:
        for warehouse_id in (0, at.warehouse_id):
            wish = partial(keep, at, warehouse_id=warehouse_id, season=season, seen=Bounds())
            answers = race(app, partial(wish, 5, 6), partial(wish, 7, 8))
            assert refused(answers, DomainError) == 1, answers
            assert len(below(db.session)) >= 1
            db.session.rollback()
    rows = db.session.execute(select(StockTarget.minimum, StockTarget.target)).all()
    assert len(rows) == 6
    assert {tuple(row) for row in rows} <= {(5, 6), (7, 8)}


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 200)), min_size=1, max_size=8),
    st.integers(1, 500),
)
def test_what_is_missing_is_split_to_the_last_one_and_never_where_there_is_enough(
    sizes: list[tuple[int, int]], target: int
) -> None:
    shares = {str(place): share for place, (share, _there) in enumerate(sizes)}
    free = {str(place): there for place, (_share, there) in enumerate(sizes)}
    missing = max(0, target - sum(free.values()))
    parts = spread(missing, target, shares, free)
    assert sum(parts.values()) == missing
    assert all(number >= 0 for number in parts.values())
    if missing and any(shares.values()):
        assert all(parts[key] == 0 for key, share in shares.items() if share == 0)


def test_the_pages_that_show_and_set_them(at: kit.Depot, warehouse_staff: Browser, browser: Browser) -> None:
    path = f"/stock/products/{at.product_id}"
    assert "None is set" in warehouse_staff.page(path)
    data = {"key": "a", "warehouse_id": at.warehouse_id, "season": "winter", "minimum": "10", "target": "9"}
    answer = warehouse_staff.send(f"{path}/targets", data, 422).get_data(as_text=True)
    assert "The target can’t be below the minimum." in text_of(answer)
    assert 'value="10"' in answer
    warehouse_staff.send(f"{path}/targets", {**data, "key": "b", "target": "", "season": "all"})
    page = text_of(warehouse_staff.page(path))
    assert "at least 10, up to 10" in page
    kit.receive(at, 3, size="S")
    stock = text_of(warehouse_staff.page("/stock"))
    assert "1 product is below its minimum." in stock
    assert "Below its minimum" in stock
    assert "Joggers" in warehouse_staff.page("/stock/below")
    assert warehouse_staff.page("/stock/below?format=csv").splitlines()[1].endswith(",3,10,10,7")
    assert "to have enough in store" in browser.page("/needs")
    assert 'for_distributions": 0' in browser.page("/needs.json").replace('":0', '": 0')
    remove = {"key": "c", "warehouse_id": at.warehouse_id, "season": "all", "minimum": "", "target": ""}
    warehouse_staff.send(f"{path}/targets", remove)
    assert "Nothing is below its minimum." in warehouse_staff.page("/stock/below")


def test_the_table_sets_many_at_once(at: kit.Depot, warehouse_staff: Browser, coordinator: Browser) -> None:
    tent = make.product("Tent").id
    one = at.product_id
    page = warehouse_staff.page("/stock/targets?season=winter")
    assert f'name="minimum_{tent}"' in page
    fields = {f"{name}_{each}": "" for each in (one, tent) for name in ("minimum", "target", "seen")}
    sent = {**fields, f"minimum_{one}": "10", f"target_{one}": "30", f"minimum_{tent}": "x"}
    answer = warehouse_staff.send("/stock/targets?season=winter", {"key": "a", **sent}, 422).get_data(as_text=True)
    assert "Minimum of Tent: Enter a whole number." in text_of(answer)
    assert 'value="30"' in answer
    sent[f"minimum_{tent}"] = "5"
    warehouse_staff.send("/stock/targets?season=winter", {"key": "b", **sent})
    assert "Saved for 2 products." in warehouse_staff.page("/stock/targets?season=winter&set=1")
    rows = warehouse_staff.page("/stock/targets?season=winter&set=1&format=csv").splitlines()
    assert [row.rpartition("Tops,")[2] for row in rows[1:]] == ["0,10,30", "0,5,5"]
    assert len(warehouse_staff.page("/stock/targets?set=1&format=csv").splitlines()) == 1
    stale = {"key": "c", **fields, f"seen_{one}": "9/9", f"minimum_{one}": "11", f"target_{one}": "30"}
    answer = coordinator.send("/stock/targets?season=winter", stale, 409).get_data(as_text=True)
    assert "Somebody set this meanwhile." in text_of(answer)
    assert "No product fits that." in coordinator.page("/stock/targets?q=nothing-like-it")


def test_the_pages_make_the_same_queries_at_any_size(at: kit.Depot, warehouse_staff: Browser) -> None:
    paths = ("/stock/targets", "/stock/below", "/stock", "/needs", f"/stock/products/{at.product_id}")
    keep(at, 10, 20)

    def count() -> list[int]:
        found = []
        for path in paths:
            with queries() as sent:
                warehouse_staff.page(path)
            found.append(len(sent))
        return found

    count()
    before = count()
    for _number in range(20):
        keep(at, 10, 20, product_id=make.product().id)
    assert count() == before


def test_who_only_reads_changes_nothing(at: kit.Depot, volunteer: Browser) -> None:
    assert volunteer.post("/stock/targets").status_code == 403
    assert volunteer.post(f"/stock/products/{at.product_id}/targets").status_code == 403
