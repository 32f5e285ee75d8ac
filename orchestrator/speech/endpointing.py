"""When a turn begins and ends, from the probability of speech alone. Pure: time is the number of frames.

Realtime protocol, section 3.1 (`server_vad`, `semantic_vad`).
"""

import re
from typing import Final

from orchestrator.speech.protocol import (
    ServerVad,
    SpeechStarted,
    SpeechStopped,
    TurnDetection,
    VoiceEvent,
)

ONSET_MS: Final = 64
"""Speech must last this long to begin a turn: a click or a knock does not."""
_HYSTERESIS: Final = 0.15
_SEMANTIC_THRESHOLD: Final = 0.5
_SEMANTIC_PADDING_MS: Final = 300

WAITS: Final = {
    # eagerness: milliseconds of silence after a finished, an unclear and an unfinished sentence
    "low": (800, 2000, 8000),
    "medium": (500, 1000, 4000),
    "high": (300, 600, 2000),
}
"""The last of each is the longest wait that the protocol names for that eagerness."""

_LEAVES_OPEN: Final = re.compile(
    r"(?:\b(?:and|or|but|so|because|if|with|without|for|to|of|from|in|on|at|by|about|than|as|like|plus|also|the|a|an|"
    r"my|your|his|her|their|our|some|any|this|these|those|is|are|was|were|am|be|i|i'm|i'd|i'll|we|it's|that's|"
    r"can|could|would|will|should|may|do|does|what|which|who|where|when|how|very|really|please add|let me|"
    r"um|uh|uhm|er|erm|hmm|well|actually|maybe)|,|…|\.\.\.|-)\s*$",
    re.IGNORECASE,
)


def finished(text: str) -> bool | None:
    """Whether an English sentence sounds finished; None where the text does not tell.

    Args:
        text: What was understood so far.
    """
    text = text.strip()
    if not text:
        return None
    if _LEAVES_OPEN.search(text):
        return False
    return True if text[-1] in ".?!" or len(text.split()) > 2 else None


class TurnDetector:
    """Turns probabilities of speech into the beginnings and ends of turns.

    Args:
        detection: The parameters in force.
        frame_ms: Milliseconds that each probability stands for.
    """

    def __init__(self, detection: TurnDetection, frame_ms: int) -> None:
        self._frame_ms = frame_ms
        self._now_ms = 0
        self._speech_from_ms: int | None = None
        self._silent_from_ms = 0
        self._ended_ms = 0
        self._finished: bool | None = None
        self.speaking = False
        self.configure(detection)

    def configure(self, detection: TurnDetection) -> None:
        """Change the parameters, from the next frame on."""
        self._detection = detection
        if isinstance(detection, ServerVad):
            self._threshold, self._padding_ms = detection.threshold, detection.prefix_padding_ms
        else:
            self._threshold, self._padding_ms = _SEMANTIC_THRESHOLD, _SEMANTIC_PADDING_MS

    def hear(self, text: str) -> None:
        """Tell what was understood of the open turn so far."""
        self._finished = finished(text)

    def reset(self) -> None:
        """Forget an open turn."""
        self.speaking = False
        self._speech_from_ms = None
        self._ended_ms = self._now_ms

    def feed(self, probability: float) -> VoiceEvent | None:
        """Judge one more frame."""
        began_ms, self._now_ms = self._now_ms, self._now_ms + self._frame_ms
        if self.speaking:
            return self._while_speaking(probability)
        if probability < self._threshold:
            self._speech_from_ms = None
            return None
        if self._speech_from_ms is None:
            self._speech_from_ms = began_ms
        if self._now_ms - self._speech_from_ms < ONSET_MS:
            return None
        return self._start(self._speech_from_ms)

    def _start(self, from_ms: int) -> SpeechStarted:
        self.speaking = True
        self._finished = None
        self._speech_from_ms = None
        self._silent_from_ms = self._now_ms
        return SpeechStarted(max(from_ms - self._padding_ms, self._ended_ms, 0))

    def _while_speaking(self, probability: float) -> SpeechStopped | None:
        if probability >= max(self._threshold - _HYSTERESIS, 0.01):
            self._silent_from_ms = self._now_ms
            return None
        wait_ms = self._wait_ms()
        if self._now_ms - self._silent_from_ms < wait_ms:
            return None
        self.speaking = False
        self._ended_ms = self._silent_from_ms + wait_ms
        return SpeechStopped(self._ended_ms)

    def _wait_ms(self) -> int:
        if isinstance(self._detection, ServerVad):
            return self._detection.silence_duration_ms
        eagerness = self._detection.eagerness
        after_finished, unclear, unfinished = WAITS["medium" if eagerness == "auto" else eagerness]
        if self._finished is None:
            return unclear
        return after_finished if self._finished else unfinished
