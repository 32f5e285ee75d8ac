from base64 import b64decode
from typing import Any

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.testing.faults import Fault
from orchestrator.testing.turns import Turn, calls, says
from orchestrator.testing.wire_reply import tone
from tests.testing.wire_probe import Probe, types, user

pytestmark = pytest.mark.unit

TEXT_TURN = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]


def reply_of(turn: Turn, *, text: bool = True, response: JsonObject | None = None) -> list[JsonObject]:
    probe = Probe(lambda _view: turn)
    if text:
        probe.text_mode()
    probe.add(user("Hello"))
    return probe.send("response.create", **({"response": response} if response else {}))


def done(events: list[JsonObject]) -> Any:
    return next(event["response"] for event in events if event["type"] == "response.done")


def test_a_text_turn_has_the_order_of_the_protocol() -> None:
    events = reply_of(says("Good evening"))
    assert types(events) == TEXT_TURN
    assert [event["delta"] for event in events if "delta" in event] == ["Good", " evening"]
    assert done(events)["output"][0]["content"] == [{"type": "output_text", "text": "Good evening"}]
    assert done(events)["usage"]["total_tokens"] > 0


def test_an_audio_turn_sends_sound_behind_its_transcript() -> None:
    events = reply_of(says("Good evening", audio_ms=500), text=False)
    body = types(events)
    assert body[3] == "response.content_part.added"
    assert body.index("response.output_audio_transcript.delta") < body.index("response.output_audio.delta")
    sound = b"".join(
        b64decode(str(event["delta"])) for event in events if event["type"] == "response.output_audio.delta"
    )
    assert len(sound) == 500 * 48
    assert done(events)["output"][0]["content"] == [{"type": "output_audio", "transcript": "Good evening"}]


def test_speech_lasts_as_long_as_its_text_unless_told_otherwise() -> None:
    events = reply_of(says("x" * 10), text=False)
    sound = [
        b64decode(str(event["delta"])) for event in events if event["type"] == "response.output_audio.delta"
    ]
    assert sum(map(len, sound)) == 600 * 48


def test_a_text_answer_where_audio_was_asked_for_is_text_all_the_way() -> None:
    events = reply_of(says("Good evening", as_text=True), text=False)
    assert types(events) == TEXT_TURN
    assert done(events)["output_modalities"] == ["audio"]


def test_calls_follow_the_message_with_whole_arguments_at_the_end() -> None:
    events = reply_of(
        Turn(text="One moment", calls=(("add", {"name": "margherita", "count": 2}), ("pay", "oops")))
    )
    assert types(events)[10:] == [
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    first, second = done(events)["output"][1:]
    assert (first["name"], first["arguments"], first["status"]) == (
        "add",
        '{"name":"margherita","count":2}',
        "completed",
    )
    assert second["arguments"] == "oops"
    assert [event["output_index"] for event in events if event["type"] == "response.output_item.done"] == [
        0,
        1,
        2,
    ]


def test_the_helper_for_one_call_makes_a_turn_of_it() -> None:
    assert calls("add", name="x") == Turn(calls=(("add", {"name": "x"}),))


@pytest.mark.parametrize(
    ("turn", "status", "details"),
    [
        (
            Turn(status="failed"),
            "failed",
            {
                "type": "failed",
                "error": {
                    "type": "server_error",
                    "code": "server_error",
                    "message": "Scripted: server_error.",
                },
            },
        ),
        (
            Turn(status="failed", error_code="rate_limit_exceeded"),
            "failed",
            {
                "type": "failed",
                "error": {
                    "type": "rate_limit_exceeded",
                    "code": "rate_limit_exceeded",
                    "message": "Scripted: rate_limit_exceeded.",
                },
            },
        ),
        (
            says("Half", status="incomplete", reason="content_filter"),
            "incomplete",
            {"type": "incomplete", "reason": "content_filter"},
        ),
        (
            Turn(text="Half", calls=(("add", {}),), status="incomplete"),
            "incomplete",
            {"type": "incomplete", "reason": "max_output_tokens"},
        ),
    ],
)
def test_a_response_may_end_badly(turn: Turn, status: str, details: JsonObject) -> None:
    response = done(reply_of(turn))
    assert (response["status"], response["status_details"]) == (status, details)
    assert [item["status"] for item in response["output"]] == (["incomplete"] if turn.text else [])


def test_metadata_is_echoed_from_the_start() -> None:
    events = reply_of(says("Hi"), response={"metadata": {"k": "v"}})
    responses: list[Any] = [event["response"] for event in events if "response" in event]
    assert [response["metadata"] for response in responses] == [{"k": "v"}, {"k": "v"}]


def test_an_out_of_band_response_leaves_the_conversation_alone() -> None:
    events = reply_of(says("Hi"), response={"conversation": "none", "metadata": {"k": "v"}})
    assert not [name for name in types(events) if name.startswith("conversation.")]
    assert done(events)["conversation_id"] is None


def test_a_response_of_its_own_modality_voice_and_format() -> None:
    events = reply_of(
        says("Hi", audio_ms=100),
        response={
            "output_modalities": ["audio"],
            "audio": {"output": {"format": {"type": "audio/pcmu"}, "voice": "cedar"}},
        },
    )
    assert done(events)["audio"] == {"output": {"format": {"type": "audio/pcmu"}, "voice": "cedar"}}
    sound = b"".join(
        b64decode(str(event["delta"])) for event in events if event["type"] == "response.output_audio.delta"
    )
    assert len(sound) == 800


def test_usage_may_be_null_or_given() -> None:
    assert done(reply_of(says("Hi", usage=None)))["usage"] is None
    assert done(reply_of(says("Hi", usage={"total_tokens": 5})))["usage"] == {"total_tokens": 5}


def test_an_empty_turn_is_a_response_without_output() -> None:
    assert types(reply_of(Turn())) == ["response.created", "response.done", "rate_limits.updated"]
    assert done(reply_of(says("")))["output"][0]["content"] == [{"type": "output_text", "text": ""}]


def test_a_held_response_goes_on_when_it_is_released() -> None:
    probe = Probe(lambda _view: says("one two three", hold_after=2))
    probe.text_mode()
    assert probe.send("response.create")[-1]["delta"] == " two"
    probe.session.release()
    assert probe.types()[:2] == ["response.output_text.delta", "response.output_text.done"]


def test_a_response_may_be_held_before_its_first_delta_or_within_a_call() -> None:
    probe = Probe(lambda _view: Turn(calls=(("add", {}),), hold_after=1))
    assert probe.send("response.create")[-1]["type"] == "response.function_call_arguments.delta"
    probe = Probe(lambda _view: says("Hi", hold_after=0))
    assert types(probe.send("response.create"))[-1] == "response.created"


def test_a_cancelled_response_ends_with_what_was_said_so_far() -> None:
    probe = Probe(lambda _view: says("one two three", hold_after=2, audio_ms=900))
    probe.send("response.create")
    events = probe.send("response.cancel")
    assert types(events) == [
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    response = done(events)
    assert response["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
    assert response["output"][0]["content"] == [{"type": "output_audio", "transcript": "one two"}]
    assert response["output"][0]["status"] == "incomplete"


def test_a_response_without_end_ends_when_it_is_cancelled() -> None:
    probe = Probe(lambda _view: says("Hi", without_done=True))
    assert types(probe.send("response.create"))[-1] == "response.output_item.done"
    assert done(probe.send("response.cancel"))["status"] == "cancelled"


@pytest.mark.parametrize(("drop_after", "last"), [(0, "response.created"), (1, "response.output_text.delta")])
def test_a_connection_may_be_lost_in_the_middle(drop_after: int, last: str) -> None:
    probe = Probe(lambda _view: says("one two", drop_after=drop_after))
    probe.text_mode()
    assert types(probe.send("response.create"))[-1] == last
    assert not probe.session.is_open


def test_unknown_events_and_fields_come_on_the_way() -> None:
    probe = Probe(lambda _view: says("Hi"), Fault.UNKNOWN_EVENTS)
    probe.text_mode()
    events = probe.send("response.create")
    assert "response.novelty.delta" in types(events)
    assert [event for event in events if "obfuscation" in event]


def test_an_item_deleted_while_it_is_made_has_no_predecessor() -> None:
    probe = Probe(lambda _view: says("one two", hold_after=1))
    probe.add(user("Hello"))
    events = probe.send("response.create")
    item: Any = next(event["item"] for event in events if event["type"] == "conversation.item.added")
    probe.send("conversation.item.delete", item_id=item["id"])
    probe.session.release()
    finished = next(event for event in probe.news() if event["type"] == "conversation.item.done")
    assert finished["previous_item_id"] is None


@pytest.mark.parametrize(("kind", "per_ms"), [("audio/pcm", 48), ("audio/pcmu", 8), ("audio/pcma", 8)])
def test_the_tone_has_the_right_length_and_is_not_silence(kind: str, per_ms: int) -> None:
    sound = b64decode(tone(kind, 20))
    assert len(sound) == 20 * per_ms
    assert len(set(sound)) > 1
