"""Making the demo: a charity with three weeks behind it, a van being packed, and days to come."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..clock import as_if, now
from ..commands import command
from ..config import Settings
from ..db import db
from ..distributions.models import Distribution, DistributionState
from ..errors import Conflict, msg
from ..people.models import Person
from ..people.passwords import hash_password
from ..stock import expiring
from ..stock.knowing import flows
from . import content, recent
from .counts import add_stock_takes
from .crew import Crewed, add_crews, fullness, morning, once_a_week
from .deliveries import add_deliveries
from .goods import add_goods, keep_enough, let_stand_in
from .groups import bring_convoy
from .kits import add_kits
from .labels import add_labels
from .money import add_gifts, add_spends
from .past import add_old_distributions
from .patterns import add_patterns
from .purchases import add_purchases
from .setting import Setting, make_setting
from .sorting import add_sorting
from .transfers import add_transfers
from .volunteering import add_requirements, add_standing

RECENT = 21  # days made through the services; older ones are written as rows


@dataclass(frozen=True)
class Sizes:
    """How big a charity: volunteers, boxes, days behind us, gifts."""

    volunteers: int = 60
    boxes: int = 560
    days: int = 21
    gifts: int = 120


def load(sizes: Sizes, tell: Callable[[str], None]) -> None:
    """Fill an empty database with the demo, telling its progress. Raises Conflict when there are accounts already."""
    if db.session.scalar(select(Person.id).limit(1)) is not None:
        raise Conflict(msg("There are accounts here already: the demo needs an empty database."))
    settings: Settings = current_app.extensions["shoreline_settings"]
    chance = random.Random(20261124)  # the same demo each time
    today = now().astimezone(settings.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    began = today - timedelta(days=sizes.days + 3)
    password_hash = hash_password(content.PASSWORD)
    with as_if(began):
        setting = set_the_scene(volunteers=sizes.volunteers, password_hash=password_hash)
        tell(f"{len(setting.volunteers)} volunteers, {len(setting.sites)} sites, {len(setting.roles)} roles")
        boxes = add_goods(setting, sizes.boxes, chance, today.date())
        keep_enough(setting)
        let_stand_in(setting)
        add_labels(setting)
        tell(f"{boxes} boxes on the shelves")
    for number, start in enumerate(_afternoons(today, min(sizes.days, RECENT))):
        recent.hold(setting, number, start, chance)
    write_old(setting=setting, starts=_afternoons(today - timedelta(days=RECENT), sizes.days - RECENT), seed=1)
    tell(f"{sizes.days} distributions held")
    _plan_coming(setting, today, chance)
    tell("one being packed, one tomorrow, and the days after planned")
    tell(f"{add_deliveries(setting, today)} deliveries expected, or here and unsorted")
    tell(f"{add_sorting(setting, today)} boxes filled at the sorting table")
    tell(f"{add_stock_takes(setting, today)} shelves counted, one of them half")
    tell(f"{add_kits(setting, today)} kits put together")
    tell(f"{add_transfers(setting, today)} transfers to the annex")
    book(setting=setting, today=today, days=sizes.days, seed=2)
    who_may_do_what(setting=setting)
    add_patterns(setting, today)
    bring_convoy(setting)
    tell("crews booked, and who may do what")
    while expiring.mark_due():
        pass
    give(setting=setting, gifts=sizes.gifts, days=sizes.days, seed=3)
    bought = add_purchases(setting, today)
    tell(f"{sizes.gifts} gifts, and what was spent of them, {bought} times on goods")
    forget_flows()


def _afternoons(today: datetime, days: int) -> list[datetime]:
    """Return the start of each afternoon's distribution in the days before `today`, the oldest first."""
    return [(today - timedelta(days=back)).replace(hour=14, minute=15) for back in range(max(0, days), 0, -1)]


def _plan_coming(setting: Setting, today: datetime, chance: random.Random) -> None:
    """Plan today's, which is being packed, tomorrow's and those of the days after."""
    with as_if(today - timedelta(days=1)):
        first = recent.plan(setting, 0, _later_today(today), chance)
        for ahead in range(1, recent.AHEAD + 2):
            start = (today + timedelta(days=ahead)).replace(hour=14, minute=15)
            recent.plan(setting, ahead, start, chance)
    recent.pack(setting, first, all_of_it=False)


def _later_today(today: datetime) -> datetime:
    """Return 14:15, or on a late start the next half hour after that, so that today's van has not left yet."""
    usual, local = today.replace(hour=14, minute=15), now().astimezone(today.tzinfo)
    if local < usual:
        return usual
    return local.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=90)


@command
def write_old(session: Session, *, setting: Setting, starts: list[datetime], seed: int) -> None:
    """Write the distributions older than the last weeks."""
    if starts:
        add_old_distributions(session, setting, starts, random.Random(seed))


@command
def forget_flows(session: Session) -> None:
    """Let the worker write the days of this past, which it may have found empty."""
    flows.forget_since(session, datetime(2000, 1, 1, tzinfo=UTC))


@command
def book(session: Session, *, setting: Setting, today: datetime, days: int, seed: int) -> None:
    """Crew every distribution, and the warehouse's mornings: the past fully, the days to come mostly."""
    chance = random.Random(seed)
    halves = [
        Crewed(site_id, starts_at, ends_at, number, 1.0 if starts_at < today else fullness(chance))
        for number, site_id, starts_at, ends_at in session.execute(
            select(Distribution.id, Distribution.site_id, Distribution.starts_at, Distribution.ends_at)
        )
    ]
    halves += once_a_week(today, days, setting.main_warehouse, len(setting.volunteers))
    for offset in range(-days, recent.AHEAD + 8):
        half = morning(today + timedelta(days=offset), setting.main_warehouse, 1.0 if offset < 0 else fullness(chance))
        halves.append(half)
    add_crews(session, setting, sorted(halves, key=lambda half: half.starts_at), now())


@command
def who_may_do_what(session: Session, *, setting: Setting) -> None:
    """Write what roles need, and how everyone stands towards it."""
    add_requirements(session, setting)
    add_standing(session, setting, now())


@command
def give(session: Session, *, setting: Setting, gifts: int, days: int, seed: int) -> None:
    """Write the gifts, and spend some of them on the distributions that are over."""
    given = add_gifts(session, setting, gifts, days, now(), random.Random(seed))
    held = session.execute(
        select(Distribution.id, Distribution.ends_at)
        .where(Distribution.state == DistributionState.CLOSED)
        .order_by(Distribution.starts_at.desc(), Distribution.id)
    )
    add_spends(session, setting, [(number, ended_at) for number, ended_at in held], given)


@command
def set_the_scene(session: Session, *, volunteers: int, password_hash: str) -> Setting:
    """Write what stands before anything happens."""
    return make_setting(session, volunteers, password_hash, now())
