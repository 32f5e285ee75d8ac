import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.session.configuration import Capabilities, Configuration
from orchestrator.engine.session.items import Items
from orchestrator.engine.session.response_plan import ResponsePlan, plan_response
from orchestrator.realtime.serving.refusal import RefusedError
from tests.engine.session_probe import field, function_tool, user_message

pytestmark = pytest.mark.unit


def plan(request: JsonObject, session: JsonObject | None = None) -> ResponsePlan:
    configuration = Configuration("sess_1", "demo", 0, Capabilities())
    configuration.update({"type": "realtime", **(session or {})}, audio_was_produced=False)
    items = Items()
    items.add(user_message("hello", id="u1"))
    items.add(user_message("again", id="u2"))
    return plan_response(request, configuration, items, audio_was_produced=True)


def test_an_empty_request_takes_everything_from_the_session() -> None:
    made = plan(
        {},
        {
            "instructions": "Be kind.",
            "tools": [function_tool("look")],
            "tool_choice": "required",
            "parallel_tool_calls": False,
            "max_output_tokens": 77,
            "truncation": "disabled",
            "hints": {"look": ["what is there"]},
            "agent": "Front desk",
        },
    )
    context = made.context
    assert made.in_conversation
    assert made.truncation == "disabled"
    assert context.model == "demo"
    assert (context.instructions, context.overridden_instructions) == ("Be kind.", False)
    assert context.tools == (function_tool("look"),)
    assert context.tool_choice == "required"
    assert not context.parallel_tool_calls
    assert context.max_output_tokens == 77
    assert context.hints == {"look": ("what is there",)}
    assert context.agent == "Front desk"
    assert [item["id"] for item in context.items] == ["u1", "u2"]
    assert made.shown["max_output_tokens"] == 77
    assert made.shown["metadata"] is None


def test_a_request_overrides_the_session_for_itself() -> None:
    made = plan(
        {
            "conversation": "none",
            "instructions": "Be brief.",
            "output_modalities": ["audio"],
            "audio": {"output": {"format": {"type": "audio/pcmu"}, "voice": "marin"}},
            "tools": [function_tool("other")],
            "tool_choice": {"type": "function", "name": "other"},
            "parallel_tool_calls": True,
            "reasoning": {"effort": "low"},
            "max_output_tokens": 5,
            "metadata": {"topic": "x"},
        },
        {"tools": [function_tool("look")], "parallel_tool_calls": False},
    )
    assert not made.in_conversation
    assert (made.context.instructions, made.context.overridden_instructions) == ("Be brief.", True)
    assert made.context.tools == (function_tool("other"),)
    assert made.context.tool_choice == {"type": "function", "name": "other"}
    assert made.context.parallel_tool_calls
    assert made.context.max_output_tokens == 5
    assert made.shown == {
        "output_modalities": ["text"],
        "max_output_tokens": 5,
        "audio": {"output": {"format": {"type": "audio/pcmu"}, "voice": "marin"}},
        "metadata": {"topic": "x"},
    }


def test_input_replaces_the_context_and_may_refer_to_items() -> None:
    made = plan({"input": [user_message("fresh"), {"type": "item_reference", "id": "u2"}]})
    assert [field({"item": item}, "item")["content"] for item in made.context.items] == [
        [{"type": "input_text", "text": "fresh"}],
        [{"type": "input_text", "text": "again"}],
    ]
    assert plan({"input": []}).context.items == ()


@pytest.mark.parametrize(
    ("request_", "code", "param"),
    [
        ({"surprise": 1}, "unknown_parameter", "response.surprise"),
        ({"conversation": "other"}, "invalid_value", "response.conversation"),
        ({"modalities": ["text"]}, "unknown_parameter", "response.modalities"),
        ({"metadata": {"k": 1}}, "invalid_value", "response.metadata.k"),
        (
            {"metadata": {str(number): "" for number in range(17)}},
            "invalid_value",
            "response.metadata",
        ),
        ({"metadata": {"k": "v" * 513}}, "invalid_value", "response.metadata.k"),
        ({"max_output_tokens": 0}, "invalid_value", "response.max_output_tokens"),
        ({"audio": {"output": {"voice": "nobody"}}}, "invalid_value", "response.audio.output.voice"),
        ({"audio": {"output": {"voice": "cedar"}}}, "cannot_update_voice", "response.audio.output.voice"),
        ({"input": [{"type": "message"}]}, "missing_required_parameter", "response.input[0].role"),
        (
            {"input": [{"type": "item_reference"}]},
            "missing_required_parameter",
            "response.input[0].id",
        ),
        ({"input": [{"type": "item_reference", "id": "z"}]}, "invalid_value", "response.input[0].id"),
        ({"input": ["hello"]}, "invalid_value", "response.input[0]"),
        (
            {"tool_choice": {"type": "function", "name": "absent"}},
            "invalid_value",
            "response.tool_choice",
        ),
    ],
)
def test_a_bad_request_is_refused_with_its_code_and_path(request_: JsonObject, code: str, param: str) -> None:
    with pytest.raises(RefusedError) as refused:
        plan(request_)
    assert (refused.value.wire_code, refused.value.param) == (code, param)


def test_a_choice_of_the_session_must_name_a_tool_too() -> None:
    with pytest.raises(RefusedError) as refused:
        plan({}, {"tool_choice": {"type": "function", "name": "absent"}})
    assert refused.value.param == "session.tool_choice"
