import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.demo.lexicon import Action
from orchestrator.engine.demo.schemas import read_tool
from tests.engine.demo.toolsets import PIZZERIA, tool

pytestmark = pytest.mark.unit


def slots(properties: JsonObject, required: tuple[str, ...] = (), **more: JsonObject) -> dict[str, str]:
    read = read_tool(tool("do_it", "", properties, required, **more))
    return {slot.name: slot.kind for slot in read.slots}


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("add_item", Action.ADD),
        ("addItem", Action.ADD),
        ("remove_item", Action.REMOVE),
        ("checkout", Action.FINISH),
        ("check_out", Action.FINISH),
        ("place_order", Action.FINISH),
        ("clear_cart", Action.CLEAR),
        ("remove_all", Action.CLEAR),
        ("get_weather", Action.SHOW),
        ("menu", Action.SHOW),
        ("take_message", Action.SEND),
        ("lookup", Action.FIND),
        ("cart", None),
    ],
)
def test_a_name_says_what_a_tool_does(name: str, action: Action | None) -> None:
    assert read_tool(tool(name, "")).action is action


def test_its_own_words_are_its_topic() -> None:
    read = read_tool(tool("get_weather", "Get the current forecast for a city."))
    assert read.name_topic == {"weather"}
    assert read.topic == {"weather", "forecast", "city"}


def test_every_kind_of_argument_becomes_a_slot() -> None:
    properties: JsonObject = {
        "size": {"enum": ["s", "l"]},
        "kind": {"anyOf": [{"const": "a"}, {"const": "b"}]},
        "extras": {"type": "array", "items": {"enum": ["x", "y"]}},
        "tags": {"type": "array", "items": {"type": "string"}},
        "count": {"type": ["integer", "null"]},
        "price": {"type": "number"},
        "gift": {"type": "boolean"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "odd": {},
        "odder": True,
    }
    assert slots(properties) == {
        "size": "choice",
        "kind": "choice",
        "extras": "choices",
        "tags": "texts",
        "count": "integer",
        "price": "number",
        "gift": "boolean",
        "note": "text",
        "odd": "other",
        "odder": "other",
    }


def test_references_are_followed() -> None:
    read = read_tool(PIZZERIA[1])
    item = read.slot("item")
    assert item is not None
    assert item.kind == "choice"
    assert item.required
    assert [choice.said for choice in item.choices][:3] == ["margherita", "pepperoni", "quattro formaggi"]
    assert slots({"a": {"$ref": "#/nowhere"}}) == {"a": "other"}


def test_a_default_makes_an_argument_optional() -> None:
    read = read_tool(
        tool("x", "", {"n": {"type": "integer", "default": 1, "minimum": 0, "maximum": 5}}, ("n",))
    )
    (slot,) = read.slots
    assert not slot.required
    assert (slot.minimum, slot.maximum) == (0, 5)


def test_objects_are_opened_up() -> None:
    inner: JsonObject = {"type": "object", "properties": {"size": {"type": "string"}}, "required": ["size"]}
    read = read_tool(tool("x", "", {"item": inner}, ("item",)))
    (slot,) = read.slots
    assert (slot.name, slot.path, slot.required) == ("size", ("item", "size"), True)


def test_a_list_of_objects_is_filled_thing_by_thing() -> None:
    line: JsonObject = {"type": "object", "properties": {"item": {"type": "string"}}, "required": ["item"]}
    read = read_tool(
        tool("x", "", {"lines": {"type": "array", "items": line}, "note": {"type": "string"}}, ("lines",))
    )
    assert read.list_slot == "lines"
    assert [slot.name for slot in read.slots] == ["item", "note"]


@pytest.mark.parametrize(
    ("name", "description", "more", "asks"),
    [
        ("clear_cart", "", {}, True),
        ("cancelOrder", "", {}, True),
        ("checkout", "", {}, True),
        ("remove_all_items", "", {}, True),
        ("checkout", "", {"x-confirm": False}, False),
        ("look", "", {"x-confirm": True}, True),
        ("sell", "Sells it. This cannot be undone.", {}, True),
        ("sell", "Sells it. Requires confirmation.", {}, True),
        ("sell", "Sells it. Ask the caller first.", {}, True),
        ("remove_item", "Removes an item.", {}, False),
        ("clearance", "Shows the sale.", {}, False),
    ],
)
def test_destructive_tools_ask_first(name: str, description: str, more: JsonObject, asks: bool) -> None:
    assert read_tool(tool(name, description, None, (), **more)).asks_first is asks


def test_a_tool_may_say_next_to_nothing_of_itself() -> None:
    read = read_tool({"type": "function", "name": "ping"})
    assert (read.slots, read.description, read.asks_first) == ((), "", False)
