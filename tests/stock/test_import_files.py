"""What a file may hold: bad rows and bad files, and any bytes at all."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.errors import Invalid
from logistics.stock.importing import BOX_COLUMNS, parse_boxes, parse_products
from logistics.stock.size_ranges import default_shares, in_order, sizes_in

from .files import boxes_file, products_file


def reasons(data: bytes) -> list[str]:
    return [str(row) for row in parse_boxes(data).bad]


# Bad rows and bad files


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("7,Hats,-,,A1,-3,", "line 2: “Items” is negative: -3"),
        ("7,Hats,-,,A1,2.5,", "line 2: “Items” is not a whole number: 2.5"),
        ("7,Hats,-,,A1,many,", "line 2: “Items” is not a number: many"),
        ("7,Hats,-,,A1,٣,", "line 2: “Items” is not a number: ٣"),
        ("7,Hats,-,,A1,,", "line 2: “Items” is empty."),
        ("7,Hats,-,,A1,1000001,", "line 2: “Items” is more than 1,000,000: 1000001"),
        (f"7,Hats,-,,A1,{'9' * 5000},", f"line 2: “Items” is more than 1,000,000: {'9' * 40}"),
        (",Hats,-,,A1,3,", "line 2: “Box number” is empty."),
        (f"{'7' * 41},Hats,-,,A1,3,", "line 2: “Box number” is longer than 40 characters."),
        ("a/b,Hats,-,,A1,3,", "line 2: A box's code is made of letters, digits, spaces and . + - _"),
        ("7,,-,,A1,3,", "line 2: “Product” is empty."),
        ("7,Hats,Cat,,A1,3,", "line 2: Shoreline does not know the gender “Cat”."),
        ("7,Hats,-,,,3,", "line 2: “Location” is empty."),
        ('7,Hats,-,,"A\n1",3,', "line 2: “Location” has more than one line."),
        (f"7,Hats,-,,A1,3,{'x' * 501}", "line 2: “Comments” is longer than 500 characters."),
        ("7,Hats,-,,A1,3,\x00", "line 2: The row has characters that cannot be stored."),
        ("7,Hats,-,,A1", "line 2: 5 columns instead of 7."),
        ("7,Hats,-,,A1,3,,,", "line 2: 9 columns instead of 7."),
        ('7,Hats,-,,A1,3,"open', "line 2: This row cannot be read: its quotes do not match, or it is too long."),
        ("", "line 1: The file has no rows below its first line."),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_reason(row: str, reason: str) -> None:
    assert reasons(boxes_file(row)) == [reason]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "line 1: The file is empty."),
        (b"\n \n", "line 1: The file is empty."),
        (b"Box number,Product\n1,Hats", "line 1: Wrong columns. The first line must be: " + ", ".join(BOX_COLUMNS)),
        (
            boxes_file("1,Hats,-,,A1,1,", "2,H\xe9t,-,,A1,1,").replace("é".encode(), b"\xe9"),
            "line 3: The file is not in UTF-8. Save it as “CSV UTF-8” and send it again.",
        ),
        (boxes_file("x" * (5 * 1024 * 1024)), "line 1: The file is larger than 5 MB."),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    assert reasons(data) == [reason]


def test_a_repeated_number_names_the_line_it_was_on() -> None:
    data = boxes_file("a7,Hats,-,,A1,1,", '8,Hats,-,,A1,1,"two\nlines"', " A7 ,Hats,-,,A1,2,")
    parsed = parse_boxes(data)
    assert [str(row) for row in parsed.bad] == ["line 5: Box number A7 is repeated: it is on line 2 already."]
    assert [row.line for row in parsed.rows] == [2, 3]


def test_columns_may_stand_in_any_order_and_begin_with_a_mark() -> None:
    parsed = parse_boxes("\ufeffitems,Comments,Box Number,product,gender,size,location\n5,,7,Hats,,,A1".encode())
    assert [(row.code, row.items, row.gender) for row in parsed.rows] == [("7", 5, "-")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("x,Hats,-,One size,Tops", "line 2: “id” is not a number: x"),
        ("0,Hats,-,One size,Tops", "line 2: “id” is not a number: 0"),
        ("1,Hats,-,Giant sizes,Tops", "line 2: Shoreline does not know the size range “Giant sizes”."),
        ('1,Hats,-,"S, S",Tops', "line 2: A size is named twice."),
        ("1,,-,One size,Tops", "line 2: “name” is empty."),
        ("1,Hats,-,One size,", "line 2: “category” is empty."),
    ],
)
def test_a_bad_product_is_named_with_its_line_and_reason(row: str, reason: str) -> None:
    assert [str(bad) for bad in parse_products(products_file(row)).bad] == [reason]


def test_products_are_repeated_by_id_or_by_name_and_gender() -> None:
    parsed = parse_products(products_file("1,Hats,-,One size,Tops", "1,Caps,-,One size,Tops", "3,HATS,-,One size,Tops"))
    assert [str(bad) for bad in parsed.bad] == [
        "line 3: The id 1 is repeated: it is on line 2 already.",
        "line 4: HATS is repeated: it is on line 2 already.",
    ]


@pytest.mark.parametrize("text", ["", ",", "Weird sizes", "S,,M", "x" * 41, "S, s", ", ".join(map(str, range(101)))])
def test_what_is_no_size_range_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        sizes_in(text)


def test_the_default_split_follows_what_is_known() -> None:
    assert default_shares(["S", "M", "L"], "Unisex Adult") == [30, 40, 20]
    assert default_shares(["40", "41", "99"], "Male") == [20, 25, 0] or default_shares(["40", "41"], "Male") == [1, 1]
    assert sum(default_shares([str(size) for size in range(36, 49)], "Male")) == 100
    assert default_shares(["2-3", "4-5"], "Boy") == [1, 1]
    assert default_shares(["2-3", "Mixed sizes"], "Boy") == [1, 0]
    assert default_shares(["Mixed sizes", "One size"], "-") == [1, 1]
    assert in_order(["Mixed sizes", "12-13", "M", "4-5", "XS", "All ages"]) == [
        "XS", "M", "4-5", "12-13", "All ages", "Mixed sizes",
    ]  # fmt: skip


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_reported(data: bytes) -> None:
    for parse in (parse_boxes, parse_products):
        parsed = parse(data)
        assert parsed.rows or parsed.bad


cells = st.text(alphabet=st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    ["7", "-", "Male", "S", "A1", "12", "-1", "2.5", "", '"', "Mixed", "12-13 years", "😀", "1e9", "ﬃ" * 39]
)


likely_rows = st.tuples(
    cells,
    cells,
    st.sampled_from(["-", "", "Boy", " male", "Cat"]),
    cells,
    cells,
    st.sampled_from(["0", "7", "-1", "2.5", "x", "", "+3", "1e9", "9" * 30, "-0", "٣"]),
    cells,
).map(list)


@given(st.lists(st.lists(cells, min_size=6, max_size=8) | likely_rows, max_size=8))
@settings(max_examples=300, deadline=None)
def test_any_rows_are_read_or_reported_each_on_its_line(rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(BOX_COLUMNS)
    writer.writerows(rows)
    parsed = parse_boxes(buffer.getvalue().encode())
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    lines = [row.line for row in parsed.rows] + [row.line for row in parsed.bad]
    assert len(lines) == len(set(lines))
    if filled:
        assert len(lines) == len(filled)
    for row in parsed.rows:
        assert 0 <= row.items <= 1_000_000
        assert 0 < len(row.code) <= 40
        assert 0 < len(row.product) <= 100
