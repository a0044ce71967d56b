"""Letters on hours: what they certify, who may have them, and what their check shows."""

import re
import zlib
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from fontTools.ttLib import TTFont, TTLibError
from sqlalchemy import func, select, update

from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid
from logistics.operations.personal import delete_account
from logistics.people.models import Person
from logistics.printing import can_print
from logistics.shifts.day_models import HoursLetter
from logistics.shifts.worked import hours, letter_pdf, letters
from tests import make
from tests.browsing import Browser, text_of
from tests.test_pdf_signing import signed_by

from .worked import past_shift

ZONE = now().tzinfo
TODAY = now().date()
WEEK_AGO = TODAY - timedelta(days=7)


def ask(browser: Browser, *, shift: bool = True) -> str:
    """Ask for a letter on the last week, on a shift of three hours unless told, and return its code."""
    if shift:
        past_shift(browser.person_id)
    browser.send("/my/hours", {"first_day": str(WEEK_AGO), "last_day": str(TODAY)})
    return db.session.scalars(select(HoursLetter.code).order_by(HoursLetter.id.desc()).limit(1)).one()


def scanned(browser: Browser, code: str) -> str:
    """The address in a letter's square: the link of its PDF."""
    found = re.search(rb"/URI \((http[^)]*)\)", browser.get(f"/my/letters/{code}.pdf").data)
    assert found
    address = urlsplit(found[1].decode())
    return f"{address.path}?{address.query}"


def unsigned(pdf: bytes) -> bytes:
    """The file as it was before its signature, which is added at the end and tells when it was made."""
    return pdf.split(b"%%EOF")[0]


def call_them(person_id: int, name: str) -> None:
    with transaction() as session:
        session.get_one(Person, person_id).name = name


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


def test_names_are_printed_in_their_own_script(app: Flask) -> None:
    for name in (
        "Zoë Şükrü",
        "Παπαδοπούλου",
        "Łukasz Đặng",
        "Іван",
        "أمينة الخطيب",
        "دانا پارسا‌منش",
        "דוד כהן",
        "Զարուհի",
    ):
        assert can_print(name), name
    amina = Browser(app).sign_in(make.person(name="أمينة الخطيب"))
    code = ask(amina)
    assert amina.get(f"/my/letters/{code}.pdf").data.startswith(b"%PDF-")


def test_arabic_letters_are_joined() -> None:
    def pictures(name: str) -> set[str]:
        words = letter_pdf.Words("en", "", "", "", "", [], [(name, "")], "", "", "", "x", "x")
        for part in re.findall(rb"(?s)stream\n(.*?)\nendstream", letter_pdf.draw(words, now())):
            with suppress(zlib.error, TTLibError):
                return set(TTFont(BytesIO(zlib.decompress(part))).getGlyphOrder())
        raise AssertionError("no font")

    assert "uni0628" in pictures("ب")
    assert {"uniFE90", "uniFE91", "uniFE92"} <= pictures("ببب")  # as it looks at the end, the beginning, and amid


def test_a_name_that_the_font_cannot_print_is_read_by_scanning(app: Flask, browser: Browser) -> None:
    li = Browser(app).sign_in(make.person(name="李雷"))
    code = ask(li)
    assert not can_print("李雷")
    assert li.get(f"/my/letters/{code}.pdf").data.startswith(b"%PDF-")
    assert "李雷" in browser.page(scanned(li, code))


def test_a_letter_keeps_the_name_it_was_issued_to(volunteer: Browser) -> None:
    code = ask(volunteer)
    before = unsigned(volunteer.get(f"/my/letters/{code}.pdf").data)
    call_them(volunteer.person_id, "Somebody Else")
    assert unsigned(volunteer.get(f"/my/letters/{code}.pdf").data) == before
    other = ask(volunteer, shift=False)
    assert other != code  # to the new name
    names = db.session.scalars(select(HoursLetter.name).order_by(HoursLetter.id)).all()
    assert names == ["Amina Volunteer", "Somebody Else"]


def test_the_square_shows_what_was_printed(volunteer: Browser, browser: Browser) -> None:
    address = scanned(volunteer, ask(volunteer))
    assert "Name Amina Volunteer" in text_of(browser.page(address))
    with transaction() as session:
        session.execute(update(HoursLetter).values(minutes=6000))
    words = text_of(browser.page(address))
    assert "This address is not the one on our letter" in words
    assert "Amina" not in words


def test_a_seal_that_was_made_up_is_said_not_to_be_ours(volunteer: Browser, browser: Browser) -> None:
    code = ask(volunteer)
    for seal in ("x", "🙂", "a" * 3000):
        words = text_of(browser.page(f"/letters/{code}?seal={seal}"))
        assert "is not the one on our letter" in words
        assert "Amina" not in words


def test_a_name_can_be_compared_with_the_letter_s(volunteer: Browser, browser: Browser) -> None:
    code = ask(volunteer)
    for name, answer in (("amina  VOLUNTEER", "is the name on"), ("Amina Other", "is not the name on")):
        page = browser.post(f"/letters/{code}", data={"name": name})
        assert page.status_code == 200
        assert answer in text_of(page.get_data(as_text=True))
    assert browser.post(f"/letters/{code}", data={"name": " "}).status_code == 422
    assert browser.post("/letters/K7QF-2M9X-4TRB", data={"name": "Amina"}).status_code == 404


def test_the_name_of_who_left_is_still_checked_by_scanning(volunteer: Browser, browser: Browser) -> None:
    code = ask(volunteer)
    address = scanned(volunteer, code)
    delete_account(actor_id=volunteer.person_id)
    assert db.session.scalars(select(HoursLetter.name)).one() is None
    words = text_of(browser.page(f"/letters/{code}"))
    assert "This letter is genuine" in words
    assert "Scan the square on the letter to check a name" in words
    assert "not the name" in text_of(browser.post(f"/letters/{code}", data={"name": "Amina Volunteer"}).text)
    assert "is the name on" in text_of(browser.post(address, data={"name": "Amina Volunteer"}).text)
    assert "not the name" in text_of(browser.post(address, data={"name": "Amina Other"}).text)


def test_a_later_correction_is_told(volunteer: Browser, coordinator: Browser, browser: Browser) -> None:
    shift_id = past_shift(volunteer.person_id, hours=3).id
    code = ask(volunteer, shift=False)
    assert "corrected since" not in browser.page(f"/letters/{code}")
    hours.correct(actor_id=coordinator.person_id, shift_id=shift_id, minutes={str(volunteer.person_id): 60})
    words = text_of(browser.page(f"/letters/{code}")).replace("\xa0", " ")
    assert "Hours worked 3 h" in words  # as issued
    assert "The record was corrected since. For these days it now counts 1 h on 1 shift." in words


def test_a_code_is_found_however_it_is_typed(volunteer: Browser, browser: Browser) -> None:
    code = ask(volunteer)
    for typed in (
        code.replace("-", ""),
        f" {code.lower()} ",
        code.replace("-", " "),
        code.replace("-", "–"),
        f"{code}.",
    ):
        assert "This letter is genuine" in browser.page(f"/letters/{typed}")
        answer = browser.post("/letters", data={"code": typed})
        assert (answer.status_code, answer.location) == (303, f"/letters/{code}")
    assert "error-summary" in browser.post("/letters", data={"code": ""}).text
    for wrong in ("K7QF-2M9X-4TRB", f"{code}A", "🙂", "-"):
        answer = browser.post("/letters", data={"code": wrong})
        assert answer.status_code == 404
        assert "We issued no letter with this code" in answer.text
    assert browser.post("/letters", data={"code": "K" * 61}).status_code == 422


def test_the_pdf_says_it_in_the_reader_s_language_and_twice_the_same(app: Flask) -> None:
    louis = Browser(app).sign_in(make.person(name="Louis", language="fr"))
    past_shift(louis.person_id)
    louis.send("/my/hours", {"first_day": str(WEEK_AGO), "last_day": str(TODAY)})
    code = db.session.scalars(select(HoursLetter.code)).one()
    first, second = (louis.get(f"/my/letters/{code}.pdf").data for _again in range(2))
    assert unsigned(first) == unsigned(second)
    assert re.search(rb"/Lang \(fr\)", first)
    assert [zlib.decompress(part) for part in re.findall(rb"(?s)stream\n(x.*?)\nendstream", first)]


def test_the_file_is_signed_by_the_certificate_that_the_page_of_checks_gives(
    app: Flask, volunteer: Browser, browser: Browser
) -> None:
    pdf = volunteer.get(f"/my/letters/{ask(volunteer)}.pdf").data
    certificate = browser.get("/letters/certificate.cer")
    assert certificate.mimetype == "application/pkix-cert"
    found = x509.load_der_x509_certificate(certificate.data)
    assert signed_by(pdf, certificate.data)
    assert found.subject.rfc4514_string() == "CN=Shoreline"
    assert found.fingerprint(SHA256()).hex(":").upper() in browser.page("/letters")


def test_without_a_key_letters_carry_their_seal_alone(
    app: Flask, volunteer: Browser, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = replace(app.extensions["shoreline_settings"], signing_key=None)
    monkeypatch.setitem(app.extensions, "shoreline_settings", plain)
    code = ask(volunteer)
    pdf = volunteer.get(f"/my/letters/{code}.pdf").data
    assert unsigned(pdf) + b"%%EOF\n" == pdf
    assert "This letter is genuine" in browser.page(scanned(volunteer, code))
    assert "signed, too" not in browser.page("/letters")
    assert browser.get("/letters/certificate.cer").status_code == 404


def test_codes_cannot_be_guessed_or_misread() -> None:
    codes = {letters.new_code() for _each in range(2000)}
    assert len(codes) == 2000
    assert not set("".join(codes)) & set("01IOLU")
