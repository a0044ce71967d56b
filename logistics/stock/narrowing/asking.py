"""What boxes can be asked for besides code, product, size and place: as plain values, and as conditions of a query."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, false, null, select

from ..models import Box, Level, Location, LocationKind, Movement, Product, Size


class State(StrEnum):
    """How a box, or what of it is in one place, stands."""

    SHELF = "shelf"
    VAN = "van"
    WAY = "way"
    EMPTY = "empty"
    EXPIRED = "expired"


class Origin(StrEnum):
    """Where the contents of a box came from."""

    DONATED = "donated"
    BOUGHT = "bought"
    DELIVERY = "delivery"
    PURCHASE = "purchase"
    IMPORT = "import"


_KINDS = {State.SHELF: LocationKind.SHELF, State.VAN: LocationKind.VAN, State.WAY: LocationKind.TRANSIT}


@dataclass(frozen=True)
class More:
    """What else is asked for; what is empty or None is not.

    `made_before` and `still_since` are moments: the box was made before, nothing of it moved since. `size_key` is a
    size's label in lower case. Days and moments, not ages, so that a query which is kept stays true.
    """

    gender: str = ""
    category: str = ""
    size_key: str = ""
    state: str = ""
    origin: str = ""
    made_before: datetime | None = None
    still_since: datetime | None = None
    best_until: date | None = None
    undated: bool = False

    @property
    def of_product(self) -> bool:
        """Return whether products and sizes have to be looked at."""
        return bool(self.gender or self.category or self.size_key)


def conditions(more: More) -> list[ColumnElement[bool]]:
    """Return the conditions of a query over Level and Box, and Size and Product where `of_product` says so."""
    found: list[ColumnElement[bool]] = []
    if more.gender:
        found.append(Product.gender == more.gender)
    if more.category:
        found.append(Product.category == more.category)
    if more.size_key:
        found.append(Size.label_key == more.size_key)
    if more.state in _KINDS:
        places = select(Location.id).where(Location.kind == _KINDS[State(more.state)])
        found.append(Level.location_id.in_(places))
    if more.state == State.EXPIRED:
        found.append(Box.expired.is_(True))
    if more.origin:
        found.append(_came_from(more.origin))
    if more.made_before is not None:
        found.append(Box.created_at < more.made_before)
    if more.still_since is not None:
        moved = select(Movement.id).where(Movement.box_id == Level.box_id, Movement.at >= more.still_since)
        found.append(~moved.exists())
    if more.best_until is not None:
        found.append(Box.best_before <= more.best_until)
    if more.undated:
        found.append(Box.best_before.is_(None))
    return found


def _came_from(origin: str) -> ColumnElement[bool]:
    match origin:
        case Origin.DONATED | Origin.BOUGHT:
            return Box.source == origin
        case Origin.IMPORT:
            return Box.import_row.is_not(null())
        case Origin.DELIVERY:
            named = Movement.delivery_id
        case Origin.PURCHASE:
            named = Movement.purchase_line_id
        case _:
            return false()
    return select(Movement.id).where(Movement.box_id == Level.box_id, named.is_not(None)).exists()
