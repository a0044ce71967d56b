"""Pages of hours, through the front door: one's own, a shift's, the charity's."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db
from logistics.shifts.models import SignUp, SignUpState
from tests import make
from tests.browsing import Browser, text_of
from tests.counting import queries

from .worked import closed_distribution, past_shift, sign_up


def test_one_s_own_hours_with_what_they_helped_with(volunteer: Browser) -> None:
    assert "after your first shift" in volunteer.page("/my/hours")
    past_shift(volunteer.person_id, distribution=closed_distribution(412, 190))
    past_shift(volunteer.person_id, of_role=make.role("Driver"), hours=1.5)
    words = text_of(volunteer.page("/my/hours"))
    assert "4 h 30" in words.replace("\xa0", " ")
    assert "Your 1 shift helped hand out 412 items to 190 people." in words
    assert "Driver 1 shift 1 h 30" in words.replace("\xa0", " ")
    lines = volunteer.page("/my/hours?format=csv").splitlines()
    assert lines[0].endswith("Hours,Minutes,Corrected")
    assert {line.split(",")[-3:][0] for line in lines[1:]} == {"3.00", "1.50"}


def test_the_same_number_of_queries_however_many_shifts(volunteer: Browser) -> None:
    past_shift(volunteer.person_id)
    with queries() as few:
        volunteer.page("/my/hours")
    for days in range(4, 20):
        past_shift(volunteer.person_id, days_ago=days)
    with queries() as many:
        volunteer.page("/my/hours")
    assert len(many) == len(few)


def test_nobody_sees_someone_else_s_hours_but_coordinators(volunteer: Browser, coordinator: Browser) -> None:
    past_shift(make.person(name="Somebody Else"))
    assert "Somebody Else" not in volunteer.page("/my/hours")
    for path in ("/volunteers", "/volunteers/hours", "/volunteers/figures", "/shifts/1/hours", "/volunteers/1"):
        assert volunteer.get(path).status_code == 403
    assert "Somebody Else" in coordinator.page("/volunteers/hours")


def test_a_coordinator_corrects_what_is_wrong_and_takes_it_back(coordinator: Browser) -> None:
    amina, ben = make.person(name="Amina").id, make.person(name="Ben").id
    shift_id = past_shift(amina).id
    sign_up(ben, shift_id)
    path = f"/shifts/{shift_id}/hours"
    sent = {f"hours_{amina}": "2:15", f"had_{amina}": "", f"hours_{ben}": "", f"had_{ben}": "", "key": "first"}
    for _again in range(2):
        coordinator.send(path, sent)
    assert minutes() == {amina: 135, ben: None}
    page = coordinator.page(path)
    assert "corrected by Salma Coordinator" in page
    coordinator.send(path, sent | {f"hours_{amina}": "", f"had_{amina}": "2:15", "key": "second"})
    assert minutes() == {amina: None, ben: None}


def test_a_stale_page_leaves_what_someone_else_corrected_meanwhile(coordinator: Browser) -> None:
    amina, ben = make.person().id, make.person().id
    shift_id = past_shift(amina, minutes=60).id
    sign_up(ben, shift_id)
    stale = {f"hours_{amina}": "", f"had_{amina}": "", f"hours_{ben}": "1", f"had_{ben}": ""}
    coordinator.send(f"/shifts/{shift_id}/hours", stale)
    assert minutes() == {amina: 60, ben: 60}


def test_what_is_no_time_is_said_at_its_field_and_nothing_is_saved(coordinator: Browser) -> None:
    amina, ben = make.person(name="Amina").id, make.person().id
    shift_id = past_shift(amina).id
    sign_up(ben, shift_id)
    for bad in ("-1", "49", "soon", "🙂", "\x00", "9" * 100):
        sent = {f"hours_{amina}": bad, f"hours_{ben}": "1:00"}
        page = coordinator.send(f"/shifts/{shift_id}/hours", sent, 422).get_data(as_text=True)
        assert f'href="#hours_{amina}"' in page
    assert minutes() == {amina: None, ben: None}
    assert coordinator.get("/shifts/999999/hours").status_code == 404
    assert coordinator.post("/shifts/999999/hours").status_code == 404


def test_those_who_did_not_come_have_no_field(coordinator: Browser) -> None:
    absent = make.person(name="Absent Abby").id
    shift_id = past_shift(absent, state=SignUpState.NO_SHOW).id
    page = coordinator.page(f"/shifts/{shift_id}/hours")
    assert f"hours_{absent}" not in page
    assert "did not come" in text_of(page)
    coordinator.send(f"/shifts/{shift_id}/hours", {f"hours_{absent}": "5:00"})
    assert minutes() == {absent: None}


def test_hours_of_a_period_for_the_charity(coordinator: Browser) -> None:
    today = now().date()
    past_shift(make.person(name="=Amina"), days_ago=3)
    past_shift(make.person(name="Long Ago"), days_ago=800)
    span = f"from={today - timedelta(days=5)}&to={today}"
    page = coordinator.page(f"/volunteers/hours?{span}")
    assert "=Amina" in page
    assert "Long Ago" not in page
    answer = coordinator.get(f"/volunteers/hours?{span}&format=csv")
    assert answer.mimetype == "text/csv"
    lines = answer.get_data(as_text=True).splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("'=Amina,")
    for odd in ("from=9999-12-31&to=x", "from=2026-11-24&to=2000-01-01", "from=-1", "from=%F0%9F%99%82&to=🙂"):
        assert coordinator.get(f"/volunteers/hours?{odd}").status_code == 200


def test_the_list_of_volunteers(coordinator: Browser, app: Flask) -> None:
    amina, ben = make.person(name="Amina").id, make.person(name="Ben").id
    past_shift(amina, hours=2)
    past_shift(ben, hours=5)
    past_shift(ben, state=SignUpState.NO_SHOW)
    words = text_of(coordinator.page("/volunteers?order=hours")).replace("\xa0", " ")
    assert words.index("Ben ") < words.index("Amina ")
    assert "Amina" not in text_of(coordinator.page("/volunteers?q=ben"))
    lines = coordinator.page("/volunteers?format=csv").splitlines()
    assert [line.split(",")[4:] for line in lines[1:]] == [["1", "2.00", "0"], ["1", "5.00", "1"], ["0", "0.00", "0"]]
    for odd in ("order=🙂", "q=%25", "page=99999"):
        assert coordinator.get(f"/volunteers?{odd}").status_code == 200
    page = text_of(coordinator.page(f"/volunteers/{ben}"))
    assert "did not come to 1" in page
    assert coordinator.get("/volunteers/999999").status_code == 404


def minutes() -> dict[int, int | None]:
    return {each.person_id: each.minutes for each in db.session.scalars(select(SignUp))}
