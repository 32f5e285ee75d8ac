"""When sound was heard: from its place in a stream to the moment at which it came.

Engines tell where in the sound a caller began and stopped, some time later, and with padding on both sides.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from orchestrator.core.json_value import JsonObject

_MARK_MS: Final = 100.0
"""Of sound between two marks; what lies between them is taken to have come evenly."""

_PAUSE_SECONDS: Final = 0.2
"""Without sound, after which the end of what came before is marked as well."""

_MARKS: Final = 1200
"""Two minutes of sound."""

PADDING_MS: Final = 300
SILENCE_MS: Final = 500
"""What engines add before and behind a turn unless told otherwise (Realtime protocol, section 3.1)."""


class AudioClock:
    """When each part of a stream was heard.

    Args:
        clock: Seconds since the Unix epoch.

    Attributes:
        position_ms: How much sound there was until now.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.position_ms = 0.0
        self._clock = clock
        self._marks: deque[tuple[float, float]] = deque(maxlen=_MARKS)
        self._next_ms = 0.0
        self._latest = 0.0

    def heard(self, milliseconds: float, now: float) -> None:
        """So much more was heard until now."""
        if now - self._latest > _PAUSE_SECONDS and self._marks:
            self._marks.append((self.position_ms, self._latest))
        self._latest = now
        self.position_ms += milliseconds
        if self.position_ms >= self._next_ms:
            self._marks.append((self.position_ms, now))
            self._next_ms = self.position_ms + _MARK_MS

    def at(self, position_ms: float) -> float | None:
        """When the sound there was heard, in seconds since the Unix epoch.

        Args:
            position_ms: From the beginning of the stream.

        Returns:
            Not later than now, and not earlier than what is remembered; None before there was any sound.
        """
        if not self._marks:
            return None
        after: tuple[float, float] | None = None
        for ms, at in reversed(self._marks):
            if ms >= position_ms:
                after = ms, at
            elif after is None:
                return min(at + (position_ms - ms) / 1000, self._clock())
            else:
                # What came with the later mark came at once, or evenly before it; not before the earlier one.
                return max(at, after[1] - (after[0] - position_ms) / 1000)
        return self._marks[0][1]


def padding_of(detection: JsonObject | None) -> tuple[int, int]:
    """What an engine adds to a turn, in milliseconds: before the voice, and behind it.

    Args:
        detection: As the session was set up; None for the engine's default. How long a semantic detection
            waits is told by nobody.
    """
    if detection is None:
        return PADDING_MS, SILENCE_MS
    if detection.get("type") == "semantic_vad":
        return PADDING_MS, 0
    before, behind = detection.get("prefix_padding_ms"), detection.get("silence_duration_ms")
    return (
        before if isinstance(before, int) else PADDING_MS,
        behind if isinstance(behind, int) else SILENCE_MS,
    )
