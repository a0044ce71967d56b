"""Labels as PDF: how many pages of what size, what they say, and that the squares hold the addresses."""

from datetime import UTC, datetime

import pytest
import segno

from logistics.stock.labelling.drawing import MASK, Face, draw
from logistics.stock.labelling.layouts import LAYOUTS, Layout

from . import pdf

MOMENT = datetime(2026, 11, 24, 9, tzinfo=UTC)
JOGGERS = Face("https://stock.example.org/b/0042", "0042", "Joggers, men", "M", "Best before 24 November 2027")


def drawn(layout: str, *faces: Face, first: int = 1) -> bytes:
    words = {"title": "Labels", "author": "Care", "language": "en", "made_at": MOMENT}
    return draw(LAYOUTS[layout], faces, first=first, **words)


@pytest.mark.parametrize(
    ("layout", "labels", "first", "pages", "size"),
    [
        ("a4-24", 24, 1, 1, (210, 297)),
        ("a4-24", 25, 1, 2, (210, 297)),
        ("a4-24", 20, 5, 1, (210, 297)),
        ("a4-24", 20, 6, 2, (210, 297)),
        ("a4-24", 1, 24, 1, (210, 297)),
        ("a4-8", 9, 8, 2, (210, 297)),
        ("a4-21", 43, 1, 3, (210, 297)),
        ("a4-8-gap", 1, 1, 1, (210, 297)),
        ("62x29", 3, 1, 3, (62, 29)),
        ("100x50", 1, 1, 1, (100, 50)),
        ("57x32", 2, 1, 2, (57, 32)),
    ],
)
def test_labels_fill_pages_of_the_size_of_the_paper(
    layout: str, labels: int, first: int, pages: int, size: tuple[int, int]
) -> None:
    made = drawn(layout, *[JOGGERS] * labels, first=first)
    assert pdf.size(made) == size
    found = pdf.pages(made)
    assert len(found) == pages == LAYOUTS[layout].pages(labels, first)
    assert sum(page.words.count("0042") for page in found) == labels


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.key)
def test_everything_is_inside_its_label_and_the_sheet(layout: Layout) -> None:
    long = Face(
        "https://stock.example.org/b/" + "W" * 40, "W" * 40, "Sleeping bags " * 12, "Mixed sizes", "Best before"
    )
    (page,) = pdf.pages(drawn(layout.key, *[long] * layout.on_page))
    for left, top, right, bottom in page.dark:
        assert any(
            x + layout.pad - 0.1 <= left
            and right <= x + layout.width - layout.pad + 0.1
            and y + layout.pad - 0.1 <= top
            and bottom <= y + layout.height - layout.pad + 0.1
            for x, y in map(layout.corner, range(layout.on_page))
        )
    last = layout.corner(layout.on_page - 1)
    assert last[0] + layout.width <= (210 if layout.a4 else layout.width) + 0.1
    assert last[1] + layout.height <= (297 if layout.a4 else layout.height) + 0.1
    assert "".join(page.words).count("W") == 40 * layout.on_page  # however long it is, a code is never cut


def test_a_label_says_what_is_in_the_box() -> None:
    (page,) = pdf.pages(drawn("100x50", JOGGERS))
    assert page.words == ["0042", "Joggers, men", "M", "Best before 24 November 2027"]
    (page,) = pdf.pages(drawn("62x29", Face("https://stock.example.org/b/0043", "0043")))
    assert page.words == ["0043"]


def test_a_name_in_another_script_is_printed() -> None:
    (page,) = pdf.pages(drawn("62x29", Face("https://x.org/b/1", "1", "بطانيات", "Größe Ω")))
    assert "Größe Ω" in page.words
    assert pdf.pages(drawn("62x29", Face("https://x.org/b/1", "1", "毯子 😀", "M")))


@pytest.mark.parametrize("layout", ["a4-24", "57x32"])
def test_the_square_holds_the_address(layout: str) -> None:
    (page,) = pdf.pages(drawn(layout, JOGGERS))
    matrix = segno.make(JOGGERS.address, error="m", micro=False, mask=MASK).matrix
    left, top = min(dark[0] for dark in page.dark), min(dark[1] for dark in page.dark)
    module = (max(dark[2] for dark in page.dark) - left) / len(matrix)
    assert module > 0.55  # millimetres: phones read it from a hand's breadth and more
    for row, cells in enumerate(matrix):
        for column, dark in enumerate(cells):
            assert page.is_dark(left + (column + 0.5) * module, top + (row + 0.5) * module) == bool(dark)


def test_the_same_labels_give_the_same_file() -> None:
    assert drawn("62x29", JOGGERS) == drawn("62x29", JOGGERS)
