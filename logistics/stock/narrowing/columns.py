"""The columns that the list of boxes can have, on the page and in its downloads alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from ...web.filters import either, local_date, named
from ..models import LocationKind, Unit
from ..words import SOURCES, UNITS, labels, listed_gender
from .asking import State
from .words import STATES


@dataclass(frozen=True)
class Column:
    """What a column is called, and what it says of a row of `finding.BOXES_IN_FULL`: a text, a number or a day."""

    label: Any
    value: Callable[[Any], Any]
    numeric: bool = False


def _state(row: Any) -> Any:
    if row.kind == LocationKind.VAN:
        return STATES[State.VAN]
    if row.kind == LocationKind.TRANSIT:
        return STATES[State.WAY]
    if row.quantity == 0:
        return STATES[State.EMPTY]
    return STATES[State.EXPIRED if row.expired else State.SHELF]


# What is on no shelf has neither warehouse nor shelf: so an import of the list knows it.
COLUMNS: Mapping[str, Column] = {
    "code": Column(_l("Box"), lambda row: row.code),
    "product": Column(_l("Product"), named),
    "gender": Column(_l("Gender"), lambda row: listed_gender(row.gender)),
    "size": Column(_l("Size"), lambda row: labels()[row.label]),
    "quantity": Column(_l("How many"), lambda row: row.quantity, numeric=True),
    "warehouse": Column(_l("Warehouse"), lambda row: row.warehouse and either(row.warehouse, row.warehouse_fr)),
    "shelf": Column(_l("Shelf"), lambda row: row.shelf if row.warehouse else ""),
    "best_before": Column(_l("Best before"), lambda row: row.best_before),
    "state": Column(_l("State"), _state),
    "category": Column(_l("Category"), lambda row: labels()[row.category]),
    "unit": Column(_l("Unit"), lambda row: UNITS[Unit(row.unit)]),
    "source": Column(_l("Source"), lambda row: SOURCES[LocationKind(row.source)]),
    "note": Column(_l("Note"), lambda row: row.note),
    "made": Column(_l("Made on"), lambda row: local_date(row.created_at)),
    "moved": Column(_l("Last moved on"), lambda row: row.moved and local_date(row.moved)),
    "french": Column(_l("Name in French"), lambda row: row.name_fr or ""),
}
# What a download has when nothing is chosen: all that an import needs to make the same boxes again.
COMPLETE = (
    *("code", "product", "gender", "size", "quantity", "warehouse", "shelf", "best_before"),
    *("french", "category", "unit", "source", "note"),
)


def known(text: str) -> tuple[str, ...]:
    """Return the columns that an address names, in the order in which columns stand."""
    asked = set(text.split("."))
    return tuple(name for name in COLUMNS if name in asked)


def values(names: Sequence[str]) -> list[Callable[[Any], Any]]:
    """Return what each of some columns says of a row.

    Beside its name in French, a product is called as it is kept; else in the language of the page.
    """
    kept = "french" in names
    return [(lambda row: row.name) if kept and name == "product" else COLUMNS[name].value for name in names]
