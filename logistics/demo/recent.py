"""The last weeks and the days to come, made through the services, as if it were then."""

import random
from datetime import datetime, timedelta

from sqlalchemy import select

from ..clock import as_if
from ..db import db
from ..distributions import service as distributions
from ..operations import cancelling, closing, dispatch, returning
from ..stock import packing, packing_lists
from ..stock.models import PackingLine, Product
from . import content
from .setting import Setting

LASTS = timedelta(hours=2, minutes=30)
AHEAD = 6  # days planned beyond tomorrow


def plan(setting: Setting, number: int, start: datetime, chance: random.Random) -> int:
    """Plan a distribution with its packing list, two days before; return its id."""
    title, items = content.PLANS[number % len(content.PLANS)]
    point = content.MEETING_POINTS[number % len(content.MEETING_POINTS)][0]
    actor = setting.accounts["coordinator"]
    distribution_id = distributions.create(
        actor_id=actor,
        title=title,
        site_id=setting.sites[point],
        starts_at=start,
        ends_at=start + LASTS,
        notes=content.NOTES[number % len(content.NOTES)],
        expected={"men": chance.randrange(60, 131, 10), "women": 10, "boys": 20, "girls": 5, "small_children": 5},
    )
    packing_lists.set_warehouse(actor_id=actor, distribution_id=distribution_id, warehouse_id=setting.main_warehouse)
    for name, gender, hundredths, groups in items:
        product_id = db.session.scalars(select(Product.id).where(Product.name == name, Product.gender == gender)).one()
        packing_lists.set_item(
            actor_id=actor,
            distribution_id=distribution_id,
            product_id=product_id,
            per_person_hundredths=hundredths,
            groups=groups,
            total=0,
            profile={},
        )
    return distribution_id


def pack(setting: Setting, distribution_id: int, *, all_of_it: bool) -> bool:
    """Pack what the pick list says, or its first half; in a small demo there may be nothing, then return False."""
    actor = setting.accounts["warehouse"]
    picks = packing.pick_list(db.session, distribution_id)
    if all_of_it and picks:
        packing.pack_all(actor_id=actor, distribution_id=distribution_id)
    if all_of_it or not picks:
        return bool(picks)
    todo = [(pick.size.id, pick.code, pick.shelf_id, pick.take) for pick in picks[: (len(picks) + 1) // 2]]
    for size_id, code, shelf_id, quantity in todo:
        packing.pack(
            actor_id=actor,
            distribution_id=distribution_id,
            size_id=size_id,
            code=code,
            from_id=shelf_id,
            quantity=quantity,
        )
    return True


def hold(setting: Setting, number: int, start: datetime, chance: random.Random) -> int:
    """Make a distribution that is over: planned, packed, out, back and closed; return its id.

    Where the warehouse has nothing to pack for it, it is called off.
    """
    with as_if(start - timedelta(days=2)):
        distribution_id = plan(setting, number, start, chance)
    with as_if(start - timedelta(hours=4)):
        if not pack(setting, distribution_id, all_of_it=True):
            actor = setting.accounts["coordinator"]
            cancelling.cancel(actor_id=actor, distribution_id=distribution_id, reason=content.NOTHING_LEFT)
            return distribution_id
    with as_if(start - timedelta(minutes=45)):
        dispatch.dispatch(actor_id=setting.accounts["coordinator"], distribution_id=distribution_id)
    with as_if(start + LASTS + timedelta(minutes=50)):
        _come_back(setting, distribution_id, number, chance)
    with as_if(start + LASTS + timedelta(hours=2)):
        closing.close(actor_id=setting.accounts["coordinator"], distribution_id=distribution_id)
    return distribution_id


def _come_back(setting: Setting, distribution_id: int, number: int, chance: random.Random) -> None:
    counts = {}
    for line in db.session.scalars(select(PackingLine).where(PackingLine.distribution_id == distribution_id)):
        came_back = chance.choice((0, 0, line.packed // 10, line.packed // 5))
        lost = 1 if line.packed > 20 and chance.random() < 0.2 else 0
        counts[line.id] = (line.packed - came_back - lost, came_back, lost)
    debrief, ran_out_first = content.DEBRIEFS[number % len(content.DEBRIEFS)]
    returning.record_return(
        actor_id=setting.accounts["warehouse"],
        distribution_id=distribution_id,
        counts=counts,
        shelf_id=setting.shelves[content.WAREHOUSES[0][0]][0],
        served={
            "men": chance.randrange(60, 120),
            "women": 10,
            "boys": chance.randrange(10, 25),
            "girls": 0,
            "small_children": 0,
        },
        debrief=debrief,
        ran_out_first=ran_out_first,
    )
