"""The uncommitted audio of the caller (Realtime protocol, sections 5, 9 and 11)."""

from typing import Final

from orchestrator.engine.session.audio_format import WIRE_BYTES_PER_MS
from orchestrator.realtime.serving.refusal import RefusedError, invalid_value

LARGEST_APPEND: Final = 15 * 1024 * 1024
SHORTEST_COMMIT_MS: Final = 100


class InputAudioBuffer:
    """Counts what was appended since the last commit; samples are kept by `Turns`, those of speech only."""

    def __init__(self) -> None:
        self._milliseconds = 0.0

    @property
    def milliseconds(self) -> float:
        """How much is uncommitted."""
        return self._milliseconds

    def append(self, audio: bytes, audio_format: str) -> None:
        """Take one append.

        Args:
            audio: Samples in the session's input format.
            audio_format: `audio/pcm`, `audio/pcmu` or `audio/pcma`.

        Raises:
            RefusedError: `invalid_value`, more than 15 MiB at once.
        """
        if len(audio) > LARGEST_APPEND:
            raise invalid_value(
                f"The audio of one append is at most {LARGEST_APPEND} bytes; this one has {len(audio)}.",
                "audio",
            )
        self._milliseconds += len(audio) / WIRE_BYTES_PER_MS[audio_format]

    def commit(self) -> float:
        """Take everything out, as one turn of the caller, and answer its milliseconds.

        Raises:
            RefusedError: `input_audio_buffer_commit_empty`, less than 100 ms.
        """
        if self._milliseconds < SHORTEST_COMMIT_MS:
            raise RefusedError(
                "input_audio_buffer_commit_empty",
                "Error committing input audio buffer: buffer too small. Expected at least "
                f"{SHORTEST_COMMIT_MS}ms of audio, but buffer only has {self._milliseconds:.2f}ms of audio.",
            )
        taken, self._milliseconds = self._milliseconds, 0.0
        return taken

    def clear(self) -> None:
        """Forget what was appended."""
        self._milliseconds = 0.0
