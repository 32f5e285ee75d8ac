"""How loud each side was, for drawing: one number for each tenth of a second."""

from typing import Final

import numpy as np

from orchestrator.media.recording.tape import RATE, Samples

PER_SECOND: Final = 10
_WINDOW: Final = RATE // PER_SECOND
_FULL: Final = 32_768


class Peaks:
    """The loudest sample of each window, of each channel, 0 to 1 in hundredths."""

    def __init__(self) -> None:
        self._rest = np.zeros((0, 2), dtype=np.int16)
        self._channels: tuple[list[float], list[float]] = ([], [])

    def add(self, sound: Samples) -> None:
        """Take note of further sound, shape (n, 2)."""
        sound = np.concatenate([self._rest, sound])
        whole = len(sound) // _WINDOW * _WINDOW
        self._rest = sound[whole:]
        self._note(sound[:whole].reshape(-1, _WINDOW, 2))

    def finish(self) -> list[list[float]]:
        """The peaks of everything, the last window included: the caller's, then the agent's."""
        if len(self._rest):
            self._note(self._rest.reshape(1, -1, 2))
            self._rest = self._rest[:0]
        return [list(channel) for channel in self._channels]

    def _note(self, windows: Samples) -> None:
        loudest = np.abs(windows.astype(np.int32)).max(axis=1, initial=0) / _FULL
        for side, channel in enumerate(self._channels):
            channel += [round(float(value), 2) for value in loudest[:, side]]
