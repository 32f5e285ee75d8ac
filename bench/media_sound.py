"""Sound for the media benchmarks: something like speech, the same in every run, raw and encoded."""

import functools

import numpy as np

from orchestrator.media import g711
from orchestrator.media.opus import EncoderMode, OpusEncoder
from orchestrator.media.resample import Downsampler

RATE = 24000
SECONDS = 6
LOUD = 2000
"""Peak of a sample from which sound is a tone and not silence, whatever a codec made of it."""

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
def tone_of(milliseconds: int) -> bytes:
    """Return a loud tone; PCM at 24 kHz."""
    times = np.arange(RATE * milliseconds // 1000) / RATE
    return bytes((9000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").tobytes())


def frames_of(pcm: bytes, milliseconds: int, *, law: bool) -> list[bytes]:
    """Return a sound in pieces, in the format of an engine that speaks PCM or mu-law."""
    if law:
        pcm, size = _companded(pcm), 8 * milliseconds
    else:
        size = 48 * milliseconds
    return [pcm[at : at + size] for at in range(0, len(pcm), size)]


@functools.cache
def _companded(pcm: bytes) -> bytes:
    return g711.encode(Downsampler().process(pcm), g711.Law.MU)


@functools.cache
def pulse(codec: str) -> tuple[list[bytes], list[bytes]]:
    """Return packets of silence, and those of a short tone that follow them."""
    quiet, loud = bytes(_FRAME_BYTES), tone_of(60)
    if codec == "pcmu":
        return frames_of(quiet, 20, law=True), frames_of(loud, 20, law=True)
    with OpusEncoder(RATE, mode=EncoderMode.SPEECH, complexity=5) as encoder:
        silence = [encoder.encode(quiet) for _ in range(5)]
        return silence, [encoder.encode(loud[at : at + _FRAME_BYTES]) for at in range(0, 2880, _FRAME_BYTES)]


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
