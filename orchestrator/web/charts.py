"""Bars of a small chart, day by day: numbers in, places out; the template writes the SVG. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 360
HEIGHT: Final = 90
GAP: Final = 4
LEAST: Final = 2
"""Units of height that a number above zero has at least, so that it is seen."""


@dataclass(frozen=True, slots=True)
class Point:
    """One day of a chart.

    Attributes:
        day: Such as `2026-11-27`.
        value: What the bar shows, None where there is nothing to show.
        part: How much of it is marked out, such as failures among calls.
        words: Both, as they are written.
        link: Where the conversations behind it are.
    """

    day: str
    value: float | None
    words: str
    link: str
    part: float = 0.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, with its part that is marked out at the foot; all in units of the drawing."""

    point: Point
    x: float
    width: float
    y: float
    height: float
    part_y: float
    part_height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars of a chart.

    Attributes:
        empty: Whether no day has anything.
    """

    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def highest(self) -> Point | None:
        """The day that has most, the last of several; None where no day has anything."""
        points = [bar.point for bar in self.bars if bar.point.value]
        return max(reversed(points), key=lambda point: point.value or 0, default=None)

    @property
    def empty(self) -> bool:
        """Whether no day has anything to show."""
        return not any(bar.point.value for bar in self.bars)


def chart_of(points: Sequence[Point]) -> Chart:
    """Place the bars of some days, the largest as high as the chart."""
    if not points:
        return Chart(())
    most = max(point.value or 0 for point in points) or 1
    step = WIDTH / len(points)
    return Chart(tuple(_bar(point, place * step, step - GAP, most) for place, point in enumerate(points)))


def _bar(point: Point, x: float, width: float, most: float) -> Bar:
    height = _height(point.value or 0, most)
    part = min(_height(point.part, most), height)
    return Bar(
        point,
        round(x, 1),
        round(width, 1),
        round(HEIGHT - height, 1),
        round(height, 1),
        round(HEIGHT - part, 1),
        round(part, 1),
    )


def _height(value: float, most: float) -> float:
    return max(HEIGHT * value / most, LEAST) if value > 0 else 0.0
