"""How stock is spoken of on a page: genders, reasons, and what a movement did, as a colleague would say it."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..web.filters import day, either, local_date, number, short_day, sort_key, time, today
from ..web.i18n import said, spoken, translate
from .arriving.models import DiscardReason
from .counting import CorrectionReason
from .diets import Allergen, Diet
from .freshness import is_past
from .labels import FOR_WHOM as WHOM
from .labels import TYPED, worded
from .ledger import MovementReason
from .models import Gender, LocationKind, Product, Unit
from .size_ranges import sizes_in
from .undoing import UNDONE_HERE

FOR_WHOM = {gender: _l(whom.text) for gender, whom in WHOM.items()}
UNITS = {Unit.PIECE: _l("pieces"), Unit.GRAM: _l("grams"), Unit.MILLILITRE: _l("millilitres")}
ALLERGENS = {
    Allergen.GLUTEN: _l("cereals containing gluten"),
    Allergen.CRUSTACEANS: _l("crustaceans"),
    Allergen.EGGS: _l("eggs"),
    Allergen.FISH: _l("fish"),
    Allergen.PEANUTS: _l("peanuts"),
    Allergen.SOYBEANS: _l("soybeans"),
    Allergen.MILK: _l("milk"),
    Allergen.NUTS: _l("nuts"),
    Allergen.CELERY: _l("celery"),
    Allergen.MUSTARD: _l("mustard"),
    Allergen.SESAME: _l("sesame seeds"),
    Allergen.SULPHITES: _l("sulphur dioxide and sulphites"),
    Allergen.LUPIN: _l("lupin"),
    Allergen.MOLLUSCS: _l("molluscs"),
}
DIETS = {
    Diet.HALAL: _l("halal"),
    Diet.KOSHER: _l("kosher"),
    Diet.VEGETARIAN: _l("vegetarian"),
    Diet.VEGAN: _l("vegan"),
    Diet.GLUTEN_FREE: _l("gluten-free"),
    Diet.LACTOSE_FREE: _l("lactose-free"),
}
SOURCES = {LocationKind.DONATED: _l("Donated"), LocationKind.BOUGHT: _l("Bought")}
REASONS = {
    MovementReason.DONATED: _l("Donated"),
    MovementReason.BOUGHT: _l("Bought"),
    MovementReason.IMPORTED: _l("Imported"),
    MovementReason.MOVED: _l("Moved"),
    MovementReason.PACKED: _l("Packed"),
    MovementReason.PUT_BACK: _l("Put back"),
    MovementReason.HANDED_OUT: _l("Handed out"),
    MovementReason.CAME_BACK: _l("Came back"),
    MovementReason.MISCOUNTED: _l("Counted again"),
    MovementReason.DAMAGED: _l("Damaged"),
    MovementReason.EXPIRED: _l("Past its date"),
    MovementReason.LOST: _l("Lost"),
    MovementReason.STOLEN: _l("Stolen"),
    MovementReason.FOUND: _l("Found"),
    MovementReason.SAMPLE: _l("Used as a sample"),
    MovementReason.RETURNED: _l("Given back to the donor"),
    MovementReason.RECYCLED: _l("Recycled"),
    MovementReason.OTHER: _l("Other"),
    MovementReason.TAKEN_OUT: _l("Taken out"),
    MovementReason.SPLIT: _l("Split"),
    MovementReason.MERGED: _l("Put together"),
    MovementReason.ASSEMBLED: _l("Put together as kits"),
    MovementReason.TAKEN_APART: _l("Kits taken apart"),
    MovementReason.SENT: _l("Sent to another warehouse"),
    MovementReason.ARRIVED: _l("Arrived from another warehouse"),
    MovementReason.TAKEN_BACK: _l("Sent, but never left"),
    MovementReason.UNDONE: _l("Undone"),
}
CORRECTIONS = {
    CorrectionReason.MISCOUNTED: _l("It was counted wrong before"),
    CorrectionReason.DAMAGED: _l("Damaged or dirty"),
    CorrectionReason.EXPIRED: _l("Past its best-before date"),
    CorrectionReason.LOST: _l("Lost"),
    CorrectionReason.STOLEN: _l("Stolen"),
    CorrectionReason.FOUND: _l("Found again"),
    CorrectionReason.SAMPLE: _l("Used as a sample"),
    CorrectionReason.RETURNED: _l("Given back to the donor"),
    CorrectionReason.RECYCLED: _l("Recycled"),
    CorrectionReason.OTHER: _l("Something else (say what in the note)"),
}
CONVERTING = (MovementReason.SPLIT, MovementReason.MERGED, MovementReason.ASSEMBLED, MovementReason.TAKEN_APART)
SOON = timedelta(days=14)
DISCARDED = {
    DiscardReason.TORN: _l("Torn"),
    DiscardReason.DIRTY: _l("Dirty"),
    DiscardReason.CONSPICUOUS: _l("Conspicuous"),
    DiscardReason.UNSUITABLE: _l("Unsuitable"),
}


def for_whom(gender: str) -> str:
    """Return whom a product is made for, nothing where that is anyone: "men", "babies"."""
    return "" if gender == Gender.NONE else str(FOR_WHOM[Gender(gender)])


def allergens_of(product: Product) -> str:
    """Return what a product contains of the 14 allergens: "milk, eggs", "none", or that it is not known."""
    if product.allergens is None:
        return str(_("not known"))
    return ", ".join(str(label) for flag, label in ALLERGENS.items() if product.allergens & flag) or str(_("none"))


def diets_of(product: Product) -> str:
    """Return for whom a product is fit, as its label says: "halal, vegetarian"; nothing where nothing is said."""
    return ", ".join(str(label) for flag, label in DIETS.items() if product.diets & flag)


def genders() -> dict[str, str]:
    """Return `for_whom` of every gender, for a long list: each is looked up once for each language."""
    return _genders(spoken())


@cache
def _genders(_language: str) -> dict[str, str]:
    return {gender.value: for_whom(gender) for gender in Gender}


def signed(row: Any) -> str:
    """Return a movement's quantity with its sign as seen from the shelves; none for what stays on or off them."""
    came, went = row.to_kind == LocationKind.SHELF, row.from_kind == LocationKind.SHELF
    return f"{'' if came == went else '+' if came else '−'}{number(row.quantity)}"


def happened(row: Any) -> str:
    """Return what a movement did, to follow its number: "packed for North, Tuesday 24 November"."""
    source, target = place(row, "from"), place(row, "to")
    match MovementReason(row.reason):
        case MovementReason.DONATED:
            return str(_("donated, put on %(shelf)s", shelf=target))
        case MovementReason.BOUGHT:
            return str(_("bought, put on %(shelf)s", shelf=target))
        case MovementReason.IMPORTED:
            return str(_("taken over from the old list, on %(shelf)s", shelf=target))
        case MovementReason.MOVED:
            return str(_("moved from %(source)s to %(target)s", source=source, target=target))
        case MovementReason.PACKED:
            return str(_("packed for %(distribution)s", distribution=_distribution(row)))
        case MovementReason.PUT_BACK:
            return str(_("put back on %(shelf)s from %(distribution)s", shelf=target, distribution=_distribution(row)))
        case MovementReason.HANDED_OUT:
            return str(_("handed out at %(distribution)s", distribution=_distribution(row)))
        case MovementReason.CAME_BACK:
            return str(
                _("came back from %(distribution)s, on %(shelf)s", distribution=_distribution(row), shelf=target)
            )
        case MovementReason.TAKEN_OUT:
            return str(_("taken out and given away, from %(shelf)s", shelf=source))
        case MovementReason.SPLIT:
            if source:
                return str(_("put into a box of its own, from %(shelf)s", shelf=source))
            return str(_("came out of another box, on %(shelf)s", shelf=target))
        case MovementReason.MERGED:
            if source:
                return str(_("put into another box, from %(shelf)s", shelf=source))
            return str(_("came from another box, on %(shelf)s", shelf=target))
        case MovementReason.ASSEMBLED:
            if source:
                return str(_("put into kits, from %(shelf)s", shelf=source))
            return str(_("put together as kits, on %(shelf)s", shelf=target))
        case MovementReason.TAKEN_APART:
            if source:
                return str(_("taken apart into parts, from %(shelf)s", shelf=source))
            return str(_("came out of kits, on %(shelf)s", shelf=target))
        case MovementReason.SENT:
            return str(_("sent to %(warehouse)s, from %(shelf)s", warehouse=_sent_to(row), shelf=source))
        case MovementReason.ARRIVED:
            return str(_("arrived, on %(shelf)s", shelf=target))
        case MovementReason.TAKEN_BACK:
            return str(_("never left, back on %(shelf)s", shelf=target))
        case MovementReason.UNDONE if row.transfer_id:
            return str(_("undone, on the way to %(warehouse)s", warehouse=_sent_to(row)))
        case MovementReason.UNDONE:
            if source and target:
                return str(_("undone: moved back from %(source)s to %(target)s", source=source, target=target))
            if target:
                return str(_("undone: back on %(shelf)s", shelf=target))
            return str(_("undone: off %(shelf)s again", shelf=source))
        case reason:
            where = _distribution(row) if row.distribution_id else source if target == "" else target
            if row.transfer_id and not where:
                where = _("on the way to %(warehouse)s", warehouse=_sent_to(row))
            return f"{str(REASONS[reason]).lower()}, {where}"


def done_before(row: Any) -> str:
    """Return when something was done that was recorded later; nothing for what was recorded as it was done."""
    made_at = row.made_at
    if made_at is None or row.at - made_at < timedelta(minutes=1):
        return ""
    day_before = local_date(made_at) != local_date(row.at)
    when = f"{short_day(made_at)}, {time(made_at)}" if day_before else time(made_at)
    return str(_("done %(when)s, without a signal", when=when))


def undo(row: Any, acts: Mapping[int, int]) -> str:
    """Return what a movement's button says: undoing what was done with many boxes at once undoes it for all of them."""
    boxes = acts.get(row.group_id or row.id, 1)
    if boxes < 2 or row.reason in CONVERTING:
        return str(_("Undo"))
    return str(_("Undo for all %(count)s boxes", count=boxes))


def undoable(row: Any) -> bool:
    """Return whether a movement can be undone, as far as its row tells."""
    elsewhere = row.distribution_id is not None or row.transfer_id is not None
    return row.undone_by is None and not elsewhere and row.reason in UNDONE_HERE


def place(row: Any, end: str) -> str:
    """Return the shelf at one end of a movement with its warehouse; nothing for the world outside."""
    kind, name = getattr(row, f"{end}_kind"), getattr(row, f"{end}_name")
    if kind == LocationKind.SHELF:
        # In one and the same warehouse, the shelf says enough.
        if row.from_site == row.to_site:
            return str(name)
        return str(_("%(shelf)s, %(warehouse)s", shelf=name, warehouse=warehouse(row, end)))
    return str(_("the van")) if kind == LocationKind.VAN else ""


def warehouse(row: Any, end: str) -> str:
    """Return the warehouse at one end of a movement, in the page's language."""
    return either(getattr(row, f"{end}_site"), getattr(row, f"{end}_site_fr"))


def _sent_to(row: Any) -> str:
    return either(row.sent_to, row.sent_to_fr)


def _distribution(row: Any) -> str:
    if row.distribution is None:
        return str(_("a distribution"))
    return f"{row.distribution}, {day(row.distribution_at)}"


def freshness(best_before: date | None) -> str:
    """Return "expired", "soon" or "good" for a best-before date; nothing where there is none."""
    if best_before is None:
        return ""
    if is_past(best_before):
        return "expired"
    return "soon" if best_before <= today() + SOON else "good"


class Labels(dict[str, str]):
    """What sizes, categories and genders are called in one language: looked up as `labels()[size]`."""

    def __missing__(self, text: str) -> str:
        """Put a label that was not asked for before into the language of this request or mail."""
        self[text] = str(said(worded(text)))
        return self[text]


@cache
def _labels(_language: str) -> Labels:
    return Labels()


def labels() -> Labels:
    """Return the labels in the language of this request, for a long list: each is looked up once for each language."""
    return _labels(spoken())


def labelled(text: str) -> str:
    """Return one label in the language of this request: "Taille unique" for "One size"."""
    return labels()[text]


def listed_gender(gender: str) -> str:
    """Return a gender as a downloaded list says it: nothing for what is for anyone, since “-” begins a formula."""
    return "" if gender == Gender.NONE else labels()[gender]


def label_choices(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return labels to choose from, each as it is kept and as this request's language calls it, in its order."""
    return sorted(((text, labelled(text)) for text in texts), key=lambda choice: sort_key(choice[1]))


def as_kept(text: str) -> str:
    """Return a label as it is kept, from what it is called in this request's language: the reverse of `labelled`."""
    return _kept(spoken()).get(" ".join(text.split()).casefold(), text)


@cache
def _kept(_language: str) -> dict[str, str]:
    return {translate(message).casefold(): message.text for message in TYPED}


def sizes_typed(text: str) -> list[str]:
    """Return the sizes that somebody typed, in either language; see `sizes_in`, and what it raises."""
    return [as_kept(size) for size in sizes_in(as_kept(text))]
