"""The first visible sheet of an Excel workbook. A formula gives the value that was saved with it, and is never run."""

import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import IO

from ...errors import Invalid
from .streaming import TOO_LARGE, UNREADABLE, Handler, count, feed, read

LONGEST_CELL = 4000  # characters; more is no value of ours
MOST_STRINGS = 1_000_000
MOST_CHARACTERS = 32_000_000  # of all shared strings together
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # those that Excel knows by number
_ASIDE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')  # what a number format says besides its pattern
_EPOCHS = (datetime(1899, 12, 30, tzinfo=UTC), datetime(1904, 1, 1, tzinfo=UTC))  # days are counted from one of them


def rows(archive: zipfile.ZipFile, most_columns: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with its number. Raises Invalid when a part that is needed is missing."""
    book = _Book()
    _read(archive, "xl/workbook.xml", book)
    targets = _Targets()
    _read(archive, "xl/_rels/workbook.xml.rels", targets)
    strings, styles = _Strings(), _Styles()
    for name, handler in (("xl/sharedStrings.xml", strings), ("xl/styles.xml", styles)):
        if name in archive.namelist():
            _read(archive, name, handler)
    target = targets.found.get(book.sheet or "", "")
    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    sheet = _Sheet(strings.found, styles.dates(), _EPOCHS[book.since_1904], most_columns)
    with _open(archive, path) as content:
        for _chunk in feed(content, sheet):
            found, sheet.found = sheet.found, []
            yield from found


def _open(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    if name not in archive.namelist():
        raise Invalid(UNREADABLE)
    return archive.open(name)


def _read(archive: zipfile.ZipFile, name: str, handler: Handler) -> None:
    with _open(archive, name) as content:
        read(content, handler)


class _Book(Handler):
    """Finds the first visible sheet, and from when days are counted."""

    def __init__(self) -> None:
        self.sheet: str | None = None
        self.since_1904 = False

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "workbookPr":
            self.since_1904 = given.get("date1904", "") in ("1", "true")
        elif name == "sheet" and self.sheet is None and given.get("state", "visible") == "visible":
            self.sheet = given.get("id")


class _Targets(Handler):
    """Finds which part of the archive is meant by which id."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "Relationship" and len(self.found) < 1000:
            self.found[given.get("Id", "")] = given.get("Target", "")


class _Strings(Handler):
    """Collects the texts that cells refer to by number."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.parts: list[str] | None = None
        self.length = self.total = self.aside = 0

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "si":
            self.parts, self.length = [], 0
        elif name == "rPh":  # how it is pronounced
            self.aside += 1

    def text(self, text: str) -> None:
        if self.parts is not None and not self.aside and self.length < LONGEST_CELL:
            self.parts.append(text)
            self.length += len(text)

    def end(self, name: str) -> None:
        if name == "rPh":
            self.aside -= 1
        elif name == "si" and self.parts is not None:
            self.found.append("".join(self.parts)[:LONGEST_CELL])
            self.parts, self.total = None, self.total + self.length
            if len(self.found) > MOST_STRINGS or self.total > MOST_CHARACTERS:
                raise Invalid(TOO_LARGE)


class _Styles(Handler):
    """Finds which styles show a number as a day."""

    def __init__(self) -> None:
        self.formats: dict[int, str] = {}
        self.used: list[int] = []
        self.inside = False

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "numFmt" and len(self.formats) < 10_000:
            self.formats[count(given.get("numFmtId"))] = given.get("formatCode", "")
        elif name == "cellXfs":
            self.inside = True
        elif name == "xf" and self.inside and len(self.used) < 100_000:
            self.used.append(count(given.get("numFmtId"), 0))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self.inside = False

    def dates(self) -> set[int]:
        """Return the places of the styles that show days."""

        def shows_day(number: int) -> bool:
            if number in self.formats:
                return bool(re.search("[dy]", _ASIDE.sub("", self.formats[number]), re.IGNORECASE))
            return number in _DATE_FORMATS

        return {place for place, number in enumerate(self.used) if shows_day(number)}


class _Sheet(Handler):
    """Collects the rows of a sheet."""

    def __init__(self, strings: list[str], dates: set[int], epoch: datetime, most_columns: int) -> None:
        self.strings, self.dates, self.epoch, self.most_columns = strings, dates, epoch, most_columns
        self.found: list[tuple[int, list[str]]] = []
        self.number = self.place = self.length = 0
        self.cells: list[str] = []
        self.kind, self.style = "", 0
        self.value: list[str] | None = None  # what is in v or t, while we are in it

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "row":
            self.number, self.place, self.cells = count(given.get("r"), self.number + 1), 0, []
        elif name == "c":
            self.place = _column(given.get("r", "")) or self.place + 1
            self.kind, self.style, self.length = given.get("t", "n"), count(given.get("s"), 0), 0
        elif name in ("v", "t"):
            self.value = []

    def text(self, text: str) -> None:
        if self.value is not None and self.length < LONGEST_CELL:
            self.value.append(text)
            self.length += len(text)

    def end(self, name: str) -> None:
        if name in ("v", "t") and self.value is not None:
            self._put("".join(self.value)[:LONGEST_CELL])
            self.value = None
        elif name == "row" and any(self.cells):
            self.found.append((self.number, self.cells))
        elif name == "sheetData":
            self.done = True

    def _put(self, value: str) -> None:
        """Put a cell's value where it stands; a text in parts (of several formats) adds up."""
        if not 1 <= self.place <= self.most_columns:
            return
        self.cells += [""] * (self.place - len(self.cells))
        self.cells[self.place - 1] += self._said(value)

    def _said(self, value: str) -> str:
        if self.kind == "s":
            place = int(value) if value.isascii() and value.isdigit() and len(value) < 9 else -1
            return self.strings[place] if 0 <= place < len(self.strings) else ""
        if self.kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        return self._number(value) if self.kind == "n" else value

    def _number(self, value: str) -> str:
        """Return a number as somebody would type it: 12 for 12.0, and a day as 2026-11-24."""
        try:
            number = float(value)
            if self.style in self.dates and 0 < number < 3_000_000:
                day = self.epoch + timedelta(days=number)
                return day.date().isoformat() if number.is_integer() else f"{day:%Y-%m-%d %H:%M}"
        except (ValueError, OverflowError):
            return value
        return str(int(number)) if number.is_integer() and abs(number) < 10**15 else value


def _column(reference: str) -> int:
    """Return the number of a cell's column: 2 for "B7", 0 for what names none."""
    number = 0
    for letter in reference[:4]:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return number
