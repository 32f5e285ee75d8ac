import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.demo.clauses import read_clause
from orchestrator.engine.demo.handoffs import desk_name, named_transfer, target_name, transfer_for
from orchestrator.engine.demo.intents import Hints
from orchestrator.engine.demo.schemas import read_tool
from orchestrator.engine.demo.words import tokens
from tests.engine.demo.toolsets import tool, transfer

pytestmark = pytest.mark.unit

RESTAURANT = read_tool(
    transfer("restaurant", "Takes pickup orders for the pizzeria.", "the caller wants to order food")
)
BILLING = read_tool(
    transfer("billing", "Answers questions about invoices.", "the caller asks about a payment")
)
HUMAN = read_tool(transfer("human", "Takes a message.", "the caller asks for a person"))
DESK = read_tool(transfer("triage", "Front desk.", "anything but ordering food"))
BACK = read_tool(tool("transfer_to_previous_agent", "Hand the caller back to the agent before you."))
ALL = [RESTAURANT, BILLING, HUMAN]


def target(
    text: str, tools: list[object] | None = None, hints: Hints | None = None, own: str = ""
) -> str | None:
    step = transfer_for(read_clause(tokens(text)), tools or ALL, hints or {}, frozenset(own.split()))  # type: ignore[arg-type]
    return step.tool.name.removeprefix("transfer_to_") if step else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two of those and a coke please", "restaurant"),
        ("I'd like a burger", "restaurant"),
        ("I'm starving, I need food", "restaurant"),
        ("my invoice is wrong", "billing"),
        ("why was I charged twice", "billing"),
        ("a real person please", "human"),
        ("connect me with billing", "billing"),
        ("hello", None),
        ("I have a strange rash", None),
        ("the sky is blue", None),
    ],
)
def test_the_description_says_who_is_right(text: str, expected: str | None) -> None:
    assert target(text) == expected


def test_example_phrases_decide_where_descriptions_do_not() -> None:
    hints = {"transfer_to_billing": ("it is more than you said",)}
    assert target("it is more than you said") != "billing"
    assert target("it is more than you said", hints=hints) == "billing"


def test_anything_else_goes_to_who_takes_anything_else() -> None:
    assert target("can you book me a flight to Rome?", [DESK]) == "triage"
    assert target("I'd like to order food", [DESK]) is None
    assert target("hm", [DESK]) is None


def test_words_of_the_agents_own_tools_say_nothing_for_leaving_it() -> None:
    assert target("where is my payment") == "billing"
    assert target("where is my payment", own="payment") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I want to talk to a person", "human"),
        ("operator", "human"),
        ("put me through to billing", "billing"),
        ("billing please", "billing"),
        ("I paid the billing department", None),
    ],
)
def test_who_is_asked_for_by_name_is_known(text: str, expected: str | None) -> None:
    step = named_transfer(read_clause(tokens(text)), ALL)
    assert (step.tool.name.removeprefix("transfer_to_") if step else None) == expected


def test_a_caller_may_go_back() -> None:
    step = named_transfer(read_clause(tokens("I want to go back")), [BACK])
    assert step is not None


def test_the_reason_is_in_the_callers_words_and_the_rest_is_filled() -> None:
    wants: JsonObject = {"type": "string", "enum": ["order", "table"]}
    reason: JsonObject = {"type": "string"}
    declared = tool(
        "transfer_to_restaurant", "Takes orders.", {"reason": reason, "wants": wants}, ("reason",)
    )
    step = named_transfer(read_clause(tokens("get me the restaurant, I need a table")), [read_tool(declared)])
    assert step is not None
    assert step.arguments == {
        "reason": "The caller said: get me the restaurant, I need a table",
        "wants": "table",
    }


def test_targets_are_said_as_callers_know_them() -> None:
    assert target_name(RESTAURANT) == "the restaurant"
    assert target_name(HUMAN) == "a person"
    assert target_name(DESK) == "the front desk"
    assert target_name(BACK) == "the colleague you came from"
    assert desk_name("triage") == "front desk"
    assert desk_name("human") == ""
    assert desk_name("restaurant") == "restaurant"
