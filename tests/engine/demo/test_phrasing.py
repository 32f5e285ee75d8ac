import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.demo.phrasing import (
    ask_for,
    capabilities,
    confirm,
    doing_with,
    offer,
    thing_of,
    unknown_choice,
)
from orchestrator.engine.demo.schemas import read_tool
from tests.engine.demo.toolsets import ASSISTANT, BANK, HOTEL, PIZZERIA, TRIAGE, tool

pytestmark = pytest.mark.unit

ADD, REMOVE, CHECKOUT = read_tool(PIZZERIA[1]), read_tool(PIZZERIA[2]), read_tool(PIZZERIA[6])


@pytest.mark.parametrize(
    ("name", "schema", "question"),
    [
        ("city", {"type": "string"}, "For which place?"),
        ("pickup_time", {"type": "string"}, "At what time?"),
        ("date", {"type": "string"}, "For which day?"),
        ("when", {"type": "string"}, "When should that be?"),
        ("phone", {"type": "string"}, "What is the phone number?"),
        ("email", {"type": "string"}, "What is the e-mail address?"),
        ("customer_name", {"type": "string"}, "What name should I put it under?"),
        ("recipient", {"type": "string"}, "Who is it for?"),
        ("message", {"type": "string"}, "What should it say?"),
        ("query", {"type": "string"}, "What should I look for?"),
        ("quantity", {"type": "integer"}, "How many would you like?"),
        ("party_size", {"type": "integer"}, "For how many people?"),
        ("nights", {"type": "integer"}, "For how many nights?"),
        ("steps", {"type": "integer"}, "How many steps?"),
        ("level", {"type": "integer"}, "What is the level?"),
        ("colour", {"type": "string"}, "What is the colour?"),
        ("gift_wrapped", {"type": "boolean"}, "Gift wrapped, yes or no?"),
        ("colour", {"enum": ["red", "blue"]}, "Which colour: red or blue?"),
        ("day", {"enum": list("abcdefgh")}, "Which day?"),
    ],
)
def test_a_missing_value_is_asked_for(name: str, schema: JsonObject, question: str) -> None:
    asked = read_tool(tool("do_it", "", {name: schema}, (name,)))
    assert ask_for(asked.slots[0], asked) == question


def test_what_to_add_is_asked_with_its_choices() -> None:
    item = ADD.slots[0]
    assert ask_for(item, ADD) == "What would you like?"
    tea = read_tool(tool("add_drink", "", {"drink": {"enum": ["tea", "coffee"]}}, ("drink",)))
    assert ask_for(tea.slots[0], tea) == "What would you like: tea or coffee?"
    assert ask_for(item, ADD, "pizzas").endswith("Which pizza would you like?")
    assert ask_for(REMOVE.slots[0], REMOVE, "bread") == "There is garlic bread. Which bread do you mean?"
    size = ADD.slot("size")
    assert size is not None
    assert ask_for(size, ADD, "margherita") == "Which size for the margherita: small, medium or large?"


def test_an_unknown_thing_is_answered_with_what_there_is() -> None:
    item = ADD.slots[0]
    assert unknown_choice(item, "a hawaiian pizza") == (
        "Sorry, I don't have hawaiian pizza. There is, for example, margherita, pepperoni, quattro formaggi, "
        "garlic bread, coke and sparkling water. Which would you like?"
    )


@pytest.mark.parametrize(
    ("declared", "values", "said"),
    [
        (PIZZERIA[6], {"name": "Ada", "pickup_time": "7 pm"}, "check out under the name Ada at 7 pm"),
        (PIZZERIA[2], {"item": "coke"}, "remove the coke"),
        (PIZZERIA[5], {}, "clear the cart"),
        (ASSISTANT[0], {"city": "Paris"}, "get the weather in Paris"),
        (ASSISTANT[1], {"minutes": 10}, "set a timer for ten minutes"),
        (ASSISTANT[4], {"recipient": "Bob", "message": "hi"}, "send a message to Bob saying hi"),
        (BANK[1], {"amount": 20.5, "recipient": "Bob"}, "transfer the money of 20.5 to Bob"),
        (BANK[2], {"card": "credit"}, "block the credit card"),
        (
            HOTEL[1],
            {"room_type": "suite", "check_in": "today", "nights": 2},
            "book a room with the room type suite with the check in today for two nights",
        ),
        (
            ASSISTANT[6],
            {"party_size": 4, "date": "Friday", "time": "7 pm"},
            "book a table for four on Friday at 7 pm",
        ),
        (ASSISTANT[6], {"date": "tomorrow"}, "book a table tomorrow"),
    ],
)
def test_a_call_is_said_with_its_arguments(declared: JsonObject, values: JsonObject, said: str) -> None:
    assert doing_with(read_tool(declared), values) == said


def test_questions_are_questions() -> None:
    assert confirm(CHECKOUT, {"name": "Ada"}) == "Shall I check out under the name Ada?"
    assert offer(CHECKOUT, {}, "") == "Would you like me to check out?"
    assert offer(ADD, {"item": "coke", "quantity": 2}, "coke") == "Shall I add two cokes?"


def test_things_are_named_with_number_size_and_extras() -> None:
    values: JsonObject = {
        "item": "margherita",
        "size": "large",
        "quantity": 2,
        "extras": ["olives", "mushrooms"],
    }
    assert thing_of(ADD, values) == "two large margheritas with olives and mushrooms"
    assert (
        thing_of(ADD, values, "margherita pizzas") == "two large margherita pizzas with olives and mushrooms"
    )
    assert thing_of(ADD, {"item": "garlic_bread"}) == "a garlic bread"
    assert thing_of(ADD, {}) == ""


def test_what_can_be_done_is_told() -> None:
    assert (
        capabilities([read_tool(one) for one in ASSISTANT])
        == "I can get the weather, set a timer or cancel the timer."
    )
    assert (
        capabilities([read_tool(one) for one in TRIAGE])
        == "I can connect you with the restaurant or a person."
    )
    hours = tool("opening_hours", "Tells the hours.")
    assert (
        capabilities([read_tool(hours), read_tool(tool("end_call", ""))])
        == "I can tell you the opening hours."
    )
    assert capabilities([]) == ""
