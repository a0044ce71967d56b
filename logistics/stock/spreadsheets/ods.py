"""The first sheet of an OpenDocument spreadsheet."""

from collections.abc import Iterator
from typing import IO

from .streaming import Handler, count, feed

LONGEST_CELL = 4000  # characters; more is no value of ours
_CELLS = ("table-cell", "covered-table-cell")
_SPACES = {"tab": "\t", "line-break": "\n"}


def rows(content: IO[bytes], most_columns: int, most_rows: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with its number.

    A row or cell that the file repeats is repeated up to the bounds; blank ones are only counted.
    """
    table = _Table(most_columns, most_rows)
    for _chunk in feed(content, table):
        yield from table.take()


class _Table(Handler):
    """Collects the rows of the first table."""

    def __init__(self, most_columns: int, most_rows: int) -> None:
        self.most_columns, self.most_rows = most_columns, most_rows
        self.found: list[tuple[int, list[str], int]] = []
        self.number, self.repeated = 1, 1
        self.cells: list[str] = []
        self.value, self.copies = "", 1
        self.said: list[str] | None = None  # the cell's text, while we are in one
        self.length = self.aside = 0

    def take(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows collected since."""
        found, self.found = self.found, []
        for number, cells, copies in found:
            # One more than may be, so that whoever counts them sees that there are too many.
            for each in range(min(copies, self.most_rows + 1)):
                yield number + each, cells

    def start(self, name: str, given: dict[str, str]) -> None:
        """Begin a row, a cell, or something in one."""
        if self.done:
            return
        if name == "table-row":
            self.cells, self.repeated = [], count(given.get("number-rows-repeated"))
        elif name in _CELLS:
            self.said, self.length = [], 0
            self.value, self.copies = _value(given), count(given.get("number-columns-repeated"))
        elif name == "annotation":
            self.aside += 1
        elif name == "p" and self.said:
            self.text("\n")
        elif name == "s":
            self.text(" " * min(count(given.get("c")), 100))
        elif name in _SPACES:
            self.text(_SPACES[name])

    def text(self, text: str) -> None:
        """Keep a cell's text, but for what is noted beside it."""
        if self.said is not None and not self.aside and self.length < LONGEST_CELL:
            self.said.append(text)
            self.length += len(text)

    def end(self, name: str) -> None:
        """End a cell, a row or the table, after which nothing counts."""
        if self.done:
            return
        if name == "annotation":
            self.aside -= 1
        elif name in _CELLS and self.said is not None:
            text, self.said = self.value or "".join(self.said)[:LONGEST_CELL], None
            self.cells += [text] * max(0, min(self.copies, self.most_columns - len(self.cells)))
        elif name == "table-row":
            if any(self.cells):
                self.found.append((self.number, self.cells, self.repeated))
            self.number += self.repeated
        elif name == "table":
            self.done = True


def _value(given: dict[str, str]) -> str:
    """Return what a cell holds that is no text: a number or a day, as somebody would type it."""
    kind = given.get("value-type", "")
    if kind in ("float", "percentage", "currency"):
        return given.get("value", "").removesuffix(".0")
    if kind == "date":
        return given.get("date-value", "").removesuffix("T00:00:00")
    return given.get("boolean-value", "").upper() if kind == "boolean" else ""
