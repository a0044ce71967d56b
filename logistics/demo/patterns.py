"""The demo's patterns, made of its days and laid over the week after; and who wants to be asked to fill in."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..clock import now
from ..commands import command
from ..db import db
from ..distributions.models import Distribution, DistributionState
from ..people.models import Person
from ..shifts.plans import laying
from . import recent
from .setting import Setting

DAYS = 5


def add_patterns(setting: Setting, today: datetime) -> None:
    """Keep a morning and an afternoon as patterns, and lay the morning over the days that have no shifts yet."""
    coordinator, zone = setting.accounts["coordinator"], today.tzinfo
    assert zone is not None
    first = (today + timedelta(days=recent.AHEAD + 8)).date()
    mornings = laying.keep_day(
        actor_id=coordinator,
        name="A morning at the warehouse",
        name_fr="Une matinée à l’entrepôt",
        day=(today + timedelta(days=1)).date(),
        site_id=setting.main_warehouse,
        zone=zone,
    )
    days = [first + timedelta(days=number) for number in range(DAYS)]
    laying.lay_over_days(actor_id=coordinator, pattern_id=mornings, days=days, zone=zone)
    coming = select(Distribution.id).where(
        Distribution.state == DistributionState.PLANNED, Distribution.starts_at > now()
    )
    laying.keep_distribution(
        actor_id=coordinator,
        name="A distribution day",
        name_fr="Une journée de distribution",
        distribution_id=db.session.scalars(coming.order_by(Distribution.starts_at).limit(1)).one(),
        zone=zone,
    )
    want_call_outs(setting=setting)


@command
def want_call_outs(session: Session, *, setting: Setting) -> None:
    """Let every other volunteer want to be asked when a shift is short."""
    session.execute(update(Person).where(Person.id.in_(setting.volunteers[::2])).values(wants_call_outs=True))
