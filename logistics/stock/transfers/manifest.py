"""The paper that goes with a transfer: an A4 list of its boxes, to be ticked where it arrives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fpdf import FPDF

from ...printing import FACE, draw_qr, new_pdf

MARGIN, WIDTH, BOTTOM = 15.0, 180.0, 280.0  # millimetres, of a page 210 by 297
ROW, SQUARE = 8.0, 24.0
COLUMNS = (26.0, 72.0, 22.0, 26.0, 17.0, 17.0)  # box, product, size, shelf, how many, arrived
NUMBERS = 4  # the column that stands to the right
INK, SOFT = (0, 0, 0), (75, 91, 102)


@dataclass(frozen=True)
class Row:
    """One line: the box's code, what is in it, from which shelf, and how many."""

    code: str
    product: str
    size: str
    shelf: str
    quantity: str


@dataclass(frozen=True)
class Words:
    """What the paper says, in its language. `columns` are the titles of the six columns."""

    language: str
    charity: str
    title: str
    facts: Sequence[str]
    columns: Sequence[str]
    total: str
    signatures: Sequence[str]
    address: str


def draw(words: Words, rows: Sequence[Row], made_at: datetime) -> bytes:
    """Return the paper as PDF: as many pages as it takes, each with its number and the titles of the columns."""
    pdf = new_pdf(
        "A4", title=words.title, author=words.charity, language=words.language, made_at=made_at, margin=MARGIN
    )
    pdf.c_margin = 1
    pdf.add_page()
    _head(pdf, words)
    _row(pdf, words.columns, 9, SOFT)
    for row in rows:
        if pdf.get_y() + ROW > BOTTOM:
            pdf.add_page()
            _row(pdf, words.columns, 9, SOFT)
        _row(pdf, (row.code, row.product, row.size, row.shelf, row.quantity, ""), 10.5, INK)
    _foot(pdf, words)
    for number in range(1, pdf.pages_count + 1):
        pdf.page = number
        pdf.set_xy(MARGIN, BOTTOM + 4)
        _font(pdf, 8, SOFT)
        pdf.cell(WIDTH, 5, f"{words.title} · {number}/{pdf.pages_count}")
    return bytes(pdf.output())


def _head(pdf: FPDF, words: Words) -> None:
    draw_qr(pdf, words.address, MARGIN + WIDTH - SQUARE, MARGIN, SQUARE)
    _font(pdf, 16, INK)
    pdf.multi_cell(WIDTH - SQUARE - 8, 8, words.title, align="L", new_x="LMARGIN", new_y="NEXT")
    _font(pdf, 10, SOFT)
    for fact in words.facts:
        pdf.multi_cell(WIDTH - SQUARE - 8, 5.5, fact, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_y(max(pdf.get_y(), MARGIN + SQUARE) + 6)


def _row(pdf: FPDF, texts: Sequence[str], size: float, colour: tuple[int, int, int]) -> None:
    """Draw one line of the table; a text too long for its column is shortened."""
    _font(pdf, size, colour)
    pdf.set_draw_color(180, 180, 180)
    top = pdf.get_y()
    for place, (text, width) in enumerate(zip(texts, COLUMNS, strict=True)):
        pdf.set_xy(MARGIN + sum(COLUMNS[:place]), top)
        pdf.cell(width, ROW, _fitting(pdf, text, width - 2), border="B", align="R" if place == NUMBERS else "L")
    if colour == INK:
        pdf.set_draw_color(*INK)
        pdf.rect(MARGIN + WIDTH - COLUMNS[-1] + 4, top + 1.2, COLUMNS[-1] - 6, ROW - 2.4)
    pdf.set_xy(MARGIN, top + ROW)


def _fitting(pdf: FPDF, text: str, width: float) -> str:
    if pdf.get_string_width(text) <= width:
        return text
    while text and pdf.get_string_width(text + "…") > width:
        text = text[:-1]
    return text + "…"


def _foot(pdf: FPDF, words: Words) -> None:
    if pdf.get_y() + 45 > BOTTOM:
        pdf.add_page()
    pdf.ln(3)
    _font(pdf, 11, INK)
    pdf.cell(WIDTH, 7, words.total, align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(14)
    top = pdf.get_y()
    _font(pdf, 9, SOFT)
    pdf.set_draw_color(*INK)
    for place, text in enumerate(words.signatures):
        left = MARGIN + place * (WIDTH / 2)
        pdf.line(left, top, left + WIDTH / 2 - 10, top)
        pdf.set_xy(left, top + 1)
        pdf.cell(WIDTH / 2 - 10, 6, text)


def _font(pdf: FPDF, size: float, colour: tuple[int, int, int]) -> None:
    pdf.set_font(FACE, size=size)
    pdf.set_text_color(*colour)
