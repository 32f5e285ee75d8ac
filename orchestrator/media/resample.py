"""Between the telephone's 8 kHz and the engine's 24 kHz, frame by frame, with no seam between frames.

One windowed sinc (Kaiser, 70 dB), split in three phases of 32 taps: 2 ms of delay each way and some ten
microseconds a frame. Only calls that mix the two rates pay for it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FACTOR: Final = 3
DELAY_MS: Final = 2.0
"""Group delay of one direction."""

_TAPS_PER_PHASE: Final = 32
_CUTOFF: Final = 3750 / 12000
"""Of half the 24 kHz rate; speech on the telephone ends at 3400 Hz."""
_KAISER_BETA: Final = 6.76


def _prototype() -> NDArray[np.float32]:
    length = FACTOR * _TAPS_PER_PHASE
    times = np.arange(length) - (length - 1) / 2
    taps: NDArray[np.float64] = np.sinc(_CUTOFF * times) * np.kaiser(length, _KAISER_BETA)
    return np.asarray(taps / taps.sum(), np.float32)


_TAPS: Final = _prototype()
_RISING: Final = [np.ascontiguousarray(FACTOR * _TAPS[phase::FACTOR]) for phase in range(FACTOR)]
_FALLING: Final = [np.ascontiguousarray(_TAPS[phase::FACTOR]) for phase in range(FACTOR)]


def _to_bytes(samples: NDArray[np.float32]) -> bytes:
    return np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()


class Upsampler:
    """8 kHz to 24 kHz, one stream."""

    def __init__(self) -> None:
        self._past = np.zeros(_TAPS_PER_PHASE - 1, np.float32)

    def process(self, pcm: bytes | memoryview) -> bytes:
        """Return three times as many 16-bit samples as were given."""
        fresh = np.frombuffer(pcm, "<i2").astype(np.float32)
        if not fresh.size:
            return b""
        line = np.concatenate((self._past, fresh))
        self._past = line[fresh.size :]
        out = np.empty(fresh.size * FACTOR, np.float32)
        for phase, taps in enumerate(_RISING):
            out[phase::FACTOR] = np.convolve(line, taps, "valid")
        return _to_bytes(out)


class Downsampler:
    """24 kHz to 8 kHz, one stream."""

    def __init__(self) -> None:
        self._past = np.zeros(FACTOR * (_TAPS_PER_PHASE - 1), np.float32)
        self._rest = np.zeros(0, np.float32)

    def process(self, pcm: bytes | memoryview) -> bytes:
        """Return a third as many 16-bit samples; what is left over waits for the next call."""
        fresh = np.concatenate((self._rest, np.frombuffer(pcm, "<i2").astype(np.float32)))
        whole = fresh.size - fresh.size % FACTOR
        self._rest = fresh[whole:]
        if not whole:
            return b""
        line = np.concatenate((self._past, fresh[:whole]))
        self._past = line[whole:]
        out = np.zeros(whole // FACTOR, np.float32)
        for phase, taps in enumerate(_FALLING):
            out += np.convolve(line[FACTOR - 1 - phase :: FACTOR], taps, "valid")
        return _to_bytes(out)
