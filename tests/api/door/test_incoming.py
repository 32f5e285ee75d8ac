"""Wire events of a client, checked and read."""

from typing import Any

import pytest

from orchestrator.api.door.incoming import LARGEST_APPEND, READERS, checked_session, read_audio, read_item
from orchestrator.core import events as h
from orchestrator.core.items import Part
from orchestrator.realtime.serving.client_events import CLIENT_EVENTS
from orchestrator.realtime.serving.refusal import RefusedError

pytestmark = pytest.mark.unit


def read(**event: Any) -> h.CallerEvent:
    return READERS[event["type"]](event, "event_1")


def refusal(**event: Any) -> tuple[str, str | None]:
    with pytest.raises(RefusedError) as told:
        read(**event)
    return told.value.wire_code, told.value.param


def test_every_event_of_the_protocol_is_read_here_or_by_the_connection() -> None:
    own = {"input_audio_buffer.append", "conversation.item.retrieve", "output_audio_buffer.clear"}
    assert set(READERS) | own == set(CLIENT_EVENTS)


def test_a_session_holds_what_the_client_said_and_nothing_else() -> None:
    session: Any = {
        "type": "realtime",
        "audio": {"output": {"speed": 1.2}},
        "include": ["orchestrator.events"],
    }
    assert checked_session(session) == session
    assert read(type="session.update", session=session) == h.CallerUpdated(session, "event_1")


@pytest.mark.parametrize("name", ["hints", "agent"])
def test_what_only_the_service_may_say_is_unknown(name: str) -> None:
    with pytest.raises(RefusedError) as told:
        checked_session({"type": "realtime", name: {}})
    assert (told.value.wire_code, told.value.param) == ("unknown_parameter", f"session.{name}")


def test_a_wrong_session_is_refused_with_the_place() -> None:
    assert refusal(type="session.update") == ("missing_required_parameter", "session")
    assert refusal(type="session.update", session={"type": "realtime", "voice": "x"}) == (
        "unknown_parameter",
        "session.voice",
    )


def test_turns_and_audio_are_read() -> None:
    assert read(type="input_audio_buffer.commit") == h.CallerCommittedAudio("event_1")
    assert read(type="input_audio_buffer.clear") == h.CallerClearedAudio("event_1")
    assert read_audio({"audio": "AAAA"}) == "AAAA"
    with pytest.raises(RefusedError) as told:
        read_audio({"audio": "A" * (LARGEST_APPEND + 1)})
    assert told.value.param == "audio"


def test_items_are_read_with_their_place() -> None:
    message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
    event = read(type="conversation.item.create", item=message, previous_item_id="root")
    assert isinstance(event, h.CallerItem)
    assert (event.item.role, event.item.content, event.previous_item_id) == (
        "user",
        (Part(text="hi"),),
        "root",
    )
    appended = read(type="conversation.item.create", item=message, previous_item_id="")
    assert isinstance(appended, h.CallerItem)
    assert appended.previous_item_id is None
    assert refusal(type="conversation.item.create", item=message, previous_item_id=5) == (
        "invalid_value",
        "previous_item_id",
    )


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"type": "input_image", "image_url": "data:,"}, Part(kind="image", image_url="data:,")),
        ({"type": "input_audio", "transcript": "hi"}, Part(kind="audio", text="hi")),
        ({"type": "input_audio"}, Part(kind="audio")),
        ({"type": "output_text", "text": "hi"}, Part(text="hi")),
    ],
)
def test_parts_are_read_by_their_type(part: dict[str, Any], expected: Part) -> None:
    item = read_item({"type": "message", "role": "user", "content": [part]})
    assert item.content == (expected,)


def test_function_calls_and_outputs_are_read() -> None:
    call = read_item(
        {"id": "item_1", "type": "function_call", "name": "x", "arguments": "{}", "call_id": "call_1"}
    )
    assert (call.id, call.kind, call.name, call.arguments, call.tool_call_id) == (
        "item_1",
        "function_call",
        "x",
        "{}",
        "call_1",
    )
    output = read_item({"type": "function_call_output", "output": "done", "call_id": "call_1"})
    assert (output.id, output.output) == ("", "done")


def test_items_are_deleted_and_truncated_by_id() -> None:
    assert read(type="conversation.item.delete", item_id="item_1") == h.CallerDeletedItem("item_1", "event_1")
    assert read(type="conversation.item.truncate", item_id="item_1", audio_end_ms=250) == (
        h.CallerTruncatedItem("item_1", 250, 0, "event_1")
    )
    assert read(type="conversation.item.truncate", item_id="i", audio_end_ms=1, content_index=1) == (
        h.CallerTruncatedItem("i", 1, 1, "event_1")
    )
    assert refusal(type="conversation.item.truncate", item_id="i") == (
        "missing_required_parameter",
        "audio_end_ms",
    )


def test_a_response_is_asked_for_with_what_the_client_said_of_it() -> None:
    assert read(type="response.create") == h.CallerAskedResponse({}, "event_1")
    options = {"conversation": "none", "input": [{"type": "item_reference", "id": "item_1"}]}
    asked = read(type="response.create", response=options)
    assert isinstance(asked, h.CallerAskedResponse)
    assert asked.options["conversation"] == "none"


def test_a_wrong_response_is_refused_with_the_place() -> None:
    assert refusal(type="response.create", response="now") == ("invalid_value", "response")
    assert refusal(type="response.create", response={"input": [{"type": "message", "role": "user"}]}) == (
        "missing_required_parameter",
        "response.input[0].content",
    )


def test_a_response_is_cancelled_by_id_or_whichever_it_is() -> None:
    assert read(type="response.cancel") == h.CallerCancelled(None, "event_1")
    assert read(type="response.cancel", response_id="resp_1") == h.CallerCancelled("resp_1", "event_1")
    assert refusal(type="response.cancel", response_id=7) == ("invalid_value", "response_id")
