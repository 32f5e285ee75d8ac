import json

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.demo.clauses import read_clause
from orchestrator.engine.demo.dialogue import Done
from orchestrator.engine.demo.memory import adjustment, looked_up, pointing_back, remembered_name
from orchestrator.engine.demo.planning import Step, plan
from orchestrator.engine.demo.schemas import read_tool
from orchestrator.engine.demo.words import tokens
from tests.engine.demo.toolsets import PIZZERIA, tool

pytestmark = pytest.mark.unit

TOOLS = [read_tool(one) for one in PIZZERIA]
WITHOUT_CHANGE = [one for one in TOOLS if one.name != "change_quantity"]


def added(item: str, **more: object) -> Done:
    arguments: JsonObject = {"item": item, **more}  # type: ignore[dict-item]
    return Done("add_item", arguments, f"call_{item}", "{}")


MEMORY = [added("margherita", quantity=2, size="large"), added("coke", quantity=1)]


def adjusted(
    text: str, memory: list[Done] | None = None, tools: list[object] | None = None
) -> list[tuple[str, JsonObject]]:
    steps = adjustment(read_clause(tokens(text)), tools or TOOLS, MEMORY if memory is None else memory)  # type: ignore[arg-type]
    return [(step.tool.name, step.arguments) for step in steps]


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("make it three", [("change_quantity", {"item": "coke", "quantity": 3})]),
        ("make the margherita four", [("change_quantity", {"item": "margherita", "quantity": 4})]),
        ("actually I want five", [("change_quantity", {"item": "coke", "quantity": 5})]),
        (
            "make it a large",
            [
                ("remove_item", {"item": "coke"}),
                ("add_item", {"item": "coke", "quantity": 1, "size": "large"}),
            ],
        ),
        (
            "put olives on it",
            [
                ("remove_item", {"item": "coke"}),
                ("add_item", {"item": "coke", "quantity": 1, "extras": ["olives"]}),
            ],
        ),
        ("another one", [("add_item", {"item": "coke", "quantity": 1})]),
        ("two more please", [("add_item", {"item": "coke", "quantity": 2})]),
        ("zero more", []),
        ("the same again", [("add_item", {"item": "coke", "quantity": 1})]),
        ("another margherita", []),
        ("make it one", []),
        ("don't make it three", []),
        ("a tiramisu", []),
    ],
)
def test_earlier_calls_tell_what_is_meant(text: str, calls: list[tuple[str, JsonObject]]) -> None:
    assert adjusted(text) == calls


def test_nothing_before_means_nothing_to_change() -> None:
    assert adjusted("make it three", []) == []


def test_without_a_tool_that_changes_the_difference_is_added_or_the_thing_replaced() -> None:
    tools: list[object] = list(WITHOUT_CHANGE)
    assert adjusted("make it three", tools=tools) == [("add_item", {"item": "coke", "quantity": 2})]
    assert adjusted("make the margherita just one", tools=tools) == [
        ("remove_item", {"item": "margherita"}),
        ("add_item", {"item": "margherita", "quantity": 1, "size": "large"}),
    ]
    only_adding: list[object] = [one for one in WITHOUT_CHANGE if one.name != "remove_item"]
    assert adjusted("make the margherita just one", tools=only_adding) == []


def test_a_difference_that_the_tool_does_not_take_is_not_added() -> None:
    quantity: JsonObject = {"type": "integer", "minimum": 3}
    sold = tool("add_item", "Adds an item.", {"item": {"enum": ["roll"]}, "quantity": quantity}, ("item",))
    gone = tool("remove_item", "Removes an item.", {"item": {"enum": ["roll"]}}, ("item",))
    rolls = [added("roll", quantity=3)]
    assert adjusted("make it five", rolls, [read_tool(sold), read_tool(gone)]) == [
        ("remove_item", {"item": "roll"}),
        ("add_item", {"item": "roll", "quantity": 5}),
    ]
    assert adjusted("one more", rolls, [read_tool(sold)]) == []


def test_later_changes_lie_over_what_was_added() -> None:
    changed = Done("change_quantity", {"item": "margherita", "quantity": 4}, "c", "{}")
    steps = adjusted("make it small", [*MEMORY, changed])
    assert steps[-1] == ("add_item", {"item": "margherita", "quantity": 4, "size": "small"})
    removed = Done("remove_item", {"item": "coke"}, "r", "{}")
    assert adjusted("another one", [*MEMORY, removed]) == [
        ("add_item", {"item": "margherita", "quantity": 1, "size": "large"})
    ]


def step_for(text: str, *declared: JsonObject) -> Step:
    return plan(tokens(text), [read_tool(one) for one in declared], {}).steps[0]


def test_it_stands_for_the_newest_thing() -> None:
    step = step_for("remove it", PIZZERIA[2])
    filled = pointing_back(step, read_clause(tokens("remove it")), MEMORY, TOOLS)
    assert filled.arguments == {"item": "coke"}
    assert pointing_back(step, read_clause(tokens("remove something")), MEMORY, TOOLS) == step


def test_an_id_is_looked_up_in_what_tools_answered() -> None:
    remove = tool("remove_line", "Removes a line.", {"line_id": {"type": "integer"}}, ("line_id",))
    lines = {"cart": {"lines": [{"line_id": 1, "item": "coke"}, {"line_id": 2, "item": "garlic_bread"}]}}
    shown = Done("show_cart", {}, "c", json.dumps(lines))
    step = Step(read_tool(remove), step_for("remove the bread", PIZZERIA[2]).filled)
    found = looked_up(step, read_clause(tokens("remove the garlic bread")), [shown])
    assert found.filled.values["line_id"] == 2
    unknown = looked_up(step, read_clause(tokens("remove the wine")), [shown])
    assert "line_id" not in unknown.filled.values


def test_a_name_that_was_given_earlier_is_remembered() -> None:
    step = step_for("check out", PIZZERIA[6])
    assert remembered_name(step, ["hello", "my name is Ada"]).arguments == {"name": "Ada"}
    assert remembered_name(step, ["a coke for Bob"]).arguments == {}
