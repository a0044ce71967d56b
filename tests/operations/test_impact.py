"""What someone's shifts helped with: anonymous counts of closed distributions, and nothing else."""

from flask import Flask
from sqlalchemy import select

from logistics.db import db
from logistics.distributions.models import DistributionState
from logistics.operations.impact import Impact, impact
from logistics.outbox.mail import compose
from logistics.outbox.models import OutboxMessage
from logistics.shifts.models import SignUpState
from logistics.shifts.telling import reminding
from tests import make
from tests.shifts.worked import closed_distribution, past_shift


def test_it_sums_over_the_closed_distributions_of_shifts_one_attended(app: Flask) -> None:
    amina = make.person().id
    big, small = closed_distribution(412, 190), closed_distribution(30, 20)
    first = past_shift(amina, distribution=big).id
    past_shift(amina, distribution=small)
    past_shift(amina)  # at the warehouse
    past_shift(make.person(), distribution=big)  # someone else's
    assert impact(db.session, amina) == Impact(shifts=2, items=442, people=210)
    assert impact(db.session, amina, first) == Impact(shifts=1, items=412, people=190)


def test_two_shifts_of_one_distribution_count_its_goods_once(app: Flask) -> None:
    amina, done = make.person().id, closed_distribution(412, 190)
    past_shift(amina, distribution=done)
    past_shift(amina, distribution=done, days_ago=2)
    assert impact(db.session, amina) == Impact(shifts=2, items=412, people=190)


def test_nothing_is_told_of_a_shift_one_missed_or_before_the_books_are_closed(app: Flask) -> None:
    amina = make.person().id
    past_shift(amina, distribution=closed_distribution(), state=SignUpState.NO_SHOW)
    past_shift(amina, distribution=make.distribution(state=DistributionState.RETURNED, served_men=100))
    assert impact(db.session, amina) is None


def test_fewer_than_ten_people_are_not_told(app: Flask) -> None:
    amina = make.person().id
    past_shift(amina, distribution=closed_distribution(9, 9))
    assert impact(db.session, amina) is None


def test_the_thank_you_says_it_in_its_reader_s_language(app: Flask) -> None:
    louis = make.person(language="fr").id
    past_shift(louis, distribution=closed_distribution(412, 190))
    assert reminding.send_due(app.extensions["shoreline_settings"], impact) == 1
    told = db.session.scalars(select(OutboxMessage)).one()
    assert told.params["helped"] == {"shifts": 1, "things": 412, "people": 190}
    mail = compose(told.kind, told.to_address, told.language, told.params, message_id="<1@example.org>")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Votre 1 créneau a aidé à donner 412 articles à 190 personnes." in body.get_content()
