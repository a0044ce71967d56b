"""Figures about volunteers: months of the clock on the wall, counted by the database alike on both."""

import re
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from logistics.clock import as_if
from logistics.db import db
from logistics.shifts.models import SignUpState
from logistics.shifts.worked import figures
from logistics.web import charts
from tests import make
from tests.browsing import Browser, text_of
from tests.counting import queries

from .worked import at, past_shift, sign_up

PARIS = ZoneInfo("Europe/Paris")


def read() -> figures.Figures:
    return figures.read(db.session, PARIS)


def test_a_shift_belongs_to_the_month_of_the_clock_on_the_wall(app: Flask) -> None:
    with as_if(at(2026, 4, 15)):
        driver = make.role("Driver")
        past_shift(make.person(), of_role=driver, starts_at=at(2026, 3, 31, 22, 30), hours=2)  # 1 April, 00:30
        past_shift(make.person(), of_role=driver, starts_at=at(2026, 3, 31, 21, 30), hours=1)  # 31 March, 23:30
        past_shift(make.person(), of_role=driver, starts_at=at(2025, 4, 30, 21, 59), hours=9)  # a month too early
        past_shift(make.person(), of_role=driver, starts_at=at(2025, 4, 30, 22), hours=4)  # the first of the months
        seen = read()
    assert (seen.months[0], seen.months[-1]) == (date(2025, 5, 1), date(2026, 4, 1))
    assert [role.name for role in seen.roles] == ["Driver"]
    assert list(seen.roles[0].minutes) == [240, *[0] * 9, 60, 120]
    assert seen.minutes == list(seen.roles[0].minutes)


def test_more_roles_than_colours_are_told_together(app: Flask) -> None:
    for number in range(8):
        past_shift(make.person(), of_role=make.role(f"Role {number}"), hours=number + 1)
    seen = read()
    assert [role.name for role in seen.roles] == ["Role 7", "Role 6", "Role 5", "Role 4", "Role 3", None]
    assert seen.roles[-1].total == (1 + 2 + 3) * 60


def test_who_came_again_and_when_that_can_be_told(app: Flask) -> None:
    first = at(2026, 1, 5)
    for gap in (None, timedelta(hours=5), timedelta(days=20), timedelta(days=30), timedelta(days=31), timedelta(91)):
        person = make.person().id
        past_shift(person, starts_at=first)
        if gap:
            past_shift(person, starts_at=first + gap)
    past_shift(make.person(), starts_at=first, state=SignUpState.NO_SHOW)
    for today, soon, later in ((at(2026, 2, 20), None, None), (at(2026, 3, 5), 2, None), (at(2026, 5, 3), 2, 3)):
        with as_if(today):
            seen = read()
        month = seen.newcomers[seen.months.index(date(2026, 1, 1))]
        assert month == figures.Newcomers(6, soon, later)


def test_someone_is_new_only_once(app: Flask) -> None:
    person = make.person().id
    for day in (at(2026, 1, 5), at(2026, 3, 5)):
        past_shift(person, starts_at=day)
    with as_if(at(2026, 4, 1)):
        assert sum(each.people for each in read().newcomers) == 1


def test_who_did_not_come(app: Flask) -> None:
    shift = past_shift(make.person(), starts_at=at(2026, 3, 5)).id
    for state in (SignUpState.ATTENDED, SignUpState.NO_SHOW, SignUpState.CANCELLED, SignUpState.CONFIRMED):
        sign_up(make.person(), shift, state)
    with as_if(at(2026, 3, 20)):
        assert read().kept[-1] == figures.Kept(came=2, missed=1)


def test_the_page_has_charts_with_their_numbers(coordinator: Browser) -> None:
    assert "Charts will be here" in coordinator.page("/volunteers/figures")
    amina = make.person().id
    past_shift(amina, of_role=make.role("Driver"), days_ago=70, hours=2)
    past_shift(amina, days_ago=65, state=SignUpState.NO_SHOW)
    with queries() as few:
        page = coordinator.page("/volunteers/figures")
    assert page.count("<svg") == page.count("<table") == 3
    assert '<rect class="s0"' in page
    assert "2 h" in text_of(page).replace("\xa0", " ")
    for days in range(1, 20):
        past_shift(make.person(), days_ago=days * 15)
    with queries() as many:
        coordinator.page("/volunteers/figures")
    assert len(many) == len(few)


def test_what_cannot_be_told_yet_is_said_and_not_drawn(coordinator: Browser) -> None:
    past_shift(make.person(), days_ago=0.1, hours=2)
    page = coordinator.page("/volunteers/figures")
    assert "It is too early to say" in page
    assert page.count("<svg") == 2
    assert page.count("<details open") == page.count("<table") == 3  # the figures are read without a tap


def test_bars_carry_their_values(coordinator: Browser) -> None:
    past_shift(make.person(), days_ago=0.1, hours=7, of_role=make.role("Driver"))
    past_shift(make.person(), days_ago=0.1, hours=30, of_role=make.role("Sorting"))
    assert re.search(r'<text class="value"[^>]*>37<', coordinator.page("/volunteers/figures"))


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=12, max_size=12))
def test_values_stand_above_their_bars_inside_the_chart(values: list[float | None]) -> None:
    chart = charts.beside([values], 100)
    assert [told.value for told in chart.values] == [value for value in values if value is not None]
    for told in chart.values:
        assert chart.left <= told.x <= chart.width
        assert 0 < told.y <= chart.height - charts.BOTTOM


@pytest.mark.parametrize("today", [date(2026, 1, 31), date(2026, 12, 1), date(2024, 2, 29)])
def test_twelve_months_end_with_this_one(today: date) -> None:
    months = figures.last_months(today)
    assert len(months) == 12
    assert months[-1] == today.replace(day=1)
    assert all(figures.next_month(one) == following for one, following in pairwise(months))


@given(st.lists(st.lists(st.floats(0, 1e6), min_size=3, max_size=3), min_size=1, max_size=6))
def test_bars_stay_inside_their_chart(series: list[list[float]]) -> None:
    chart = charts.stacked(series)
    for bar in chart.bars:
        assert chart.left <= bar.x <= bar.x + bar.width <= chart.width
        assert bar.y >= charts.TOP - 0.1
        assert bar.y + bar.height <= chart.height - charts.BOTTOM + 0.1


@given(st.floats(0, 1e9))
def test_the_scale_reaches_the_tallest_bar_in_round_steps(most: float) -> None:
    assert charts.scale_top(most) >= most
    assert charts.scale_top(most) / charts.LINES in {step * 10**n for step in charts.STEPS for n in range(10)}


def test_a_missing_value_is_no_bar() -> None:
    chart = charts.beside([[50, None], [100, 0]], 100)
    assert [bar.series for bar in chart.bars] == [0, 1]
