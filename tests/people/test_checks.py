"""What `flask verify` says of ages, qualifications and agreements that nobody can have written through a page."""

import pytest
from flask import Flask
from sqlalchemy import text

from logistics.clock import now
from logistics.db import db, transaction
from logistics.people import agreements, checks, qualifications
from logistics.people.checks import problems
from logistics.people.models import AgeGroup, Person
from logistics.people.qualification_models import Agreement, AgreementText, HeldQualification
from logistics.people.qualifications import Terms
from logistics.web.filters import local_date
from tests import make
from tests.breaking import unsaid, without_checks

BROKEN = {  # what is done past every guard, and a piece of the sentence that names it
    "UPDATE person SET email_confirmed_at = NULL": "No admin can sign in any more",
    "UPDATE person SET totp_confirmed_at = created_at": "has an authenticator without a secret",
    "INSERT INTO recovery_code (person_id, code_hash) SELECT id, 'x' FROM person": "codes without an authenticator",
    "INSERT INTO mailed_link (person_id, purpose, token_hash, created_at, expires_at)"
    " SELECT id, 'reset_password', 'x', created_at, created_at FROM person": "expired before it was made",
    "UPDATE person SET guardian_consent_at = created_at": "a guardian's consent without being 16 or 17",
    "UPDATE held_qualification SET confirmed_at = NULL": "was confirmed by somebody, but at no time",
    "UPDATE agreement SET version = 4": "agreed to version 4 of conduct, which there is not",
    "DELETE FROM agreement_text WHERE language = 'fr'": "is there in 1 of 2 languages",
}


@pytest.fixture
def someone(app: Flask) -> Person:
    """Who has said and agreed to all there is, and broken nothing."""
    person = make.person("admin")
    texts = {"en": "Be kind.", "fr": "Soyez aimables."}
    agreements.publish(actor_id=person.id, kind="conduct", texts=texts, shown=0)
    agreements.agree(actor_id=person.id, shown={"conduct": 1})
    assert list(problems(db.session)) == []
    return person


def found(*broken: object) -> list[str]:
    """What is said about these rows, which are gone again afterwards."""
    with transaction() as session:
        session.add_all(broken)
        session.flush()
        said = list(problems(session))
        session.rollback()
    return said


def test_a_consent_without_a_minor_is_named(someone: Person) -> None:
    with transaction() as session:
        person = session.get_one(Person, someone.id)
        person.guardian_consent_at = now()
        session.flush()
        assert list(problems(session)) == [f"Person {person.id} has a guardian's consent without being 16 or 17."]
        person.age_group = AgeGroup.MINOR
        session.flush()
        assert list(problems(session)) == []


def test_a_confirmation_at_no_time_is_named(someone: Person) -> None:
    number = qualifications.create(actor_id=someone.id, terms=Terms("First aid"))
    (said,) = found(
        HeldQualification(
            person_id=someone.id, qualification_id=number, declared_at=now(), confirmed_by=someone.id, detail=""
        )
    )
    assert "confirmed by somebody, but at no time" in said


def test_an_agreement_to_nothing_is_named(someone: Person) -> None:
    (said,) = found(Agreement(person_id=someone.id, kind="insurance", version=4, agreed_at=now()))
    assert said.endswith("agreed to version 4 of insurance, which there is not.")


def test_a_text_in_one_language_is_named(someone: Person) -> None:
    half = AgreementText(kind="insurance", language="fr", version=1, text="Vous tous.", published_at=now())
    assert found(half) == ["Version 1 of insurance is there in 1 of 2 languages."]


def test_whatever_is_broken_is_named_and_every_sentence_is_said(someone: Person) -> None:
    """No statement above goes unnamed, and no check has a sentence that none of them brings out."""
    number, said = qualifications.create(actor_id=someone.id, terms=Terms("First aid")), list[str]()
    qualifications.confirm(actor_id=someone.id, person_id=someone.id, qualification_id=number, today=local_date(now()))
    for statement, named in BROKEN.items():
        with without_checks("person") as session:
            session.execute(text(statement))
            broken = list(problems(session))
        assert any(named in each for each in broken), (statement, broken)
        said += broken
    assert unsaid(said, checks) == []
