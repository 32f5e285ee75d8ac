import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.demo.arguments import as_arguments, fill, merged
from orchestrator.engine.demo.clauses import read_clause
from orchestrator.engine.demo.schemas import read_tool
from orchestrator.engine.demo.words import tokens
from tests.engine.demo.toolsets import ASSISTANT, PIZZERIA, tool

pytestmark = pytest.mark.unit

ADD = read_tool(PIZZERIA[1])
TEXT: JsonObject = {"type": "string"}


def values(text: str, declaration: JsonObject) -> JsonObject:
    return fill(read_tool(declaration), read_clause(tokens(text))).values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two large margherita pizzas", {"item": "margherita", "quantity": 2, "size": "large"}),
        ("a coke", {"item": "coke", "quantity": 1}),
        ("coke times two", {"item": "coke", "quantity": 2}),
        ("a pepperoni without mushrooms", {"item": "pepperoni", "quantity": 1}),
        (
            "a pepperoni with olives and mushrooms",
            {"item": "pepperoni", "quantity": 1, "extras": ["olives", "mushrooms"]},
        ),
    ],
)
def test_choices_and_quantities(text: str, expected: JsonObject) -> None:
    assert values(text, PIZZERIA[1]) == expected


def test_the_thing_is_kept_as_it_was_named() -> None:
    filled = fill(ADD, read_clause(tokens("two large margherita pizzas")))
    assert filled.said == "margherita pizzas"
    assert filled.missing(ADD) == ()
    assert fill(ADD, read_clause(tokens("two cokes today"))).said == "coke"


def test_words_that_are_no_choice_are_told() -> None:
    filled = fill(ADD, read_clause(tokens("I'd like a hawaiian pizza")))
    assert filled.unknown == "hawaiian pizza"
    assert [slot.name for slot in filled.missing(ADD)] == ["item"]


def test_a_number_goes_to_the_slot_whose_unit_follows() -> None:
    properties: JsonObject = {"nights": {"type": "integer"}, "guests": {"type": "integer"}}
    stay = tool("book_stay", "", properties, ("nights", "guests"))
    assert values("for three guests and two nights", stay) == {"nights": 2, "guests": 3}


def test_lengths_of_time_are_put_into_the_slots_unit() -> None:
    assert values("for two hours", tool("wait", "", {"minutes": {"type": "integer"}}, ("minutes",))) == {
        "minutes": 120
    }
    pause: JsonObject = {"length": {"type": "number", "description": "in seconds"}}
    assert values("half an hour", tool("wait", "", pause, ("length",))) == {"length": 1800}


def test_flags_are_set_and_unset() -> None:
    properties: JsonObject = {"gift": {"type": "boolean"}, "on": {"type": "boolean"}}
    wrap = tool("wrap", "", properties)
    assert values("as a gift", wrap) == {"gift": True}
    assert values("no gift, switch it off", wrap) == {"gift": False, "on": False}
    assert values("switch it on", wrap) == {"on": True}


def test_what_is_left_goes_to_the_one_text_that_needs_it() -> None:
    buy = tool("buy", "", {"thing": TEXT, "quantity": {"type": "integer"}}, ("thing",))
    assert values("buy two wooden tables please", buy) == {"thing": "wooden table", "quantity": 2}
    both = tool("pair", "", {"one": TEXT, "two": TEXT}, ("one", "two"))
    assert values("something", both) == {}


def test_a_message_keeps_its_first_words() -> None:
    note = tool("take_message", "", {"message": TEXT}, ("message",))
    assert values("my pizza was cold", note) == {"message": "my pizza was cold"}


def test_values_are_put_into_the_form_that_is_wanted() -> None:
    clock = tool("reserve_table", "", {"time": {"type": "string", "format": "time"}, "name": TEXT}, ("time",))
    assert values("at seven under the name anna", clock) == {"time": "19:00", "name": "Anna"}
    odd = tool("meet", "", {"time": {"type": "string", "format": "time"}}, ("time",))
    assert values("at 9 am", odd) == {"time": "09:00"}


def test_later_words_lay_over_earlier_ones() -> None:
    first = fill(ADD, read_clause(tokens("a margherita with olives")))
    second = fill(ADD, read_clause(tokens("large with mushrooms")))
    both = merged(first, second)
    assert both.values == {
        "item": "margherita",
        "quantity": 1,
        "extras": ["olives", "mushrooms"],
        "size": "large",
    }
    assert both.said == "margherita"


def test_a_guess_never_lays_over_what_was_said() -> None:
    lookup = read_tool(ASSISTANT[3])
    first = fill(lookup, read_clause(tokens("look up cheap flights")))
    second = fill(lookup, read_clause(tokens("blue whales")))
    assert merged(first, second).values == {"query": "cheap flights"}


def test_values_become_arguments_with_their_objects() -> None:
    inner: JsonObject = {"type": "object", "properties": {"size": TEXT}, "required": ["size"]}
    nested = read_tool(tool("x", "", {"item": inner, "note": TEXT}, ("item",)))
    assert as_arguments(nested, {"size": "s", "note": "n"}) == {"item": {"size": "s"}, "note": "n"}
