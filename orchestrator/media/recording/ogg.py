"""Writing Opus in Ogg (RFC 7845), through FFmpeg's libopus."""

from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import numpy as np

from orchestrator.media.recording.tape import RATE, Samples

MEDIA_TYPE: Final = "audio/ogg"
BIT_RATE: Final = 48_000
"""Of both channels. Speech stays well understood, and ten minutes are less than 4 MB."""


class OggOpusWriter:
    """A file of two channels. Blocking: use it in a thread.

    Args:
        path: Of the file; it is replaced when it exists.
    """

    def __init__(self, path: Path) -> None:
        self._container = av.open(str(path), "w", format="ogg")
        self._stream = self._container.add_stream("libopus", rate=RATE, bit_rate=BIT_RATE, layout="stereo")
        self._position = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, sound: Samples) -> None:
        """Append sound, shape (n, 2)."""
        if not len(sound):
            return
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound).reshape(1, -1), "s16", "stereo")
        frame.sample_rate = RATE
        frame.pts = self._position
        self._position += len(sound)
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Write what the encoder still holds, and close the file."""
        if self._position:
            self._container.mux(self._stream.encode(None))
        self._container.close()
