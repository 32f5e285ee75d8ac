import pytest

from orchestrator.engine.session.audio_format import Encoder
from orchestrator.engine.session.output_item import OutputItem
from orchestrator.speech.protocol import WordTime
from tests.speech.speaking import silence

pytestmark = pytest.mark.unit


def test_a_message_in_text() -> None:
    item = OutputItem("item_1", 0, pieces=["Hello", " there"])
    assert item.part("Hello") == {"type": "text", "text": "Hello"}
    assert item.wire("completed")["content"] == [{"type": "output_text", "text": "Hello there"}]
    assert item.wire("in_progress", with_content=False)["content"] == []
    assert item.encoded(silence(100)) == b""
    assert item.sound_ms == 0


def test_a_message_in_sound_counts_what_is_sent() -> None:
    item = OutputItem("item_1", 0, encoder=Encoder("audio/pcmu"), pieces=["Hello"])
    sent = item.encoded(silence(500)) + item.encoded(silence(500), last=True)
    assert len(sent) == 8000
    assert item.sound_ms == 1000
    item.words.append(WordTime(0, 5, 0, 900))
    audio = item.audio()
    assert (audio.transcript, audio.duration_ms, audio.words) == ("Hello", 1000, (WordTime(0, 5, 0, 900),))
    assert item.part("Hello") == {"type": "audio", "transcript": "Hello"}
    assert item.wire("completed")["content"] == [{"type": "output_audio", "transcript": "Hello"}]


def test_a_function_call() -> None:
    item = OutputItem("item_1", 1, "call_1", "look", pieces=["{}"])
    assert not item.is_spoken
    assert item.wire("completed") == {
        "id": "item_1",
        "object": "realtime.item",
        "status": "completed",
        "type": "function_call",
        "name": "look",
        "call_id": "call_1",
        "arguments": "{}",
    }
    assert item.wire("in_progress", with_content=False)["arguments"] == ""
