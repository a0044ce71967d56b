"""Planning a distribution, changing its plan, and the states it goes through."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from logistics.audit import AuditLine
from logistics.clock import now
from logistics.db import db, transaction
from logistics.distributions import checks, service, sites
from logistics.distributions.models import Distribution, DistributionState
from logistics.errors import Conflict, Invalid, NotFound

from .. import make
from ..breaking import unsaid, without_checks

START = now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)


def plan(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "title": "Hoodies",
        "starts_at": START,
        "ends_at": START + timedelta(hours=2),
        "notes": "Bring gloves",
        "expected": {"men": 200, "boys": 3},
    }
    return values | changes


@pytest.fixture
def actor(app: Flask) -> int:
    return make.person("coordinator").id


def all_well() -> bool:
    db.session.rollback()
    return list(checks.problems(db.session)) == []


def test_a_distribution_is_planned(actor: int) -> None:
    point = make.meeting_point()
    number = service.create(actor_id=actor, site_id=point.id, **plan(title="  Hoodies "))
    found = service.get(db.session, number)
    assert (found.title, found.state, found.site.id, found.created_by) == ("Hoodies", "planned", point.id, actor)
    assert found.expected == {"men": 200, "women": 0, "boys": 3, "girls": 0, "small_children": 0}
    line = db.session.scalars(select(AuditLine)).one()
    assert (line.action, line.distribution_id) == ("distribution.created", number)
    assert all_well()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"ends_at": START}, "ends_at"),
        ({"ends_at": START + timedelta(hours=25)}, "ends_at"),
        ({"starts_at": now() - timedelta(hours=25), "ends_at": now() - timedelta(hours=24)}, "starts_at"),
        ({"starts_at": START + timedelta(days=800), "ends_at": START + timedelta(days=800, hours=1)}, "starts_at"),
        ({"expected": {"men": -1}}, "expected_men"),
        ({"expected": {"girls": 100_001}}, "expected_girls"),
        ({"site_id": 999_999}, "site_id"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(actor: int, changes: dict[str, Any], field: str) -> None:
    point = make.meeting_point()
    with pytest.raises(Invalid) as refused:
        service.create(actor_id=actor, **{"site_id": point.id, **plan(), **changes})
    assert refused.value.field == field
    assert db.session.scalars(select(Distribution)).all() == []


def test_it_takes_place_at_an_open_meeting_point(actor: int) -> None:
    house, point = make.warehouse(), make.meeting_point()
    sites.close(actor_id=actor, site_id=point.id)
    for site in (house, point):
        with pytest.raises(Invalid, match="meeting point"):
            service.create(actor_id=actor, site_id=site.id, **plan())


def test_yesterdays_may_still_be_written_down(actor: int) -> None:
    point, start = make.meeting_point(), now() - timedelta(hours=20)
    number = service.create(
        actor_id=actor, site_id=point.id, **plan(starts_at=start, ends_at=start + timedelta(hours=1))
    )
    assert service.get(db.session, number).starts_at == start


def change(actor: int, distribution_id: int, **changes: Any) -> service.Changed:
    current = service.get(db.session, distribution_id)
    values = {
        name: getattr(current, name)
        for name in ("title", "site_id", "starts_at", "ends_at", "notes", "version", "expected")
    }
    with transaction() as session:
        return service.change(session, actor_id=actor, distribution_id=distribution_id, **values | changes)


def test_a_change_says_what_it_was_before(actor: int) -> None:
    distribution, point = make.distribution(), make.meeting_point()
    old_site, old_start = distribution.site_id, distribution.starts_at
    later = old_start + timedelta(hours=2)
    done = change(
        actor,
        distribution.id,
        site_id=point.id,
        starts_at=later,
        ends_at=later + timedelta(hours=1),
        expected={"men": 5},
    )
    assert (done.old_site_id, done.old_starts_at, done.moved_by) == (old_site, old_start, timedelta(hours=2))
    assert done.moved
    assert done.recounted
    line = db.session.scalars(select(AuditLine)).one()
    assert line.details["fields"] == ["ends_at", "expected", "site_id", "starts_at"]
    same = change(actor, distribution.id)
    assert not same.moved
    assert not same.recounted
    assert all_well()


def test_a_stale_change_is_refused(actor: int) -> None:
    distribution = make.distribution()
    change(actor, distribution.id, title="Jackets")
    with pytest.raises(Conflict, match="while you were editing"):
        change(actor, distribution.id, version=1)
    with pytest.raises(NotFound):
        change_missing(actor)


def change_missing(actor: int) -> None:
    with transaction() as session:
        service.change(session, actor_id=actor, distribution_id=999_999, version=1, site_id=1, **plan())


@pytest.mark.parametrize("state", ["out", "returned", "closed", "cancelled"])
def test_the_plan_stands_once_the_van_has_left(actor: int, state: str) -> None:
    distribution = make.distribution(state=state)
    with pytest.raises(Conflict):
        change(actor, distribution.id, title="Jackets")


def test_an_old_plan_keeps_its_site_and_day_when_something_else_changes(actor: int) -> None:
    distribution = make.distribution(starts_at=now() - timedelta(days=9))
    with transaction() as session:
        session.execute(text("UPDATE site SET closed_at = CURRENT_TIMESTAMP"))
    change(actor, distribution.id, title="Jackets")
    with pytest.raises(Invalid):
        change(actor, distribution.id, starts_at=now() - timedelta(days=8), ends_at=now())


ORDER = ("planned", "packing", "out", "returned", "closed")
ALLOWED = {*pairwise(ORDER), ("planned", "cancelled"), ("packing", "cancelled")}


@pytest.mark.parametrize("before", DistributionState)
@pytest.mark.parametrize("to", DistributionState)
def test_only_the_next_state_follows(actor: int, before: DistributionState, to: DistributionState) -> None:
    distribution_id = make.distribution(state=before).id

    def advance() -> None:
        with transaction() as session:
            service.advance(session, service.lock(session, distribution_id), to, actor)

    if (before.value, to.value) in ALLOWED:
        advance()
        found = service.get(db.session, distribution_id)
        assert (found.state, found.version) == (to, 2)
        line = db.session.scalars(select(AuditLine)).one()
        assert (line.action, line.distribution_id) == (f"distribution.{to}", distribution_id)
    elif to != DistributionState.PLANNED:
        with pytest.raises(Conflict):
            advance()
        assert service.get(db.session, distribution_id).state == before


def test_packing_starts_once(actor: int) -> None:
    distribution_id = make.distribution().id
    for _ in range(2):
        with transaction() as session:
            service.start_packing(session, service.lock(session, distribution_id), actor)
    assert service.get(db.session, distribution_id).state == "packing"
    assert len(db.session.scalars(select(AuditLine)).all()) == 1
    with pytest.raises(NotFound), transaction() as session:
        service.lock(session, 999_999)


def test_a_site_is_not_closed_under_a_distribution(actor: int) -> None:
    distribution = make.distribution()
    site_id, distribution_id = distribution.site_id, distribution.id
    with pytest.raises(Conflict, match="still to take place"):
        sites.close(actor_id=actor, site_id=site_id)
    with transaction() as session:
        service.advance(session, service.lock(session, distribution_id), DistributionState.CANCELLED, actor)
    for _ in range(2):
        sites.close(actor_id=actor, site_id=site_id)
    sites.reopen(actor_id=actor, site_id=site_id)
    assert sites.get(db.session, site_id).closed_at is None
    with pytest.raises(NotFound):
        sites.close(actor_id=actor, site_id=999_999)


BROKEN = {  # what is done past every guard, and a piece of the sentence that names it
    "UPDATE distribution SET served_men = 5": "says how many were served, but it is planned",
    "UPDATE distribution SET debrief = 'Calm'": "has a debrief, but it is planned",
    "UPDATE site SET kind = 'warehouse'": "which is no meeting point",
    "UPDATE distribution SET version = 0": "has a version below 1",
    "UPDATE distribution SET ends_at = starts_at": "ends before it starts",
}


def test_whatever_does_not_hold_is_named_and_every_sentence_is_said(app: Flask) -> None:
    """No statement above goes unnamed, and no check has a sentence that none of them brings out."""
    distribution_id, said = make.distribution().id, list[str]()
    assert all_well()
    for broken, named in BROKEN.items():
        with without_checks("distribution") as session:
            session.execute(text(broken))
            (problem,) = checks.problems(session)
        assert f"distribution {distribution_id}" in problem
        assert named in problem
        said.append(problem)
    assert unsaid(said, checks) == []
