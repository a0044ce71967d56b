"""The list of distributions: how full each crew is, and which were left behind."""

import csv
from datetime import timedelta

from flask import Flask

from logistics.clock import now
from logistics.distributions.models import DistributionState
from logistics.shifts import signing
from logistics.shifts.plans import planning

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries
from ..stock import kit as stock
from . import kit

TOMORROW = now() + timedelta(days=1)


def crewed(title: str, people: int, **fields: object) -> int:
    """A distribution that wants two drivers of three places and one of one; so many come to drive first."""
    made = make.distribution(title=title, **fields)  # type: ignore[arg-type]
    made_id = made.id
    driving, leading = make.shift(made, minimum=2, maximum=3).id, make.shift(made, minimum=1, maximum=1).id
    for shift_id in [driving] * min(people, 3) + [leading] * (people - 3):
        signing.sign_up(actor_id=make.person().id, shift_id=shift_id)
    return made_id


def rows(browser: Browser, query: str = "") -> dict[str, dict[str, str]]:
    answer = browser.get(f"/distributions?format=csv&{query}").get_data(as_text=True).removeprefix("\ufeff")
    return {row["What"]: row for row in csv.DictReader(answer.splitlines())}


def test_each_row_says_how_full_its_crew_is(app: Flask, coordinator: Browser) -> None:
    crewed("Tents", 3)
    crewed("Socks", 4, starts_at=TOMORROW + timedelta(hours=1))
    make.distribution(title="Soap", starts_at=TOMORROW + timedelta(hours=2))
    text = text_of(coordinator.page("/distributions"))
    tents, socks, soap = (text.split(title)[1] for title in ("Tents", "Socks", "Soap"))
    assert "Crew: 3 of 4 1 short Planned" in tents
    assert "Crew: 4 of 4 Planned" in socks
    assert "Crew" not in soap  # no shifts, so nothing to fill
    found = rows(coordinator)
    assert [found[title]["Crew"] for title in ("Tents", "Socks", "Soap")] == ["3", "4", "0"]
    assert [found[title]["Places"] for title in ("Tents", "Socks", "Soap")] == ["4", "4", "0"]
    assert [found[title]["Crew short"] for title in ("Tents", "Socks", "Soap")] == ["1", "0", "0"]


def test_one_too_many_here_does_not_make_up_for_one_too_few_there(app: Flask, coordinator: Browser) -> None:
    crewed("Tents", 3)  # three drive where two would do; nobody leads
    assert "1 short" in text_of(coordinator.page("/distributions"))


def test_a_shift_called_off_has_no_places(app: Flask, coordinator: Browser) -> None:
    made = make.distribution(title="Tents")
    kept, gone = make.shift(made, maximum=2).id, make.shift(made, maximum=5).id
    planning.call_off(actor_id=coordinator.person_id, shift_id=gone)
    signing.sign_up(actor_id=make.person().id, shift_id=kept)
    assert "Crew: 1 of 2" in text_of(coordinator.page("/distributions"))


def test_once_the_van_has_left_nobody_is_short_any_more(app: Flask, coordinator: Browser) -> None:
    crewed("Tents", 0, state=DistributionState.OUT)
    page = text_of(coordinator.page("/distributions"))
    assert "Crew: 0 of 4" in page
    assert "short" not in page


def test_a_crew_without_its_experienced_person_says_so(app: Flask, coordinator: Browser) -> None:
    made = make.distribution(title="Tents")
    driving = make.shift(made, minimum=0, maximum=3, experienced_minimum=1).id
    make.shift(made, minimum=0, maximum=1)
    signing.sign_up(actor_id=make.person().id, shift_id=driving)
    said = "1 experienced person short"
    assert f"Crew: 1 of 4 {said} Planned" in text_of(coordinator.page("/distributions"))
    assert rows(coordinator)["Tents"]["Experienced people short"] == "1"
    assert rows(coordinator)["Tents"]["Crew short"] == "0"
    make.shift(made, minimum=2)
    assert f"1 of 10 2 short {said} Planned" in text_of(coordinator.page("/distributions"))


def test_a_hundred_crews_cost_as_many_queries_as_one(app: Flask, coordinator: Browser) -> None:
    site = make.meeting_point()

    def counted(path: str) -> int:
        with queries() as sent:
            coordinator.get(path)
        return len(sent)

    paths = ("/distributions", "/distributions?format=csv")
    make.shift(make.distribution(site))
    before = [counted(path) for path in paths]
    for _ in range(60):
        made = make.distribution(site)
        make.shift(made, experienced_minimum=1)
        make.shift(made)
    assert [counted(path) for path in paths] == before
    assert before[0] <= 7


def test_those_whose_day_has_passed_are_listed_until_they_are_dealt_with(app: Flask, coordinator: Browser) -> None:
    early = now() - timedelta(days=2)
    states = {"Left behind": "planned", "Half packed": "packing", "Out": "out", "Stopped": "cancelled"}
    for title, state in states.items():
        make.distribution(title=title, starts_at=early, state=state)
    make.distribution(title="Ahead")
    assert set(rows(coordinator, "show=overdue")) == {"Left behind", "Half packed"}
    page = coordinator.page("/distributions?show=overdue")
    assert "Left behind" in page
    assert "Ahead" not in page


def test_each_row_says_how_its_goods_stand(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(100, 120, title="Tents")
    stock.planned(plan.depot, 0)
    make.distribution(title="Soap", starts_at=TOMORROW + timedelta(hours=2))
    text = text_of(coordinator.page("/distributions"))
    assert "Goods 20 short Planned" in text.split("Tents")[1]
    assert "Goods" not in text.split("Soap")[1]
    kit.pack(plan, coordinator)
    stock.receive(plan.depot, 20)
    kit.pack(plan, coordinator)
    assert "Goods: All packed Packing" in text_of(coordinator.page("/distributions"))
    found = rows(coordinator)
    columns = ("Goods planned", "Goods packed", "Goods short")
    assert [found["Tents"][column] for column in columns] == ["120", "120", "0"]
    assert [found["Soap"][column] for column in columns] == ["0", "0", "0"]
