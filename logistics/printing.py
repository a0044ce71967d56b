"""What every PDF shares: a font inside it that knows the letters of most names, and codes to scan drawn as squares.

HarfBuzz shapes the text, so that Arabic letters join and run from right to left, as those of Hebrew do.
"""

from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from unicodedata import category

import segno
from fontTools.ttLib import TTFont
from fpdf import FPDF

FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
FACE = "DejaVu"


def can_print(text: str) -> bool:
    """Return whether the font has a picture of each letter of a text."""
    return all(ord(letter) in _known() for letter in text if category(letter) != "Cf")


@cache
def _known() -> frozenset[int]:
    with TTFont(FONT, lazy=True) as font:
        return frozenset(font.getBestCmap())


def new_pdf(
    page: str | tuple[float, float], *, title: str, author: str, language: str, made_at: datetime, margin: float
) -> FPDF:
    """Return an empty PDF with pages of this format ("A4", or millimetres); what is drawn on it breaks no page."""
    pdf = FPDF(format=page)
    pdf.set_title(title)
    pdf.set_author(author)
    pdf.set_lang(language)
    pdf.set_creation_date(made_at)
    pdf.add_font(FACE, fname=FONT)
    pdf.set_text_shaping(True)
    pdf.set_margins(margin, margin, margin)
    pdf.set_auto_page_break(False)
    return pdf


def draw_qr(pdf: FPDF, text: str, left: float, top: float, side: float, *, mask: int | None = None) -> None:
    """Draw a QR code, without the quiet zone that the caller leaves white around it.

    Dark squares beside each other are one rectangle, so that no hairline shows between them. Without a `mask` the
    best of eight is looked for, which takes longer than all the rest.
    """
    matrix = segno.make(text, error="m", micro=False, mask=mask).matrix
    module = side / len(matrix)
    pdf.set_fill_color(0, 0, 0)
    for row, cells in enumerate(matrix):
        column = 0
        for dark, run in groupby(cells):
            width = len(list(run))
            if dark:
                pdf.rect(left + column * module, top + row * module, width * module, module, style="F")
            column += width
