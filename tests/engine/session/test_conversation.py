from base64 import b64decode, b64encode
from typing import cast

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.brain import TextDelta
from orchestrator.engine.session.commands import StartResponse, Transcribe
from orchestrator.engine.session.spoken import SpokenAudio
from orchestrator.speech.protocol import Speech, Transcript
from tests.engine.scripted_speech import loud
from tests.engine.session_probe import AUDIO, SessionProbe, assistant_message, field, types, user_message
from tests.speech.speaking import silence

pytestmark = pytest.mark.unit


def test_a_created_item_is_added_and_done_with_its_true_predecessor() -> None:
    probe = SessionProbe()
    first = probe.add(user_message("one"))
    events = probe.send("conversation.item.create", item=user_message("two", id="mine"))
    assert types(events) == ["conversation.item.added", "conversation.item.done"]
    for event in events:
        assert event["previous_item_id"] == first["id"]
        assert field(event, "item") == {
            "id": "mine",
            "object": "realtime.item",
            "type": "message",
            "role": "user",
            "status": "completed",
            "content": [{"type": "input_text", "text": "two"}],
        }


def test_root_is_echoed_as_null() -> None:
    probe = SessionProbe()
    probe.add(user_message("one"))
    events = probe.send("conversation.item.create", item=user_message("zero"), previous_item_id="root")
    assert [event["previous_item_id"] for event in events] == [None, None]


def test_a_predecessor_must_be_a_string() -> None:
    error = SessionProbe().error("conversation.item.create", item=user_message("one"), previous_item_id=7)
    assert (error["code"], error["param"]) == ("invalid_value", "previous_item_id")


def test_an_item_is_retrieved_and_deleted() -> None:
    probe = SessionProbe()
    added = probe.add(user_message("one"))
    (retrieved,) = probe.send("conversation.item.retrieve", item_id=added["id"])
    assert retrieved["type"] == "conversation.item.retrieved"
    assert retrieved["item"] == added
    (deleted,) = probe.send("conversation.item.delete", item_id=added["id"])
    assert (deleted["type"], deleted["item_id"]) == ("conversation.item.deleted", added["id"])
    error = probe.error("conversation.item.retrieve", item_id=added["id"], event_id="e1")
    assert (error["code"], error["event_id"]) == ("item_retrieve_invalid_item_id", "e1")
    assert probe.error("conversation.item.delete", item_id="z")["code"] == "item_delete_invalid_item_id"


def test_a_text_reply_is_shortened_by_deleting_and_creating_it_anew() -> None:
    probe = SessionProbe()
    probe.add(user_message("hello", id="u1"))
    probe.add(assistant_message("I can do a lot of things", id="a1"))
    probe.add(user_message("stop", id="u2"))
    error = probe.error("conversation.item.truncate", item_id="a1", content_index=0, audio_end_ms=500)
    assert error["code"] == "item_truncate_invalid_item_id"
    probe.send("conversation.item.delete", item_id="a1")
    probe.add(assistant_message("I can do", id="a1"), after="u1")
    assert [item["id"] for item in probe.session.items] == ["u1", "a1", "u2"]


def test_a_function_call_may_go_while_its_output_stays() -> None:
    probe = SessionProbe()
    call = probe.add({"type": "function_call", "name": "look", "arguments": "{}"})
    assert str(call["call_id"]).startswith("call_")
    probe.add({"type": "function_call_output", "call_id": call["call_id"], "output": "seen"})
    (deleted,) = probe.send("conversation.item.delete", item_id=call["id"])
    assert deleted["type"] == "conversation.item.deleted"
    probe.add({"type": "function_call_output", "call_id": "call_never_made", "output": "seen"})


def test_audio_bytes_are_told_by_retrieve_alone() -> None:
    probe = SessionProbe()
    item: JsonObject = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_audio", "audio": "AAAA"}, {"type": "input_text", "text": "see"}],
    }
    added = probe.add(item)
    assert added["content"] == [
        {"type": "input_audio", "transcript": None},
        {"type": "input_text", "text": "see"},
    ]
    (retrieved,) = probe.send("conversation.item.retrieve", item_id=added["id"])
    assert field(retrieved, "item")["content"] == item["content"]


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"item_id": "a", "content_index": 0}, "missing_required_parameter", "audio_end_ms"),
        ({"content_index": 0, "audio_end_ms": 1}, "missing_required_parameter", "item_id"),
        ({"item_id": "a", "content_index": 0, "audio_end_ms": -1}, "invalid_value", "audio_end_ms"),
        ({"item_id": 3, "content_index": 0, "audio_end_ms": 1}, "invalid_value", "item_id"),
    ],
)
def test_a_malformed_truncation_is_refused(fields: JsonObject, code: str, param: str) -> None:
    error = SessionProbe().error("conversation.item.truncate", **fields)
    assert (error["code"], error["param"]) == (code, param)


def test_a_spoken_reply_is_truncated_to_what_was_heard() -> None:
    probe = SessionProbe()
    probe.add(assistant_message("one two three four", id="a1"))
    probe.session.items.attach_audio("a1", SpokenAudio("one two three four", 4000.0))
    (event,) = probe.send("conversation.item.truncate", item_id="a1", content_index=0, audio_end_ms=2000)
    assert event["type"] == "conversation.item.truncated"
    assert (event["item_id"], event["content_index"], event["audio_end_ms"]) == ("a1", 0, 2000)
    (retrieved,) = probe.send("conversation.item.retrieve", item_id="a1")
    assert field(retrieved, "item")["content"] == [{"type": "output_audio", "transcript": "one two"}]


def test_a_clients_sound_is_written_down_before_it_is_answered() -> None:
    probe = SessionProbe(AUDIO)
    sound: JsonObject = {"type": "input_audio", "audio": b64encode(silence(500)).decode()}
    probe.add({"type": "message", "role": "user", "content": [sound], "id": "u1"})
    assert probe.commands() == [Transcribe("u1", silence(500))]
    probe.send("response.create")
    assert probe.commands() == []
    probe.session.heard("u1", Transcript("hello"))
    (started,) = probe.commands()
    assert isinstance(started, StartResponse)
    assert started.context.items[0]["content"] == [{**sound, "transcript": "hello"}]


def test_sound_that_came_with_its_words_is_taken_at_its_word() -> None:
    probe = SessionProbe(AUDIO)
    sound: JsonObject = {"type": "input_audio", "audio": "AAAA", "transcript": "hello"}
    probe.add({"type": "message", "role": "user", "content": [sound]})
    assert probe.commands() == []


def retrieved_sound(probe: SessionProbe, item_id: str) -> bytes:
    *_, retrieved = probe.send("conversation.item.retrieve", item_id=item_id)
    (part,) = cast("list[JsonObject]", field(retrieved, "item")["content"])
    return b64decode(str(part.get("audio", "")))


def spoken_turn(probe: SessionProbe) -> str:
    """Let the caller speak for half a second and say no more; the id of that."""
    probe.update(audio={"input": {"turn_detection": None}})
    probe.append(loud(500))
    return str(probe.send("input_audio_buffer.commit")[0]["item_id"])


def test_a_turn_is_retrieved_as_it_was_heard() -> None:
    probe = SessionProbe(AUDIO)
    item_id = spoken_turn(probe)
    assert retrieved_sound(probe, item_id) == loud(500)
    probe.send("conversation.item.delete", item_id=item_id)
    assert probe.session.items.sound.of(item_id) == b""


def test_a_turn_is_retrieved_in_the_format_of_the_session() -> None:
    probe = SessionProbe(AUDIO)
    probe.update(audio={"input": {"format": {"type": "audio/pcmu"}, "turn_detection": None}})
    probe.append(b"\x10" * 4000)
    item_id = str(probe.send("input_audio_buffer.commit")[0]["item_id"])
    assert len(retrieved_sound(probe, item_id)) == pytest.approx(4000, abs=160)


def test_of_a_turn_that_was_cleared_no_sound_is_kept() -> None:
    probe = SessionProbe(AUDIO)
    probe.update(audio={"input": {"turn_detection": None}})
    probe.append(loud(500))
    probe.send("input_audio_buffer.clear")
    assert retrieved_sound(probe, spoken_turn(probe)) == loud(500)


def test_a_reply_is_retrieved_with_its_sound_as_far_as_it_was_heard() -> None:
    probe = SessionProbe(AUDIO)
    probe.add(user_message("count"))
    started = probe.start()
    probe.session.feed_brain(started.response_id, TextDelta("one two three four"))
    probe.session.feed_speech(started.response_id, Speech(loud(4000)))
    probe.session.complete(started.response_id)
    item_id = str(probe.session.items.last_id)
    assert retrieved_sound(probe, item_id) == loud(4000)
    probe.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=2000)
    assert retrieved_sound(probe, item_id) == loud(2000)
