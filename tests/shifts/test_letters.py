"""Letters on hours: what they certify, who may have them, and what their check shows."""

import re
import zlib
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from logistics.clock import now
from logistics.db import db
from logistics.errors import Conflict, Invalid
from logistics.shifts.day_models import HoursLetter
from logistics.shifts.worked import letter_pdf, letters
from tests import make
from tests.browsing import Browser, text_of

from .worked import past_shift

ZONE = now().tzinfo
TODAY = now().date()
WEEK_AGO = TODAY - timedelta(days=7)


def test_a_letter_says_what_was_worked_between_two_days(app: Flask) -> None:
    amina = make.person().id
    past_shift(amina, days_ago=3, hours=2)
    past_shift(amina, days_ago=100)
    asked = {"actor_id": amina, "first_day": WEEK_AGO, "last_day": TODAY, "zone": ZONE}
    code = letters.issue(**asked)
    assert letters.issue(**asked) == code  # the same hours, the same letter
    letter = db.session.scalars(select(HoursLetter)).one()
    assert (letter.shifts, letter.minutes, letter.person_id) == (1, 120, amina)
    past_shift(amina, days_ago=2, hours=1)
    assert letters.issue(**asked) != code  # the first says what it said


def test_days_that_make_no_letter_are_refused(app: Flask) -> None:
    amina = make.person().id
    past_shift(amina)
    for first_day, last_day, refusal, field in (
        (TODAY, WEEK_AGO, Invalid, "last_day"),
        (WEEK_AGO, TODAY + timedelta(days=2), Invalid, "last_day"),
        (WEEK_AGO - timedelta(days=30), WEEK_AGO, Conflict, "first_day"),
    ):
        with pytest.raises(refusal) as refused:
            letters.issue(actor_id=amina, first_day=first_day, last_day=last_day, zone=ZONE)
        assert refused.value.field == field
    assert db.session.scalar(select(func.count()).select_from(HoursLetter)) == 0


def test_from_asking_to_the_check_by_a_stranger(app: Flask, browser: Browser) -> None:
    zoe = Browser(app).sign_in(make.person(name="Zoë Şükrü"))
    past_shift(zoe.person_id, hours=2.5)
    zoe.send("/my/hours", {"first_day": str(WEEK_AGO), "last_day": str(TODAY)})
    code = db.session.scalars(select(HoursLetter.code)).one()
    assert f"/my/letters/{code}.pdf" in zoe.page("/my/hours")
    answer = zoe.get(f"/my/letters/{code}.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert b"/FontFile2" in answer.data  # the font is inside
    assert len(answer.data) < 100_000
    for typed in (code, code.lower()):
        words = text_of(browser.page(f"/letters/{typed}")).replace("\xa0", " ")
        assert "This letter is genuine" in words
        assert "Shifts worked 1" in words
        assert "Hours worked 2 h 30" in words
        assert "Zoë" not in words


def test_a_code_that_was_never_issued_is_said_to_be_none(browser: Browser) -> None:
    for code in ("K7QF-2M9X-4TRB", "x", "%F0%9F%99%82", "A" * 300):
        assert "no letter with this code" in browser.page(f"/letters/{code}", 404)


def test_someone_else_s_letter_is_not_there(volunteer: Browser, coordinator: Browser) -> None:
    past_shift(volunteer.person_id)
    volunteer.send("/my/hours", {"first_day": str(WEEK_AGO), "last_day": str(TODAY)})
    code = db.session.scalars(select(HoursLetter.code)).one()
    assert coordinator.get(f"/my/letters/{code}.pdf").status_code == 404
    assert volunteer.get("/my/letters/none.pdf").status_code == 404


def test_bad_days_come_back_with_what_was_typed(volunteer: Browser) -> None:
    past_shift(volunteer.person_id)
    for first_day in ("", "yesterday", "0001-01-01", "9999-12-31", "🙂", str(TODAY + timedelta(days=3))):
        page = volunteer.send("/my/hours", {"first_day": first_day, "last_day": str(TODAY)}, 422)
        assert "error-summary" in page.get_data(as_text=True)
    sent = {"first_day": "2001-01-01", "last_day": "2001-02-01"}
    assert 'value="2001-02-01"' in volunteer.send("/my/hours", sent, 409).get_data(as_text=True)


def test_a_name_that_the_font_cannot_show_is_told_at_once(app: Flask) -> None:
    li = Browser(app).sign_in(make.person(name="李雷 🙂"))
    past_shift(li.person_id)
    page = li.send("/my/hours", {"first_day": str(WEEK_AGO), "last_day": str(TODAY)}, 409)
    assert "李" in page.get_data(as_text=True)
    assert letter_pdf.unknown_letters("Zoë Şükrü Παπαδοπούλου Łukasz Đặng Іван O’Neil-Müller") == ""
    assert letter_pdf.unknown_letters("أمينة")  # its letters would have to be joined


def test_the_pdf_says_it_in_the_reader_s_language_and_twice_the_same(app: Flask) -> None:
    louis = Browser(app).sign_in(make.person(name="Louis", language="fr"))
    past_shift(louis.person_id)
    louis.send("/my/hours", {"first_day": str(WEEK_AGO), "last_day": str(TODAY)})
    code = db.session.scalars(select(HoursLetter.code)).one()
    first, second = (louis.get(f"/my/letters/{code}.pdf").data for _again in range(2))
    assert first == second
    assert re.search(rb"/Lang \(fr\)", first)
    assert [zlib.decompress(part) for part in re.findall(rb"(?s)stream\n(x.*?)\nendstream", first)]


def test_codes_cannot_be_guessed_or_misread() -> None:
    codes = {letters.new_code() for _each in range(2000)}
    assert len(codes) == 2000
    assert not set("".join(codes)) & set("01IOLU")
