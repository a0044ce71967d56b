"""Reading the PDFs that labels are printed as: pages, their sizes, words, and the squares of their codes."""

import re
import zlib
from dataclasses import dataclass

POINTS = 72 / 25.4
_RECT = re.compile(rb"([\d.-]+) ([\d.-]+) ([\d.-]+) ([\d.-]+) re f")


@dataclass
class Page:
    """One page: its words in their order, and its dark squares as (left, top, right, bottom) in millimetres."""

    words: list[str]
    dark: list[tuple[float, float, float, float]]

    def is_dark(self, x: float, y: float) -> bool:
        return any(left < x < right and top < y < bottom for left, top, right, bottom in self.dark)


def size(pdf: bytes) -> tuple[float, float]:
    """The size of its pages, in whole millimetres."""
    (box,) = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf))
    return round(float(box[0]) / POINTS), round(float(box[1]) / POINTS)


def pages(pdf: bytes) -> list[Page]:
    streams = [_unpacked(part) for part in re.findall(rb"(?s)stream\r?\n(.*?)\r?\nendstream", pdf)]
    letters = next((_letters(stream) for stream in streams if b"beginbfchar" in stream), {})
    height = float(re.findall(rb"/MediaBox \[0 0 [\d.]+ ([\d.]+)\]", pdf)[0])
    return [_page(stream, letters, height) for stream in streams if b") Tj" in stream or b" re f" in stream]


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _letters(stream: bytes) -> dict[int, str]:
    return {int(code, 16): chr(int(letter, 16)) for code, letter in re.findall(rb"<(\w{4})> <(\w{4})>", stream)}


def _page(stream: bytes, letters: dict[int, str], height: float) -> Page:
    words = []
    for text in re.findall(rb"(?s)\(((?:\\.|[^\\)])*)\) Tj", stream):
        plain = re.sub(rb"(?s)\\(.)", lambda found: {b"r": b"\r", b"n": b"\n"}.get(found[1], found[1]), text)
        words.append("".join(letters.get(int.from_bytes(plain[n : n + 2]), "?") for n in range(0, len(plain), 2)))
    dark = []
    for found in _RECT.findall(stream):
        x, y, wide, tall = (float(number) for number in found)
        top = height - max(y, y + tall)
        dark.append((x / POINTS, top / POINTS, (x + wide) / POINTS, (top + abs(tall)) / POINTS))
    return Page(words, dark)
