import json

import pytest

from orchestrator.core.json_value import JsonValue
from orchestrator.engine.demo.mending import asked_by, before_question, blamed_slot
from orchestrator.engine.demo.outputs import read_answer
from orchestrator.engine.demo.schemas import read_tool
from tests.engine.demo.toolsets import PIZZERIA

pytestmark = pytest.mark.unit

ADD, CHECKOUT = read_tool(PIZZERIA[1]), read_tool(PIZZERIA[6])


def error(message: str, **more: JsonValue) -> str:
    return json.dumps({"error": message, **more})


def test_an_errors_question_is_put_to_the_caller() -> None:
    answer = read_answer(error("The order is empty. What would the caller like?"))
    assert asked_by(answer) == "What would you like?"
    assert before_question(answer) == "The order is empty."
    plain = read_answer(error("It is closed."))
    assert asked_by(plain) == ""
    assert before_question(plain) == "It is closed."


@pytest.mark.parametrize(
    ("message", "more", "name"),
    [
        ("Which size should the margherita be?", {}, "size"),
        ("How many? The quantity matters. What quantity?", {}, "quantity"),
        ("margherita is sold out", {}, "item"),
        ("It is closed.", {}, None),
        ("Are you sure?", {}, None),
        ("The arguments do not fit.", {"problems": ["quantity: 0 is less than 1"]}, "quantity"),
        ("The arguments do not fit.", {"problems": ["odd"]}, None),
    ],
)
def test_the_slot_at_fault_is_found(message: str, more: dict[str, JsonValue], name: str | None) -> None:
    slot = blamed_slot(ADD, {"item": "margherita"}, read_answer(error(message, **more)))
    assert (slot.name if slot else None) == name


@pytest.mark.parametrize("message", ["Who is calling?", "What name should the order be under?"])
def test_a_question_for_somebody_is_for_the_name(message: str) -> None:
    slot = blamed_slot(CHECKOUT, {}, read_answer(error(message)))
    assert slot is not None
    assert slot.name == "name"


def test_what_is_not_there_to_remove_is_no_choice_to_mend() -> None:
    remove = read_tool(PIZZERIA[2])
    assert blamed_slot(remove, {"item": "coke"}, read_answer(error("there is no coke"))) is None
