"""Reading spreadsheets: every format gives the same rows, and nothing a file holds unpacks without bounds."""

import io
import struct
import tracemalloc
import zipfile
from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.errors import Invalid
from logistics.stock.models import Gender
from logistics.stock.narrowing.columns import COLUMNS, COMPLETE
from logistics.stock.searching import fold
from logistics.stock.spreadsheets import reading, values
from logistics.stock.spreadsheets.headings import Field, guess
from logistics.stock.words import SOURCES, UNITS, for_whom, labelled, listed_gender
from logistics.web.csv import cell, unescaped
from logistics.web.i18n import speaking

from .spreadsheets import ODS_FOOT, ODS_HEAD, csv_file, ods_file, ods_of, xlsx_file, xlsx_of, zip_of

ROWS = [
    ["Box", "Product", "How many", "Best before", "Note"],
    ["A1", "Joggers", 12, "", 'with "quotes", commas; and\nlines'],
    ["", "", "", "", ""],
    ["0042", "Écharpes 🧣", 7, date(2027, 3, 1), "=HYPERLINK(1)"],
]
READ = [
    (1, ("Box", "Product", "How many", "Best before", "Note")),
    (2, ("A1", "Joggers", "12", "", 'with "quotes", commas; and\nlines')),
    (4, ("0042", "Écharpes 🧣", "7", "2027-03-01", "=HYPERLINK(1)")),
]


def read(data: bytes) -> list[tuple[int, tuple[str, ...]]]:
    return [(line.number, line.cells) for line in reading.lines(data)]


@pytest.mark.parametrize("make", [xlsx_file, ods_file])
def test_every_format_gives_the_same_rows(make: Any) -> None:
    assert read(make(ROWS)) == READ


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_of_any_delimiter_is_read(delimiter: str, encoding: str) -> None:
    found = read(csv_file(ROWS, delimiter, encoding))
    assert [cells for _number, cells in found] == [cells for _number, cells in READ]
    assert [number for number, _cells in found] == [1, 2, 5], "a line counts as it stands in the file"


def test_windows_text_and_excels_first_line_are_known() -> None:
    assert read("sep=;\nCarton;Quantité\n1;2".encode("cp1252")) == [(2, ("Carton", "Quantité")), (3, ("1", "2"))]


def test_a_formula_gives_what_was_saved_with_it() -> None:
    sheet = (
        '<row r="2"><c r="A2" t="str"><f>HYPERLINK("http://x","y")</f><v>click me</v></c>'
        '<c r="C2"><f>SUM(1,2)</f><v>3</v></c><c r="D2"><f>NOW()</f></c>'
        '<c r="E2" t="inlineStr"><is><r><t>in </t></r><r><t>parts</t></r></is></c><c r="F2" t="b"><v>1</v></c>'
        '<c r="G2" t="s"><v>0</v></c><c r="H2" t="s"><v>99</v></c><c r="I2" t="e"><v>#N/A</v></c></row>'
    )
    strings = "<si><r><t>rich </t></r><r><t>text</t></r><rPh><t>no</t></rPh></si>"
    assert read(xlsx_of(sheet, strings)) == [
        (2, ("click me", "", "3", "", "in parts", "TRUE", "rich text", "", "#N/A"))
    ]


def test_what_an_ods_repeats_is_repeated_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    text = '<table:table-cell office:value-type="string" table:number-columns-repeated="{}"><text:p>a<text:s text:c="2"/>b</text:p><office:annotation><text:p>no</text:p></office:annotation></table:table-cell>'
    row = '<table:table-row table:number-rows-repeated="{}">' + text + "</table:table-row>"
    blank = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    found = read(ods_of("<table:table>" + row.format(2, 3) + blank + row.format(1, 16384) + "</table:table>"))
    assert [number for number, _cells in found] == [1, 2, 1048003]
    assert found[0][1] == ("a  b",) * 3
    assert len(found[2][1]) == reading.MOST_COLUMNS
    monkeypatch.setattr(reading, "MOST_ROWS", 10)
    with pytest.raises(Invalid, match="more than 10 rows"):
        read(ods_of("<table:table>" + row.format(1_000_000, 1) + "</table:table>"))


def refused(data: bytes) -> str:
    with pytest.raises(Invalid) as refusal:
        read(data)
    return str(refusal.value)


def bomb(part: str, size: int, start: str = "") -> bytes:
    """An archive whose part unpacks to so many bytes of nothing."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(part, "w", force_zip64=True) as out,
    ):
        out.write(start.encode())
        for _each in range(size // 2**20):
            out.write(b" " * 2**20)
    return buffer.getvalue()


@pytest.mark.parametrize("part", ["content.xml", "xl/worksheets/sheet1.xml", "xl/media/picture.png"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(part: str) -> None:
    data = bomb(part, 200 * 2**20)
    assert len(data) < 300_000
    tracemalloc.start()
    try:
        assert refused(data) == str(reading.TOO_LARGE)
        assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    finally:
        tracemalloc.stop()


def test_a_bomb_that_lies_of_its_size_unpacks_to_no_more_than_it_says() -> None:
    data = bytearray(bomb("content.xml", 200 * 2**20, ODS_HEAD))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        info, start = archive.infolist()[0], archive.start_dir
    said = struct.pack("<L", info.file_size)
    for place in (data.index(said, start),):
        data[place : place + 4] = struct.pack("<L", 1000)
    tracemalloc.start()
    try:
        assert refused(bytes(data)) == str(reading.UNREADABLE)
        assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    finally:
        tracemalloc.stop()


def test_many_cells_in_one_row_take_no_memory() -> None:
    cells = "<table:table-cell><text:p>x</text:p></table:table-cell>" * 300_000
    tracemalloc.start()
    try:
        assert len(read(ods_of(f"<table:table><table:table-row>{cells}</table:table-row></table:table>"))[0][1]) == 100
        wide = "<c><v>1</v></c>" * 300_000
        assert len(read(xlsx_of(f'<row r="1">{wide}</row>'))[0][1]) == 100
        assert tracemalloc.get_traced_memory()[1] < 60 * 2**20  # most of it is the test's own text
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 nothing of an archive",
        zip_of({"readme.txt": "no spreadsheet"}),
        zip_of({"content.xml": "<no"}),
        zip_of({"content.xml": ODS_HEAD + "<table:table><table:table-row>" + "]]>&nope;"}),
        zip_of({"content.xml": '<!DOCTYPE a [<!ENTITY b "bbbb">]>' + ODS_HEAD.partition("?>")[2] + ODS_FOOT}),
        zip_of({"content.xml": "<!--" + " " * 70_000 + '--><!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'}),
        zip_of({"xl/workbook.xml": "<workbook/>"}),
        xlsx_file(ROWS)[:-300],
        b"\xff\xfe\x00",
        b'a,b\n"open,2',
    ],
)
def test_what_cannot_be_read_says_so(data: bytes) -> None:
    assert refused(data)


def test_too_many_parts_are_refused() -> None:
    assert refused(zip_of({f"xl/{number}": "" for number in range(reading.MOST_PARTS + 1)})) == str(reading.TOO_LARGE)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"PK"):
        try:
            read(start + data)
        except Invalid:
            continue


@given(st.binary(max_size=60), st.integers(0, 4000))
@settings(max_examples=100, deadline=None)
def test_any_damage_is_read_or_refused(damage: bytes, place: int) -> None:
    for good in (xlsx_file(ROWS), ods_file(ROWS)):
        data = bytearray(good)
        data[place % len(data) : place % len(data) + len(damage)] = damage
        try:
            read(bytes(data))
        except Invalid:
            continue


plain = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20)


@given(st.lists(st.lists(plain.map(str.strip), min_size=2, max_size=5), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back_as_it_was(rows: list[list[str]]) -> None:
    wanted = [(number, tuple(row)) for number, row in enumerate(rows, 1) if any(row)]

    def trimmed(found: list[tuple[int, tuple[str, ...]]]) -> list[tuple[int, tuple[str, ...]]]:
        return [(number, tuple(" ".join(cells).split())) for number, cells in found]

    assert trimmed(read(ods_file(rows))) == trimmed(wanted)
    assert trimmed(read(xlsx_file(rows, strings_to_urls=False))) == trimmed(wanted)


@given(st.text(max_size=10) | st.sampled_from(["=1", "'=1", "''@x", "-5", "'", "'a"]))
def test_what_is_made_harmless_comes_back_as_it_was(text: str) -> None:
    assert unescaped(cell(text)) == text
    assert not cell(text).startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        (
            ["Box number", "Product", "Gender", "Size", "Location", "Items", "Comments"],
            "code product gender size shelf quantity note",
        ),
        (
            ["Carton", "Produit", "Genre", "Taille", "Combien", "Entrepôt", "Étagère", "À consommer avant le"],
            "code product gender size quantity warehouse shelf best_before",
        ),
        (["Kiste", "Artikel", "Menge", "Regal", "MHD"], "code product quantity shelf best_before"),
        (["QTY", "item", "", "Prodct"], "quantity product - -"),
        (["Quantty", "Produckt"], "quantity product"),
        (["ID", "Box number", "What", "How many"], "- code product quantity"),
        (["a", "b"], "- -"),
    ],
)
def test_columns_are_known_by_their_headings(headings: list[str], found: str) -> None:
    wanted = {Field(name): place for place, name in enumerate(found.split()) if name != "-"}
    assert guess(headings) == wanted


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-03-01", date(2027, 3, 1)),
        ("2027-03-01 00:00", date(2027, 3, 1)),
        ("01/03/2027", date(2027, 3, 1)),
        ("1.3.27", date(2027, 3, 1)),
        ("", None),
    ],
)
def test_days_are_read_day_first(text: str, day: date | None) -> None:
    assert values.day(text) == day


@pytest.mark.parametrize("text", ["soon", "31/02/2027", "2027", "01/03/1999", "2027-13-01", "01/03/0027"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        values.day(text)


def test_values_are_known_in_either_language() -> None:
    for text, gender in (
        ("Hommes", "Male"),
        ("women", "Female"),
        ("-", "-"),
        ("", "-"),
        ("bébés", "Unisex Baby"),
        ("Fille", "Girl"),
        ("pour tous", "-"),
        ("Unisex Adult", "Unisex Adult"),
    ):
        assert values.gender(text) == gender, text
    assert values.gender("Martians") is None
    for text, size in (
        ("Taille unique", "One size"),
        ("mixed", "Mixed sizes"),
        ("XL", "XL"),
        ("7-12 mois", "7-12 months"),
        ("12-13 ans", "12-13"),
        ("", ""),
    ):
        assert values.size(text) == size, text
    for text, number in (
        ("1 200", "1200"),
        ("1 200", "1200"),
        ("12.0", "12"),
        ("12,00", "12"),
        ("12", "12"),
        ("1.5", "1.5"),
    ):
        assert values.number(text) == number


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_our_own_pages_say_is_known(app: Flask, language: str) -> None:
    with app.test_request_context(), speaking(language):
        headings = [str(COLUMNS[name].label) for name in COMPLETE]
        assert len(guess(headings)) == len(COMPLETE), headings
        for unit, label in UNITS.items():
            assert values.UNITS[fold(str(label))] == unit
        for source, label in SOURCES.items():
            assert values.SOURCES[fold(str(label))] == source
        for gender in Gender:
            assert values.gender(listed_gender(gender)) == gender
            assert values.gender(for_whom(gender)) == gender
        for text in ("One size", "Mixed sizes", "Toys & Games", "7-12 months", "All ages"):
            assert values.label(labelled(text)) == text
