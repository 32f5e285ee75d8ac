import time

import pytest

from orchestrator.speech.activity import SileroActivity
from orchestrator.speech.protocol import (
    BYTES_PER_MS,
    SemanticVad,
    ServerVad,
    SpeechStarted,
    SpeechStopped,
    VoiceEvent,
)
from orchestrator.speech.resample import Resampler
from tests.speech.conftest import Spoken
from tests.speech.speaking import mixed, noise, silence

pytestmark = pytest.mark.media

FRAME_BYTES = 20 * BYTES_PER_MS
SENTENCE = "Two large pizzas and a coke, please."


def listen(activity: SileroActivity, pcm: bytes) -> list[VoiceEvent]:
    pieces = (pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES))
    return [event for piece in pieces for event in activity.feed(piece)]


@pytest.fixture(scope="module")
def sentence(spoken: Spoken) -> bytes:
    return spoken(SENTENCE)[0]


def assert_one_turn(events: list[VoiceEvent], begins_ms: int, ends_ms: int) -> None:
    started, stopped = events
    assert isinstance(started, SpeechStarted)
    assert isinstance(stopped, SpeechStopped)
    assert abs(started.at_ms - begins_ms) <= 120, started
    assert abs(stopped.at_ms - ends_ms) <= 350, stopped  # the voice ends with a pause of its own


def test_a_sentence_between_silences_is_one_turn(sentence: bytes) -> None:
    length = len(sentence) // BYTES_PER_MS
    activity = SileroActivity(ServerVad())
    events = listen(activity, silence(1000) + sentence + silence(1500))
    assert_one_turn(events, 1000 - 300, 1000 + length + 500)


def test_a_sentence_in_noise_is_one_turn(sentence: bytes) -> None:
    length = len(sentence) // BYTES_PER_MS
    sound = mixed(silence(3000) + sentence + silence(1500), noise(12_000, 200))
    assert_one_turn(listen(SileroActivity(ServerVad()), sound), 3000 - 300, 3000 + length + 500)


@pytest.mark.parametrize("level", [50, 300, 1500])
def test_noise_alone_is_no_turn(level: int) -> None:
    assert listen(SileroActivity(ServerVad()), noise(5000, level)) == []


def test_knocks_are_no_turn() -> None:
    knock = silence(400) + noise(15, 9000) + silence(400)
    assert listen(SileroActivity(ServerVad()), knock * 5) == []


def test_two_sentences_apart_are_two_turns(sentence: bytes) -> None:
    sound = (silence(700) + sentence) * 2 + silence(1000)
    kinds = [type(event) for event in listen(SileroActivity(ServerVad()), sound)]
    assert kinds == [SpeechStarted, SpeechStopped] * 2


def test_a_long_silence_duration_joins_them(sentence: bytes) -> None:
    sound = (silence(700) + sentence) * 2 + silence(3000)
    events = listen(SileroActivity(ServerVad(silence_duration_ms=2000)), sound)
    assert [type(event) for event in events] == [SpeechStarted, SpeechStopped]


def test_an_unfinished_sentence_is_waited_for(sentence: bytes) -> None:
    activity = SileroActivity(SemanticVad("high"))
    listen(activity, silence(500) + sentence)
    assert activity.speaking
    activity.hear("two large pizzas and")
    assert listen(activity, silence(1000)) == []
    activity.hear("two large pizzas and a coke please")
    assert [type(event) for event in listen(activity, silence(500))] == [SpeechStopped]


def test_new_parameters_and_a_reset_hold_at_once(sentence: bytes) -> None:
    activity = SileroActivity(ServerVad(silence_duration_ms=5000))
    listen(activity, silence(500) + sentence + silence(800))
    activity.configure(ServerVad(silence_duration_ms=100))
    assert [type(event) for event in listen(activity, silence(60))] == [SpeechStopped]
    listen(activity, sentence)
    activity.reset()
    assert not activity.speaking


def test_16_kilohertz_gives_the_same_turn(sentence: bytes) -> None:
    length = len(sentence) // BYTES_PER_MS
    sound = silence(1000) + sentence + silence(1500)
    activity = SileroActivity(ServerVad(), rate=16_000)
    events = activity.feed(Resampler(24_000, 16_000).feed(sound, last=True))
    assert_one_turn(events, 1000 - 300, 1000 + length + 500)


def test_silence_costs_a_small_part_of_what_speech_costs(sentence: bytes) -> None:
    def cost(sound: bytes) -> float:
        activity = SileroActivity(ServerVad())
        began = time.process_time()
        listen(activity, sound)
        return (time.process_time() - began) / (len(sound) / BYTES_PER_MS)

    assert cost(silence(20_000)) < cost(sentence * 3) / 10
