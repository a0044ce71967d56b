"""Products and boxes: the ASSORT list, Boxtribute's export on top, and what the demo's distributions hand out."""

import random
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..clock import now
from ..commands import command
from ..db import db
from ..stock import importing_boxes, importing_products
from ..stock.diets import checked
from ..stock.models import Product, Size
from ..stock.receiving import ReceivedRow, receive_rows
from ..stock.stand_ins.setting import set_stand_in
from ..stock.targets.setting import Bounds, Wish, set_targets
from . import content
from .french import FRENCH_PRODUCTS
from .setting import Setting

FOOD = "Food & Kitchen"


def add_goods(setting: Setting, boxes: int, chance: random.Random, today: date) -> int:
    """Import the products and boxes of the two files, and add boxes up to `boxes`; return how many there are.

    Some of them are of food whose date is near `today`.
    """
    importing_products.import_products(actor_id=None, data=content.PRODUCTS_FILE.read_bytes())
    lines = content.BOXES_FILE.read_bytes().splitlines(keepends=True)
    done = 0
    if boxes:
        done = importing_boxes.import_boxes(
            actor_id=setting.accounts["warehouse"],
            data=b"".join(lines[: boxes + 1]),
            warehouse=content.WAREHOUSES[0][0],
            add_missing=True,
        )["boxes"]
    name_products()
    if boxes - done >= len(content.FOOD_BOXES):
        done += receive_food(setting=setting, today=today)
    return done + receive_more(setting=setting, count=boxes - done, seed=chance.random())


@command
def name_products(session: Session) -> None:
    """Give products their French names, what one costs where the giving page offers it, and what food contains."""
    for product in session.scalars(select(Product)):
        product.name_fr = FRENCH_PRODUCTS.get(product.name)
        product.unit_cost = content.UNIT_COSTS.get((product.name, product.gender))
        if product.name in content.FOOD_LABELS:
            product.allergens, product.diets = checked(*content.FOOD_LABELS[product.name])


@command
def receive_more(session: Session, *, setting: Setting, count: int, seed: float) -> int:
    """Receive boxes of what the distributions hand out first, then of everything; return how many."""
    chance = random.Random(seed)
    shelves = [shelf for ids in setting.shelves.values() for shelf in ids]
    wanted = {(name, gender) for _title, items in content.PLANS for name, gender, _each, _groups in items}
    sizes = session.execute(select(Size.id, Size.share, Product).join(Size.product).order_by(Size.id)).all()
    first = [row for row in sizes if (row.Product.name, row.Product.gender) in wanted and row.share]
    rows = []
    for number in range(max(0, count)):
        # The first hundred or so are what is handed out; at any larger size, every kind has its boxes.
        row = first[number % len(first)] if number < 3 * len(first) else chance.choice(sizes)
        rows.append(
            ReceivedRow(
                code=f"S{number + 1:05}",
                size_id=row.id,
                location_id=shelves[number % len(shelves)] if number >= 3 * len(first) else chance.choice(shelves[:18]),
                quantity=chance.randrange(40, 161, 4),
                best_before=_best_before(row.Product, chance),
            )
        )
    return receive_rows(session, rows, actor_id=setting.accounts["warehouse"])


def _best_before(product: Product, chance: random.Random) -> date | None:
    return now().date() + timedelta(days=chance.randrange(20, 700)) if product.has_best_before else None


@command
def receive_food(session: Session, *, setting: Setting, today: date) -> int:
    """Receive food whose date is near `today`, or has passed by then; return how many boxes."""
    shelves = setting.shelves[content.WAREHOUSES[0][0]]
    found = select(Size.id, Product.name).join(Size.product).where(Product.has_best_before).order_by(Size.id)
    sizes = {name: size_id for size_id, name in session.execute(found) if name in content.FOOD}
    rows = [
        ReceivedRow(
            code=f"F{number:03}",
            size_id=sizes[name],
            location_id=shelves[number % len(shelves)],
            quantity=quantity,
            best_before=today + timedelta(days=days),
        )
        for number, (name, quantity, days) in enumerate(content.FOOD_BOXES, 1)
        if name in sizes
    ]
    return receive_rows(session, rows, actor_id=setting.accounts["warehouse"])


def keep_enough(setting: Setting) -> int:
    """Set the minimums and targets of what should always be there; return how many."""
    ids, done = _ids(), 0
    for name, gender, season, minimum, target in content.TARGETS:
        if (name, gender) in ids:
            wish = Wish(ids[name, gender], Bounds(minimum, target)).plain()
            actor = setting.accounts["warehouse"]
            done += set_targets(actor_id=actor, warehouse_id=0, season=season, wishes=[wish])
    return done


def let_stand_in(setting: Setting) -> int:
    """Say what may be handed out instead of what; return how many pairs of products."""
    ids, done = _ids(), 0
    for asked, by, sizes, both_ways in content.STAND_INS:
        if asked in ids and by in ids:
            matched = _sizes(ids[asked], ids[by], sizes)
            actor = setting.accounts["admin"]
            set_stand_in(actor_id=actor, product_id=ids[asked], by_id=ids[by], sizes=matched, both_ways=both_ways)
            done += 1
    return done


def _ids() -> dict[tuple[str, str], int]:
    """Return the ids of products by name and gender."""
    rows = db.session.execute(select(Product.id, Product.name, Product.gender))
    return {(name, gender): key for key, name, gender in rows}


def _sizes(asked_id: int, by_id: int, labels: dict[str, str]) -> dict[str, int]:
    """Return which size of a product is taken for which of another, where labels say so."""
    rows = db.session.execute(
        select(Size.product_id, Size.label, Size.id).where(Size.product_id.in_([asked_id, by_id]))
    )
    size_ids = {(product_id, label): size_id for product_id, label, size_id in rows}
    return {str(size_ids[asked_id, label]): size_ids[by_id, by] for label, by in labels.items()}
