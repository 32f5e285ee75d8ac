"""Two sides of a call on one clock. Pure: time is an argument, sound is bytes.

Sound of a side lies where it was heard: right behind what came before it, or later where there was a pause.
What an agent says comes faster than it is played; so it lies ahead of the clock, is cut off there when the
caller interrupts, and is moved there when it leaves later than it could.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

RATE: Final = 24_000
SAMPLES_PER_MS: Final = RATE // 1000
SAMPLE_BYTES: Final = 2

GAP_MS: Final = 150
"""A pause of a caller that is shorter than this is the network's, and is closed: packets come in bursts."""

Samples = npt.NDArray[np.int16]


class Side(IntEnum):
    """Who is heard; also the number of the channel."""

    CALLER = 0
    AGENT = 1


@dataclass(slots=True)
class _Track:
    gap: int = 0
    pieces: deque[tuple[int, Samples]] = field(default_factory=deque)
    end: int = 0

    def add(self, at: int, samples: Samples) -> None:
        start = self.end if at - self.end < self.gap else at
        self.pieces.append((start, samples))
        self.end = start + len(samples)

    def cut(self, at: int) -> list[Samples]:
        """Take off what lies behind a place; it is given back in order."""
        gone = list[Samples]()
        while self.pieces and self.pieces[-1][0] + len(self.pieces[-1][1]) > at:
            start, samples = self.pieces.pop()
            kept = max(0, at - start)
            gone.append(samples[kept:])
            if kept:
                self.pieces.append((start, samples[:kept]))
                break
        self.end = min(self.end, at)
        return gone[::-1]

    def copy_to(self, sink: Samples, begin: int) -> None:
        """Copy what lies in a stretch that begins there; it is done with."""
        stop = begin + len(sink)
        while self.pieces and self.pieces[0][0] < stop:
            start, samples = self.pieces.popleft()
            samples, start = samples[max(0, begin - start) :], max(start, begin)
            taken = samples[: stop - start]
            sink[start - begin : start - begin + len(taken)] = taken
            if len(taken) < len(samples):
                self.pieces.appendleft((stop, samples[len(taken) :]))
                return


class Tape:
    """What both sides said and has not been written yet."""

    def __init__(self) -> None:
        self._tracks = (_Track(GAP_MS * SAMPLES_PER_MS), _Track())
        self._written = 0
        self._held: list[Samples] | None = None

    @property
    def written_ms(self) -> int:
        """How much was taken."""
        return self._written // SAMPLES_PER_MS

    @property
    def end_ms(self) -> int:
        """Where the last sound of either side ends."""
        return max(self._written, *(track.end for track in self._tracks)) // SAMPLES_PER_MS

    def add(self, side: Side, at_ms: int, pcm: bytes) -> None:
        """Put sound on the tape.

        Args:
            side: Whose.
            at_ms: When it came, since the beginning of the tape.
            pcm: 16-bit little-endian mono at 24,000 Hz, whole samples.
        """
        samples = np.frombuffer(pcm, dtype="<i2")
        if side is Side.AGENT and self._held is not None:
            self._held.append(samples)
            return
        self._tracks[side].add(max(at_ms * SAMPLES_PER_MS, self._written), samples)

    def cut(self, at_ms: int) -> None:
        """The agent was interrupted: what lies ahead of this moment was not heard, and never will be."""
        self._tracks[Side.AGENT].cut(max(at_ms * SAMPLES_PER_MS, self._written))
        self._held = None

    def hold(self, at_ms: int) -> None:
        """The agent falls silent, and may go on later where it stopped."""
        if self._held is None:
            self._held = self._tracks[Side.AGENT].cut(max(at_ms * SAMPLES_PER_MS, self._written))

    def release(self, at_ms: int) -> None:
        """The agent goes on where it stopped."""
        held, self._held = self._held, None
        for samples in held or ():
            self._tracks[Side.AGENT].add(max(at_ms * SAMPLES_PER_MS, self._written), samples)

    def align(self, end_ms: int, left_ms: int) -> None:
        """The agent's sound leaves later than it lies here, as after a stall: move what is still to be heard.

        Args:
            end_ms: When all of it will have been heard.
            left_ms: How much of it is still to be heard.
        """
        track = self._tracks[Side.AGENT]
        end = end_ms * SAMPLES_PER_MS
        if end <= track.end or self._held is not None:
            return
        late = track.cut(max(track.end - left_ms * SAMPLES_PER_MS, self._written))
        begin = end - sum(map(len, late))
        for samples in late:
            track.add(begin, samples)

    def take(self, until_ms: int) -> Samples:
        """Take what lies before a moment, to be written; where a side is silent, there is silence.

        Returns:
            Samples of both sides, shape (n, 2): the caller's first.
        """
        until = max(until_ms * SAMPLES_PER_MS, self._written)
        sound = np.zeros((until - self._written, 2), dtype=np.int16)
        for side, track in enumerate(self._tracks):
            track.copy_to(sound[:, side], self._written)
        self._written = until
        return sound
