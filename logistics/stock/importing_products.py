"""Importing ASSORT's list of products: what a file would change, and changing it, all or nothing."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..audit import record
from ..commands import command
from ..errors import Invalid, msg, name_of, nmsg
from .importing import BadRow, ProductRow, parse_products
from .models import Product
from .products import make_product

# What perishes, in ASSORT's categories for food and water: the rest there is pots, bowls and containers.
FOOD_CATEGORIES = ("food & kitchen", "water")
PERISHES = ("food", "bottled water")
# What other systems' lists call food in so many words, whatever they file it under.
EDIBLE = frozenset(
    {
        *("beans", "biscuits", "bread", "canned food", "cereal", "cereals", "chickpeas", "chocolate", "coffee"),
        *("condensed milk", "cooking oil", "couscous", "crackers", "dates", "dried fruit", "dry food", "flour", "food"),
        *("honey", "infant formula", "jam", "juice", "lentils", "milk", "milk powder", "noodles", "nuts", "oats"),
        *("oil", "olive oil", "pasta", "peanut butter", "powdered milk", "rice", "salt", "sardines", "sauce"),
        *("semolina", "snacks", "soup", "spaghetti", "spices", "sugar", "sunflower oil", "tea", "tinned food"),
        *("tomato paste", "tomato sauce", "tuna", "vegetable oil", "yeast"),
    }
)


@dataclass
class ProductPlan:
    """What importing a file would do. It can be done when nothing is `bad`."""

    new: list[ProductRow] = field(default_factory=list)
    unchanged: int = 0
    changed: list[BadRow] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)

    @property
    def summary(self) -> dict[str, int]:
        """Return how many of each thing, for a report and the command's answer."""
        return {"products": len(self.new), "unchanged": self.unchanged, "changed": len(self.changed)}


@command
def import_products(session: Session, *, actor_id: int | None, data: bytes) -> dict[str, int]:
    """Import a list of products; return how many. Raises `Invalid` when any row is bad; then nothing is written."""
    return write_products(session, plan_products(session, data), actor_id=actor_id)


def plan_products(session: Session, data: bytes) -> ProductPlan:
    """Return what importing this file would do, writing nothing."""
    parsed = parse_products(data)
    plan = ProductPlan(bad=parsed.bad)
    known = session.scalars(select(Product).options(selectinload(Product.sizes))).all()
    by_id = {product.assort_id: product for product in known if product.assort_id is not None}
    by_name = {(product.name_key, product.gender): product for product in known}
    for row in parsed.rows:
        product = by_id.get(row.assort_id) or by_name.get((row.name.casefold(), row.gender))
        if product is None:
            plan.new.append(row)
        else:
            _compare(plan, row, product)
    return plan


def write_products(session: Session, plan: ProductPlan, *, actor_id: int | None) -> dict[str, int]:
    """Step: add the products of a plan made in this transaction; return how many of each thing."""
    if plan.bad:
        raise Invalid(
            nmsg(
                "Nothing was imported: %(num)d row cannot be taken.",
                "Nothing was imported: %(num)d rows cannot be taken.",
                len(plan.bad),
            )
        )
    for row in plan.new:
        make_product(
            session,
            name=row.name,
            gender=row.gender,
            category=row.category,
            sizes=row.sizes,
            size_range=row.size_range,
            has_best_before=perishes(row.name, row.category),
            assort_id=row.assort_id,
        )
    record(session, actor_id, "products.imported", "product", "list", **plan.summary)
    return plan.summary


def perishes(name: str, category: str) -> bool:
    """Return whether a listed product has a best-before date."""
    if name.strip().casefold() in EDIBLE:
        return True
    return category.casefold() in FOOD_CATEGORIES and any(word in name.casefold() for word in PERISHES)


def _compare(plan: ProductPlan, row: ProductRow, product: Product) -> None:
    """Count a row whose product is here already as unchanged, or report how it differs; never apply it."""
    missing = {size.casefold() for size in row.sizes} - {size.label_key for size in product.sizes}
    differs = [
        what
        for what, same in (
            ("name", row.name.casefold() == product.name_key),
            ("gender", row.gender == product.gender),
            ("category", row.category == product.category),
            ("sizes", not missing),
        )
        if not same
    ]
    if not differs:
        plan.unchanged += 1
        return
    reason = msg(
        "%(product)s is here already and differs from the file (%(what)s). It is left as it is.",
        product=name_of(product),
        what=", ".join(differs),
    )
    plan.changed.append(BadRow(row.line, reason))
