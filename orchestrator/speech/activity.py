"""The service's own voice activity detection: what the embedded engine hears with, and calls without one."""

from orchestrator.speech.endpointing import TurnDetector
from orchestrator.speech.protocol import SAMPLE_RATE, TurnDetection, VoiceEvent
from orchestrator.speech.silero import FRAME_MS, SpeechProbability


class SileroActivity:
    """A `VoiceActivity` for one call.

    Costs microseconds for a frame of silence and a millisecond for a frame of sound; no I/O, no clock.

    Args:
        detection: Parameters of the session's turn detection.
        rate: Samples a second of the sound fed.
    """

    def __init__(self, detection: TurnDetection, *, rate: int = SAMPLE_RATE) -> None:
        self._probability = SpeechProbability(rate)
        self._detector = TurnDetector(detection, FRAME_MS)

    @property
    def speaking(self) -> bool:
        """Whether a turn is open."""
        return self._detector.speaking

    def feed(self, pcm: bytes) -> list[VoiceEvent]:
        """Listen to sound of any length and say what it brought."""
        probabilities = self._probability.feed(pcm)
        events = [self._detector.feed(probability) for probability in probabilities]
        return [event for event in events if event is not None]

    def configure(self, detection: TurnDetection) -> None:
        """Change the parameters, from the next sample on."""
        self._detector.configure(detection)

    def hear(self, text: str) -> None:
        """Tell what was understood of the open turn so far; only semantic detection uses it."""
        self._detector.hear(text)

    def reset(self) -> None:
        """Forget an open turn, and keep counting."""
        self._detector.reset()
