"""The sheets and rolls that labels are printed on, in millimetres."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """Where labels are on a page. A label printer's page is one label. `pad` is kept white inside each label."""

    key: str
    width: float
    height: float
    columns: int = 1
    rows: int = 1
    left: float = 0
    top: float = 0
    gap: float = 0  # between columns
    pad: float = 2.5
    a4: bool = False

    @property
    def on_page(self) -> int:
        """Return how many labels there are on a page."""
        return self.columns * self.rows

    def pages(self, labels: int, first: int = 1) -> int:
        """Return how many pages so many labels take, from the place `first` of the first page on."""
        return -(-(labels + first - 1) // self.on_page) if labels else 0

    def corner(self, place: int) -> tuple[float, float]:
        """Return the left upper corner of a label by its place on the page, from 0, row by row."""
        row, column = divmod(place, self.columns)
        return self.left + column * (self.width + self.gap), self.top + row * self.height


LAYOUTS = {
    layout.key: layout
    for layout in (
        Layout("a4-24", 70, 37, columns=3, rows=8, top=0.5, pad=5, a4=True),
        Layout("a4-21", 63.5, 38.1, columns=3, rows=7, left=7.25, top=15.15, gap=2.5, pad=3, a4=True),
        Layout("a4-8", 105, 74, columns=2, rows=4, top=0.5, pad=7, a4=True),
        Layout("a4-8-gap", 99.1, 67.7, columns=2, rows=4, left=4.65, top=13.1, gap=2.5, pad=5, a4=True),
        Layout("62x29", 62, 29),
        Layout("100x50", 100, 50, pad=3.5),
        Layout("57x32", 57, 32),
    )
}
FIRST_LAYOUT = "a4-24"
