"""The rows of any spreadsheet as rows of boxes: each column as what it is, each value as we keep it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from ...errors import Invalid, msg
from ...web.csv import unescaped
from ..codes import canonical
from ..importing import BadRow, BoxRow, Parsed, Place, items_in, printable, within
from ..importing_here import find_size, products_by_key
from ..models import Gender, LocationKind, Product
from ..searching import ALIKE, Catalogue, fold
from . import values
from .headings import NEEDED, Field, guess, known
from .learning import Learned, heading_keys, learned, mapping_of, value_key
from .models import MatchKind
from .reading import Line, lines

HEADING_WITHIN = 10  # rows: above their headings, lists have a title, a date, an address
SUGGESTED = 5  # products for one name
SAMPLES = 3  # values of a column that are shown
PREFIX = "IMPORT-"
SHELF = "Imported"


@dataclass(frozen=True)
class Layout:
    """Which row of a file are its headings, and some of what is below."""

    line: int
    headings: tuple[str, ...]
    samples: tuple[Line, ...]

    @property
    def keys(self) -> list[str]:
        """Return what each column is known by."""
        return heading_keys(self.headings)


@dataclass(frozen=True)
class ColumnMapping:
    """Which column is what (by its key), and what stands for a box's number and shelf where there are none.

    `new` are values (each a kind, context and key) that somebody said are something new.
    """

    columns: Mapping[str, str]
    prefix: str = PREFIX
    shelf: str = SHELF
    new: Sequence[Sequence[str]] = ()

    def plain(self) -> dict[str, Any]:
        """Return it as it is kept."""
        new = [list(each) for each in self.new]
        return {"columns": dict(self.columns), "prefix": self.prefix, "shelf": self.shelf, "new": new}


@dataclass
class Unknown:
    """A value that nothing here is called, with what it stands beside, and how many rows have it."""

    kind: MatchKind
    context: str
    text: str
    line: int
    rows: int = 1


@dataclass
class Read:
    """What a file holds as boxes, and the values in it that are matched with nothing here."""

    parsed: Parsed[BoxRow] = field(default_factory=Parsed)
    unknown: dict[tuple[MatchKind, str, str], Unknown] = field(default_factory=dict)
    left_out: list[BadRow] = field(default_factory=list)


def look(data: bytes) -> Layout:
    """Return how a file begins. Raises Invalid at `file` when it is none that can be read, or has no rows."""
    try:
        first = list(islice(lines(data), HEADING_WITHIN + SAMPLES))
    except Invalid as error:
        raise Invalid(error.message, "file") from error
    if not first:
        raise Invalid(msg("Line %(line)d: %(reason)s", line=1, reason=msg("The file is empty.")), "file")
    start = max(range(min(HEADING_WITHIN, len(first))), key=lambda place: (known(first[place].cells), -place))
    heading, below = first[start], first[start + 1 : start + 1 + SAMPLES]
    if not below:
        reason = msg("The file has no rows below its first line.")
        raise Invalid(msg("Line %(line)d: %(reason)s", line=heading.number, reason=reason), "file")
    if sum(map(bool, heading.cells)) < len(NEEDED):
        raise Invalid(
            msg("This file has one column. A list of boxes has at least what is in them and how many."), "file"
        )
    return Layout(heading.number, heading.cells, tuple(below))


def first_mapping(session: Session, layout: Layout) -> tuple[ColumnMapping, str]:
    """Return how a file's columns were matched before, with that mapping's name, or else what they are guessed to be."""
    before = mapping_of(session, layout.headings)
    if before is not None:
        return ColumnMapping(before.columns), before.name
    return ColumnMapping({str(what): layout.keys[place] for what, place in guess(layout.headings).items()}), ""


def read(session: Session, data: bytes, mapping: ColumnMapping) -> Read:
    """Return the boxes of a file whose columns are matched, every bad row with its reason, and what is not known.

    Rows of one box on several shelves are one box. Nothing that a file can hold makes it raise.
    """
    found = Read()
    values_of = Values(session, found, mapping)
    boxes: dict[str, BoxRow] = {}
    try:
        layout = look(data)
        columns = {Field(what): layout.keys.index(key) for what, key in mapping.columns.items() if key in layout.keys}
        for what in NEEDED:
            if what not in columns:
                raise Invalid(msg("No column of this file says what is in the boxes and how many."))
        for line in lines(data):
            if line.number > layout.line:
                _take(found, boxes, line, columns, mapping, values_of)
    except Invalid as error:
        found.parsed.bad.append(BadRow(1, error.message))
    found.parsed.rows = list(boxes.values())
    found.parsed.bad.sort(key=lambda row: row.line)
    return found


def _take(
    found: Read,
    boxes: dict[str, BoxRow],
    line: Line,
    columns: Mapping[Field, int],
    mapping: ColumnMapping,
    values_of: "Values",
) -> None:
    """Put one row with the others: as a box, as more of a box, or as one that can't be taken."""
    try:
        cells = {what: printable(unescaped(line.cell(place))) for what, place in columns.items()}
        if Field.SHELF in columns and Field.WAREHOUSE in columns and not (cells[Field.SHELF] or cells[Field.WAREHOUSE]):
            # So a list of ours has what is on a van, or on the way from one warehouse to another.
            found.left_out.append(BadRow(line.number, msg("It is on no shelf: it was on a van, or on the way.")))
            return
        row = _box(line.number, cells, mapping, values_of)
        before = boxes.get(row.code)
        boxes[row.code] = row if before is None else _together(before, row)
    except Invalid as error:
        found.parsed.bad.append(BadRow(line.number, error.message))


def _box(line: int, cells: Mapping[Field, str], mapping: ColumnMapping, values_of: "Values") -> BoxRow:
    code = cells.get(Field.CODE, "") or (f"{mapping.prefix}{line}" if Field.CODE not in cells else "")
    note = cells.get(Field.NOTE, "")
    if len(note) > 500:
        raise Invalid(msg("“%(column)s” is longer than %(max)d characters.", column="Comments", max=500))
    source = values_of.source(cells.get(Field.SOURCE, ""), line)
    gender = values_of.gender(cells.get(Field.GENDER, ""), line)
    name = within(cells[Field.PRODUCT], 100, "Product")
    size = values.size(cells.get(Field.SIZE, ""))
    product = values_of.product(name, gender, Field.GENDER in cells, line)
    if product is not None:
        name, gender = product.name, Gender(product.gender)
        size = values_of.size(product, size, line)
    warehouse = cells.get(Field.WAREHOUSE, "")
    unit = cells.get(Field.UNIT, "")
    return BoxRow(
        line,
        canonical(within(code, 40, "Box number")),
        name,
        gender,
        within(size, 40, "Size") if size else "",
        within(cells.get(Field.SHELF, "") or mapping.shelf, 60, "Location"),
        items_in(values.number(cells[Field.QUANTITY])),
        note,
        warehouse=within(warehouse, 80, "Warehouse") if warehouse else "",
        best_before=values.day(cells.get(Field.BEST_BEFORE, "")),
        source=source,
        category=values.label(cells.get(Field.CATEGORY, ""))[:60],
        unit=values.UNITS.get(fold(unit), "") if unit else "",
        name_fr=cells.get(Field.FRENCH, "")[:100],
    )


def _together(before: BoxRow, row: BoxRow) -> BoxRow:
    """Return a box with what of it stands on one more shelf. Raises Invalid when that is another box of this number."""
    place = Place(row.warehouse, row.shelf, row.items)
    same = replace(
        row, line=before.line, warehouse=before.warehouse, shelf=before.shelf, items=before.items, elsewhere=()
    )
    taken = {(each.warehouse.casefold(), each.shelf.casefold()) for each in before.places}
    if same != replace(before, elsewhere=()) or (place.warehouse.casefold(), place.shelf.casefold()) in taken:
        raise Invalid(
            msg("Box number %(code)s is repeated: it is on line %(first)d already.", code=row.code, first=before.line)
        )
    return replace(before, elsewhere=(*before.elsewhere, place))


class Values:
    """What the values of a file mean: as we call things, as both languages do, or as somebody taught us."""

    def __init__(self, session: Session, found: Read, mapping: ColumnMapping) -> None:
        """Read the products and what was learned, in three queries."""
        self.found = found
        self.new = {tuple(each) for each in mapping.new}
        self.by_key = products_by_key(session)
        self.by_id = {product.id: product for product in self.by_key.values()}
        self.by_french = {
            (product.name_fr.casefold(), product.gender): product for product in self.by_key.values() if product.name_fr
        }
        self.by_name: dict[str, list[Product]] = {}
        for (name, _gender), product in (*self.by_key.items(), *self.by_french.items()):
            self.by_name.setdefault(name, []).append(product)
        self.learned: Learned = learned(session)

    def gender(self, text: str, line: int) -> Gender:
        """Return the gender that a cell names. Raises Invalid, and notes the word, when nobody taught us it."""
        gender = values.gender(text)
        if gender is None:
            taught = self.learned.get((MatchKind.GENDER, "", value_key(text)))
            if taught is None:
                self._note(MatchKind.GENDER, "", text, line)
                raise Invalid(msg("Shoreline does not know the gender “%(gender)s”.", gender=text[:40]))
            gender = Gender(taught)
        return gender

    def source(self, text: str, line: int) -> str:
        """Return where a box came from. Raises Invalid, and notes the word, when nobody taught us it."""
        source = values.SOURCES.get(fold(text))
        if source is None:
            taught = self.learned.get((MatchKind.SOURCE, "", value_key(text)))
            if taught is None:
                self._note(MatchKind.SOURCE, "", text, line)
                raise Invalid(msg("“%(found)s” does not say whether it was donated or bought.", found=text[:40]))
            source = LocationKind(taught)
        return str(source)

    def product(self, name: str, gender: Gender, told: bool, line: int) -> Product | None:
        """Return the product that a name and gender mean; None, and noted, when there is none of it.

        Where the file says nothing of whom things are for (`told`), a name that one product alone has is that.
        """
        key = name.casefold()
        found = self.by_key.get((key, gender)) or self.by_french.get((key, gender))
        taught = self.learned.get((MatchKind.PRODUCT, gender, value_key(name)))
        if found is None and taught is not None:
            found = self.by_id.get(int(taught))
        if found is None and not told and len(named := {each.id: each for each in self.by_name.get(key, ())}) == 1:
            found = next(iter(named.values()))
        if found is None:
            self._note(MatchKind.PRODUCT, gender, name, line)
        return found

    def size(self, product: Product, text: str, line: int) -> str:
        """Return the size of a product that a text means; the text, and noted, when it comes in no such size."""
        found = find_size(product, text)
        if found is None:
            taught = self.learned.get((MatchKind.SIZE, str(product.id), value_key(text)))
            found = next((size for size in product.sizes if str(size.id) == taught), None)
        if found is None:
            self._note(MatchKind.SIZE, str(product.id), text, line)
            return text
        return found.label

    def _note(self, kind: MatchKind, context: str, text: str, line: int) -> None:
        key = (kind, context, value_key(text))
        if key in self.new:
            return
        if key in self.found.unknown:
            self.found.unknown[key].rows += 1
        else:
            self.found.unknown[key] = Unknown(kind, context, text, line)


def suggestions(index: Catalogue, unknown: Unknown, products: Mapping[int, Product], alike: int = ALIKE) -> list[int]:
    """Return the products in use that a name most likely means: first those for the same people."""
    among = [each for each, product in products.items() if product.closed_at is None]
    closest = index.closest(unknown.text, most=2 * SUGGESTED, among=among, alike=alike)
    same = [each for each in closest if products[each].gender == unknown.context]
    return [*same, *(each for each in closest if each not in same)][:SUGGESTED]
