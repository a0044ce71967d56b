"""The pages of a day under way: the briefing board, head counts, who came, QR codes, the rota."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from logistics import clock
from logistics.audit import AuditLine
from logistics.clock import now
from logistics.db import db, transaction
from logistics.distributions.models import Site
from logistics.people.models import Person
from logistics.people.qualification_models import Qualification
from logistics.shifts import checks, signing, waiting
from logistics.shifts.day import attendance, briefing, codes, leads, presence, rota
from logistics.shifts.day_models import Presence
from logistics.shifts.models import Role, RoleQualification, Shift, SignUp, SignUpState

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries
from ..racing import race

HOUR = timedelta(hours=1)


class Told:
    """What the clock has been told, for every context."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def get(self) -> datetime:
        return self.at


@pytest.fixture
def noon(app: Flask, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """It is noon, whatever the clock says: requests run in contexts of their own, so it is told to all."""
    at = datetime.combine(now().date() + timedelta(days=30), time(11), UTC)
    monkeypatch.setattr(clock, "_told", Told(at))
    return at


class Hall:
    """A warehouse at noon: sorting is under way with Ben, packing is to come, and a van goes to a meeting point."""

    def __init__(self, noon: datetime) -> None:
        self.site = make.warehouse("Main warehouse")
        self.site_id = self.site.id
        self.amina, self.ben = make.person(name="Amina Volunteer"), make.person(name="Ben Lead")
        self.amina_id, self.ben_id = self.amina.id, self.ben.id
        self.d = make.distribution(make.meeting_point("North"), title="Hoodies", starts_at=noon + HOUR)
        self.d_id = self.d.id
        self.sorting = make.shift(
            of_role=make.role("Sorting", name_fr="Tri"), site=self.site, starts_at=noon - HOUR, minimum=2
        ).id
        self.van = make.shift(self.d, of_role=make.role("Hand out"), starts_at=noon + HOUR / 2, hours=3).id
        self.salma_id = make.person("coordinator").id
        signing.add_person(actor_id=self.salma_id, shift_id=self.sorting, person_id=self.ben_id)

    def wall(self) -> str:
        codes.make_for_wall(actor_id=self.salma_id, site_id=self.site_id)
        return db.session.get_one(Site, self.site_id).wall_key or ""

    def state(self, shift_id: int, person_id: int) -> SignUp | None:
        db.session.rollback()
        return signing.sign_up_of(db.session, person_id, shift_id)


@pytest.fixture
def hall(noon: datetime) -> Hall:
    return Hall(noon)


def tap(what: str, shift_id: int, person_id: int, seen: str = "-") -> dict[str, str]:
    return {"do": f"{what}:{shift_id}:{person_id}:{seen}", "key": f"{what}-{shift_id}-{person_id}-{seen}"}


def test_the_board_says_who_is_here_expected_and_missing(hall: Hall, coordinator: Browser) -> None:
    presence.arrive(actor_id=hall.amina_id, key=hall.wall(), day=now().date())
    words = text_of(coordinator.page("/board"))
    assert re.search(r"here 1 expected 1 short 2", words)
    assert "Amina Volunteer" in words
    assert "Sorting" in words
    assert "Hand out" in words


def test_one_tap_puts_someone_who_is_here_on_a_shift(hall: Hall, coordinator: Browser) -> None:
    presence.arrive(actor_id=hall.amina_id, key=hall.wall(), day=now().date())
    page = coordinator.page(f"/board?site={hall.site_id}")
    assert f'value="assign:{hall.sorting}:{hall.amina_id}:-"' in page
    coordinator.send(f"/board?site={hall.site_id}", tap("assign", hall.sorting, hall.amina_id))
    coordinator.send(f"/board?site={hall.site_id}", tap("assign", hall.sorting, hall.amina_id))  # twice
    mine = hall.state(hall.sorting, hall.amina_id)
    assert mine is not None
    assert attendance.standing_of(mine) == "here"  # the shift is under way, and she stands there
    assert db.session.get_one(Shift, hall.sorting).filled == 2
    assert list(checks.problems(db.session)) == []


def taps_of(page: str, person_id: int) -> list[int]:
    """The shifts on which one tap would put someone, as the board offers them."""
    return [int(number) for number in re.findall(rf'value="assign:(\d+):{person_id}:-"', page)]


def test_the_board_offers_no_tap_that_would_be_refused(hall: Hall, coordinator: Browser) -> None:
    presence.arrive(actor_id=hall.amina_id, key=hall.wall(), day=now().date())
    first_aid = Qualification(name="First aid", name_key="first aid")
    other_house = make.warehouse("Other").id
    with transaction() as session:
        session.add(first_aid)
        session.flush()
        sorting = session.get_one(Shift, hall.sorting)
        session.add(RoleQualification(role_id=sorting.role_id, qualification_id=first_aid.id))
        session.get_one(Shift, hall.van).newcomers_maximum = 0
    elsewhere = make.shift(site=db.session.get_one(Site, other_house), starts_at=now() + 5 * HOUR).id
    signing.sign_up(actor_id=hall.amina_id, shift_id=elsewhere)
    clashing = make.shift(site=db.session.get_one(Site, hall.site_id), starts_at=now() + 4 * HOUR).id
    assert taps_of(coordinator.page(f"/board?site={hall.site_id}"), hall.amina_id) == []
    for number in (hall.sorting, hall.van, clashing):
        coordinator.send(f"/board?site={hall.site_id}", tap("assign", number, hall.amina_id), status=409)


def test_what_someone_can_take_is_not_hidden_behind_what_they_cannot(hall: Hall, coordinator: Browser) -> None:
    presence.arrive(actor_id=hall.amina_id, key=hall.wall(), day=now().date())
    only_old = make.role("Drive").id
    with transaction() as session:
        session.get_one(Person, hall.amina_id).age_group = "16-17"
        session.get_one(Person, hall.amina_id).guardian_consent_at = now()
        session.get_one(Role, session.get_one(Shift, hall.sorting).role_id).minors = True
    for _each in range(briefing.MOST_TASKS + 1):
        role = db.session.get_one(Role, only_old)
        make.shift(of_role=role, site=db.session.get_one(Site, hall.site_id), starts_at=now() - 2 * HOUR, minimum=5)
    assert taps_of(coordinator.page(f"/board?site={hall.site_id}"), hall.amina_id) == [hall.sorting]
    coordinator.send(f"/board?site={hall.site_id}", tap("assign", hall.sorting, hall.amina_id))


def test_who_left_a_shift_early_is_offered_another_at_that_time(hall: Hall, coordinator: Browser) -> None:
    key = hall.wall()
    presence.arrive(actor_id=hall.ben_id, key=key, day=now().date())
    coordinator.send("/board", tap("left", hall.sorting, hall.ben_id, "here"))
    other = make.shift(site=db.session.get_one(Site, hall.site_id), starts_at=now() - HOUR).id
    offered = taps_of(coordinator.page(f"/board?site={hall.site_id}"), hall.ben_id)
    assert other in offered
    for number in offered:
        coordinator.send(f"/board?site={hall.site_id}", tap("assign", number, hall.ben_id))
        signing.remove_person(actor_id=hall.salma_id, shift_id=number, person_id=hall.ben_id)


def test_the_board_offers_a_newcomer_the_place_that_the_waiting_list_keeps_for_them(
    hall: Hall, coordinator: Browser
) -> None:
    site = db.session.get_one(Site, hall.site_id)
    shift = make.shift(site=site, starts_at=now() + 4 * HOUR, maximum=1).id
    signing.add_person(actor_id=hall.salma_id, shift_id=shift, person_id=hall.ben_id)
    waiting.join(actor_id=hall.amina_id, shift_id=shift)
    with transaction() as session:
        session.get_one(Shift, shift).newcomers_maximum = 1
    signing.remove_person(actor_id=hall.salma_id, shift_id=shift, person_id=hall.ben_id)
    presence.arrive(actor_id=hall.amina_id, key=hall.wall(), day=now().date())
    assert shift in taps_of(coordinator.page(f"/board?site={hall.site_id}"), hall.amina_id)
    coordinator.send(f"/board?site={hall.site_id}", tap("assign", shift, hall.amina_id))


def test_who_is_put_on_the_vans_shift_is_not_out_with_it_yet(hall: Hall, coordinator: Browser) -> None:
    presence.arrive(actor_id=hall.amina_id, key=hall.wall(), day=now().date())
    coordinator.send(f"/board?site={hall.site_id}", tap("assign", hall.van, hall.amina_id))
    assert re.search(r"here 1 expected 1 short 1", text_of(coordinator.page("/board")))
    assert "0 out, 0 back" in text_of(coordinator.page(f"/distributions/{hall.d_id}/head-count"))


def test_a_refusal_is_said_in_words_on_the_board(hall: Hall, coordinator: Browser) -> None:
    full = make.shift(site=db.session.get_one(Site, hall.site_id), starts_at=now() + 4 * HOUR, maximum=1).id
    signing.add_person(actor_id=hall.salma_id, shift_id=full, person_id=hall.ben_id)
    response = coordinator.send("/board", tap("assign", full, hall.amina_id), status=409)
    assert "This shift is full" in text_of(response.get_data(as_text=True))
    response = coordinator.send("/board", tap("assign", full, hall.amina_id), 409, headers={"HX-Request": "true"})
    assert response.headers["X-Live"] == "yes"
    assert "<html" not in response.get_data(as_text=True)
    assert "This shift is full" in response.get_data(as_text=True)


def test_one_in_two_places_is_refused(hall: Hall, coordinator: Browser) -> None:
    other = make.shift(site=db.session.get_one(Site, hall.site_id), starts_at=now()).id
    response = coordinator.send("/board", tap("assign", other, hall.ben_id), status=409)
    assert "at that time" in text_of(response.get_data(as_text=True))


def test_expected_then_here_then_home(hall: Hall, coordinator: Browser) -> None:
    coordinator.send("/board", tap("arrived", hall.sorting, hall.ben_id, "expected"))
    assert re.search(r"here 1 expected 0", text_of(coordinator.page("/board")))
    presence.arrive(actor_id=hall.amina_id, key=hall.wall(), day=now().date())
    coordinator.send(f"/board?site={hall.site_id}", tap("home", 0, hall.amina_id))
    assert "Amina" not in coordinator.page("/board")


def test_an_unchanged_board_is_answered_304_and_a_changed_one_is_not(hall: Hall, coordinator: Browser) -> None:
    path = f"/board?site={hall.site_id}&live=1"
    first = coordinator.get(path)
    assert "<html" not in first.get_data(as_text=True)
    again = coordinator.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.get_data() == b""
    coordinator.send("/board", tap("arrived", hall.sorting, hall.ben_id, "expected"))
    changed = coordinator.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert f'data-etag="{changed.headers["ETag"].strip(chr(34))}"' in coordinator.page(f"/board?site={hall.site_id}")


def test_the_boards_queries_do_not_grow_with_the_day(hall: Hall, coordinator: Browser) -> None:
    with queries() as few:
        coordinator.page("/board?live=1")
    site = db.session.get_one(Site, hall.site_id)
    key = hall.wall()
    for number in range(6):
        shift_id = make.shift(site=site, starts_at=now() + number * HOUR / 2).id
        site = db.session.get_one(Site, hall.site_id)
        person_id = make.person().id
        signing.add_person(actor_id=hall.salma_id, shift_id=shift_id, person_id=person_id)
        presence.arrive(actor_id=make.person().id, key=key, day=now().date())
    with queries() as many:
        coordinator.page("/board?live=1")
    assert len(few) == len(many) <= 11


@pytest.mark.parametrize("said", ["", "assign", "assign:1:2", "assign:x:y:z", "burn:1:2:3", "assign:999999:999999:-"])
def test_taps_that_no_button_makes(hall: Hall, coordinator: Browser, said: str) -> None:
    assert coordinator.post("/board", data={"do": said, "key": "k"}).status_code in (404, 409)


def test_a_board_of_no_warehouse(app: Flask, coordinator: Browser) -> None:
    assert "no open warehouse" in text_of(coordinator.page("/board"))
    coordinator.page("/board?site=999999", status=404)


def test_the_big_screen_says_first_names_and_takes_no_taps(hall: Hall, coordinator: Browser) -> None:
    presence.arrive(actor_id=hall.amina_id, key=hall.wall(), day=now().date())
    assert f'href="/board?site={hall.site_id}&amp;screen=1"' in coordinator.page("/board")
    path = f"/board?site={hall.site_id}&screen=1"
    for page in (coordinator.page(path), coordinator.page(f"{path}&live=1")):
        words = text_of(page)
        assert "Amina V." in words
        assert "Ben L." in words
        assert "Amina Volunteer" not in words
        assert "Ben Lead" not in words
        assert re.search(r"here 1 expected 1 short 2", words)
        assert 'name="do"' not in page
    assert f"site={hall.site_id}&amp;screen=1&amp;live=1" in coordinator.page(path)


def test_the_board_is_not_for_volunteers(hall: Hall, volunteer: Browser) -> None:
    volunteer.page("/board", status=403)
    volunteer.send("/board", tap("home", 0, hall.amina_id), status=403)
    volunteer.page("/rota", status=403)


def test_the_wall_signs_in_whoever_scans_it(hall: Hall, app: Flask) -> None:
    key = hall.wall()
    stranger = Browser(app)
    page = stranger.page(f"/here/{key}")
    assert f"/sign-in?next=/here/{key}" in page
    assert f"/register?next=/here/{key}" in page
    amina = Browser(app).sign_in(hall.amina)
    assert "I’m here" in amina.page(f"/here/{key}")
    for _twice in range(2):
        amina.send(f"/here/{key}/arrive", {"key": "one"})
    assert "Here since" in amina.page(f"/here/{key}")
    assert db.session.scalar(select(func.count(Presence.id))) == 1
    amina.send(f"/here/{key}/leave", {"key": "two"})
    assert "I’m here" in amina.page(f"/here/{key}")
    amina.send(f"/here/{key}/arrive", {"key": "three"})
    assert db.session.scalar(select(func.count(Presence.id))) == 1
    assert db.session.scalar(select(Presence.left_at)) is None
    assert db.session.scalar(select(func.count(AuditLine.id)).where(AuditLine.action == "site.person_arrived")) == 2


def test_the_wall_begins_and_ends_ones_shift_there(hall: Hall, app: Flask) -> None:
    key, ben = hall.wall(), Browser(app).sign_in(hall.ben)
    ben.send(f"/here/{key}/arrive", {"key": "one"})
    mine = hall.state(hall.sorting, hall.ben_id)
    assert mine is not None
    assert attendance.standing_of(mine) == "here"
    ben.send(f"/here/{key}/leave", {"key": "two"})
    mine = hall.state(hall.sorting, hall.ben_id)
    assert mine is not None
    assert mine.state == SignUpState.ATTENDED


def test_scanning_the_wall_twice_at_once(hall: Hall, app: Flask) -> None:
    key, day = hall.wall(), now().date()
    answers = race(app, *[lambda: presence.arrive(actor_id=hall.amina_id, key=key, day=day)] * 4)
    assert answers == [hall.site_id] * 4
    assert db.session.scalar(select(func.count(Presence.id))) == 1


def test_someone_who_came_before_midnight_is_still_here_after_it(app: Flask) -> None:
    site, person_id = make.warehouse(), make.person().id
    site_id = site.id
    codes.make_for_wall(actor_id=person_id, site_id=site_id)
    key = db.session.get_one(Site, site_id).wall_key or ""
    evening = datetime(2031, 3, 29, 22, 30, tzinfo=UTC)  # 23:30 in Paris; the clocks go forward that night
    with clock.as_if(evening):
        presence.arrive(actor_id=person_id, key=key, day=evening.date())
    with clock.as_if(evening + HOUR):
        assert presence.open_one(db.session, person_id, site_id) is not None
        presence.arrive(actor_id=person_id, key=key, day=evening.date() + timedelta(days=1))
        presence.leave(actor_id=person_id, key=key)
        assert presence.open_one(db.session, person_id, site_id) is None
    assert db.session.scalar(select(func.count(Presence.id))) == 1


def test_a_code_that_was_replaced_or_never_was(hall: Hall, app: Flask) -> None:
    old = hall.wall()
    new = hall.wall()
    amina = Browser(app).sign_in(hall.amina)
    for key in (old, "never-was", "😀" * 40, "x" * 3000):
        amina.page(f"/here/{key}", status=404)
        amina.send(f"/here/{key}/arrive", {"key": "k"}, status=404)
        amina.page(f"/check-in/{key}", status=404)
        amina.send(f"/check-in/{key}/arrived", {"key": "k"}, status=404)
    amina.page(f"/here/{new}")


def test_posters_carry_the_code_and_only_their_own(hall: Hall, coordinator: Browser, app: Flask) -> None:
    assert "data:image/svg+xml" not in coordinator.page(f"/board/wall-code/{hall.site_id}")
    coordinator.send(f"/board/wall-code/{hall.site_id}", {"key": "k"})
    assert "data:image/svg+xml" in coordinator.page(f"/board/wall-code/{hall.site_id}")
    coordinator.page("/board/wall-code/999999", status=404)
    coordinator.send(f"/shifts/{hall.sorting}/check-in-code", {"key": "k"})
    assert "data:image/svg+xml" in coordinator.page(f"/shifts/{hall.sorting}/check-in-code")
    Browser(app).sign_in(hall.amina).page(f"/shifts/{hall.sorting}/check-in-code", status=403)


def test_checking_in_by_the_shifts_code(hall: Hall, app: Flask) -> None:
    codes.make_for_shift(actor_id=hall.salma_id, shift_id=hall.sorting)
    key = db.session.get_one(Shift, hall.sorting).check_in_key
    assert Browser(app).get(f"/check-in/{key}").headers["Location"] == f"/sign-in?next=/check-in/{key}"
    ben = Browser(app).sign_in(hall.ben)
    assert "I’m here" in ben.page(f"/check-in/{key}")
    ben.send(f"/check-in/{key}/arrived", {"key": "one"})
    assert "I’m leaving" in ben.page(f"/check-in/{key}")
    ben.send(f"/check-in/{key}/left", {"key": "two"})
    assert "You left at" in text_of(ben.page(f"/check-in/{key}"))
    amina = Browser(app).sign_in(hall.amina)
    assert "You are not on this shift" in text_of(amina.page(f"/check-in/{key}"))
    amina.send(f"/check-in/{key}/arrived", {"key": "one"}, status=409)


def test_the_lead_marks_their_own_shift_only(hall: Hall, app: Flask, coordinator: Browser) -> None:
    ben = Browser(app).sign_in(hall.ben)
    ben.page(f"/shifts/{hall.sorting}/attendance", status=403)
    coordinator.send(f"/shifts/{hall.sorting}/lead", {"person": str(hall.ben_id), "key": "k"})
    assert "Ben Lead" in ben.page(f"/shifts/{hall.sorting}/attendance")
    ben.send(f"/shifts/{hall.sorting}/attendance", tap("arrived", hall.sorting, hall.ben_id, "expected"))
    signing.add_person(actor_id=hall.salma_id, shift_id=hall.van, person_id=hall.amina_id)
    ben.send(f"/shifts/{hall.sorting}/attendance", tap("arrived", hall.van, hall.amina_id, "expected"), status=403)
    ben.page(f"/distributions/{hall.d_id}/head-count", status=403)
    ben.send(f"/shifts/{hall.sorting}/lead", {"person": "", "key": "k"}, status=403)
    coordinator.send(f"/shifts/{hall.sorting}/lead", {"person": "999999", "key": "l"})
    assert "has to be on the shift" in text_of(coordinator.page(f"/shifts/{hall.sorting}/attendance"))


def test_who_came_shows_what_is_not_recorded(hall: Hall, coordinator: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    later = now() + 3 * HOUR
    monkeypatch.setattr(clock, "_told", Told(later))
    words = text_of(coordinator.page(f"/shifts/{hall.sorting}/attendance"))
    assert "Not recorded" in words
    assert "Did not come (Ben Lead)" in words  # offered, not said


def test_counting_heads(hall: Hall, coordinator: Browser) -> None:
    path = f"/distributions/{hall.d_id}/head-count"
    others = [make.person(name=f"Person {letter}").id for letter in "ABC"]
    for person_id in others:
        signing.add_person(actor_id=hall.salma_id, shift_id=hall.van, person_id=person_id)
    assert "0 out, 0 back" in text_of(coordinator.page(path))
    for person_id in others:
        coordinator.send(path, tap("arrived", hall.van, person_id, "expected"))
    for person_id in others[:2]:
        coordinator.send(path, tap("left", hall.van, person_id, "here"))
    words = text_of(coordinator.page(path))
    assert "3 out, 2 back" in words
    assert "1 still out" in words
    coordinator.send(path, tap("left", hall.van, others[2], "here"))
    assert "Everyone is back" in text_of(coordinator.page(path))
    coordinator.send(path, tap("arrived", hall.van, others[2], "left"))  # undone
    assert "3 out, 2 back" in text_of(coordinator.page(path))
    stale = coordinator.send(path, tap("unrecorded", hall.van, others[0], "here"), status=409)
    assert "Someone has written down something else" in text_of(stale.get_data(as_text=True))


def test_who_never_came_back_stays_out_when_the_worker_settles_the_shift(
    hall: Hall, coordinator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing.add_person(actor_id=hall.salma_id, shift_id=hall.van, person_id=hall.amina_id)
    attendance.mark(actor_id=hall.salma_id, shift_id=hall.van, person_id=hall.amina_id, what="arrived")
    later = now() + 8 * HOUR
    monkeypatch.setattr(clock, "_told", Told(later))
    assert attendance.close_due() == 1
    assert "1 out, 0 back" in text_of(coordinator.page(f"/distributions/{hall.d_id}/head-count"))


def test_people_without_a_name_are_counted_with_their_leader(hall: Hall, coordinator: Browser) -> None:
    amina, path = hall.amina_id, f"/distributions/{hall.d_id}/head-count"
    signing.add_person(actor_id=hall.salma_id, shift_id=hall.van, person_id=amina)
    convoy_id = make.convoy(db.session.get_one(Person, amina)).id
    with transaction() as session:
        mine = session.scalars(select(SignUp).where(SignUp.shift_id == hall.van, SignUp.person_id == amina)).one()
        mine.places, mine.convoy_id = 3, convoy_id
        session.get_one(Shift, hall.van).filled += 2
    words = text_of(coordinator.page(path))
    assert "Amina Volunteer +2 without a name" in words
    assert "0 out, 0 back" in words
    coordinator.send(path, tap("arrived", hall.van, amina, "expected"))
    assert "3 out, 0 back" in text_of(coordinator.page(path))
    coordinator.send(path, tap("left", hall.van, amina, "here"))
    words = text_of(coordinator.page(path))
    assert "3 out, 3 back" in words
    assert "Everyone is back" in words


def test_the_lead_counts_heads_of_their_own_shift(hall: Hall, app: Flask) -> None:
    signing.add_person(actor_id=hall.salma_id, shift_id=hall.van, person_id=hall.amina_id)
    leads.choose_lead(actor_id=hall.salma_id, shift_id=hall.van, person_id=hall.amina_id)
    other = make.shift(make_d(hall), starts_at=now() + HOUR).id
    signing.add_person(actor_id=hall.salma_id, shift_id=other, person_id=make.person().id)
    page = Browser(app).sign_in(hall.amina).page(f"/distributions/{hall.d_id}/head-count")
    assert f"arrived:{hall.van}:" in page
    assert f"arrived:{other}:" not in page


def make_d(hall: Hall):  # type: ignore[no-untyped-def]
    from logistics.distributions.models import Distribution

    return db.session.get_one(Distribution, hall.d_id)


def test_the_rota_says_first_names_and_no_more(hall: Hall, coordinator: Browser) -> None:
    page = text_of(coordinator.page(f"/rota?day={now().date()}"))
    assert "Ben L." in page
    assert "Ben Lead" not in page
    assert "Sorting" in page
    assert "Hand out" in page
    assert "Sorting" not in text_of(coordinator.page(f"/distributions/{hall.d_id}/rota"))
    assert "No shifts on this day" in coordinator.page("/rota?day=2031-01-01")
    assert "Ben L." in coordinator.get(f"/rota?day={now().date()}&format=csv").get_data(as_text=True)
    for day in ("9999-99-99", "x", "0001-01-01"):
        coordinator.page(f"/rota?day={day}")
    coordinator.page("/distributions/999999/rota", status=404)


def test_a_distribution_s_rota_has_each_shift_under_its_own_day(hall: Hall, coordinator: Browser) -> None:
    packing = make.role("Packing the van").id
    assert coordinator.page(f"/distributions/{hall.d_id}/rota").count("<h2") == 1  # all on its day: no heading more
    make.shift(make_d(hall), of_role=db.session.get_one(Role, packing), starts_at=now() - timedelta(days=1))
    page = coordinator.page(f"/distributions/{hall.d_id}/rota")
    before, its_own = (f'<h2 class="rota-day">{day_said(at)}</h2>' for at in (now() - timedelta(days=1), now()))
    assert page.index(before) < page.index("Packing the van") < page.index(its_own) < page.index("Hand out")


def day_said(at: datetime) -> str:
    return f"{at:%A} {at.day} {at:%B}" + ("" if at.year == now().year else f" {at.year}")


def test_the_rota_marks_the_lead_and_tells_namesakes_apart(hall: Hall, coordinator: Browser) -> None:
    other = make.person(name="Ben Lambert")
    signing.sign_up(actor_id=other.id, shift_id=hall.van)
    leads.choose_lead(actor_id=coordinator.person_id, shift_id=hall.sorting, person_id=hall.ben_id)
    page = text_of(coordinator.page(f"/rota?day={now().date()}"))
    assert "Ben Le. (lead)" in page
    assert "Ben La." in page
    assert "Ben Le. (lead)" in coordinator.get(f"/rota?day={now().date()}&format=csv").get_data(as_text=True)


def test_namesakes_for_the_wall() -> None:
    assert rota.wall_names({1: "Amina Vo", 2: "Amina Va", 3: "Amina Weber"}) == {
        1: "Amina Vo.",
        2: "Amina Va.",
        3: "Amina W.",
    }
    assert rota.wall_names({7: "Ben Lead", 5: "ben LEAD", 6: "Ben lead"}) == {
        5: "ben L.",
        6: "Ben L. (1)",
        7: "Ben L. (2)",
    }
    assert rota.wall_names({1: "Amina", 2: "Amina", 3: ""}) == {1: "Amina (1)", 2: "Amina (2)", 3: "?"}


@pytest.mark.parametrize(
    ("name", "said"),
    [("Amina Volunteer", "Amina V."), ("Amina", "Amina"), ("  ", "?"), ("Jean-Luc de la Tour", "Jean-Luc T.")],
)
def test_a_name_for_the_wall(name: str, said: str) -> None:
    assert rota.wall_name(name) == said
