import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.demo.planning import Plan, plan
from orchestrator.engine.demo.schemas import read_tool
from orchestrator.engine.demo.words import tokens
from tests.engine.demo.toolsets import ASSISTANT, HOME, PIZZERIA

pytestmark = pytest.mark.unit


def planned(text: str, tools: tuple[JsonObject, ...]) -> Plan:
    return plan(tokens(text), [tool for tool in map(read_tool, tools) if not tool.is_transfer], {})


def test_each_thing_is_a_step() -> None:
    steps = planned("a coke and two margheritas", PIZZERIA).steps
    assert [step.arguments for step in steps] == [
        {"item": "coke", "quantity": 1},
        {"item": "margherita", "quantity": 2},
    ]


def test_a_clause_that_only_adds_joins_the_step_before() -> None:
    (step,) = planned("check out, the name is Ada, at 7 pm", PIZZERIA).steps
    assert step.arguments == {"name": "Ada", "pickup_time": "7 pm"}


def test_what_is_refused_is_marked() -> None:
    (step,) = planned("don't check out", PIZZERIA).steps
    assert step.refused


def test_an_unknown_thing_is_kept_in_words() -> None:
    (step,) = planned("I'd like a hawaiian", PIZZERIA).steps
    assert step.filled.unknown == "hawaiian"
    assert [slot.name for slot in step.missing] == ["item"]


def test_what_nothing_fits_is_told() -> None:
    result = planned("the sky is blue today", PIZZERIA)
    assert result.steps == ()
    assert [clause.text for clause in result.unmatched] == ["the sky is blue today"]


def test_what_may_be_meant_is_offered() -> None:
    result = planned("wake me in 20 minutes", ASSISTANT)
    assert result.steps == ()
    assert result.offer is not None
    assert result.offer.arguments == {"minutes": 20}


def test_a_question_that_no_tool_is_about_goes_to_the_one_that_searches() -> None:
    (step,) = planned("why is the sky blue?", ASSISTANT).steps
    assert (step.tool.name, step.arguments) == ("lookup", {"query": "why is the sky blue"})
    assert planned("why is the sky blue?", HOME).steps == ()


def test_a_wish_to_do_something_is_no_unknown_thing() -> None:
    assert planned("I'd like to know more", PIZZERIA).steps == ()
    assert planned("I need help with my taxes", PIZZERIA).steps == ()
