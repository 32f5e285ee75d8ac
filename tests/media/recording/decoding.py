"""Makes tones, and reads a recording back with FFmpeg's decoder."""

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from orchestrator.media.recording.tape import RATE


def tone(seconds: float, hertz: float) -> npt.NDArray[np.int16]:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)


def decoded(path: Path) -> npt.NDArray[np.float32]:
    """Both channels at 48,000 Hz, shape (2, n)."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.concatenate(frames, axis=1)


def loud(channel: npt.NDArray[np.float32]) -> list[tuple[float, float]]:
    """Stretches in which there is sound, in seconds, to a tenth."""
    window = 4800
    levels = np.abs(channel[: len(channel) // window * window]).reshape(-1, window).max(axis=1) > 0.05
    found: list[tuple[float, float]] = []
    for number, sounding in enumerate(levels):
        if sounding and found and found[-1][1] == number / 10:
            found[-1] = (found[-1][0], (number + 1) / 10)
        elif sounding:
            found.append((number / 10, (number + 1) / 10))
    return found
