"""How loud both sides are, in tenths of a second."""

import numpy as np
import pytest

from orchestrator.media.recording.peaks import Peaks
from orchestrator.media.recording.tape import RATE

pytestmark = pytest.mark.unit


def test_each_window_has_the_level_of_its_loudest_sample() -> None:
    sound = np.zeros((RATE // 10 * 3, 2), dtype=np.int16)
    sound[100, 0] = -32768
    sound[RATE // 10 * 2 + 5, 1] = 16384
    peaks = Peaks()
    peaks.add(sound)
    assert peaks.finish() == [[1.0, 0.0, 0.0], [0.0, 0.0, 0.5]]


def test_pieces_of_any_size_give_the_same_peaks() -> None:
    sound = np.random.default_rng(1).integers(-32768, 32767, (7777, 2), dtype=np.int16)
    whole, parts = Peaks(), Peaks()
    whole.add(sound)
    for begin in range(0, len(sound), 1001):
        parts.add(sound[begin : begin + 1001])
    assert whole.finish() == parts.finish()


def test_the_last_window_may_be_short() -> None:
    peaks = Peaks()
    peaks.add(np.full((10, 2), 3277, dtype=np.int16))
    assert peaks.finish() == [[0.1], [0.1]]
    assert Peaks().finish() == [[], []]
