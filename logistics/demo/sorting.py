"""What the sorting table did: yesterday, and this morning out of a delivery that is still being sorted."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from ..clock import as_if, now
from ..db import db
from ..stock.arriving import discards, sorting
from ..stock.arriving.models import Delivery, DeliveryState
from ..stock.models import Gender, Product, Size
from . import content
from .setting import Setting

# What went into boxes, size by size, and what of it was thrown out and why.
SORTED: Sequence[tuple[str, Gender, dict[str, int], list[tuple[str, int]]]] = (
    ("Jumpers", Gender.FEMALE, {"S": 18, "M": 26, "L": 21, "XL": 9}, [("dirty", 6), ("torn", 3)]),
    ("Joggers", Gender.FEMALE, {"S": 14, "M": 31, "L": 17}, [("torn", 5)]),
    ("Jackets", Gender.MALE, {"M": 11, "L": 8}, [("conspicuous", 4), ("unsuitable", 1)]),
)


def add_sorting(setting: Setting, today: datetime) -> int:
    """Sort some of the first delivery, yesterday and today; return how many boxes that made."""
    delivery_id = db.session.scalar(
        select(Delivery.id).where(Delivery.state == DeliveryState.ARRIVED).order_by(Delivery.id)
    )
    db.session.rollback()
    this_morning = min(max(today + timedelta(minutes=1), now() - timedelta(minutes=20)), now())
    made = 0
    for at in (today - timedelta(hours=9), this_morning):
        for number, (name, gender, sizes, thrown) in enumerate(SORTED):
            with as_if(at + timedelta(seconds=number)):
                made += _sort(setting, delivery_id, name, gender, sizes, thrown)
    return made


def _sort(
    setting: Setting,
    delivery_id: int | None,
    name: str,
    gender: Gender,
    sizes: dict[str, int],
    thrown: list[tuple[str, int]],
) -> int:
    """Put each size of a product into a new box; nothing where the catalogue has no such product."""
    rows = db.session.execute(
        select(Product.id, Size.id, Size.label)
        .join(Size, Size.product_id == Product.id)
        .where(Product.name == name, Product.gender == gender, Size.label.in_(sizes))
        .order_by(Size.position)
    ).all()
    db.session.rollback()
    actor_id, warehouse_id = setting.accounts["warehouse"], setting.main_warehouse
    for position, (_product_id, size_id, label) in enumerate(rows):
        sorting.put(
            actor_id=actor_id,
            warehouse_id=warehouse_id,
            size_id=size_id,
            quantity=sizes[label],
            new=True,
            location_id=setting.shelves[content.WAREHOUSES[0][0]][position],
            delivery_id=delivery_id,
        )
    for reason, quantity in thrown if rows else ():
        discards.throw_out(
            actor_id=actor_id,
            warehouse_id=warehouse_id,
            reason=reason,
            quantity=quantity,
            product_id=rows[0][0],
            delivery_id=delivery_id,
        )
    return len(rows)
