"""Reading files that other systems exported: rows that are sound, and every bad row with its line and reason.

Nothing here touches the database, and nothing a file can hold makes it raise.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, Protocol, TypeVar

from ..config import MAX_UPLOAD_BYTES
from ..errors import Invalid, Message, msg
from .codes import canonical
from .models import Gender
from .size_ranges import sizes_in

BOX_COLUMNS = ("Box number", "Product", "Gender", "Size", "Location", "Items", "Comments")
PRODUCT_COLUMNS = ("id", "name", "gender", "sizes", "category")
MOST_ITEMS = 1_000_000
LARGEST_ID = 2**31 - 1
GENDERS = {gender.casefold(): gender for gender in Gender} | {"": Gender.NONE}


class Row(Protocol):
    """What every row knows: the line it begins on."""

    @property
    def line(self) -> int:
        """Return the line, the header being line 1."""


T = TypeVar("T", bound=Row)


@dataclass(frozen=True)
class BadRow:
    """Why a row cannot be taken; `line` is where it begins in the file, the header being line 1."""

    line: int
    reason: Message

    def __str__(self) -> str:
        """Return it as a line of a report, in English."""
        return f"line {self.line}: {self.reason}"


@dataclass(frozen=True)
class Place:
    """Where some of a box stands: `warehouse` is empty for that into which a file is imported."""

    warehouse: str
    shelf: str
    items: int


@dataclass(frozen=True)
class BoxRow:
    """A box as a file lists it, tidied but not yet matched with our products. Boxtribute's has the first eight.

    `elsewhere` is what of it stands on other shelves, on lines of their own. `category`, `unit` and `name_fr` are of a
    product that has to be added, where the file says.
    """

    line: int
    code: str
    product: str
    gender: str
    size: str
    shelf: str
    items: int
    comments: str
    warehouse: str = ""
    best_before: date | None = None
    source: str = "donated"
    elsewhere: tuple[Place, ...] = ()
    category: str = ""
    unit: str = ""
    name_fr: str = ""

    @property
    def places(self) -> tuple[Place, ...]:
        """Return where it stands."""
        return Place(self.warehouse, self.shelf, self.items), *self.elsewhere

    @property
    def total(self) -> int:
        """Return how many there are in all places."""
        return sum(place.items for place in self.places)


@dataclass(frozen=True)
class ProductRow:
    """A product as ASSORT lists it, its size range taken apart."""

    line: int
    assort_id: int
    name: str
    gender: str
    size_range: str
    sizes: tuple[str, ...]
    category: str


@dataclass
class Parsed(Generic[T]):
    """What a file held. With any bad row nothing of the file is imported."""

    rows: list[T] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def parse_boxes(data: bytes) -> Parsed[BoxRow]:
    """Read Boxtribute's CSV export of boxes."""
    parsed = _parse(data, BOX_COLUMNS, _box_row)
    return _without_repeats(parsed, lambda row: row.code, _box_repeated)


def is_plain(data: bytes) -> bool:
    """Return whether a file is Boxtribute's export, or is meant to be: its first line has exactly those columns."""
    try:
        first = next(_records(data.decode("utf-8-sig"), []), None)
    except UnicodeDecodeError:
        return False
    return first is not None and _order(first[1], BOX_COLUMNS) is not None


def parse_products(data: bytes) -> Parsed[ProductRow]:
    """Read ASSORT's list of products."""
    parsed = _parse(data, PRODUCT_COLUMNS, _product_row)
    parsed = _without_repeats(parsed, lambda row: str(row.assort_id), _id_repeated)
    return _without_repeats(parsed, lambda row: f"{row.name.casefold()}|{row.gender}", _product_repeated)


def _parse(data: bytes, columns: Sequence[str], read: Callable[[int, list[str]], T]) -> Parsed[T]:
    parsed: Parsed[T] = Parsed()
    if len(data) > MAX_UPLOAD_BYTES:
        parsed.bad.append(BadRow(1, msg("The file is larger than 5 MB.")))
        return parsed
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        parsed.bad.append(BadRow(line, msg("The file is not in UTF-8. Save it as “CSV UTF-8” and send it again.")))
        return parsed
    lines = _records(text, parsed.bad)
    header = next(lines, None)
    if header is None:
        parsed.bad = parsed.bad or [BadRow(1, msg("The file is empty."))]
        return parsed
    order = _order(header[1], columns)
    if order is None:
        wanted = ", ".join(columns)
        parsed.bad.append(BadRow(header[0], msg("Wrong columns. The first line must be: %(columns)s", columns=wanted)))
        return parsed
    for line, cells in lines:
        if len(cells) != len(columns):
            reason = msg("%(found)d columns instead of %(wanted)d.", found=len(cells), wanted=len(columns))
            parsed.bad.append(BadRow(line, reason))
            continue
        try:
            parsed.rows.append(read(line, [printable(cells[place].strip()) for place in order]))
        except Invalid as error:
            parsed.bad.append(BadRow(line, error.message))
    if not parsed.rows and not parsed.bad:
        parsed.bad.append(BadRow(header[0], msg("The file has no rows below its first line.")))
    parsed.bad.sort(key=lambda row: row.line)
    return parsed


def _records(text: str, bad: list[BadRow]) -> Iterator[tuple[int, list[str]]]:
    """Yield (line it begins on, cells) of each record that is not blank; quotes that don't match end the reading."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            bad.append(BadRow(line, msg("This row cannot be read: its quotes do not match, or it is too long.")))
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _order(header: list[str], columns: Sequence[str]) -> list[int] | None:
    """Return where each wanted column stands, or None when the header has not exactly those columns."""
    found = [title.strip().casefold() for title in header]
    if sorted(found) != sorted(column.casefold() for column in columns):
        return None
    return [found.index(column.casefold()) for column in columns]


def printable(cell: str) -> str:
    """Return a cell that can be stored. Raises Invalid for one with control characters."""
    if any((ord(character) < 32 and character not in "\n\r\t") or ord(character) == 127 for character in cell):
        raise Invalid(msg("The row has characters that cannot be stored."))
    return cell


def within(text: str, longest: int, what: str) -> str:
    """Return a cell that must have something, at most `longest` characters, on one line."""
    if not text:
        raise Invalid(msg("“%(column)s” is empty.", column=what))
    if len(text) > longest or len(text.casefold()) > longest:
        raise Invalid(msg("“%(column)s” is longer than %(max)d characters.", column=what, max=longest))
    if "\n" in text or "\r" in text:
        raise Invalid(msg("“%(column)s” has more than one line.", column=what))
    return text


def _gender(text: str) -> Gender:
    gender = GENDERS.get(text.casefold())
    if gender is None:
        raise Invalid(msg("Shoreline does not know the gender “%(gender)s”.", gender=text[:40]))
    return gender


def _whole(text: str, what: str) -> int:
    if not text:
        raise Invalid(msg("“%(column)s” is empty.", column=what))
    if not text.isascii() or not re.fullmatch(r"[+-]?\d+(?:[.,]\d*)?", text):
        raise Invalid(msg("“%(column)s” is not a number: %(found)s", column=what, found=text[:40]))
    if text.startswith("-") and text.strip("-0.,"):
        raise Invalid(msg("“%(column)s” is negative: %(found)s", column=what, found=text[:40]))
    if not text.lstrip("+-").isdigit():
        raise Invalid(msg("“%(column)s” is not a whole number: %(found)s", column=what, found=text[:40]))
    return int(text) if len(text.lstrip("+-0")) < 12 else 10**12


def items_in(text: str) -> int:
    """Return how many a cell says, 0 to MOST_ITEMS. Raises Invalid."""
    items = _whole(text, "Items")
    if items > MOST_ITEMS:
        raise Invalid(msg("“%(column)s” is more than 1,000,000: %(found)s", column="Items", found=text[:40]))
    return items


def _box_row(line: int, cells: list[str]) -> BoxRow:
    code, product, gender, size, shelf, items, comments = cells
    if len(comments) > 500:
        raise Invalid(msg("“%(column)s” is longer than %(max)d characters.", column="Comments", max=500))
    if size:
        within(size, 40, "Size")
    return BoxRow(
        line,
        canonical(within(code, 40, "Box number")),
        within(product, 100, "Product"),
        _gender(gender),
        size,
        within(shelf, 60, "Location"),
        items_in(items),
        comments,
    )


def _product_row(line: int, cells: list[str]) -> ProductRow:
    assort_id, name, gender, sizes, category = cells
    number = _whole(assort_id, "id")
    if not 0 < number <= LARGEST_ID:
        raise Invalid(msg("“%(column)s” is not a number: %(found)s", column="id", found=assort_id[:40]))
    return ProductRow(
        line,
        number,
        within(name, 100, "name"),
        _gender(gender),
        within(sizes, 120, "sizes"),
        tuple(sizes_in(sizes)),
        within(category, 60, "category"),
    )


def _without_repeats(parsed: Parsed[T], name: Callable[[T], str], refusal: Callable[[T, int], Message]) -> Parsed[T]:
    """Turn each row whose name an earlier row had into a bad row that names the earlier line."""
    first: dict[str, int] = {}
    kept: list[T] = []
    for row in parsed.rows:
        if name(row) in first:
            parsed.bad.append(BadRow(row.line, refusal(row, first[name(row)])))
        else:
            first[name(row)] = row.line
            kept.append(row)
    return Parsed(kept, sorted(parsed.bad, key=lambda row: row.line))


def _box_repeated(row: BoxRow, first: int) -> Message:
    return msg("Box number %(code)s is repeated: it is on line %(first)d already.", code=row.code, first=first)


def _id_repeated(row: ProductRow, first: int) -> Message:
    return msg("The id %(id)d is repeated: it is on line %(first)d already.", id=row.assort_id, first=first)


def _product_repeated(row: ProductRow, first: int) -> Message:
    return msg("%(name)s is repeated: it is on line %(first)d already.", name=row.name, first=first)
