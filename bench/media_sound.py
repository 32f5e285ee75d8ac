"""Sound for the media benchmarks: something like speech, the same in every run, raw and encoded."""

import functools

import numpy as np

from orchestrator.media import g711
from orchestrator.media.opus import EncoderMode, OpusEncoder

RATE = 24000
SECONDS = 6
_FRAME_BYTES = RATE // 50 * 2


@functools.cache
def speech(seconds: float = SECONDS) -> bytes:
    """Return voiced syllables with pitch and loudness that vary, and some breath; PCM at 24 kHz."""
    times = np.arange(int(RATE * seconds)) / RATE
    pitch = 130 + 30 * np.sin(2 * np.pi * 0.5 * times)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    voice = sum(np.sin(phase * harmonic) / harmonic for harmonic in range(1, 12))
    syllables = np.clip(np.sin(2 * np.pi * 2.5 * times) + 0.3, 0, 1)
    breath = np.random.default_rng(7).standard_normal(times.size) * 0.02
    return bytes((5000 * (voice * syllables + breath)).astype("<i2").tobytes())


@functools.cache
def encoded_speech(codec: str) -> list[bytes]:
    """Return the frames of `speech`, encoded as a caller's browser would: Opus for speech, or PCMU."""
    pcm = speech()
    frames = [pcm[at : at + _FRAME_BYTES] for at in range(0, len(pcm), _FRAME_BYTES)]
    if codec == "pcmu":
        low = np.frombuffer(pcm, "<i2")[::3].tobytes()
        return [g711.encode(low[at : at + 320], g711.Law.MU) for at in range(0, len(low), 320)]
    with OpusEncoder(RATE, mode=EncoderMode.SPEECH, complexity=5) as encoder:
        return [encoder.encode(frame) for frame in frames]
