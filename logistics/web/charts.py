"""Bars for a chart that a template draws as SVG: plain numbers in the units of its view box, made on the server.

A template colours them by class (`s0`, `s1`, …) and puts the same figures beside them as a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360, 200
LEFT, BOTTOM, TOP = 40, 22, 8  # room for the scale, for the labels below, and above the tallest
LINES = 4  # of the scale, besides the one at nothing
GAP = 0.28  # of a step, left free beside its bars
STEPS = (1, 2, 2.5, 5, 10)
MOST_TOLD = 14  # steps with their figures above the bars: of more, they would stand on one another


@dataclass(frozen=True)
class Bar:
    """One bar, or a part of one: of which series, where, and how large."""

    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Mark:
    """A line of the scale, or a label below: where, and what it says."""

    at: float
    value: float


@dataclass(frozen=True)
class Value:
    """What stands above a bar, in its middle: the figure it is as tall as."""

    x: float
    y: float
    value: float


@dataclass(frozen=True)
class Chart:
    """What a template draws: bars with their values, lines of the scale (by y), and where steps' labels go (by x)."""

    bars: Sequence[Bar]
    values: Sequence[Value]
    scale: Sequence[Mark]
    steps: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT


def stacked(series: Sequence[Sequence[float]], most: float | None = None) -> Chart:
    """Return a chart with one bar for each step, in which the series stand on one another."""
    steps = len(series[0]) if series else 0
    top = scale_top(most or max((sum(each[n] for each in series) for n in range(steps)), default=0))
    bars, told = [], []
    for step in range(steps):
        reached = 0.0
        for number, values in enumerate(series):
            if values[step]:
                x, width = _place(step, steps)
                reached += values[step]
                bars.append(Bar(number, x, _y(reached, top), width, round(_y(0, top) - _y(values[step], top), 2)))
        if reached:
            told.append(Value(round(_middle(step, steps), 2), _above(reached, top), reached))
    return _chart(bars, told, steps, top)


def beside(series: Sequence[Sequence[float | None]], most: float) -> Chart:
    """Return a chart in which the series stand beside one another at each step; None is no bar."""
    steps = len(series[0]) if series else 0
    top, bars, told = scale_top(most), [], []
    for step in range(steps):
        x, width = _place(step, steps)
        each = width / len(series)
        for number, values in enumerate(series):
            value = values[step]
            left = round(x + number * each, 2)
            if value is not None:
                told.append(Value(round(left + each / 2, 2), _above(value, top), value))
            if value:
                height = round(_y(0, top) - _y(value, top), 2)
                bars.append(Bar(number, left, _y(value, top), round(each, 2), height))
    return _chart(bars, told, steps, top)


def scale_top(most: float) -> float:
    """Return a round number not below `most`, which LINES lines divide into round numbers."""
    unit = 1.0
    while True:
        for step in STEPS:
            if step * unit * LINES >= most:
                return step * unit * LINES
        unit *= 10


def _chart(bars: Sequence[Bar], told: Sequence[Value], steps: int, top: float) -> Chart:
    scale = [Mark(_y(top * n / LINES, top), top * n / LINES) for n in range(LINES + 1)]
    return Chart(
        bars, told if steps <= MOST_TOLD else (), scale, [Mark(round(_middle(n, steps), 2), n) for n in range(steps)]
    )


def _y(value: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top, 2)


def _above(value: float, top: float) -> float:
    """Return where the figure above a bar stands: never out of the picture, though its bar is the tallest."""
    return max(_y(value, top) - 2, TOP - 2)


def _place(step: int, steps: int) -> tuple[float, float]:
    each = (WIDTH - LEFT) / steps
    return round(LEFT + each * (step + GAP / 2), 2), round(each * (1 - GAP), 2)


def _middle(step: int, steps: int) -> float:
    return LEFT + (WIDTH - LEFT) / steps * (step + 0.5)
