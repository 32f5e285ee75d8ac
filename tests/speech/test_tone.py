import numpy as np
import pytest

from orchestrator.speech.protocol import BYTES_PER_MS, Voice
from orchestrator.speech.tone import ToneVoice, hum
from tests.speech.speaking import clause_of, heard, say, spoken_words, timed

pytestmark = pytest.mark.unit

TEXT = "Yes. Two **large** pizzas."


async def test_every_word_is_a_tone_with_its_time() -> None:
    pieces = await say(ToneVoice(), TEXT)
    assert spoken_words(pieces, TEXT) == ["Yes.", "Two", "large", "pizzas."]
    assert [word.start_ms for word in timed(pieces)] == [0, 280, 500, 840]
    assert len(heard(pieces)) == (840 + 420 + 40) * BYTES_PER_MS


def test_the_sound_is_soft_and_there() -> None:
    samples = np.frombuffer(hum(clause_of("hello"), Voice())[0].pcm, dtype="<i2")
    assert 2000 < np.abs(samples).max() <= 3000
    assert samples[0] == 0


def test_another_voice_has_another_pitch_and_speed_makes_it_shorter() -> None:
    (slow,), (high,) = hum(clause_of("hello"), Voice("a")), hum(clause_of("hello"), Voice("b"))
    assert slow.pcm != high.pcm
    assert len(hum(clause_of("hello"), Voice(speed=1.5))[0].pcm) < len(slow.pcm)
