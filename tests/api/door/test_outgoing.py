"""Notices as wire events, each with everything that the protocol gives it."""

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.api.door.outgoing import Outgoing, error_event, item_object
from orchestrator.core import notices as n
from orchestrator.core.items import Item, ItemStatus, Part

pytestmark = pytest.mark.unit

SESSION: dict[str, Any] = {
    "type": "realtime",
    "audio": {"output": {"voice": "ash", "format": {"type": "audio/pcmu"}}},
}
MESSAGE = Item(id="item_1", kind="message", role="assistant", content=(Part(text="Hello."),))
CALL = Item(id="item_2", kind="function_call", name="show_map", arguments="{}", tool_call_id="call_1")
OUTPUT = Item(id="item_3", kind="function_call_output", output="shown", tool_call_id="call_1")
REPLY = n.Reply(id="resp_1", conversation_id="conv_1", status="in_progress", modality="text")


def told(notice: n.Notice, outgoing: Outgoing | None = None) -> list[dict[str, Any]]:
    return list((outgoing or Outgoing()).events(notice))


# --- items --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "part", "shown"),
    [
        ("user", Part(text="hi"), {"type": "input_text", "text": "hi"}),
        ("user", Part(kind="audio", text="hi"), {"type": "input_audio", "transcript": "hi"}),
        ("user", Part(kind="audio"), {"type": "input_audio", "transcript": None}),
        (
            "user",
            Part(kind="image", image_url="data:,"),
            {"type": "input_image", "image_url": "data:,", "detail": "auto"},
        ),
        ("assistant", Part(text="hi"), {"type": "output_text", "text": "hi"}),
        ("assistant", Part(kind="audio", text="hi"), {"type": "output_audio", "transcript": "hi"}),
    ],
)
def test_a_message_is_shown_in_the_parts_of_its_role(role: Any, part: Part, shown: dict[str, Any]) -> None:
    item = Item(id="item_1", kind="message", role=role, content=(part,), status=ItemStatus.INCOMPLETE)
    assert item_object(item) == {
        "id": "item_1",
        "object": "realtime.item",
        "type": "message",
        "status": "incomplete",
        "role": role,
        "content": [shown],
    }


def test_a_reply_goes_as_far_as_it_was_heard() -> None:
    item = replace(
        MESSAGE, content=(Part(text="Hello. "), Part(kind="audio", text="How are you?")), heard="Hello. How"
    )
    content: Any = item_object(item)["content"]
    assert [part.get("text", part.get("transcript")) for part in content] == ["Hello. ", "How"]


def test_function_calls_and_their_outputs_are_shown_with_their_call_id() -> None:
    call, output = item_object(CALL), item_object(OUTPUT)
    assert (call["name"], call["arguments"], call["call_id"]) == ("show_map", "{}", "call_1")
    assert (output["output"], output["call_id"]) == ("shown", "call_1")
    assert item_object(replace(OUTPUT, output=None))["output"] == ""
    assert set(item_object(Item(id="item_4", kind="resumed"))) == {"id", "object", "type", "status"}


def test_items_are_told_with_their_predecessor() -> None:
    (event,) = told(n.ItemNotice("added", MESSAGE, "item_0"))
    assert (event["type"], event["previous_item_id"]) == ("conversation.item.added", "item_0")
    assert event["item"]["id"] == "item_1"
    assert told(n.ItemDeletedNotice("item_1")) == [{"type": "conversation.item.deleted", "item_id": "item_1"}]
    assert told(n.ItemTruncatedNotice("item_1", 0, 300)) == [
        {
            "type": "conversation.item.truncated",
            "item_id": "item_1",
            "content_index": 0,
            "audio_end_ms": 300,
        }
    ]


# --- sessions and replies -----------------------------------------------------------------------------------


def test_the_session_is_created_once_and_updated_from_then_on() -> None:
    outgoing = Outgoing()
    kinds = [told(n.SessionNotice(SESSION), outgoing)[0]["type"] for _ in range(2)]
    assert kinds == ["session.created", "session.updated"]


def test_a_response_carries_the_voice_and_format_of_the_session() -> None:
    outgoing = Outgoing()
    told(n.SessionNotice(SESSION), outgoing)
    (event,) = told(n.ReplyNotice("added", REPLY), outgoing)
    assert event["type"] == "response.created"
    assert event["response"]["audio"] == {"output": {"format": {"type": "audio/pcmu"}, "voice": "ash"}}
    assert event["response"]["status_details"] is None
    assert told(n.SessionNotice({"type": "realtime"}), outgoing)[0]["type"] == "session.updated"


def test_a_response_ends_with_its_output_usage_and_reason() -> None:
    reply = replace(
        REPLY,
        status="cancelled",
        status_details={"reason": "turn_detected"},
        output=(MESSAGE,),
        usage={"total_tokens": 3},
        metadata={"k": "v"},
    )
    (event,) = told(n.ReplyNotice("done", reply))
    response = event["response"]
    assert event["type"] == "response.done"
    assert response["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert (response["usage"], response["metadata"]) == ({"total_tokens": 3}, {"k": "v"})
    assert (response["output"][0]["id"], response["output_modalities"]) == ("item_1", ["text"])


def test_the_arguments_of_a_call_are_done_before_the_call_is() -> None:
    events = told(n.OutputItemNotice("done", "resp_1", 0, CALL))
    assert [event["type"] for event in events] == [
        "response.function_call_arguments.done",
        "response.output_item.done",
    ]
    assert events[0] == {
        "type": "response.function_call_arguments.done",
        "response_id": "resp_1",
        "output_index": 0,
        "item_id": "item_2",
        "call_id": "call_1",
        "name": "show_map",
        "arguments": "{}",
    }
    (added,) = told(n.OutputItemNotice("added", "resp_1", 0, CALL))
    assert added["type"] == "response.output_item.added"


@pytest.mark.parametrize(
    ("kind", "stage", "types"),
    [
        ("text", "added", ["response.content_part.added"]),
        ("text", "done", ["response.output_text.done", "response.content_part.done"]),
        ("audio", "added", ["response.content_part.added"]),
        (
            "audio",
            "done",
            [
                "response.output_audio.done",
                "response.output_audio_transcript.done",
                "response.content_part.done",
            ],
        ),
    ],
)
def test_parts_begin_and_end(kind: Any, stage: Any, types: list[str]) -> None:
    events = told(n.PartNotice(stage, "resp_1", "item_1", 0, 1, kind, "Hello."))
    assert [event["type"] for event in events] == types
    field = "transcript" if kind == "audio" else "text"
    assert events[-1]["part"] == {"type": kind, field: "Hello."}
    assert all((event["output_index"], event["content_index"]) == (0, 1) for event in events)


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("text", "response.output_text.delta"),
        ("transcript", "response.output_audio_transcript.delta"),
        ("arguments", "response.function_call_arguments.delta"),
    ],
)
def test_deltas_go_under_the_name_of_their_kind(kind: Any, type_: str) -> None:
    (event,) = told(n.DeltaNotice("resp_1", "item_1", 0, 2, kind, "He", "call_1"))
    assert (event["type"], event["delta"]) == (type_, "He")
    if kind == "arguments":
        assert event["call_id"] == "call_1"
    else:
        assert event["content_index"] == 2


# --- the caller's speech ------------------------------------------------------------------------------------


def test_speech_is_told_with_its_times() -> None:
    (started,) = told(n.SpeechNotice("started", "item_1", 120))
    (stopped,) = told(n.SpeechNotice("stopped", "item_1", 900))
    assert started == {
        "type": "input_audio_buffer.speech_started",
        "item_id": "item_1",
        "audio_start_ms": 120,
    }
    assert stopped["audio_end_ms"] == 900
    (committed,) = told(n.AudioCommittedNotice("item_1", None))
    assert (committed["type"], committed["previous_item_id"]) == ("input_audio_buffer.committed", None)
    assert told(n.AudioClearedNotice()) == [{"type": "input_audio_buffer.cleared"}]


def test_a_reply_that_is_held_back_is_told_to_those_who_want_to_know() -> None:
    assert told(n.HeldNotice("paused")) == []
    extended = Outgoing(extended=True)
    assert told(n.HeldNotice("resumed"), extended) == [{"type": "orchestrator.audio.resumed"}]


def test_a_silence_that_lasted_too_long_is_told_with_its_times() -> None:
    assert told(n.IdleNotice("item_1", 2000, 7000)) == [
        {
            "type": "input_audio_buffer.timeout_triggered",
            "audio_start_ms": 2000,
            "audio_end_ms": 7000,
            "item_id": "item_1",
        }
    ]


def test_transcripts_come_in_pieces_whole_or_not_at_all() -> None:
    prefix = "conversation.item.input_audio_transcription."
    (piece,) = told(n.TranscriptNotice("delta", "item_1", 0, "he"))
    (whole,) = told(n.TranscriptNotice("done", "item_1", 0, "hello"))
    (failed,) = told(n.TranscriptNotice("failed", "item_1", 0, "noise", "audio_unintelligible"))
    assert (piece["type"], piece["delta"]) == (prefix + "delta", "he")
    assert (whole["transcript"], whole["usage"]) == ("hello", {"type": "duration", "seconds": 0})
    assert (failed["type"], failed["error"]["code"]) == (prefix + "failed", "audio_unintelligible")


def test_refusals_echo_the_clients_event() -> None:
    (event,) = told(n.RefusalNotice("invalid_value", "No.", "item.id", "event_7"))
    assert event == error_event("invalid_value", "No.", "item.id", "event_7")
    assert event["error"]["event_id"] == "event_7"


# --- our own events -----------------------------------------------------------------------------------------

EXTENSIONS: list[tuple[n.Notice, str]] = [
    (
        n.JoinedNotice(conversation_id="conv_1", agent="desk", resumed=False, hears=True, speaks=False),
        "orchestrator.call.joined",
    ),
    (n.AgentNotice("staged", "desk", "kitchen", "hungry"), "orchestrator.handoff.staged"),
    (n.ToolNotice("started", "call_1", "add", "desk", "{}"), "orchestrator.tool.started"),
    (n.StateNotice("cart", 1, {"lines": []}), "orchestrator.state.updated"),
    (n.LinkNotice("lost", "closed"), "orchestrator.engine.lost"),
    (n.EndedNotice("operator", "enough"), "orchestrator.call.ended"),
]


@pytest.mark.parametrize(("notice", "type_"), EXTENSIONS)
def test_our_own_events_are_told_only_to_those_who_ask(notice: n.Notice, type_: str) -> None:
    assert told(notice) == []
    (event,) = told(notice, Outgoing(extended=True))
    assert event["type"] == type_


def test_a_session_that_includes_our_events_is_told_them_from_then_on() -> None:
    outgoing = Outgoing()
    told(n.SessionNotice(SESSION | {"include": ["orchestrator.events"]}), outgoing)
    assert told(EXTENSIONS[1][0], outgoing)[0]["to"] == "kitchen"


def test_a_tool_that_ended_is_told_with_its_outcome() -> None:
    notice = n.ToolNotice("ended", "call_1", "add", "desk", "{}", "completed", "done", 0.5)
    (event,) = told(notice, Outgoing(extended=True))
    assert (event["outcome"], event["output"], event["seconds"]) == ("completed", "done", 0.5)


def test_what_concerns_the_driver_alone_is_not_told() -> None:
    assert told(n.AudioRouteNotice(1, "item_e", "resp_1", "item_1", 0)) == []
