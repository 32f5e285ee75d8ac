"""Records one call: sound is handed over without waiting, and written by a thread now and then."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal

from orchestrator.media.recording.conversion import Expander
from orchestrator.media.recording.ogg import OggOpusWriter
from orchestrator.media.recording.peaks import PER_SECOND, Peaks
from orchestrator.media.recording.tape import Side, Tape
from orchestrator.media.wire import AudioFormat

PERIOD: Final = 1.0
"""Seconds between two writings."""

DELAY_MS: Final = 500
"""The last stretch of the tape is not written yet: the caller's sound of it may still be under way."""

WAITING_BYTES: Final = 30_000_000
"""Sound that waits for a disk that is slow: about five minutes of both sides. Beyond it sound is dropped."""

Move = Literal["cut", "hold", "release"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording that is complete.

    Attributes:
        sound: The file, two channels of Opus in Ogg: the caller, the agent.
        peaks: How loud they are: JSON of `{per_second, channels}`.
        duration_ms: Of the sound.
        dropped_ms: Sound that is missing because the disk was too slow.
    """

    sound: Path
    peaks: Path
    duration_ms: int
    dropped_ms: int


class Recorder:
    """One call's recording. `run` it beside the call.

    Args:
        path: Of the sound; the peaks are written beside it.
        clock: Seconds, monotonic; 0 of the recording is when this is made.
    """

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self.sound, self.peaks = path, path.with_suffix(".peaks.json")
        self._clock = clock
        self._began = clock()
        self._tape = Tape()
        self._peaks = Peaks()
        self._expanders = (Expander(), Expander())
        self._waiting: deque[Callable[[], None]] = deque()
        self._waiting_bytes = 0
        self._dropped_ms = 0
        self._writer: OggOpusWriter | None = None
        self._failed = False
        self._until_ms = 0
        self._over = asyncio.Event()

    @property
    def now_ms(self) -> int:
        """How long this recording has lasted."""
        return round((self._clock() - self._began) * 1000)

    def add(self, side: Side, sound: bytes, audio_format: AudioFormat = AudioFormat.PCM) -> None:
        """Take sound that came just now. Never waits.

        Args:
            side: Whose.
            sound: Of any length.
            audio_format: What it is in.
        """
        if self._waiting_bytes + len(sound) > WAITING_BYTES or self._failed:
            self._dropped_ms += len(sound) // audio_format.bytes_per_ms
            return
        self._waiting_bytes += len(sound)
        self._waiting.append(partial(self._put, side, self.now_ms, sound, audio_format))

    def move(self, move: Move) -> None:
        """The agent's sound was cut off, is held back, or goes on, just now."""
        self._waiting.append(partial(getattr(self._tape, move), self.now_ms))

    def align(self, left_ms: int, in_ms: int) -> None:
        """So much of the agent's sound is still to be heard, and all of it will have been in so long."""
        self._waiting.append(partial(self._tape.align, self.now_ms + in_ms, left_ms))

    def stop(self, *, cut: bool = True) -> None:
        """Let `run` write the rest and return.

        Args:
            cut: Whether what lies ahead of this moment was heard by nobody; else it is written too.
        """
        if cut:
            self.move("cut")
        self._until_ms = self.now_ms
        self._over.set()

    async def run(self) -> Recorded | None:
        """Write until `stop`.

        Returns:
            What was recorded; None where there was no sound, or it could not be written.
        """
        try:
            while not self._over.is_set():
                try:
                    async with asyncio.timeout(PERIOD):
                        await self._over.wait()
                except TimeoutError:
                    await self._write(max(0, self.now_ms - DELAY_MS))
            await self._write(self._until_ms, all_of_it=True)
            return await asyncio.to_thread(self._finish)
        except OSError:
            self._failed = True
            self._waiting.clear()
            raise

    async def _write(self, until_ms: int, *, all_of_it: bool = False) -> None:
        waiting, self._waiting, self._waiting_bytes = self._waiting, deque(), 0
        await asyncio.to_thread(self._write_out, waiting, until_ms, all_of_it)

    def _put(self, side: Side, at_ms: int, sound: bytes, audio_format: AudioFormat) -> None:
        self._tape.add(side, at_ms, self._expanders[side].feed(sound, audio_format))

    def _write_out(self, waiting: "deque[Callable[[], None]]", until_ms: int, all_of_it: bool) -> None:
        for work in waiting:
            work()
        both = self._tape.take(max(until_ms, self._tape.end_ms) if all_of_it else until_ms)
        if self._writer is None:
            if not len(both):
                return
            self.sound.parent.mkdir(parents=True, exist_ok=True)
            self._writer = OggOpusWriter(self.sound)
        self._writer.write(both)
        self._peaks.add(both)

    def _finish(self) -> Recorded | None:
        if self._writer is None:
            return None
        self._writer.close()
        told = {"per_second": PER_SECOND, "channels": self._peaks.finish()}
        self.peaks.write_text(json.dumps(told))
        return Recorded(self.sound, self.peaks, self._tape.written_ms, self._dropped_ms)
