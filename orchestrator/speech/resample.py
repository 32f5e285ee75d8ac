"""Sound at another rate, piece by piece."""

from typing import Literal

import numpy as np
import soxr  # type: ignore[import-untyped]

Quality = Literal["LQ", "HQ"]


class Resampler:
    """Turns 16-bit mono sound of one rate into another, without a seam between pieces.

    Args:
        from_rate, to_rate: Samples a second. Equal rates pass the sound through.
        quality: `LQ` holds back 6 ms and suits a detector; `HQ` holds back 20 ms and suits ears.
    """

    def __init__(self, from_rate: int, to_rate: int, quality: Quality = "HQ") -> None:
        self._same = from_rate == to_rate
        self._stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="int16", quality=quality)
        self._odd = b""

    def feed(self, pcm: bytes, *, last: bool = False) -> bytes:
        """Sound that is ready at the new rate.

        Args:
            pcm: Any number of bytes; half a sample waits for its other half.
            last: Gives what was held back, too; the next piece begins afresh.
        """
        if self._same:
            return pcm
        pcm = self._odd + pcm
        whole = len(pcm) & ~1
        self._odd = b"" if last else pcm[whole:]
        samples = np.frombuffer(pcm[:whole], dtype="<i2")
        made: bytes = self._stream.resample_chunk(samples, last=last).tobytes()
        if last:
            self._stream.clear()
        return made
