import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.session.turns import Turns, read_detection
from orchestrator.speech.protocol import (
    BYTES_PER_MS,
    SemanticVad,
    ServerVad,
    SpeechStarted,
    SpeechStopped,
    VoiceEvent,
)
from tests.engine.scripted_speech import LoudnessActivity, loud
from tests.speech.speaking import silence

pytestmark = pytest.mark.unit

SERVER_VAD: JsonObject = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 320,
    "silence_duration_ms": 480,
}


class Bench:
    """Turns with what they gave the recogniser."""

    def __init__(self, detection: JsonObject | None = SERVER_VAD) -> None:
        self.heard = b""
        self.activities: list[LoudnessActivity] = []
        self.turns = Turns(self._listen, self._hear)
        self.turns.configure(detection)

    def feed(self, pcm: bytes) -> list[VoiceEvent]:
        return list(self.turns.feed(pcm))

    def _listen(self, detection: object) -> LoudnessActivity:
        assert isinstance(detection, ServerVad | SemanticVad)
        self.activities.append(LoudnessActivity(detection))
        return self.activities[-1]

    def _hear(self, pcm: bytes) -> None:
        self.heard += pcm


def test_a_turn_is_told_with_its_padding_and_heard_from_there() -> None:
    bench = Bench()
    assert bench.feed(silence(960)) == []
    assert bench.heard == b""
    events = bench.feed(loud(640) + silence(960))
    assert events == [SpeechStarted(640), SpeechStopped(960 + 640 + 480)]
    assert bench.heard == silence(320) + loud(640) + silence(480)
    assert not bench.turns.is_open


def test_small_appends_bring_the_same_as_one_long_one() -> None:
    pcm = silence(960) + loud(640) + silence(960) + loud(320) + silence(640)
    whole, bitten = Bench(), Bench()
    events = whole.feed(pcm)
    assert [type(event) for event in events] == [SpeechStarted, SpeechStopped] * 2
    assert [e for at in range(0, len(pcm), 960) for e in bitten.feed(pcm[at : at + 960])] == events


def test_silence_is_not_kept() -> None:
    bench = Bench()
    bench.feed(silence(60_000))
    assert len(bench.turns._recent) < 600 * BYTES_PER_MS
    assert bench.turns.position_ms == 60_000


def test_manual_turns_hear_everything_but_the_silence_before_them() -> None:
    bench = Bench(None)
    assert bench.feed(silence(3200)) == []
    assert bench.heard == b""
    assert bench.feed(loud(320) + silence(3200)) == []
    assert bench.heard.endswith(loud(320) + silence(3200))
    assert len(bench.heard) < len(loud(320) + silence(3200 + 600))
    assert bench.activities == []


def test_a_finished_turn_gets_what_was_kept_back() -> None:
    bench = Bench()
    bench.feed(silence(320))
    bench.turns.finish()
    assert bench.heard == silence(320)
    bench.turns.finish()
    assert bench.heard == silence(320)


def test_a_cleared_turn_is_forgotten() -> None:
    bench = Bench()
    assert [type(event) for event in bench.feed(loud(320))] == [SpeechStarted]
    bench.turns.clear()
    assert not bench.turns.is_open
    assert bench.feed(silence(960)) == []


def test_times_count_from_the_beginning_when_detection_comes_later() -> None:
    bench = Bench(None)
    bench.feed(silence(1600))
    bench.turns.configure(SERVER_VAD)
    assert bench.feed(silence(640) + loud(320)) == [SpeechStarted(1600 + 640 - 320)]


def test_changed_parameters_hold_from_the_next_sample_on() -> None:
    bench = Bench()
    bench.feed(silence(640) + loud(320))
    bench.turns.configure({**SERVER_VAD, "silence_duration_ms": 1920})
    assert bench.feed(silence(960)) == []
    assert bench.feed(silence(960)) == [SpeechStopped(640 + 320 + 1920)]
    assert len(bench.activities) == 1


def test_what_is_understood_reaches_the_detector() -> None:
    bench = Bench({"type": "semantic_vad", "eagerness": "low"})
    bench.turns.hear("nobody listens yet")
    bench.feed(loud(320))
    bench.turns.hear("two pizzas please")
    assert bench.activities[0].heard == ["two pizzas please"]
    assert [type(event) for event in bench.feed(silence(960))] == [SpeechStopped]


def test_the_wires_parameters_are_read() -> None:
    assert read_detection(SERVER_VAD) == ServerVad(0.5, 320, 480)
    assert read_detection({"type": "semantic_vad", "eagerness": "high"}) == SemanticVad("high")
