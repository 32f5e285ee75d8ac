"""The wire's audio formats, and the PCM that everything inside works on (Realtime protocol, section 11)."""

import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from orchestrator.speech.protocol import SAMPLE_RATE
from orchestrator.speech.resample import Resampler

WIRE_BYTES_PER_MS: Final = {"audio/pcm": 48, "audio/pcmu": 8, "audio/pcma": 8}
TELEPHONE_RATE: Final = 8000


class Decoder:
    """Sound of a client as 24 kHz PCM, append by append.

    Args:
        audio_format: `audio/pcm`, `audio/pcmu` or `audio/pcma`.
    """

    def __init__(self, audio_format: str) -> None:
        self._law = None if audio_format == "audio/pcm" else audio_format
        self._resampler = Resampler(TELEPHONE_RATE, SAMPLE_RATE, "LQ")
        self._odd = b""

    def feed(self, audio: bytes) -> bytes:
        """Decode one append; half a sample waits for its other half."""
        if self._law is not None:
            return self._resampler.feed(_expansion(self._law)[np.frombuffer(audio, np.uint8)].tobytes())
        audio = self._odd + audio
        whole = len(audio) & ~1
        self._odd = audio[whole:]
        return audio[:whole]


class Encoder:
    """24 kHz PCM as the sound that a client asked for, piece by piece.

    Args:
        audio_format: `audio/pcm`, `audio/pcmu` or `audio/pcma`.
    """

    def __init__(self, audio_format: str) -> None:
        self.bytes_per_ms: Final = WIRE_BYTES_PER_MS[audio_format]
        self._law = None if audio_format == "audio/pcm" else audio_format
        self._resampler = Resampler(SAMPLE_RATE, TELEPHONE_RATE)

    def feed(self, pcm: bytes, *, last: bool = False) -> bytes:
        """Encode one piece.

        Args:
            pcm: Whole samples.
            last: Gives what the resampler held back, too.
        """
        if self._law is None:
            return pcm
        samples = np.frombuffer(self._resampler.feed(pcm, last=last), "<i2")
        return _compression(self._law)[samples.view(np.uint16)].tobytes()


@functools.cache
def _expansion(law: str) -> NDArray[np.int16]:
    """The sample of each byte (ITU-T G.711)."""
    codes = np.arange(256, dtype=np.int32) ^ (0xFF if law == "audio/pcmu" else 0x55)
    segment, step = (codes >> 4) & 7, codes & 15
    if law == "audio/pcmu":
        magnitude = (((step << 3) + 132) << segment) - 132
        return np.where(codes & 0x80, -magnitude, magnitude).astype("<i2")
    linear = (step << 4) + 8
    magnitude = np.where(segment == 0, linear, (linear + 256) << np.maximum(segment - 1, 0))
    return np.where(codes & 0x80, magnitude, -magnitude).astype("<i2")


@functools.cache
def _compression(law: str) -> NDArray[np.uint8]:
    """The byte nearest to each 16-bit sample, indexed by the sample's unsigned bit pattern."""
    levels = _expansion(law).astype(np.int32)
    order = np.argsort(levels, kind="stable")
    between = (levels[order][1:] + levels[order][:-1]) // 2
    samples = np.arange(65536, dtype=np.uint16).view(np.int16)
    return order[np.searchsorted(between, samples, "right")].astype(np.uint8)
