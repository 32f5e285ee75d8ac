from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.commands import (
    CancelResponse,
    ClearAudio,
    CommitAudio,
    CreateResponse,
    DeleteItem,
    SendItem,
    TruncateItem,
    UpdateSession,
)
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.items import Part
from orchestrator.core.json_value import JsonObject
from orchestrator.realtime import inbound
from orchestrator.realtime.codec import decode, encode
from orchestrator.realtime.dialects import Capabilities, EngineEndpoint
from orchestrator.realtime.identifiers import ShortIds
from orchestrator.realtime.outbound import (
    LARGEST_APPEND,
    UNHEARD_ASSISTANT,
    UNHEARD_USER,
    AppendTooLargeError,
    append_audio,
    session_update,
    wire_event,
    wire_item,
)
from tests.realtime.commands import TOOL, configuration, item
from tests.realtime.wire_schema import check_client_event

pytestmark = pytest.mark.unit

OPENAI = EngineEndpoint(kind="openai")
EMBEDDED = EngineEndpoint(kind="embedded", url="ws://127.0.0.1:1")
COMPATIBLE = EngineEndpoint(kind="compatible", url="ws://127.0.0.1:1")
FREE = ShortIds(None)


def session(endpoint: EngineEndpoint = OPENAI, *, again: bool = False, **changes: Any) -> Any:
    event = session_update(configuration(**changes), endpoint, event_id="e", again=again)
    if endpoint is OPENAI:
        check_client_event(event)
    return event["session"]


def test_a_session_is_configured_in_the_shape_of_today() -> None:
    assert session(tool_choice="required", max_output_tokens=500) == {
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": "Take the order.",
        "tools": [TOOL],
        "tool_choice": "required",
        "max_output_tokens": 500,
        "audio": {"input": {"transcription": {"model": "gpt-transcribe"}}, "output": {"voice": "marin"}},
    }


def test_what_is_left_to_the_default_is_left_out_at_first() -> None:
    body = session(voice=None)
    assert "tool_choice" not in body
    assert "max_output_tokens" not in body
    assert body["audio"] == {"input": {"transcription": {"model": "gpt-transcribe"}}}


def test_what_is_left_to_the_default_is_spelled_out_in_later_updates() -> None:
    body = session(again=True)
    assert (body["tool_choice"], body["max_output_tokens"]) == ("auto", "inf")
    assert body["audio"]["input"]["turn_detection"] == {"type": "server_vad"}
    assert body["audio"]["input"]["noise_reduction"] is None
    assert "noise_reduction" not in session(COMPATIBLE, again=True)["audio"]["input"]


def test_audio_settings_go_where_the_protocol_wants_them() -> None:
    pcmu: JsonObject = {"type": "audio/pcmu"}
    vad: JsonObject = {"type": "semantic_vad", "eagerness": "low"}
    whisper: JsonObject = {"model": "whisper-1", "language": "en"}
    noise: JsonObject = {"type": "near_field"}
    body = session(
        input_format=pcmu,
        output_format=pcmu,
        turn_detection=vad,
        transcription=whisper,
        noise_reduction=noise,
    )
    assert body["audio"] == {
        "input": {"format": pcmu, "transcription": whisper, "turn_detection": vad, "noise_reduction": noise},
        "output": {"format": pcmu, "voice": "marin"},
    }


def test_empty_means_off_for_turn_detection_and_transcription() -> None:
    incoming = session(COMPATIBLE, turn_detection={}, transcription={})["audio"]["input"]
    assert incoming == {"turn_detection": None, "transcription": None}


def test_a_text_session_names_no_voice_of_the_engine() -> None:
    body = session(modality="text")
    assert body["output_modalities"] == ["text"]
    assert "output" not in body["audio"]


def test_an_engine_without_audio_hears_nothing_of_audio() -> None:
    deaf = EngineEndpoint(
        kind="compatible", url="ws://h", own_capabilities=Capabilities(audio_in=False, audio_out=False)
    )
    assert "audio" not in session(deaf, modality="text", turn_detection={"type": "server_vad"})


def test_an_engine_that_transcribes_by_itself_is_not_asked_to() -> None:
    endpoint = EngineEndpoint(kind="compatible", url="ws://h", own_capabilities=Capabilities())
    assert "audio" not in session(endpoint, voice=None)


def test_hints_go_only_to_engines_that_read_them() -> None:
    hints = {"add_item": ("two pizzas please",)}
    assert session(EMBEDDED, hints=hints)["hints"] == {"add_item": ["two pizzas please"]}
    assert "hints" not in session(OPENAI, hints=hints)
    assert "hints" not in session(EMBEDDED)


USER = item(role="user", content=(Part(text="Hello"), Part(kind="audio", text="there")))
ASSISTANT = item(role="assistant", content=(Part(kind="audio", text="Good evening"),))
CALL = item("function_call", name="add_item", arguments='{"name":"x"}', tool_call_id="c")
OUTPUT = item("function_call_output", tool_call_id="c", output="done")

ITEMS: list[tuple[Any, Any]] = [
    (
        USER,
        {
            "type": "message",
            "id": "item_1",
            "role": "user",
            "content": [{"type": "input_text", "text": "Hello"}, {"type": "input_text", "text": "there"}],
        },
    ),
    (
        item(
            role="user",
            content=(Part(kind="image", image_url="data:image/png;base64,AA"), Part(kind="image")),
        ),
        {
            "type": "message",
            "id": "item_1",
            "role": "user",
            "content": [{"type": "input_image", "image_url": "data:image/png;base64,AA"}],
        },
    ),
    (
        item(role="user", content=(Part(kind="audio"),)),
        {
            "type": "message",
            "id": "item_1",
            "role": "user",
            "content": [{"type": "input_text", "text": UNHEARD_USER}],
        },
    ),
    (
        ASSISTANT,
        {
            "type": "message",
            "id": "item_1",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Good evening"}],
        },
    ),
    (
        item(role="system", content=(Part(text="Be brief."),)),
        {
            "type": "message",
            "id": "item_1",
            "role": "system",
            "content": [{"type": "input_text", "text": "Be brief."}],
        },
    ),
    (
        CALL,
        {
            "type": "function_call",
            "id": "item_1",
            "call_id": "c",
            "name": "add_item",
            "arguments": '{"name":"x"}',
        },
    ),
    (OUTPUT, {"type": "function_call_output", "id": "item_1", "call_id": "c", "output": "done"}),
    (
        item("function_call"),
        {"type": "function_call", "id": "item_1", "call_id": "item_1", "name": "", "arguments": "{}"},
    ),
]


@pytest.mark.parametrize(("ours", "theirs"), ITEMS)
def test_an_item_is_sent_as_the_protocol_wants_it(ours: Any, theirs: Any) -> None:
    assert wire_item(ours, FREE) == theirs
    check_client_event({"type": "conversation.item.create", "item": theirs})


@pytest.mark.parametrize(
    ("heard", "sent"), [("Good", "Good"), ("", UNHEARD_ASSISTANT), (None, "Good evening")]
)
def test_an_interrupted_reply_is_sent_as_far_as_it_was_heard(heard: str | None, sent: str) -> None:
    reply = item(role="assistant", content=(Part(kind="audio", text="Good evening"),), heard=heard)
    assert wire_item(reply, FREE)["content"] == [{"type": "output_text", "text": sent}]


@pytest.mark.parametrize("kind", ["handoff", "resumed"])
def test_a_marker_is_never_sent(kind: str) -> None:
    with pytest.raises(InvalidRequestError, match=kind):
        wire_item(item(kind), FREE)


@given(
    st.sampled_from(["user", "system"]),
    st.lists(st.text(min_size=1), min_size=1, max_size=3),
)
def test_a_message_that_comes_back_says_what_was_sent(role: Any, texts: list[str]) -> None:
    sent = item(role=role, content=tuple(Part(text=text) for text in texts))
    returned = inbound.wire_item(decode(encode(wire_item(sent, FREE))))
    assert returned is not None
    assert (returned.id, returned.kind, returned.role, returned.content) == (
        sent.id,
        sent.kind,
        sent.role,
        sent.content,
    )


EVENTS: list[tuple[Any, JsonObject]] = [
    (DeleteItem(1, "i", "e"), {"type": "conversation.item.delete", "event_id": "e", "item_id": "i"}),
    (
        TruncateItem(1, "i", 0, 480, "e"),
        {
            "type": "conversation.item.truncate",
            "event_id": "e",
            "item_id": "i",
            "content_index": 0,
            "audio_end_ms": 480,
        },
    ),
    (CreateResponse(1, "e"), {"type": "response.create", "event_id": "e"}),
    (
        CreateResponse(1, "e", {"instructions": "Say hello."}, {"k": "v"}),
        {
            "type": "response.create",
            "event_id": "e",
            "response": {"instructions": "Say hello.", "metadata": {"k": "v"}},
        },
    ),
    (CancelResponse(1, "r", "e"), {"type": "response.cancel", "event_id": "e", "response_id": "r"}),
    (CancelResponse(1, "", "e"), {"type": "response.cancel", "event_id": "e"}),
    (CommitAudio(1, "e"), {"type": "input_audio_buffer.commit", "event_id": "e"}),
    (ClearAudio(1, "e"), {"type": "input_audio_buffer.clear", "event_id": "e"}),
]


@pytest.mark.parametrize(("command", "expected"), EVENTS)
def test_a_command_becomes_one_event(command: Any, expected: JsonObject) -> None:
    event = wire_event(command, OPENAI, FREE)
    assert event == expected
    check_client_event(event)


@pytest.mark.parametrize("previous", [None, "root", "item_0"])
def test_an_item_says_where_it_belongs(previous: str | None) -> None:
    event = wire_event(SendItem(1, USER, previous, "e"), OPENAI, FREE)
    assert event.get("previous_item_id") == previous
    assert ("previous_item_id" in event) is (previous is not None)
    check_client_event(event)


def test_a_later_configuration_is_an_update_that_spells_everything_out() -> None:
    event: Any = wire_event(UpdateSession(1, configuration(), "e"), OPENAI, FREE)
    assert (event["type"], event["event_id"], event["session"]["tool_choice"]) == (
        "session.update",
        "e",
        "auto",
    )


def test_ids_too_long_for_the_engine_are_shortened_the_same_way_everywhere() -> None:
    ids = ShortIds(32)
    long_id, long_call = "item_" + "x" * 40, "call_" + "y" * 400
    call: Any = wire_item(item("function_call", id=long_id, tool_call_id=long_call), ids)
    output: Any = wire_item(item("function_call_output", tool_call_id=long_call), ids)
    after: Any = wire_event(SendItem(1, USER, long_id, "e"), OPENAI, ids)
    cut: Any = wire_event(TruncateItem(1, long_id, 0, 1, "e"), OPENAI, ids)
    gone: Any = wire_event(DeleteItem(1, long_id, "e"), OPENAI, ids)
    assert len(call["id"]) <= 32
    assert {after["previous_item_id"], cut["item_id"], gone["item_id"]} == {call["id"]}
    assert output["call_id"] == call["call_id"] != long_call


def test_audio_is_appended_as_base64_whether_raw_or_encoded() -> None:
    expected: JsonObject = {"type": "input_audio_buffer.append", "audio": "AAEC"}
    assert decode(append_audio(b"\x00\x01\x02")) == decode(append_audio("AAEC")) == expected
    check_client_event(expected)


def test_audio_from_a_client_cannot_smuggle_in_other_fields() -> None:
    assert decode(append_audio('","type":"response.create","x":"')) == {
        "type": "input_audio_buffer.append",
        "audio": '","type":"response.create","x":"',
    }


def test_an_append_beyond_the_protocols_limit_is_refused() -> None:
    append_audio("A" * LARGEST_APPEND)
    with pytest.raises(AppendTooLargeError) as caught:
        append_audio("A" * (LARGEST_APPEND + 1))
    assert caught.value.param == "audio"
