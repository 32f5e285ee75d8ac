"""Sound on disk for calls from a terminal: a file that is said, and one that keeps what was heard."""

import wave
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
from av.error import FFmpegError

from orchestrator.core.errors import SettingsError

RATE: Final = 24_000
_BYTES_PER_MS: Final = RATE * 2 // 1000
_LONGEST_GAP_MS: Final = 10_000
"""Of silence that is written out; somebody who thinks for an hour leaves no hour of it on disk."""


class Recording:
    """Keeps what is heard as a WAV file, with its silences. Use it as a context.

    Args:
        path: The file; None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: wave.Wave_write | None = None
        self._milliseconds = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin the file.

        Raises:
            SettingsError: It cannot be written.
        """
        if self._path is None:
            return self
        try:
            opened = self._path.open("wb")
        except OSError as error:
            raise SettingsError(f"--save {self._path}: {error.strerror}.", param="--save") from error
        self._stack.callback(opened.close)
        self._file = self._stack.enter_context(wave.open(opened, "wb"))
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(RATE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def add(self, sound: bytes, position: int) -> None:
        """Write what was heard at a position, in milliseconds, after the silence before it."""
        if self._file is None:
            return
        gap = min(max(0, position - self._milliseconds), _LONGEST_GAP_MS)
        self._file.writeframesraw(bytes(gap * _BYTES_PER_MS) + sound)
        self._milliseconds = position + len(sound) // _BYTES_PER_MS


def read_sound(path: Path) -> bytes:
    """Read a sound file, of any kind that FFmpeg knows, as PCM at 24 kHz.

    Raises:
        SettingsError: It is missing, or there is no sound in it.
    """
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    pieces = []
    try:
        with av.open(str(path)) as file:
            for frame in file.decode(audio=0):
                pieces += resampler.resample(frame)
            pieces += resampler.resample(None)
    except (FFmpegError, OSError, IndexError) as error:
        reason = getattr(error, "strerror", None) or "there is no sound in it"
        raise SettingsError(f"--wav {path}: {reason}.", param="--wav") from error
    return b"".join(bytes(piece.planes[0])[: piece.samples * 2] for piece in pieces)
