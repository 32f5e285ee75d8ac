"""Two conversations side by side."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.comparison import MISSING, canonical, compare
from orchestrator.core.items import Part
from orchestrator.core.json_value import JsonValue
from orchestrator.core.turns import Handover, Said, Step, ToolUse, Turn

pytestmark = pytest.mark.unit

NAMES = st.sampled_from(["add", "remove", "show"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=1), inner, max_size=2),
    max_leaves=4,
)
OBJECTS = st.dictionaries(st.sampled_from(["size", "count"]), VALUES, max_size=2)
USES = st.builds(ToolUse, name=NAMES, arguments=OBJECTS, outcome=st.sampled_from(["completed", "failed"]))
HANDOVERS = st.builds(Handover, source=st.just("desk"), target=st.sampled_from(["kitchen", "human"]))
STEPS: st.SearchStrategy[list[Step]] = st.lists(st.one_of(USES, HANDOVERS), max_size=4)


def turn(number: int, *steps: Step, replies: Sequence[str] = ("Well.",), **states: Any) -> Turn:
    said = (Said(role="user", content=(Part(text="Bread"),)),)
    return Turn(number=number, said=said, steps=steps, replies=tuple(replies), states=states)


@st.composite
def conversations(draw: st.DrawFn) -> list[Turn]:
    count = draw(st.integers(1, 4))
    return [turn(number, *draw(STEPS), cart=draw(OBJECTS)) for number in range(count)]


def add(count: Any = 1, **fields: Any) -> ToolUse:
    return ToolUse(name="add", arguments={"count": count}, **fields)


KITCHEN = Handover(source="desk", target="kitchen", payload={"wants": "soup"})

TABLE: list[tuple[str, list[Step], list[Step], list[tuple[str, str, Any, Any]]]] = [
    ("the same", [add()], [add()], []),
    ("another answer of a tool", [add(output="1")], [add(output="one", tool_call_id="x")], []),
    ("other arguments", [add(1)], [add(2)], [("arguments", "add.count", 1, 2)]),
    (
        "an argument fewer",
        [add()],
        [ToolUse(name="add", arguments={})],
        [("arguments", "add.count", 1, MISSING)],
    ),
    ("one as a float", [add(1)], [add(1.0)], []),
    ("one is not true", [add(1)], [add(True)], [("arguments", "add.count", 1, True)]),
    ("a tool that fails", [add()], [add(outcome="failed")], [("outcome", "add", "completed", "failed")]),
    ("a tool less", [add(1), KITCHEN], [KITCHEN], [("tool_missing", "add", {"count": 1}, MISSING)]),
    ("a tool more", [], [add(1)], [("tool_added", "add", MISSING, {"count": 1})]),
    ("twice instead of once", [add(1)], [add(1), add(1)], [("tool_added", "add", MISSING, {"count": 1})]),
    ("no handoff", [KITCHEN], [], [("handoff_missing", "kitchen", "desk", MISSING)]),
    (
        "another handoff",
        [KITCHEN],
        [replace(KITCHEN, target="human")],
        [("handoff_missing", "kitchen", "desk", MISSING), ("handoff_added", "human", MISSING, "desk")],
    ),
    ("another reason", [KITCHEN], [replace(KITCHEN, reason="hungry")], []),
    (
        "another payload",
        [KITCHEN],
        [replace(KITCHEN, payload={"wants": "tea"})],
        [("payload", "kitchen.wants", "soup", "tea")],
    ),
    ("an operator's handoff", [replace(KITCHEN, by_operator=True)], [], []),
]


@pytest.mark.parametrize(
    ("before", "after", "told"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_what_was_done_is_compared(before: list[Step], after: list[Step], told: list[Any]) -> None:
    found = compare([turn(0), turn(1, *before)], [turn(0), turn(1, *after)])
    assert [(each.kind, each.where, each.original, each.replayed) for each in found.differences] == told
    assert found.first == (1 if told else None)
    assert found.same == (not told)


def test_words_are_not_compared() -> None:
    assert compare([turn(0, replies=["Good morning."])], [turn(0, replies=["Hi!"])]).same


def test_a_reply_that_did_not_come_is_told() -> None:
    [found] = compare([turn(0), turn(1)], [turn(0), turn(1, replies=())]).differences
    assert (found.turn, found.kind) == (1, "unanswered")


@pytest.mark.parametrize(("before", "after"), [(3, 2), (2, 3)])
def test_a_turn_that_is_on_one_side_only_is_told(before: int, after: int) -> None:
    found = compare([turn(number) for number in range(before)], [turn(number) for number in range(after)])
    assert [(each.turn, each.kind) for each in found.differences] == [(2, "turn_missing")]
    assert len(found.turns) == 3


def test_a_state_is_told_where_it_came_to_differ_and_as_deep_down_as_can_be() -> None:
    small, large = {"lines": [{"size": "small"}], "total": "9"}, {"lines": [{"size": "large"}], "total": "9"}
    found = compare(
        [turn(0, cart={}), turn(1, cart=small), turn(2, cart=small)],
        [turn(0, cart={}), turn(1, cart=large), turn(2, cart=large)],
    )
    [told] = found.differences
    assert (told.turn, told.where, told.original, told.replayed) == (
        1,
        "cart.lines[0].size",
        "small",
        "large",
    )
    assert [(each.turn, each.where) for each in found.final] == [(2, "cart.lines[0].size")]


def test_a_state_that_was_mended_on_the_way_does_not_differ_in_the_end() -> None:
    found = compare(
        [turn(0, cart={"n": 1}), turn(1, cart={"n": 2})], [turn(0, cart={"n": 0}), turn(1, cart={"n": 2})]
    )
    assert found.first == 0
    assert found.final == ()


@given(conversations())
def test_a_conversation_is_the_same_as_itself(turns: list[Turn]) -> None:
    found = compare(turns, turns)
    assert found.same
    assert found.final == ()


@given(conversations(), conversations())
def test_both_directions_find_the_same_first_turn(one: list[Turn], other: list[Turn]) -> None:
    assert compare(one, other).first == compare(other, one).first


@given(conversations(), st.data())
def test_one_change_is_found_in_its_turn(turns: list[Turn], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(turns) - 1))
    planted = replace(turns[place], steps=(*turns[place].steps, ToolUse(name="planted", arguments={})))
    changed = [*turns[:place], planted, *turns[place + 1 :]]
    found = compare(turns, changed)
    assert found.first == place
    assert [(each.kind, each.where) for each in found.differences] == [("tool_added", "planted")]


@given(conversations(), conversations())
def test_conversations_without_a_difference_did_the_same(one: list[Turn], other: list[Turn]) -> None:
    def done(turns: list[Turn]) -> list[JsonValue]:
        return [[step_of(step) for step in each.steps] + [dict(each.states)] for each in turns]

    def step_of(step: Step) -> JsonValue:
        if isinstance(step, ToolUse):
            return [step.name, step.arguments, step.outcome]
        return [step.target, step.payload]

    assert compare(one, other).same == (canonical(done(one)) == canonical(done(other)))
