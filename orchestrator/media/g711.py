"""G.711, the telephone's codec: mu-law (PCMU) and A-law (PCMA), both 8 kHz, 8 bits (ITU-T G.711).

Everything is one table look-up a sample. Between the two laws a byte maps to a byte.
"""

import enum
import functools
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE: Final = 8000

_MU_BIAS: Final = 132
_MU_CLIP: Final = 32635


class Law(enum.StrEnum):
    """Which companding law; the value is the name in SDP (RFC 3551 section 6)."""

    MU = "PCMU"
    A = "PCMA"


SILENCE: Final = {Law.MU: b"\xff", Law.A: b"\xd5"}
"""The byte of a zero sample under each law."""


def decode(payload: bytes | memoryview, law: Law) -> bytes:
    """Expand bytes of a law to 16-bit samples at 8 kHz."""
    expanded: NDArray[np.int16] = _expansion(law)[np.frombuffer(payload, np.uint8)]
    return expanded.tobytes()


def encode(pcm: bytes | memoryview, law: Law) -> bytes:
    """Compress 16-bit samples at 8 kHz to bytes of a law; an odd last byte is not allowed."""
    compressed: NDArray[np.uint8] = _compression(law)[np.frombuffer(pcm, "<u2")]
    return compressed.tobytes()


def transcode(payload: bytes, source: Law, target: Law) -> bytes:
    """Turn bytes of one law into bytes of the other, or give them back when the laws are the same."""
    return payload if source is target else payload.translate(_translation(source, target))


@functools.cache
def _translation(source: Law, target: Law) -> bytes:
    return encode(decode(bytes(range(256)), source), target)


@functools.cache
def _expansion(law: Law) -> NDArray[np.int16]:
    codes = np.arange(256, dtype=np.int32)
    return (_expand_mu(codes) if law is Law.MU else _expand_a(codes)).astype("<i2")


@functools.cache
def _compression(law: Law) -> NDArray[np.uint8]:
    """Return the byte for each 16-bit sample, indexed by its unsigned bit pattern."""
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    return (_compress_mu(samples) if law is Law.MU else _compress_a(samples)).astype(np.uint8)


def _expand_mu(codes: NDArray[Any]) -> NDArray[Any]:
    inverted = ~codes & 0xFF
    segment, step = (inverted >> 4) & 7, inverted & 15
    magnitude = (((step << 3) + _MU_BIAS) << segment) - _MU_BIAS
    return np.where(inverted & 0x80, -magnitude, magnitude)


def _expand_a(codes: NDArray[Any]) -> NDArray[Any]:
    toggled = codes ^ 0x55
    segment, step = (toggled >> 4) & 7, toggled & 15
    linear = (step << 4) + 8
    magnitude = np.where(segment == 0, linear, (linear + 256) << np.maximum(segment - 1, 0))
    return np.where(toggled & 0x80, magnitude, -magnitude)


def _compress_mu(samples: NDArray[Any]) -> NDArray[Any]:
    magnitude = np.minimum(np.abs(samples), _MU_CLIP) + _MU_BIAS
    segment = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    step = (magnitude >> (segment + 3)) & 15
    sign = np.where(samples < 0, 0x80, 0)
    return np.asarray(~(sign | (segment << 4) | step) & 0xFF)


def _compress_a(samples: NDArray[Any]) -> NDArray[Any]:
    # One's complement below zero, so that the two halves are mirror images (ITU-T G.711 table 1a).
    magnitude = np.where(samples < 0, ~samples, samples) >> 4
    segment = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 3, 0)
    segment = np.where(magnitude < 16, 0, segment)
    step = np.where(segment < 2, magnitude & 15, (magnitude >> np.maximum(segment - 1, 0)) & 15)
    sign = np.where(samples < 0, 0, 0x80)
    return np.asarray((sign | (segment << 4) | step) ^ 0x55)
