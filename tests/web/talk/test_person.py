import pytest

from tests.speech.speaking import silence, sound
from tests.web.talk.person import speech_in

pytestmark = pytest.mark.unit

SPEECH = sound(600, 4000) + silence(400) + sound(600, 4000)


def test_silence_around_speech_is_left_out() -> None:
    assert speech_in(silence(2000) + SPEECH + silence(500)) == SPEECH
    assert speech_in(silence(500)) == speech_in(b"") == b""


def test_what_is_left_over_of_another_reply_is_left_out() -> None:
    assert speech_in(sound(200, 4000) + silence(1500) + SPEECH) == SPEECH
