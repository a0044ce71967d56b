"""Kits: three recipes of the ASSORT list's products, and some of each that were put together."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from ..clock import as_if
from ..db import db
from ..stock.kits import assembling, recipes
from ..stock.models import Availability, Product, Size
from .setting import Setting

# Name, name in French, and the parts: product, for whom, how many.
KITS = (
    (
        "Hygiene pack",
        "Kit d’hygiène",
        (("Soap", "-", 2), ("Shampoo", "-", 1), ("Deodorant", "-", 1), ("Towels", "-", 1)),
    ),
    (
        "Snug pack",
        "Kit chaud",
        (("Winter Hats", "Male", 1), ("Gloves", "Male", 1), ("Thin Socks", "Male", 2)),
    ),
    (
        "Welcome pack",
        "Kit d’accueil",
        (("Tents", "-", 1), ("Blankets", "-", 2), ("Sleeping Bags", "-", 1)),
    ),
)
MOST_TOGETHER = 12  # of each, and no more than a third of what there are parts for


def add_kits(setting: Setting, today: datetime) -> int:
    """Write the recipes, put some kits together in the main warehouse where it has the parts, and return how many."""
    shelf_id, made = next(iter(setting.shelves.values()))[0], 0
    with as_if(today - timedelta(days=1) + timedelta(hours=11)):
        for title, title_fr, wanted in KITS:
            number = recipes.make_kit(
                actor_id=setting.accounts["admin"],
                name=title,
                name_fr=title_fr,
                parts=[[_size(name, gender), each] for name, gender, each in wanted],
            )
            kit = recipes.kit(db.session, number)
            free = recipes.free_of(db.session, [part.size_id for part in kit.parts])
            count = min(MOST_TOGETHER, recipes.possible(kit.parts, free, setting.main_warehouse) // 3)
            seen = kit.recipe_id
            if count:
                assembling.assemble(
                    actor_id=setting.accounts["warehouse"],
                    product_id=number,
                    seen=seen,
                    location_id=shelf_id,
                    quantity=count,
                )
            made += count
    return made


def _size(name: str, gender: str) -> int:
    """Return the size of a product of which there is most: these parts fit anyone."""
    there = func.coalesce(func.sum(Availability.on_hand), 0)
    query = (
        select(Size.id)
        .join(Size.product)
        .outerjoin(Availability, Availability.size_id == Size.id)
        .where(Product.name == name, Product.gender == gender)
        .group_by(Size.id)
        .order_by(Size.label_key.not_in(["one size", "mixed sizes"]), there.desc(), Size.position)
    )
    return db.session.scalars(query.limit(1)).one()
