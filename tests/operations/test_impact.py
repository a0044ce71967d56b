"""What someone's shifts helped with: anonymous counts of closed distributions, and nothing else."""

from flask import Flask

from logistics.db import db
from logistics.distributions.models import DistributionState
from logistics.operations.impact import Impact, impact
from logistics.shifts.models import SignUpState
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
