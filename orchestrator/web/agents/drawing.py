"""The handoff graph as lines and boxes: who is placed where, for a drawing that the template writes. Pure.

Agents stand in columns by the number of handoffs from the entry agent; the drawing is small enough that no
layout engine is needed, and the page lists the same handoffs in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

HEIGHT: Final = 40
COLUMN_GAP: Final = 110
ROW_GAP: Final = 34
MARGIN: Final = 24
LETTER: Final = 8
LONGEST: Final = 26
"""Letters of a name that are drawn."""

ASIDE: Final = 7
"""How far the two directions between a pair of agents are kept apart."""


@dataclass(frozen=True, slots=True)
class Box:
    """An agent in the drawing; `x` and `y` are its upper left corner."""

    name: str
    label: str
    x: int
    y: int
    entry: bool
    enabled: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A handoff in the drawing: `path` as SVG writes it; one that goes back is dashed."""

    source: str
    target: str
    path: str
    back: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything, with its extent."""

    width: int
    height: int
    box_width: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """An agent of the graph."""

    name: str
    entry: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Edge:
    """A handoff of the graph."""

    source: str
    target: str
    back: bool = False


def draw(nodes: Sequence[Node], edges: Sequence[Edge]) -> Drawing:
    """Place agents and handoffs."""
    columns = _columns(nodes, edges)
    box_width = max(min(max((len(node.name) for node in nodes), default=0), LONGEST) * LETTER + 32, 110)
    tallest = max((len(column) for column in columns), default=0)
    height = 2 * MARGIN + tallest * HEIGHT + max(tallest - 1, 0) * ROW_GAP
    boxes = {}
    for place, column in enumerate(columns):
        extent = len(column) * HEIGHT + (len(column) - 1) * ROW_GAP
        for row, node in enumerate(column):
            x = MARGIN + place * (box_width + COLUMN_GAP)
            y = (height - extent) // 2 + row * (HEIGHT + ROW_GAP)
            label = node.name if len(node.name) <= LONGEST else f"{node.name[: LONGEST - 1]}…"
            boxes[node.name] = Box(node.name, label, x, y, node.entry, node.enabled)
    known = [edge for edge in edges if edge.source in boxes and edge.target in boxes]
    lines = tuple(
        Line(edge.source, edge.target, _path(boxes[edge.source], boxes[edge.target], box_width), edge.back)
        for edge in known
    )
    # A line between two agents of one column bulges to its right, beyond the last box.
    width = 2 * MARGIN + len(columns) * box_width + max(len(columns) - 1, 0) * COLUMN_GAP + COLUMN_GAP // 2
    return Drawing(width, height, box_width, tuple(boxes.values()), lines)


def _columns(nodes: Sequence[Node], edges: Sequence[Edge]) -> list[list[Node]]:
    depth = _depths(nodes, edges)
    last = max(depth.values(), default=-1)
    # Whom no handoff leads to stands apart, at the end.
    placed = {node.name: depth.get(node.name, last + 1) for node in nodes}
    count = max(placed.values(), default=-1) + 1
    return [[node for node in nodes if placed[node.name] == place] for place in range(count)]


def _depths(nodes: Sequence[Node], edges: Sequence[Edge]) -> Mapping[str, int]:
    reached = {node.name: 0 for node in nodes if node.entry}
    waiting = list(reached)
    while waiting:
        name = waiting.pop(0)
        for edge in edges:
            if edge.source == name and not edge.back and edge.target not in reached:
                reached[edge.target] = reached[name] + 1
                waiting.append(edge.target)
    return reached


def _path(source: Box, target: Box, box_width: int) -> str:
    middle = HEIGHT // 2
    if source.x == target.x:
        down = target.y > source.y
        # The way down is the outer of the two curves, and begins and ends farther from the other agent.
        out = COLUMN_GAP // 2 if down else COLUMN_GAP // 4
        near = -ASIDE if down else ASIDE
        right, toward = source.x + box_width, near if down else -near
        start, end = source.y + middle + toward, target.y + middle - toward
        return f"M{right} {start}C{right + out} {start} {right + out} {end} {right} {end}"
    forward = target.x > source.x
    start_x = source.x + (box_width if forward else 0)
    end_x = target.x + (0 if forward else box_width)
    aside = -ASIDE if forward else ASIDE
    start_y, end_y = source.y + middle + aside, target.y + middle + aside
    half = (start_x + end_x) // 2
    return f"M{start_x} {start_y}C{half} {start_y} {half} {end_y} {end_x} {end_y}"
