import pytest

from tests.speech.speaking import silence, sound
from tests.web.talk.person import stretches

pytestmark = pytest.mark.unit

SENTENCES = sound(600, 4000) + silence(400) + sound(600, 4000)


def test_silence_around_speech_is_left_out_and_breaths_are_not() -> None:
    assert stretches(silence(2000) + SENTENCES + silence(500)) == [SENTENCES]
    assert stretches(silence(500)) == stretches(b"") == []


def test_what_is_said_after_a_pause_is_a_stretch_of_its_own() -> None:
    assert stretches(sound(200, 4000) + silence(1500) + SENTENCES) == [sound(200, 4000), SENTENCES]
