"""Distributions of long ago, written as rows by the thousand: received, packed, handed out, closed.

The last weeks are made through the services (`recent.py`); these older ones only give the lists their length.
They keep the same books: each box's movements are here, and its levels are their sums.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..distributions.models import Distribution, DistributionState
from ..stock.models import (
    OUTSIDE_IDS,
    Box,
    Level,
    Location,
    LocationKind,
    Movement,
    PackingItem,
    PackingLine,
    PackingList,
    Product,
    Size,
)
from . import content
from .rows import add_keyed_rows, add_rows
from .setting import Setting

DONATED, HANDED_OUT = OUTSIDE_IDS[LocationKind.DONATED], OUTSIDE_IDS[LocationKind.HANDED_OUT]


def add_old_distributions(
    session: Session, setting: Setting, starts: list[datetime], chance: random.Random
) -> list[int]:
    """Write one closed distribution for each start, with what it handed out; return their ids."""
    points = [setting.sites[name] for name, _french in content.MEETING_POINTS]
    coordinator, shelf = setting.accounts["coordinator"], setting.shelves[content.WAREHOUSES[0][0]][0]
    ids = add_rows(
        session,
        Distribution,
        [
            {
                "title": content.PLANS[n % len(content.PLANS)][0],
                "site_id": points[n % len(points)],
                "starts_at": start,
                "ends_at": start + timedelta(hours=2, minutes=30),
                "state": DistributionState.CLOSED,
                "expected_men": 100,
                "served_men": 90 + n % 20,
                "served_women": 0,
                "served_boys": 10 + n % 7,
                "served_girls": 0,
                "served_small_children": 0,
                "debrief": content.DEBRIEFS[n % 4][0],
                "created_by": coordinator,
                "ran_out_first": content.DEBRIEFS[n % 4][1],
                "created_at": start - timedelta(days=3),
            }
            for n, start in enumerate(starts)
        ],
    )
    vans = add_rows(
        session,
        Location,
        [
            {
                "kind": LocationKind.VAN,
                "outside": False,
                "name": f"Van {number}",
                "name_key": f"van {number}",
                "distribution_id": number,
            }
            for number in ids
        ],
    )
    add_keyed_rows(
        session, PackingList, [{"distribution_id": number, "warehouse_id": setting.main_warehouse} for number in ids]
    )
    sizes = _sizes(session)
    items, lines, boxes = [], [], []
    for n, number in enumerate(ids):
        product, its_sizes = sizes[n % len(sizes)]
        counts = [chance.randint(20, 80) for _size in its_sizes]
        items.append(
            {
                "distribution_id": number,
                "product_id": product,
                "groups": [],
                "total": sum(counts),
                "profile": {str(size): count for size, count in zip(its_sizes, counts, strict=True)},
            }
        )
        for size, count in zip(its_sizes, counts, strict=True):
            lines.append(
                {
                    "item": n,
                    "distribution_id": number,
                    "size_id": size,
                    "planned": count,
                    "packed": count,
                    "handed_out": count,
                    "came_back": 0,
                    "lost": 0,
                }
            )
            boxes.append(
                {
                    "code": f"P{number:05}-{size}",
                    "size_id": size,
                    "source": "donated",
                    "created_at": starts[n] - timedelta(days=2),
                }
            )
    item_ids = add_rows(session, PackingItem, items)
    add_rows(session, PackingLine, [{**line, "item_id": item_ids[line.pop("item")]} for line in lines])
    box_ids = add_rows(session, Box, boxes)
    van_of, start_of = dict(zip(ids, vans, strict=True)), dict(zip(ids, starts, strict=True))
    moved = list(_movements(box_ids, lines, van_of, start_of, shelf, setting.accounts["warehouse"]))
    add_rows(session, Movement, moved)
    add_keyed_rows(
        session,
        Level,
        [
            {"box_id": box, "location_id": place, "outside": outside, "quantity": quantity}
            for box, line in zip(box_ids, lines, strict=True)
            for place, outside, quantity in (
                (DONATED, True, -line["packed"]),
                (shelf, False, 0),
                (van_of[line["distribution_id"]], False, 0),
                (HANDED_OUT, True, line["packed"]),
            )
        ],
    )
    return ids


def _sizes(session: Session) -> list[tuple[int, list[int]]]:
    """Return the men's clothes of the product list, each with its sizes S, M and L."""
    found: dict[int, list[int]] = {}
    rows = session.execute(
        select(Product.id, Size.id)
        .join(Size)
        .where(Product.gender == "Male", Size.label.in_(("S", "M", "L")))
        .order_by(Size.id)
    )
    for product, size in rows:
        found.setdefault(product, []).append(size)
    return list(found.items())


def _movements(
    boxes: list[int],
    lines: list[dict[str, Any]],
    van_of: dict[int, int],
    start_of: dict[int, datetime],
    shelf: int,
    actor: int,
) -> Iterator[dict[str, Any]]:
    for box, line in zip(boxes, lines, strict=True):
        number, quantity = line["distribution_id"], line["packed"]
        start, van = start_of[number], van_of[number]
        common = {"box_id": box, "quantity": quantity, "actor_id": actor}
        yield {
            **common,
            "from_id": DONATED,
            "to_id": shelf,
            "reason": "donated",
            "at": start - timedelta(days=2),
            "distribution_id": None,
        }
        yield {
            **common,
            "from_id": shelf,
            "to_id": van,
            "reason": "packed",
            "at": start - timedelta(hours=3),
            "distribution_id": number,
        }
        yield {
            **common,
            "from_id": van,
            "to_id": HANDED_OUT,
            "reason": "handed_out",
            "at": start + timedelta(hours=4),
            "distribution_id": number,
        }
