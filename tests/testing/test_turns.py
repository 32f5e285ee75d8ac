from typing import Any

import pytest

from orchestrator.testing.turns import SessionView, Turn, item_text, says

pytestmark = pytest.mark.unit


def view(*items: dict[str, Any], **options: Any) -> SessionView:
    session: Any = {
        "instructions": "Take orders.",
        "tools": [{"type": "function", "name": "add"}, {"type": "mcp"}, "rubbish"],
    }
    return SessionView(number=1, model="m", session=session, items=items, options=options)


USER = {"role": "user", "content": [{"text": "two "}, {"transcript": "pizzas"}, "rubbish"]}


def test_a_view_tells_what_the_caller_said_last() -> None:
    assert view({"role": "user", "content": []}, USER, {"role": "assistant"}).user_text == "two pizzas"
    assert view().user_text == ""
    assert view().last_item == {}


def test_a_view_tells_what_a_tool_answered_only_while_that_is_news() -> None:
    output = {"type": "function_call_output", "output": "done"}
    assert view(USER, output).last_output == "done"
    assert view(output, USER).last_output is None


def test_a_response_may_have_instructions_and_tools_of_its_own() -> None:
    assert (view().instructions, view().tool_names) == ("Take orders.", ["add"])
    own = view(instructions="Say hello.", tools=[])
    assert (own.instructions, own.tool_names) == ("Say hello.", [])
    assert view(instructions=None, tools=None).instructions == ""


def test_a_message_without_content_says_nothing() -> None:
    assert item_text({"content": None}) == ""
    assert item_text({"content": [{"text": 5}]}) == ""


def test_a_turn_can_be_changed_in_one_respect() -> None:
    assert says("Hi").but(usage=None) == Turn(text="Hi", usage=None)
