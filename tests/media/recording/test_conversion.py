"""A recording has one format, whatever the call speaks."""

import numpy as np
import pytest

from orchestrator.media import g711
from orchestrator.media.recording.conversion import Expander
from orchestrator.media.wire import AudioFormat
from tests.media.recording.decoding import tone

pytestmark = pytest.mark.unit


def test_pcm_stays_as_it_is_in_whole_samples() -> None:
    assert Expander().feed(b"\1\2\3\4\5", AudioFormat.PCM) == b"\1\2\3\4"


@pytest.mark.parametrize("audio_format", [AudioFormat.PCMU, AudioFormat.PCMA])
def test_telephone_sound_is_brought_to_the_rate_of_the_rest(audio_format: AudioFormat) -> None:
    law = audio_format.law
    assert law is not None
    coded = g711.encode(tone(1, 400)[::3].tobytes(), law)
    expander = Expander()
    pieces = [expander.feed(coded[at : at + 160], audio_format) for at in range(0, len(coded), 160)]
    samples = np.frombuffer(b"".join(pieces), dtype="<i2")
    assert len(samples) == 24_000
    spectrum = np.abs(np.fft.rfft(samples[2400:].astype(float)))
    assert np.argmax(spectrum) * 24_000 / len(samples[2400:]) == pytest.approx(400, abs=3)
