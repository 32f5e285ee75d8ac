"""Sounds for tests, and how alike two of them are."""

import numpy as np
from numpy.typing import NDArray

RATE = 24000


def tone(frequency: float, seconds: float, *, rate: int = RATE, amplitude: int = 8000) -> bytes:
    times = np.arange(round(rate * seconds)) / rate
    return (amplitude * np.sin(2 * np.pi * frequency * times)).astype("<i2").tobytes()


def speech(seconds: float, *, rate: int = RATE, seed: int = 1) -> bytes:
    """Voiced syllables with breath between them; never periodic, so that it aligns in one place only."""
    times = np.arange(round(rate * seconds)) / rate
    drift = np.random.default_rng(seed)
    pitch = 140 + 40 * np.sin(2 * np.pi * 0.37 * times) + 15 * np.sin(2 * np.pi * 1.3 * times + seed)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    voice = sum(np.sin(phase * harmonic) / harmonic for harmonic in range(1, 10))
    loudness = np.clip(np.sin(2 * np.pi * 2.1 * times) + 0.5, 0.05, 1)
    breath = drift.standard_normal(times.size) * 0.03
    return (4500 * (voice * loudness + breath)).astype("<i2").tobytes()


def samples(pcm: bytes) -> NDArray[np.float64]:
    return np.frombuffer(pcm, "<i2").astype(np.float64)


def pitch_of(pcm: bytes, rate: int = RATE) -> float:
    """The strongest frequency, in Hz."""
    wave = samples(pcm)
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(wave.size)))
    return float(spectrum.argmax()) * rate / wave.size


def loudness(pcm: bytes) -> float:
    wave = samples(pcm)
    return float(np.sqrt(np.mean(wave**2))) if wave.size else 0.0


def likeness(heard: bytes, said: bytes) -> float:
    """The greatest correlation of one sound with the other over all shifts, 0 to 1."""
    a, b = samples(heard), samples(said)
    size = 1 << (a.size + b.size).bit_length()
    cross = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    norm = np.sqrt(np.sum(a**2) * np.sum(b**2))
    return float(cross.max() / norm) if norm else 0.0


def frames(pcm: bytes, size: int = 960) -> list[bytes]:
    return [pcm[at : at + size] for at in range(0, len(pcm) - size + 1, size)]
