"""A small warehouse with the parts of a hygiene pack, and short names for what tests do with kits."""

from dataclasses import dataclass, replace

from logistics.db import db
from logistics.stock.kits import assembling, recipes
from logistics.stock.models import Size

from .. import make
from . import kit
from .kit import Depot


@dataclass(frozen=True)
class Packs:
    """Depots that see the parts (two soaps and a towel in each pack) and the kit, and the kit's product."""

    soap: Depot
    towel: Depot
    pack: Depot
    product_id: int

    @property
    def parts(self) -> list[list[int]]:
        """What the recipe says at first."""
        return [[self.soap.size, 2], [self.towel.size, 1]]


def packs() -> Packs:
    at = kit.depot()
    soap, towel = (_see(at, make.product(name, has_best_before=name == "Soap").id) for name in ("Soap", "Towel"))
    parts = [[soap.size, 2], [towel.size, 1]]
    number = recipes.make_kit(actor_id=at.actor_id, name="Hygiene pack", name_fr="Kit d’hygiène", parts=parts)
    return Packs(soap, towel, _see(at, number), number)


def _see(at: Depot, product_id: int) -> Depot:
    size = db.session.query(Size).filter(Size.product_id == product_id).one()
    return replace(at, product_id=product_id, sizes={size.label: size.id})


def recipe(of: Packs) -> int:
    db.session.rollback()
    return recipes.kit(db.session, of.product_id).recipe_id


def assemble(of: Packs, quantity: int, **more: object) -> str:
    more = {"seen": recipe(of), "location_id": of.pack.shelf, **more}
    return assembling.assemble(actor_id=of.pack.actor_id, product_id=of.product_id, quantity=quantity, **more)


def take_apart(of: Packs, code: str, quantity: int, **more: object) -> list[str]:
    more = {"from_id": of.pack.shelf, "to_id": of.pack.other_shelf, **more}
    return assembling.take_apart(actor_id=of.pack.actor_id, code=code, quantity=quantity, **more)


def on_hand(of: Packs) -> tuple[int, int, int]:
    """Soaps, towels and packs on hand."""
    return kit.stock(of.soap)[0], kit.stock(of.towel)[0], kit.stock(of.pack)[0]
