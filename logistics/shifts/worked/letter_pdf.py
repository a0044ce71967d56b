"""A letter drawn on one A4 page as PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import WrapMode

from ...printing import FACE, draw_qr, new_pdf

MARGIN, WIDTH = 25.0, 160.0  # millimetres, of a page 210 wide
INK, SOFT, SEA = (21, 36, 45), (75, 91, 102), (11, 85, 99)
QR_SIDE = 34.0


@dataclass(frozen=True)
class Words:
    """What a letter says, in its language: from the charity's name at the top to how to check it."""

    language: str
    from_whom: str
    registered: str
    place_and_day: str
    title: str
    paragraphs: Sequence[str]
    facts: Sequence[tuple[str, str]]
    signed: str
    check: str
    code: str
    address: str  # to type
    sealed: str  # the address in the square, which is the link, too


def draw(words: Words, issued_at: datetime) -> bytes:
    """Return the letter. The same words give the same bytes."""
    page = new_pdf(
        "A4",
        title=words.title,
        author=words.from_whom,
        language=words.language,
        made_at=issued_at,
        margin=MARGIN,
    )
    page.add_page()
    _head(page, words)
    _body(page, words)
    _check(page, words)
    return bytes(page.output())


def _head(page: FPDF, words: Words) -> None:
    _say(page, words.from_whom, 20, SEA)
    if words.registered:
        _say(page, words.registered, 9.5, SOFT)
    page.set_draw_color(*SEA)
    page.line(MARGIN, page.get_y() + 4, MARGIN + WIDTH, page.get_y() + 4)
    page.set_y(page.get_y() + 12)
    _say(page, words.place_and_day, 11, SOFT)
    page.ln(8)


def _body(page: FPDF, words: Words) -> None:
    _say(page, words.title, 17)
    page.ln(4)
    for paragraph in words.paragraphs:
        _say(page, paragraph, 11.5)
        page.ln(3)
    page.ln(2)
    for label, value in words.facts:
        page.set_font(FACE, size=10.5)
        page.set_text_color(*SOFT)
        top = page.get_y()
        page.multi_cell(55, 7, label, align="L", new_x="RIGHT", new_y="TOP")
        page.set_text_color(*INK)
        page.set_xy(MARGIN + 55, top)
        page.multi_cell(WIDTH - 55, 7, value, align="L", new_x="LMARGIN", new_y="NEXT")
    page.ln(8)
    _say(page, words.signed, 11)


def _check(page: FPDF, words: Words) -> None:
    """Draw at the foot how the letter can be checked: its code, an address, and a QR code of that with its seal."""
    top = 297 - MARGIN - QR_SIDE
    page.set_draw_color(*SEA)
    page.line(MARGIN, top - 6, MARGIN + WIDTH, top - 6)
    draw_qr(page, words.sealed, MARGIN, top, QR_SIDE)
    page.set_left_margin(MARGIN + QR_SIDE + 8)
    page.set_xy(MARGIN + QR_SIDE + 8, top)
    for text, size, colour in ((words.check, 10.0, SOFT), (words.code, 14.0, INK), (words.address, 9.0, SEA)):
        page.set_font(FACE, size=size)
        page.set_text_color(*colour)
        link, wrap = (words.sealed, WrapMode.CHAR) if text == words.address else ("", WrapMode.WORD)
        page.multi_cell(
            WIDTH - QR_SIDE - 8, size * 0.52, text, align="L", new_x="LMARGIN", new_y="NEXT", link=link, wrapmode=wrap
        )
        page.ln(2)


def _say(page: FPDF, text: str, size: float, colour: tuple[int, int, int] = INK) -> None:
    page.set_font(FACE, size=size)
    page.set_text_color(*colour)
    page.multi_cell(WIDTH, size * 0.55, text, align="L", new_x="LMARGIN", new_y="NEXT")
