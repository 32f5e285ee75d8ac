"""Where the caller's turns are in the sound that is appended. Pure: time is what was appended.

Realtime protocol, section 3.1. Only sound of turns reaches the recogniser, with the padding before them.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from orchestrator.core.json_value import JsonObject
from orchestrator.speech.endpointing import ONSET_MS
from orchestrator.speech.energy import EnergyGate, loudness
from orchestrator.speech.protocol import (
    BYTES_PER_MS,
    SemanticVad,
    ServerVad,
    SpeechStarted,
    TurnDetection,
    VoiceActivity,
    VoiceEvent,
)

ListenForSpeech: TypeAlias = Callable[[TurnDetection], VoiceActivity]
"""Makes the detector of one session."""

_SLICE: Final = 32 * BYTES_PER_MS
"""What is judged at once: a long append may hold several turns."""
_SLACK_MS: Final = 100
"""The detector says that somebody speaks up to this much after it knew."""
_MANUAL_PADDING_MS: Final = 300


class Turns:
    """Finds turns, and says what of the sound belongs to them.

    With manual turns everything belongs to the open one, but for the silence before its first sound.

    Args:
        listen: Makes the detector, once there is something to detect.
        hear: Takes sound of a turn.
    """

    def __init__(self, listen: ListenForSpeech, hear: Callable[[bytes], None]) -> None:
        self._listen = listen
        self._hear = hear
        self._detection: TurnDetection | None = None
        self._activity: VoiceActivity | None = None
        self._offset_ms = 0
        self._gate = EnergyGate()
        self._bytes = 0
        self._recent = bytearray()
        self.is_open = False

    @property
    def position_ms(self) -> int:
        """How much sound there was since the session began."""
        return self._bytes // BYTES_PER_MS

    def configure(self, detection: JsonObject | None) -> None:
        """Change how turns are detected, from the next sample on; None for manual turns."""
        wanted = None if detection is None else read_detection(detection)
        if wanted is None:
            self._activity = None
        elif self._activity is not None:
            self._activity.configure(wanted)
        self._detection = wanted

    def feed(self, pcm: bytes) -> Iterator[VoiceEvent]:
        """Take sound, and say where turns begin and end in it, in milliseconds since the session began."""
        for start in range(0, len(pcm), _SLICE):
            piece = pcm[start : start + _SLICE]
            events = self._judged(piece)
            self._bytes += len(piece)
            self._take(piece)
            for event in events:
                moved = replace(event, at_ms=event.at_ms + self._offset_ms)
                if isinstance(moved, SpeechStarted):
                    self._open(moved.at_ms)
                else:
                    self.is_open = False
                yield moved

    def hear(self, text: str) -> None:
        """Tell what was understood of the open turn so far."""
        if self._activity is not None:
            self._activity.hear(text)

    def finish(self) -> None:
        """End the turn here, whatever the detector thinks: what was kept back belongs to it."""
        if not self.is_open:
            self._open(0)
        self.clear()

    def clear(self) -> None:
        """Forget an open turn and what was kept back."""
        self.is_open = False
        self._recent.clear()
        if self._activity is not None:
            self._activity.reset()

    def _judged(self, piece: bytes) -> list[VoiceEvent]:
        if self._detection is None:
            if not self.is_open and self._gate.feed(loudness(piece)):
                self._open(0)
            return []
        if self._activity is None:
            self._activity, self._offset_ms = self._listen(self._detection), self.position_ms
        return self._activity.feed(piece)

    def _take(self, piece: bytes) -> None:
        if self.is_open:
            self._hear(piece)
            return
        self._recent += piece
        padding_ms = (
            self._detection.prefix_padding_ms
            if isinstance(self._detection, ServerVad)
            else _MANUAL_PADDING_MS
        )
        del self._recent[: -(padding_ms + ONSET_MS + _SLACK_MS) * BYTES_PER_MS]

    def _open(self, from_ms: int) -> None:
        """Begin a turn with the sound kept since then."""
        self.is_open = True
        kept = min(len(self._recent), self._bytes - from_ms * BYTES_PER_MS)
        if kept > 0:
            self._hear(bytes(self._recent[-kept:]))
        self._recent.clear()


def read_detection(detection: JsonObject) -> TurnDetection:
    """Read `turn_detection`, already checked and filled with its defaults."""
    if detection["type"] == "semantic_vad":
        eagerness = detection["eagerness"]
        return SemanticVad(next(known for known in ("low", "medium", "high", "auto") if known == eagerness))
    threshold, padding, silence = (
        detection[name] for name in ("threshold", "prefix_padding_ms", "silence_duration_ms")
    )
    return ServerVad(_number(threshold), int(_number(padding)), int(_number(silence)))


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
