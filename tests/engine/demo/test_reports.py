import json

import pytest

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.demo.dialogue import Done
from orchestrator.engine.demo.reports import report, slot_values
from orchestrator.engine.demo.schemas import read_tool
from tests.engine.demo.toolsets import ASSISTANT, BANK, PIZZERIA, tool

pytestmark = pytest.mark.unit

TOOLS = {one["name"]: read_tool(one) for one in (*PIZZERIA, *ASSISTANT, *BANK)}


def done(name: str, arguments: JsonObject, output: JsonValue) -> Done:
    text = output if isinstance(output, str) else json.dumps(output)
    return Done(name, arguments, f"call_{name}", text)


def told(*calls: Done) -> str:
    return report(calls, {str(name): tool for name, tool in TOOLS.items()}, {})[0]


ADD_COKE = done("add_item", {"item": "coke", "quantity": 2}, {"total": "5.00"})


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([ADD_COKE], "I've added two cokes. That comes to $5.00."),
        (
            [
                ADD_COKE,
                done(
                    "add_item", {"item": "margherita", "size": "large", "extras": ["olives"]}, {"total": 21}
                ),
            ],
            "I've added two cokes and a large margherita with olives. That comes to $21.00.",
        ),
        ([done("remove_item", {"item": "coke"}, {})], "I've removed the coke."),
        ([done("change_quantity", {"item": "coke", "quantity": 3}, {})], "It's three cokes now."),
        (
            [
                done("remove_item", {"item": "coke"}, {}),
                done("add_item", {"item": "coke", "quantity": 1}, {}),
            ],
            "It's a coke now.",
        ),
        (
            [done("remove_item", {"item": "coke"}, {}), done("add_item", {"item": "tiramisu"}, {})],
            "I've removed the coke. I've added a tiramisu.",
        ),
        (
            [done("checkout", {"name": "Ada"}, {"total": "5.00", "order_number": "A-1", "ready_at": "7 pm"})],
            (
                "Thank you, Ada. Your order is placed. The total is $5.00. Your order number is A-1. "
                "It will be ready at 7 pm."
            ),
        ),
        ([done("checkout", {"name": "Ada"}, {"said": "All is placed."})], "All is placed."),
        ([done("get_weather", {"city": "Paris"}, {"city": "Paris", "sky": "blue"})], "The sky is blue."),
        ([done("get_weather", {"city": "Paris"}, {})], "There is nothing there."),
        ([done("set_timer", {"minutes": 10}, {})], "I've set a timer for ten minutes."),
        (
            [done("book_table", {"party_size": 4, "time": "7 pm", "date": "Friday"}, {"booking_id": "B12"})],
            "I've booked a table for four on Friday at 7 pm. Your reference is B12.",
        ),
        ([done("set_light", {"room": "kitchen", "on": True}, {})], "Done."),
        ([done("clear_cart", {}, {"lines": [], "total": 0})], "I've cleared the cart."),
        ([done("unknown", {}, "It worked")], "It worked."),
        ([done("unknown", {}, {})], "That is done."),
        ([done("add_item", {}, {"said": "Added."})], "Added."),
    ],
)
def test_what_came_of_calls_is_said(calls: list[Done], expected: str) -> None:
    assert told(*calls) == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (
            {"error": "coke is sold out"},
            (
                "Sorry, that didn't work: coke is sold out. Would you like margherita, pepperoni, "
                "quattro formaggi, garlic bread, sparkling water or tiramisu instead?"
            ),
        ),
        ({"error": "We are closed."}, "Sorry. We are closed. Would you like to try something else?"),
        (
            {"error": True},
            "Sorry, that didn't work: no reason was given. Would you like to try something else?",
        ),
        (
            {"error": "none left", "options": ["tea"]},
            "Sorry, that didn't work: none left. Would you like tea instead?",
        ),
        ({"error": "Pizzas have sizes. Which size?"}, "Pizzas have sizes. Which size?"),
        (
            {"error": "The arguments do not fit.", "problems": ["size: no such size"]},
            "Sorry, I need that once more. Which size: small, medium or large?",
        ),
    ],
)
def test_an_error_is_told_with_its_mend(output: JsonObject, expected: str) -> None:
    failed = done("add_item", {"item": "coke"}, output)
    text, call = report([failed], {str(name): one for name, one in TOOLS.items()}, {})
    assert text == expected
    assert call is failed


def test_good_and_bad_are_both_told() -> None:
    bad = done("add_item", {"item": "tiramisu"}, {"error": "We have none left."})
    assert told(ADD_COKE, bad).startswith(
        "I've added two cokes. That comes to $5.00. Sorry. We have none left."
    )


def test_an_error_of_an_unknown_tool_is_told() -> None:
    assert told(done("unknown", {}, {"error": "broken"})).startswith("Sorry, that didn't work: broken.")


def test_a_thing_is_named_as_the_caller_named_it() -> None:
    tools = {str(name): one for name, one in TOOLS.items()}
    text, _ = report(
        [done("add_item", {"item": "margherita", "quantity": 2}, {})],
        tools,
        {"call_add_item": "margherita pizzas"},
    )
    assert text == "I've added two margherita pizzas."


def test_arguments_are_read_back_as_slots() -> None:
    inner: JsonObject = {"type": "object", "properties": {"size": {"type": "string"}}}
    nested = read_tool(tool("x", "", {"item": inner}, ("item",)))
    assert slot_values(nested, {"item": {"size": "s"}}) == {"size": "s"}
    assert slot_values(nested, {"item": "odd"}) == {}
