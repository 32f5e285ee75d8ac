import pytest

from orchestrator.speech.protocol import BYTES_PER_MS
from orchestrator.speech.silero import FRAME_MS, SpeechProbability
from tests.speech.conftest import Spoken
from tests.speech.speaking import noise, silence

pytestmark = pytest.mark.media


def test_silence_is_not_looked_at() -> None:
    probability = SpeechProbability(24_000)
    assert probability.feed(silence(FRAME_MS * 10)) == [0.0] * 10


def test_half_a_frame_waits_for_its_other_half() -> None:
    probability = SpeechProbability(24_000)
    assert probability.feed(silence(20)) == []
    assert probability.feed(silence(20)) == [0.0]
    assert len(probability.feed(silence(24))) == 1


def test_speech_is_likely_and_noise_is_not(spoken: Spoken) -> None:
    (hello,) = spoken("Hello, I would like two large pizzas.")
    speech = SpeechProbability(24_000).feed(silence(500) + hello)
    assert sum(chance > 0.5 for chance in speech) * FRAME_MS > len(hello) / BYTES_PER_MS * 0.6
    assert max(SpeechProbability(24_000).feed(noise(3000, 800))) < 0.5


def test_the_first_words_after_a_long_silence_are_heard_at_once(spoken: Spoken) -> None:
    (hello,) = spoken("Yes, hello.")
    probability = SpeechProbability(24_000)
    probability.feed(silence(60_000))
    assert max(probability.feed(hello)[:8]) > 0.5
