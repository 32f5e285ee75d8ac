"""Who is connected, what they are told, and in which order they hear it."""

import base64
from collections.abc import Callable
from typing import Any, cast

import pytest

from orchestrator.call.audio import AudioDesk
from orchestrator.call.client import CallClient
from orchestrator.call.line import ENCODED_HERE, PIECE_BYTES, Line
from orchestrator.call.phrases import Phrase
from orchestrator.call.recording import RecordingDesk
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import (
    OWN_VOICE,
    AudioClearedNotice,
    AudioRouteNotice,
    CaptionNotice,
    EndedNotice,
    SoundingWord,
)
from orchestrator.realtime.connection import AudioDelta
from orchestrator.speech.protocol import BYTES_PER_MS, Speech

pytestmark = pytest.mark.unit

TOLD = AudioClearedNotice()


class Client:
    def __init__(self, call_id: str = "rtc_1") -> None:
        self.call_id = call_id
        self.seen: list[Any] = []
        self.plays_here = True
        self.transport = "websocket"

    def tell(self, notice: object) -> None:
        self.seen.append(notice)

    def play(self, sound: Any, route: AudioRouteNotice) -> None:
        self.seen.append((route.item_id, sound.raw()))

    def flush(self) -> None:
        self.seen.append("flush")

    def pause(self) -> bool:
        self.seen.append("pause")
        return self.plays_here

    def resume(self) -> None:
        self.seen.append("resume")

    def hang_up(self, reason: str) -> None:
        self.seen.append(reason)


class Recording:
    """Takes note of what it is given."""

    on = True

    def __init__(self) -> None:
        self.seen: list[object] = []

    def spoken(self, sound: Callable[[], bytes], audio_format: JsonObject) -> None:
        self.seen.append((sound(), audio_format["type"]))

    def move(self, move: str) -> None:
        self.seen.append(move)

    def end(self, *, cut: bool = True) -> None:
        self.seen.append("cut off" if cut else "ended")


def line(audio_format: JsonObject | None = None, recording: Recording | None = None) -> tuple[Line, Client]:
    found = Line(
        AudioDesk(),
        lambda: audio_format or {"type": "audio/pcm"},
        cast("RecordingDesk", recording or Recording()),
    )
    client = Client()
    found.client = cast("CallClient", client)
    found.audio.listen((1,), 1)
    found.tell(AudioRouteNotice(1, "theirs", "resp_1", "item_1", 0))
    found.tell(AudioRouteNotice(OWN_VOICE, "item_2", "resp_1", "item_2", 1))
    return found, client


def whoever(found: Line) -> list[object]:
    return [found.client, found.departed]


def delta(sound: bytes = b"\1\2") -> AudioDelta:
    return AudioDelta(1, "theirs", "resp_e", base64.b64encode(sound).decode())


def test_everybody_is_told() -> None:
    found, client = line()
    sideband = Client("rtc_2")
    found.sidebands.append(cast("CallClient", sideband))
    found.tell(TOLD)
    assert client.seen == sideband.seen == [TOLD]


def test_an_engine_is_heard_under_the_names_of_its_reply_and_counted() -> None:
    found, client = line()
    found.play(delta(), behind=False)
    found.play(AudioDelta(2, "theirs", "resp_e", ""), behind=False)
    assert client.seen == [("item_1", b"\1\2")]
    found.play(delta(bytes(96)), behind=False)
    assert found.audio.generated_ms("item_1", {}) == 2


def test_speech_made_here_is_heard_in_the_clients_format_and_counted() -> None:
    found, client = line({"type": "audio/pcmu"})
    found.sound("item_2", bytes(480))
    found.sound("unknown", bytes(480))
    ((item_id, made),) = client.seen
    assert (item_id, len(made)) == ("item_2", 80)
    assert found.audio.generated_ms("item_2", {"type": "audio/pcmu"}) == 10
    found.spoken("item_2")


def test_captions_carry_the_names_of_their_reply() -> None:
    found, client = line()
    words = (SoundingWord(0, 3, 0, 300),)
    found.captions("item_2", words)
    found.captions("unknown", words)
    assert client.seen == [CaptionNotice("resp_1", "item_2", words)]


def test_an_engine_that_begins_while_speech_is_made_waits_and_so_does_what_is_told() -> None:
    found, client = line()
    found.play(delta(b"\1\2"), behind=True)
    found.tell(TOLD)
    found.play(delta(b"\3\4"), behind=True)
    found.sound("item_2", b"\5\6")
    assert client.seen == [("item_2", b"\5\6")]
    found.release()
    assert client.seen[1:] == [("item_1", b"\1\2"), TOLD, ("item_1", b"\3\4")]
    found.tell(TOLD)
    assert client.seen[-1] is TOLD


def test_an_engine_that_was_heard_before_goes_on() -> None:
    found, client = line()
    found.play(delta(b"\1\2"), behind=False)
    found.play(delta(b"\3\4"), behind=True)
    assert client.seen == [("item_1", b"\1\2"), ("item_1", b"\3\4")]


def test_a_flush_drops_sound_that_waits_and_tells_what_waits() -> None:
    found, client = line()
    found.play(delta(), behind=True)
    found.tell(TOLD)
    found.flush()
    assert client.seen == ["flush", TOLD]


def test_whoever_is_hung_up_on_was_told_everything_before() -> None:
    found, client = line()
    sideband = Client("rtc_2")
    found.sidebands.append(cast("CallClient", sideband))
    found.play(delta(), behind=True)
    found.tell(TOLD)
    found.hang_up("rtc_1", "bye")
    assert client.seen == [("item_1", b"\1\2"), TOLD, "bye"]
    assert sideband.seen == [TOLD, "bye"]
    assert whoever(found) == [None, client]
    assert not found.sidebands
    found.flush()


def test_a_call_that_has_lost_the_line_is_not_hung_up_on_for_another() -> None:
    found, client = line()
    found.hang_up("rtc_0", "bye")
    assert whoever(found) == [client, None]


async def test_whoever_listens_in_hears_what_the_client_hears_and_that_it_was_cut_off() -> None:
    found, _ = line()
    with found.ears.listening() as ear:
        found.play(delta(), behind=False)
        found.sound("item_2", b"\3\4")
        found.flush()
        found.ears.close()
        assert [(piece.what.name, piece.pcm) async for piece in ear.pieces()] == [
            ("AGENT", b"\1\2"),
            ("AGENT", b"\3\4"),
            ("CUT", b""),
        ]


def test_what_is_heard_is_recorded_as_it_is_played() -> None:
    recording = Recording()
    found, _ = line(recording=recording)
    found.play(delta(), behind=False)
    found.sound("item_2", b"\3\4")
    found.flush()
    assert recording.seen == [(b"\1\2", "audio/pcm"), (b"\3\4", "audio/pcm"), "cut"]


def test_what_waits_is_recorded_when_it_is_heard_and_not_before() -> None:
    recording = Recording()
    found, _ = line(recording=recording)
    found.play(delta(), behind=True)
    assert recording.seen == []
    found.release()
    assert recording.seen == [(b"\1\2", "audio/pcm")]


@pytest.mark.parametrize(("by", "told"), [("agent", "ended"), ("caller", "cut off"), ("service", "cut off")])
def test_an_agents_last_words_are_recorded_and_nobody_elses_are_cut_short(by: str, told: str) -> None:
    recording = Recording()
    found, _ = line(recording=recording)
    found.tell(EndedNotice(by, "over"))
    assert recording.seen == [told]


def test_what_is_held_back_is_held_back_in_a_recording_too() -> None:
    recording = Recording()
    found, client = line(recording=recording)
    assert found.pause()
    found.resume()
    assert client.seen == ["pause", "resume"]
    assert recording.seen == ["hold", "release"]


def test_a_client_that_plays_by_itself_holds_nothing_back() -> None:
    recording = Recording()
    found, client = line(recording=recording)
    client.plays_here = False
    assert not found.pause()
    assert recording.seen == []
    found.client = None
    assert not found.pause()
    found.resume()


def test_a_long_piece_of_speech_goes_out_in_short_ones() -> None:
    found, client = line()
    found.sound("item_2", bytes(PIECE_BYTES * 5 // 2))
    assert [len(sound) for _, sound in client.seen] == [PIECE_BYTES, PIECE_BYTES, PIECE_BYTES // 2]


def test_what_was_said_before_goes_whole_to_where_we_encode_it() -> None:
    phrase = Phrase([Speech(bytes(500 * BYTES_PER_MS))])
    found, client = line({"type": "audio/pcmu"})
    client.transport = ENCODED_HERE
    found.phrase("item_2", phrase)
    assert [len(sound) for _, sound in client.seen] == [4000]
    assert found.audio.generated_ms("item_2", {"type": "audio/pcmu"}) == 500


def test_what_was_said_before_goes_in_short_pieces_to_who_plays_it_by_himself() -> None:
    found, client = line()
    found.phrase("item_2", Phrase([Speech(bytes(PIECE_BYTES * 2))]))
    assert [len(sound) for _, sound in client.seen] == [PIECE_BYTES, PIECE_BYTES]


def test_a_phrase_that_nobody_is_to_hear_goes_nowhere() -> None:
    found, client = line()
    found.phrase("item_9", Phrase([Speech(bytes(PIECE_BYTES))]))
    assert client.seen == []
