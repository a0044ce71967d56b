"""All that is held about a person: nothing is left out of it, and nothing personal is left when they go."""

import io
import json
import zipfile
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from logistics.audit import AuditLine, record
from logistics.clock import now
from logistics.db import Base, db, transaction
from logistics.distributions.models import Site
from logistics.errors import Conflict, NotFound
from logistics.giving.models import Donor, Fund, Gift, GiftState
from logistics.operations import personal
from logistics.outbox.models import OutboxMessage
from logistics.outbox.service import enqueue
from logistics.people import accounts, links, passwords, roles
from logistics.people.checks import problems as people_problems
from logistics.people.models import LinkPurpose, Person
from logistics.people.qualification_models import Agreement, EmergencyContact, HeldQualification, Qualification
from logistics.shifts import signing
from logistics.shifts.checks import problems
from logistics.shifts.day import attendance, codes, leads, presence
from logistics.shifts.day_models import CalledOut, HoursLetter, Presence, RoleWish, Stay
from logistics.shifts.group_models import Convoy, ConvoyMember
from logistics.shifts.models import Shift, SignUp, SignUpState
from logistics.shifts.worked import hours, letters
from logistics.stock.narrowing.models import SavedFilter
from tests import make
from tests.browsing import Browser, text_of
from tests.racing import race, refused
from tests.shifts.worked import past_shift, sign_up
from tests.stock import arriving, kit

PASSWORD = "a lantern by the quay"


def refers_to_people() -> set[str]:
    """Every column that refers to a person."""
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
    }


def test_every_column_that_refers_to_a_person_is_given_or_only_says_who_did_something() -> None:
    given = {column for section in personal.SECTIONS for column in section.covers}
    signs = {column for holding in personal.HOLDINGS for column in holding.signs}
    assert refers_to_people() - given - signs == set(), "say in a part's personal.py what it gives of these"
    assert (given | signs) - refers_to_people() == set()
    assert not given & signs


def test_sections_have_keys_and_fields_of_their_own(app: Flask) -> None:
    keys = [section.key for section in personal.SECTIONS]
    assert len(set(keys)) == len(keys)
    of = personal.Whose(1, "someone@example.org", True)
    for section in personal.SECTIONS:
        assert len(section.rows(of).selected_columns) == len(section.fields), section.key


def full_life(name: str = "Zoë Şükrü") -> int:
    """Someone of whom everything is held that can be."""
    person = make.person(name=name, email="zoe@example.org")
    person_id = person.id
    role_id, coming = make.role("Driver").id, make.shift(maximum=1, starts_at=now() + timedelta(days=9)).id
    past = past_shift(person_id, days_ago=4, cancel_reason=None).id
    signing.sign_up(actor_id=person_id, shift_id=coming)
    today = now().date()
    letters.issue(actor_id=person_id, first_day=today - timedelta(days=9), last_day=today, zone=now().tzinfo)
    accounts.change_details(actor_id=person_id, name=name, phone="1 2 3 4 5", language="en")
    site_id = make.warehouse().id
    with transaction() as session:
        one = session.get_one(Person, person_id)
        one.phone, one.age_group, one.calendar_hash = "+33 6 12 34 56 78", "adult", "x" * 64
        one.password_hash = passwords.hash_password(PASSWORD)
        first_aid = Qualification(name="First aid", name_key="first aid")
        fund = Fund(name="General", name_key="general", restricted=False)
        donor = Donor(email="zoe@example.org", name="Zoë Giver", language="en", created_at=now())
        convoy = Convoy(name="Eight from Kent", leader_id=person_id, size=8, join_hash="j" * 64, created_at=now())
        session.add_all([first_aid, fund, donor, convoy])
        session.flush()
        gift = {"name": "Zoë Giver", "donor_id": donor.id, "fund_id": fund.id, "amount": 700, "currency": "gbp"}
        session.add_all(
            [
                HeldQualification(person_id=person_id, qualification_id=first_aid.id, declared_at=now()),
                Agreement(person_id=person_id, kind="conduct", version=1, agreed_at=now()),
                EmergencyContact(person_id=person_id, name="Mum", phone="+44 20 7946 0000", changed_at=now()),
                SavedFilter(person_id=person_id, name="Mine", name_key="mine", query="gender=Girl", created_at=now()),
                Stay(person_id=person_id, arrives_on=today, leaves_on=today, created_at=now()),
                RoleWish(person_id=person_id, role_id=role_id),
                Presence(person_id=person_id, site_id=site_id, day=today, arrived_at=now()),
                CalledOut(person_id=person_id, shift_id=past, at=now()),
                ConvoyMember(convoy_id=convoy.id, person_id=person_id, joined_at=now(), seats=4),
                Gift(reference="G-1", language="en", created_at=now(), state=GiftState.PAID, paid_at=now(), **gift),
            ]
        )
        links.make_link(session, person_id, LinkPurpose.RESET_PASSWORD)
        enqueue(session, "shift_thanks", "zoe@example.org", "en", person_id=person_id, name=name)
        record(session, None, "shift.lead_chosen", "shift", past, person_id=person_id)
    point = arriving.point(kit.depot())
    arriving.announce(point, arriving.slot(point), name=name, email="zoe@example.org", phone="+33 6 12", note="Mum's")
    return person_id


def signed_in(app: Flask, person_id: int) -> Browser:
    return Browser(app).sign_in(db.session.get_one(Person, person_id))


def test_the_download_has_all_of_it(app: Flask) -> None:
    browser = signed_in(app, full_life())
    page = text_of(browser.page("/my/data"))
    assert "Your qualifications 1" in page
    answer = browser.get("/my/data.zip")
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        assert file.namelist() == ["data.json", "data.html"]
        told, html = json.loads(file.read("data.json")), file.read("data.html").decode()
    empty = {section.key for section in personal.SECTIONS if not told[section.key]}
    assert empty == {"recovery_codes", "shifts_you_lead", "uploads"}
    assert told["account"][0]["name"] == "Zoë Şükrü"
    assert told["gifts"][0]["amount_in_pence_or_cents"] == 700
    assert {row["state"] for row in told["shifts"]} == {"attended", "confirmed"}
    for word in ("Zoë Şükrü", "First aid", "Mum", "Eight from Kent", "shift_thanks", "G-1"):
        assert word in html
    for secret in ("x" * 64, "j" * 64, "$argon2"):
        assert secret not in html + json.dumps(told)


def test_the_download_has_what_was_mailed_and_what_others_wrote_down(app: Flask, coordinator: Browser) -> None:
    person_id, other = make.person(name="Zoë", language="fr").id, make.person().id
    shift_id = make.shift(of_role=make.role("Driver", name_fr="Conducteur"), starts_at=now() - timedelta(hours=1)).id
    for number in (person_id, other):
        signing.add_person(actor_id=coordinator.person_id, shift_id=shift_id, person_id=number)
    attendance.mark(
        actor_id=coordinator.person_id, shift_id=shift_id, person_id=person_id, what="arrived", seen="expected"
    )
    leads.choose_lead(actor_id=coordinator.person_id, shift_id=shift_id, person_id=person_id)
    with transaction() as session:
        enqueue(session, "reset_password", "x@example.org", "en", person_id=person_id, secret_path="/reset/t0ken")
        enqueue(session, "written_no_more", "x@example.org", "en", person_id=person_id, role="Driver")
    with zipfile.ZipFile(io.BytesIO(signed_in(app, person_id).get("/my/data.zip").data)) as file:
        told, html = json.loads(file.read("data.json")), file.read("data.html").decode()
    texts = {row["kind"]: row["text"] for row in told["messages"]}
    assert "Bonjour Zoë" in texts["sign_up_confirmed"]
    assert f"/shifts/{shift_id}" in texts["sign_up_confirmed"]
    assert "To set a new password" in texts["reset_password"]
    assert texts["written_no_more"] == "role: Driver"
    assert "Bonjour Zoë" in html
    assert "t0ken" not in json.dumps(told) + html
    noted = [row["action"] for row in told["what_others_wrote_down"]]
    assert noted == ["shift.person_added", "shift.attendance_marked", "shift.lead_chosen"]


def test_gifts_under_an_email_that_is_not_confirmed_are_not_given(app: Flask) -> None:
    person_id = full_life()
    with transaction() as session:
        session.get_one(Person, person_id).email_confirmed_at = None
    held = personal.counts(db.session, personal.whose(db.session, person_id))
    assert (held["gifts"], held["donor"]) == (0, 0)


def test_it_is_one_s_own_only(app: Flask, browser: Browser) -> None:
    full_life()
    other = signed_in(app, make.person("admin").id)
    with zipfile.ZipFile(io.BytesIO(other.get("/my/data.zip").data)) as file:
        assert b"Mum" not in file.read("data.json")
    for path in ("/my/data", "/my/data.zip", "/my/data/delete"):
        assert "/sign-in" in browser.get(path).headers["Location"]


def test_deleting_empties_the_account_and_leaves_the_hours(app: Flask) -> None:
    person_id, waiting = full_life(), make.person().id
    coming = db.session.scalars(select(SignUp.shift_id).where(SignUp.state == SignUpState.CONFIRMED)).one()
    sign_up(waiting, coming, SignUpState.WAITING, waiting_since=now())
    code = db.session.scalars(select(HoursLetter.code)).one()
    before = hours.total(db.session)
    browser = signed_in(app, person_id)
    wrong = browser.send("/my/data/delete", {"password": "not it", "sure": "y"}, 422)
    assert "That is not your password." in wrong.get_data(as_text=True)
    assert "Tick to delete." in browser.send("/my/data/delete", {"password": PASSWORD}, 422).get_data(as_text=True)
    browser.send("/my/data/delete", {"password": PASSWORD, "sure": "y"})
    assert "/sign-in" in browser.get("/my").headers["Location"]
    gone = db.session.get_one(Person, person_id)
    assert (gone.email, gone.phone, gone.calendar_hash, gone.age_group) == (
        f"deleted-{person_id}@invalid",
        None,
        None,
        None,
    )
    assert gone.deleted_at is not None
    assert gone.disabled_at is not None
    assert gone.roles == frozenset()
    for table in (HeldQualification, Agreement, EmergencyContact, Stay, RoleWish, CalledOut):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0, table
    assert hours.total(db.session) == before == hours.Total(1, 180)
    states = dict(db.session.execute(select(SignUp.person_id, SignUp.state).where(SignUp.shift_id == coming)).all())
    assert states == {person_id: SignUpState.CANCELLED, waiting: SignUpState.OFFERED}
    assert "This letter is genuine" in browser.page(f"/letters/{code}")
    assert db.session.scalars(select(Gift.name)).one() == "Zoë Giver"  # as the law asks
    assert db.session.scalars(select(OutboxMessage.person_id)).all() == [waiting]
    assert db.session.scalars(select(AuditLine.action).order_by(AuditLine.id)).all()[-1] == "person.deleted"
    assert [*problems(db.session), *people_problems(db.session)] == []


def test_nothing_of_someone_who_left_is_left_in_any_table(app: Flask) -> None:
    person_id = full_life(name="Zoë Unmistakable")
    personal.delete_account(actor_id=person_id)
    for table in Base.metadata.sorted_tables:
        if table.name in ("donor", "gift"):
            continue
        for row in db.session.execute(select(table)):
            kept = " ".join(str(value) for value in row)
            for trace in ("Unmistakable", "zoe@example.org", "+33 6 12", "Mum", "7946", "from Kent"):
                assert trace not in kept, f"{table.name}: {kept}"


def test_whoever_is_on_a_shift_now_is_told_to_wait(app: Flask) -> None:
    person_id = make.person().id
    shift = make.shift(starts_at=now() - timedelta(minutes=1), of_role=make.role("Driver"))
    shift_id = shift.id
    sign_up(person_id, shift_id, SignUpState.CONFIRMED)
    with pytest.raises(Conflict, match="You are on a shift now: Driver"):
        personal.delete_account(actor_id=person_id)
    with transaction() as session:
        mine = session.scalars(select(SignUp)).one()
        mine.state, mine.arrived_at, mine.left_at = SignUpState.ATTENDED, now(), now()
    personal.delete_account(actor_id=person_id)
    assert db.session.get_one(Shift, shift_id).filled == 1  # who was there was there


def test_whoever_is_still_out_after_the_planned_end_is_told_to_sign_out(app: Flask) -> None:
    person_id = make.person().id
    shift = make.shift(starts_at=now() - timedelta(hours=5), hours=3, of_role=make.role("Hand out"))
    sign_up(person_id, shift, SignUpState.CONFIRMED, arrived_at=now() - timedelta(hours=5))
    for state in (SignUpState.CONFIRMED, SignUpState.ATTENDED):  # before and after the worker settled it
        with transaction() as session:
            session.scalars(select(SignUp)).one().state = state
        with pytest.raises(Conflict, match="Nobody has written down yet that you left your shift: Hand out"):
            personal.delete_account(actor_id=person_id)
    with transaction() as session:  # whom nobody signed out is taken to have left by then
        session.scalars(select(SignUp)).one().arrived_at = now() - presence.STAYS - timedelta(minutes=1)
    personal.delete_account(actor_id=person_id)


def test_who_leaves_stands_in_the_hall_no_more(app: Flask, coordinator: Browser) -> None:
    person_id, site_id = make.person(name="Zoë").id, make.warehouse().id
    codes.make_for_wall(actor_id=coordinator.person_id, site_id=site_id)
    key = db.session.get_one(Site, site_id).wall_key or ""
    presence.arrive(actor_id=person_id, key=key, day=now().date())
    assert "Zoë" in coordinator.page(f"/board?site={site_id}")
    personal.delete_account(actor_id=person_id)
    assert presence.here(db.session, site_id) == []
    assert "(–)" not in coordinator.page(f"/board?site={site_id}")


def test_the_last_admin_stays(app: Flask) -> None:
    first, second = make.person("admin", "volunteer").id, make.person("admin").id
    personal.delete_account(actor_id=first)
    with pytest.raises(Conflict, match="last admin"):
        personal.delete_account(actor_id=second)
    assert db.session.get_one(Person, second).deleted_at is None
    assert db.session.get_one(Person, second).roles


def test_who_leads_a_convoy_ahead_ends_it_first(app: Flask) -> None:
    leader = make.person().id
    shift_id = make.shift().id
    with transaction() as session:
        convoy = Convoy(name="Eight from Kent", leader_id=leader, size=8, join_hash="j", created_at=now())
        session.add(convoy)
        session.flush()
        convoy_id = convoy.id
    sign_up(leader, shift_id, SignUpState.CONFIRMED, places=3, convoy_id=convoy_id)
    with pytest.raises(Conflict, match="Eight from Kent"):
        personal.delete_account(actor_id=leader)
    with transaction() as session:
        session.get_one(Convoy, convoy_id).ended_at = now()
    personal.delete_account(actor_id=leader)
    assert db.session.get_one(Shift, shift_id).filled == 0


def test_coordinators_hear_of_a_place_that_is_free_so_late_without_a_name(app: Flask) -> None:
    make.person("coordinator")
    person_id = make.person(name="Zoë Unmistakable").id
    sign_up(person_id, make.shift(starts_at=now() + timedelta(hours=3)), SignUpState.CONFIRMED)
    personal.delete_account(actor_id=person_id)
    told = db.session.scalars(select(OutboxMessage)).one()
    assert told.kind == "left_late"
    assert "Unmistakable" not in str(told.params)


def test_an_account_is_deleted_once_and_is_nobody_s_any_more(app: Flask, admin: Browser) -> None:
    person_id = make.person(name="Zoë").id
    personal.delete_account(actor_id=person_id)
    with pytest.raises(NotFound):
        personal.delete_account(actor_id=person_id)
    with pytest.raises(NotFound):
        roles.switch_on(actor_id=admin.person_id, person_id=person_id)
    with pytest.raises(NotFound):
        roles.invite_again(actor_id=admin.person_id, person_id=person_id)
    assert admin.get(f"/admin/people/{person_id}").status_code == 404
    assert f"deleted-{person_id}@invalid" not in admin.page("/admin/people")
    assert admin.get(f"/volunteers/{person_id}").status_code == 404


def test_their_hours_stay_in_the_books_as_someone_s(app: Flask, coordinator: Browser) -> None:
    person_id = full_life(name="Zoë Unmistakable")
    shift_id = db.session.scalars(select(SignUp.shift_id).where(SignUp.state == SignUpState.ATTENDED)).one()
    personal.delete_account(actor_id=person_id)
    year_ago = now().date() - timedelta(days=300)
    for path in (f"/volunteers/hours?from={year_ago}", f"/shifts/{shift_id}/hours"):
        words = text_of(coordinator.page(path))
        assert "someone who left" in words
        assert "Unmistakable" not in words


def test_a_refusal_is_said_on_the_page(app: Flask) -> None:
    person_id = full_life()
    sign_up(person_id, make.shift(starts_at=now() - timedelta(minutes=5)), SignUpState.CONFIRMED)
    page = signed_in(app, person_id).send("/my/data/delete", {"password": PASSWORD, "sure": "y"}, 409)
    assert "You are on a shift now" in page.get_data(as_text=True)


def test_the_page_tells_what_the_law_has_us_keep(volunteer: Browser) -> None:
    assert "because the law asks" in text_of(volunteer.page("/my/data/delete"))


def test_who_signs_up_while_leaving_is_on_no_shift_afterwards(app: Flask) -> None:
    people = [make.person().id for _each in range(6)]
    shift_id = make.shift(maximum=6).id
    leave = [partial(personal.delete_account, actor_id=person) for person in people]
    join = [partial(signing.sign_up, actor_id=person, shift_id=shift_id) for person in people]
    answers = race(app, *leave, *join)
    assert answers[:6] == [None] * 6
    refused(answers, NotFound)
    assert db.session.get_one(Shift, shift_id).filled == 0
    assert SignUpState.CONFIRMED not in set(db.session.scalars(select(SignUp.state)))
    assert list(problems(db.session)) == []


def test_of_two_admins_who_leave_at_once_one_stays(app: Flask) -> None:
    both = [make.person("admin").id for _each in range(2)]
    answers = race(app, *(partial(personal.delete_account, actor_id=person) for person in both))
    assert refused(answers, Conflict) == 1
    assert list(people_problems(db.session)) == []
