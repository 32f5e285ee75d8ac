from typing import cast

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.session.commands import EndUtterance
from orchestrator.engine.session.transcripts import with_transcript
from orchestrator.speech.protocol import Transcript
from tests.engine.scripted_speech import loud
from tests.engine.session_probe import AUDIO, SessionProbe, field, types

pytestmark = pytest.mark.unit

ASKED: JsonObject = {
    "input": {"transcription": {"model": "embedded"}, "turn_detection": None},
}


def committed(*, asked: bool = True) -> tuple[SessionProbe, str]:
    """A session with one committed utterance of a second, and the id of its item."""
    probe = SessionProbe(AUDIO)
    if asked:
        probe.update(audio=ASKED)
    probe.append(loud(1000))
    event = probe.send("input_audio_buffer.commit")[0]
    item_id = str(event["item_id"])
    assert EndUtterance(item_id) in probe.commands()
    return probe, item_id


def test_what_was_heard_is_told_and_stands_in_the_item() -> None:
    probe, item_id = committed()
    probe.session.heard(item_id, Transcript("hello there", confidence=0.9))
    delta, completed = probe.events()
    assert (delta["delta"], delta["item_id"]) == ("hello there", item_id)
    assert (completed["transcript"], completed["content_index"]) == ("hello there", 0)
    assert completed["usage"] == {
        "type": "tokens",
        "total_tokens": 12,
        "input_tokens": 10,
        "input_token_details": {"text_tokens": 0, "audio_tokens": 10},
        "output_tokens": 2,
    }
    (retrieved,) = probe.send("conversation.item.retrieve", item_id=item_id)
    (part,) = cast("list[JsonObject]", field(retrieved, "item")["content"])
    assert part.pop("audio")
    assert part == {"type": "input_audio", "transcript": "hello there"}


def test_a_client_that_did_not_ask_is_told_nothing_and_the_brain_reads_it_all_the_same() -> None:
    probe, item_id = committed(asked=False)
    probe.session.heard(item_id, Transcript("hello there", confidence=0.9))
    assert probe.events() == []
    started = probe.start()
    assert started.context.items[0]["content"] == [{"type": "input_audio", "transcript": "hello there"}]
    assert started.context.confidence == {item_id: 0.9}


def test_nothing_understood_is_an_empty_transcript_without_confidence() -> None:
    probe, item_id = committed()
    probe.session.heard(item_id, Transcript("", confidence=0.0))
    assert types(probe.events()) == ["conversation.item.input_audio_transcription.completed"]
    assert probe.start().context.confidence == {}


def test_a_failure_is_told_even_to_a_client_that_did_not_ask() -> None:
    probe, item_id = committed(asked=False)
    probe.session.not_heard(item_id, "The recogniser is away.")
    (failed,) = probe.events()
    assert field(failed, "error")["code"] == "audio_unintelligible"
    assert field(failed, "error")["message"] == "The recogniser is away."


def test_words_of_an_item_that_nobody_waits_for_are_left_out() -> None:
    probe, item_id = committed()
    probe.session.heard("item_z", Transcript("who said that"))
    assert probe.events() == []
    probe.send("conversation.item.delete", item_id=item_id)
    probe.session.heard(item_id, Transcript("hello"))
    assert len(probe.session.items) == 0


def test_the_transcript_goes_to_the_first_part_in_sound() -> None:
    item: JsonObject = {
        "content": [{"type": "input_text", "text": "see"}, {"type": "input_audio", "audio": "AAAA"}, "odd"]
    }
    assert with_transcript(item, "hello")["content"] == [
        {"type": "input_text", "text": "see"},
        {"type": "input_audio", "audio": "AAAA", "transcript": "hello"},
        "odd",
    ]
