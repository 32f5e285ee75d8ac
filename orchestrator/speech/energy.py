"""Whether sound is loud enough to be worth a closer look. Microseconds, so that silence is nearly free.

Pure: decides from levels alone.
"""

from typing import Final

import numpy as np

FLOOR: Final = 60.0
"""Root mean square of 16-bit samples below which nothing is speech (-55 dBFS)."""
MARGIN: Final = 1.6
"""How much louder than the background sound must be to open the gate (4 dB)."""
_HANG: Final = 10
"""Frames that the gate stays open after the last loud one: ends of words are soft."""
_RISE: Final = 1.02
"""Factor a frame by which the idea of the background rises; it falls at once."""
_LOUDEST_BACKGROUND: Final = 1500.0


class EnergyGate:
    """Opens for sound that stands out from the background.

    The background is the quietest level of late, rising slowly, so that a steady hum closes the gate again
    after some seconds. It never rises so far that somebody who speaks up is missed.
    """

    def __init__(self) -> None:
        self._background = FLOOR
        self._open_for = 0

    @property
    def is_open(self) -> bool:
        """Whether the last frame was let through."""
        return self._open_for > 0

    def feed(self, level: float, *, speech: bool = False) -> bool:
        """Judge one frame.

        Args:
            level: Root mean square of its 16-bit samples.
            speech: Whether the frame before was speech: the background does not rise then, and the gate stays
                open.

        Returns:
            Whether this frame deserves a closer look.
        """
        if not speech:
            self._background = min(max(level, FLOOR), self._background * _RISE, _LOUDEST_BACKGROUND)
        loud = level >= FLOOR and level >= self._background * MARGIN
        self._open_for = _HANG if loud or speech else max(0, self._open_for - 1)
        return self._open_for > 0


def loudness(pcm: bytes) -> float:
    """Root mean square of 16-bit samples; 0 of none."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    return float(np.sqrt(np.dot(samples, samples) / len(samples))) if len(samples) else 0.0
