"""What `flask verify` says of ages, qualifications and agreements that nobody can have written through a page."""

import pytest
from flask import Flask

from logistics.clock import now
from logistics.db import db, transaction
from logistics.people import agreements, qualifications
from logistics.people.checks import problems
from logistics.people.models import AgeGroup, Person
from logistics.people.qualification_models import Agreement, AgreementText, HeldQualification
from logistics.people.qualifications import Terms
from tests import make


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
