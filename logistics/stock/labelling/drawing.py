"""Labels drawn as PDF: a square to scan, the code large enough to read from the aisle, and what is in the box."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fpdf import FPDF

from ...printing import FACE, draw_qr, new_pdf
from .layouts import Layout

POINTS = 72 / 25.4  # in a millimetre
LEADING = 1.18
SMALLEST = 1.6  # millimetres
MASK = 2


@dataclass(frozen=True)
class Face:
    """What one label says. `address` is in its square; a blank label has lines to write on instead of words."""

    address: str
    code: str
    product: str = ""
    size: str = ""
    best_before: str = ""

    @property
    def blank(self) -> bool:
        """Return whether it is for a box that is not there yet."""
        return not self.product


@dataclass(frozen=True)
class Line:
    """A line of words as it fits: its size in millimetres."""

    text: str
    size: float


def draw(
    layout: Layout, faces: Sequence[Face], *, first: int = 1, title: str, author: str, language: str, made_at: datetime
) -> bytes:
    """Return the labels in their order; of a half-used sheet, from the place `first` on."""
    page = "A4" if layout.a4 else (layout.width, layout.height)
    pdf = new_pdf(page, title=title, author=author, language=language, made_at=made_at, margin=0)
    pdf.c_margin = 0
    offset = first - 1
    for number, face in enumerate(faces, start=offset):
        place = number % layout.on_page
        if place == 0 or number == offset:
            pdf.add_page()
        _label(pdf, layout, layout.corner(place), face)
    return bytes(pdf.output())


def _label(pdf: FPDF, layout: Layout, corner: tuple[float, float], face: Face) -> None:
    left, top = corner[0] + layout.pad, corner[1] + layout.pad
    height = layout.height - 2 * layout.pad
    square = min(height, 0.42 * (layout.width - 2 * layout.pad))
    draw_qr(pdf, face.address, left, top + (height - square) / 2, square, mask=MASK)
    gap = 0.13 * square  # four of its squares, as scanners want them
    width = layout.width - 2 * layout.pad - square - gap
    lines = _fitted(pdf, face, width, height)
    tall = sum(line.size for line in lines) * LEADING + (0.45 * height if face.blank else 0)
    at = top + max(0.0, (height - tall) / 2)
    pdf.set_text_color(0, 0, 0)
    for line in lines:
        _sized(pdf, line.text, line.size)
        pdf.set_xy(left + square + gap, at)
        pdf.cell(width, line.size * LEADING, line.text)
        at += line.size * LEADING
    if face.blank:
        pdf.set_draw_color(0, 0, 0)
        pdf.set_line_width(0.2)
        for row in (0.2, 0.4):
            pdf.line(left + square + gap, at + row * height, left + square + gap + width, at + row * height)


def _fitted(pdf: FPDF, face: Face, width: float, height: float) -> list[Line]:
    """Return the lines, the code's first, made smaller until all of them fit."""
    scale = 1.0
    while True:
        lines = _lines(pdf, face, width, height * scale)
        if scale < 0.45 or sum(line.size for line in lines) * LEADING <= height:
            return lines
        scale *= 0.92


def _lines(pdf: FPDF, face: Face, width: float, height: float) -> list[Line]:
    lines = _wrapped(pdf, face.code, 0.3 * height, width, rows=3, least=0.4)
    if face.product:
        lines += _wrapped(pdf, face.product, 0.135 * height, width, rows=2, least=0.7, cut=True)
    for text, share in ((face.size, 0.19), (face.best_before, 0.125)):
        if text:
            lines += _wrapped(pdf, text, share * height, width, rows=1, least=0.5)
    return lines


def _wrapped(
    pdf: FPDF, text: str, size: float, width: float, *, rows: int, least: float, cut: bool = False
) -> list[Line]:
    """Return a text on one line, made smaller down to `least` of its size, else on several.

    What takes more than `rows` even so is cut, or made as small as it must be.
    """
    one = size * width / max(width, _width(pdf, text, size))
    if one >= least * size:
        return [Line(text, one)]
    small = max(SMALLEST, least * size)
    lines = _broken(pdf, text, small, width)
    while len(lines) > rows and not cut:
        small *= 0.9
        lines = _broken(pdf, text, small, width)
    if len(lines) > rows:
        lines = [*lines[: rows - 1], _cut(pdf, lines[rows - 1], small, width)]
    return [Line(line, small) for line in lines]


def _broken(pdf: FPDF, text: str, size: float, width: float) -> list[str]:
    """Return a text in lines no wider than `width`."""
    lines, line = [], ""
    for word in _words(pdf, text, size, width):
        if line and _width(pdf, (line + word).rstrip(), size) > width:
            lines.append(line.strip())
            line = ""
        line += word
    return [*lines, line.strip()]


def _words(pdf: FPDF, text: str, size: float, width: float) -> list[str]:
    """Return a text's words with the spaces after them, those too long for a line in pieces."""
    pieces = []
    for word in text.split(" "):
        rest = word + " "
        while len(rest) > 2 and _width(pdf, rest.rstrip(), size) > width:
            fits = next(n for n in range(len(rest) - 1, 0, -1) if n == 1 or _width(pdf, rest[:n], size) <= width)
            pieces.append(rest[:fits])
            rest = rest[fits:]
        pieces.append(rest)
    return pieces


def _cut(pdf: FPDF, text: str, size: float, width: float) -> str:
    text = text.strip() + "…"
    while len(text) > 1 and _width(pdf, text, size) > width:
        text = text[:-2] + "…"
    return text


def _width(pdf: FPDF, text: str, size: float) -> float:
    _sized(pdf, text, size)
    return float(pdf.get_string_width(text))


def _sized(pdf: FPDF, text: str, size: float) -> None:
    pdf.set_font(FACE, size=size * POINTS)
    pdf.set_text_shaping(max(text, default="") >= "\u0590")  # Latin, Greek and Cyrillic letters need none
