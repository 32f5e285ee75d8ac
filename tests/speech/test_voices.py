import pytest

from orchestrator.speech.protocol import Voice
from orchestrator.speech.voices import DEFAULT, FASTEST, SLOWEST, VOICES, embedded_voice

pytestmark = pytest.mark.unit

NAMES = ["alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse"]


def test_every_name_of_the_protocol_has_a_voice_of_its_own() -> None:
    assert sorted(VOICES) == NAMES
    assert len(set(VOICES.values())) == len(NAMES)
    assert len({voice.variant for voice in VOICES.values()}) == len(NAMES)


def test_no_name_is_the_default_voice() -> None:
    assert embedded_voice(Voice()) == VOICES[DEFAULT]


def test_case_does_not_matter() -> None:
    assert embedded_voice(Voice(" Cedar ")) == VOICES["cedar"]


def test_an_unknown_name_is_always_the_same_voice_of_ours() -> None:
    chosen = embedded_voice(Voice("en-US-JennyNeural"))
    assert chosen == embedded_voice(Voice("en-US-JennyNeural"))
    assert chosen in VOICES.values()
    assert len({embedded_voice(Voice(f"voice {at}")) for at in range(100)}) == len(NAMES)


def test_the_pace_follows_speed_within_what_the_voice_can_do() -> None:
    voice = VOICES[DEFAULT]
    assert voice.pace(1.0) == voice.words_per_minute
    assert voice.pace(0.01) == SLOWEST
    assert voice.pace(100) == FASTEST
