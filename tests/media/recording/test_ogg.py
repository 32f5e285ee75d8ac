"""What is written is what is read back, each side in its own channel."""

from pathlib import Path

import numpy as np
import pytest

from orchestrator.media.recording.ogg import OggOpusWriter
from orchestrator.media.recording.tape import RATE
from tests.media.recording.decoding import decoded, loud, tone

pytestmark = pytest.mark.unit


def test_each_side_has_a_channel_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "call.ogg"
    sound = np.zeros((RATE * 3, 2), dtype=np.int16)
    sound[:RATE, 0] = tone(1, 440)
    sound[RATE * 2 :, 1] = tone(1, 300)
    with OggOpusWriter(path) as writer:
        for begin in range(0, len(sound), 7001):
            writer.write(sound[begin : begin + 7001])
        writer.write(sound[:0])
    caller, agent = decoded(path)
    assert len(caller) / 48_000 == pytest.approx(3, abs=0.03)
    assert loud(caller) == [(0.0, 1.0)]
    assert loud(agent) == [(2.0, 3.0)]


def test_a_minute_of_speech_is_small(tmp_path: Path) -> None:
    path = tmp_path / "call.ogg"
    with OggOpusWriter(path) as writer:
        writer.write(np.stack([tone(10, 200), tone(10, 300)], axis=1))
    assert path.stat().st_size < 100_000
