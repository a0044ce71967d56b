"""The rows of a CSV, XLSX or ODS file as text, a row at a time and within bounds, whatever the file holds.

XLSX and ODS are ZIP archives of XML, so a small file can unpack to a huge one. What an archive says of its sizes is
added up before anything is unpacked, Python's zipfile unpacks no more of a part than was said, and of what is unpacked
a row is kept at a time. Formulas are never run: a cell gives the value that was saved with it, as text.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import Invalid, msg
from . import ods, xlsx
from .streaming import TOO_LARGE, UNREADABLE

MOST_ROWS = 100_000
MOST_COLUMNS = 100
MOST_UNPACKED = 128 * 1024 * 1024  # bytes of all parts of an archive together
MOST_PARTS = 500
BEGINNING = 64 * 1024  # characters in which the first row ends
DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Line:
    """A row that is not blank: where it stands, 1 being the first, and its cells without outer spaces."""

    number: int
    cells: tuple[str, ...]

    def cell(self, place: int) -> str:
        """Return a cell; nothing where the row ends before it."""
        return self.cells[place] if place < len(self.cells) else ""


def lines(data: bytes) -> Iterator[Line]:
    """Yield the rows of a file that are not blank. Raises Invalid, at any row, when the rest cannot be read."""
    found = 0
    for number, cells in _rows(data):
        texts = tuple(cell.strip() for cell in cells[:MOST_COLUMNS])
        if any(texts):
            found += 1
            if found > MOST_ROWS:
                raise Invalid(msg("The file has more than %(max)s rows.", max=MOST_ROWS))
            yield Line(number, texts)


def _rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    if not data.startswith(b"PK"):
        yield from _csv(data)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _guard(archive)
            if "content.xml" in archive.namelist():
                with archive.open("content.xml") as content:
                    yield from ods.rows(content, MOST_COLUMNS, MOST_ROWS)
            else:
                yield from xlsx.rows(archive, MOST_COLUMNS)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Invalid(UNREADABLE) from error  # broken, encrypted, or packed in a way that Python does not know
    except zlib.error as error:
        raise Invalid(UNREADABLE) from error


def _csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(data)
    first, _break, rest = text.partition("\n")
    skipped = 0
    if first.casefold().startswith("sep="):  # what Excel writes to say its delimiter
        text, skipped = rest, 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        number = reader.line_num + 1 + skipped
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = msg("This row cannot be read: its quotes do not match, or it is too long.")
            raise Invalid(msg("Line %(line)d: %(reason)s", line=number, reason=reason)) from error
        yield number, cells


def _decoded(data: bytes) -> str:
    """Return text in UTF-8, in UTF-16 when its mark says so, or else as Windows wrote it in Western Europe."""
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(UNREADABLE)


def _delimiter(text: str) -> str:
    """Return what parts the first row into most cells."""

    def cells(delimiter: str) -> int:
        try:
            return len(next(csv.reader(io.StringIO(text.lstrip()[:BEGINNING]), delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=cells)


def _guard(archive: zipfile.ZipFile) -> None:
    """Refuse an archive that unpacks to more than a list of boxes needs."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Invalid(TOO_LARGE)
