import itertools
import re

import pytest

from orchestrator.web.agents.drawing import HEIGHT, Edge, Node, draw

pytestmark = pytest.mark.unit

NODES = [Node("human"), Node("restaurant"), Node("triage", entry=True), Node("alone", enabled=False)]
EDGES = [
    Edge("triage", "restaurant"),
    Edge("restaurant", "triage"),
    Edge("triage", "human"),
    Edge("restaurant", "human"),
    Edge("human", "triage", back=True),
    Edge("triage", "gone"),
]


def test_agents_stand_in_columns_from_the_entry_agent_on() -> None:
    boxes = {box.name: box for box in draw(NODES, EDGES).boxes}
    assert boxes["triage"].x < boxes["restaurant"].x == boxes["human"].x < boxes["alone"].x
    assert boxes["triage"].entry
    assert not boxes["alone"].enabled


def test_no_two_boxes_touch_and_everything_is_within_the_drawing() -> None:
    drawing = draw(NODES, EDGES)
    for one, other in itertools.combinations(drawing.boxes, 2):
        apart = abs(one.x - other.x) >= drawing.box_width or abs(one.y - other.y) >= HEIGHT
        assert apart, (one, other)
    for line in drawing.lines:
        numbers = [int(number) for number in re.findall(r"-?\d+", line.path)]
        assert all(0 <= x <= drawing.width for x in numbers[::2])
        assert all(0 <= y <= drawing.height for y in numbers[1::2])


def test_every_handoff_between_agents_that_there_are_is_a_line_of_its_own() -> None:
    lines = draw(NODES, EDGES).lines
    assert len(lines) == len({line.path for line in lines}) == len(EDGES) - 1
    assert [line.back for line in lines] == [False, False, False, False, True]


def test_a_long_name_is_cut_and_nobody_is_nothing() -> None:
    (box,) = draw([Node("x" * 60, entry=True)], []).boxes
    assert box.label.endswith("…")
    assert len(box.label) == 26
    assert draw([], []).boxes == ()


def test_the_two_directions_between_agents_of_one_column_are_apart() -> None:
    nodes = [Node("triage", entry=True), Node("a"), Node("b")]
    edges = [Edge("triage", "a"), Edge("triage", "b"), Edge("a", "b"), Edge("b", "a")]
    down, up = draw(nodes, edges).lines[2:]
    ends = [re.findall(r"\d+ \d+", line.path) for line in (down, up)]
    assert {ends[0][0], ends[0][-1]}.isdisjoint({ends[1][0], ends[1][-1]})
