"""How deliveries are spoken of on a page: "6 bags", "a collection group", "waiting to be sorted"."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from ...web.filters import named, number
from ..models import Product
from ..words import DISCARDED, for_whom
from .models import BringerKind, DeliveryState, DiscardReason, Measure

MEASURES = {
    Measure.BAG: _l("bags"),
    Measure.BOX: _l("boxes"),
    Measure.PALLET: _l("pallets"),
    Measure.KILOGRAM: _l("kilograms"),
    Measure.PIECE: _l("pieces"),
}
BRINGERS = {
    BringerKind.DONOR: _l("Someone who gives"),
    BringerKind.GROUP: _l("A collection group"),
    BringerKind.SUPPLIER: _l("A supplier"),
}
STATES = {
    DeliveryState.ANNOUNCED: _l("Announced"),
    DeliveryState.ARRIVED: _l("Waiting to be sorted"),
    DeliveryState.SORTED: _l("Sorted"),
    DeliveryState.CANCELLED: _l("Will not come"),
}
STATE_KINDS = {
    DeliveryState.ANNOUNCED: "plain",
    DeliveryState.ARRIVED: "warn",
    DeliveryState.SORTED: "ok",
    DeliveryState.CANCELLED: "bad",
}


def measured(count: int, measure: str) -> str:
    """Return how much of something there is: "6 bags", "1 pallet"."""
    match Measure(measure):
        case Measure.PALLET:
            return str(ngettext("%(count)s pallet", "%(count)s pallets", count, count=number(count)))
        case Measure.BAG:
            return str(ngettext("%(count)s bag", "%(count)s bags", count, count=number(count)))
        case Measure.BOX:
            return str(ngettext("%(count)s box", "%(count)s boxes", count, count=number(count)))
        case Measure.KILOGRAM:
            return str(_("%(count)s kg", count=number(count)))
        case Measure.PIECE:
            return str(ngettext("%(count)s piece", "%(count)s pieces", count, count=number(count)))


def summed(amounts: Mapping[str, int]) -> str:
    """Return amounts by measure in one line, in the order in which measures are offered: "6 bags, 2 pallets"."""
    return ", ".join(measured(amounts[measure], measure) for measure in MEASURES if amounts.get(measure))


def thrown_out(discards: Iterable[tuple[str, int]]) -> str:
    """Return what was thrown out in one line: "torn: 3, dirty: 1"."""
    return ", ".join(
        str(_("%(what)s: %(value)s", what=str(DISCARDED[DiscardReason(reason)]).lower(), value=number(count)))
        for reason, count in discards
    )


def what(line: Any) -> str:
    """Return what a line is: its product's name in the page's language, or what somebody typed."""
    return whole_name(line.product) if line.product else str(line.what)


def listed(lines: Iterable[Any]) -> str:
    """Return lines in one: "Coats: 6 bags, Tents: 10 pieces", as they came, or before that as they were announced."""
    return ", ".join(
        str(_("%(what)s: %(value)s", what=what(line), value=measured(counted(line), line.measure))) for line in lines
    )


def counted(line: Any) -> int:
    """Return how much of a line there is: what came, or what was announced."""
    return int(line.amount if line.came is None else line.came)


def whole_name(product: Product) -> str:
    """Return a product's name with whom it is for: "Joggers, men"."""
    whom = for_whom(product.gender)
    return f"{named(product)}, {whom}" if whom else named(product)


def by_typed_name(products: Iterable[Product]) -> dict[str, int]:
    """Return which product a typed name means, by its key: its whole name, or a name that only one has."""
    whole: dict[str, int] = {}
    bare: dict[str, set[int]] = {}
    for product in products:
        whole[_key(whole_name(product))] = product.id
        for name in {_key(product.name), _key(product.name_fr or product.name)}:
            bare.setdefault(name, set()).add(product.id)
    return {**{name: next(iter(ids)) for name, ids in bare.items() if len(ids) == 1}, **whole}


def meant(text: str, known: Mapping[str, int]) -> int | None:
    """Return the product that a typed text names, if it names one."""
    return known.get(_key(text))


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()
