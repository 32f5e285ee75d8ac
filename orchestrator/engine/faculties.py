"""What an engine is made of: something that thinks, and where it hears and speaks, something for that."""

from dataclasses import dataclass

from orchestrator.engine.brain import Brain
from orchestrator.engine.session.configuration import STANDARD_VOICES, Capabilities
from orchestrator.speech.protocol import SpeechToText, TextToSpeech


@dataclass(frozen=True, slots=True)
class Faculties:
    """What thinks, hears and speaks for every session of an engine.

    Args:
        brain: Thinks up the replies.
        ears: Writes down what callers say; None for an engine that does not hear.
        voices: Say replies aloud; None for an engine that does not speak.
    """

    brain: Brain
    ears: SpeechToText | None = None
    voices: TextToSpeech | None = None

    @property
    def capabilities(self) -> Capabilities:
        """What sessions can do with them; a voice knows what to do with a name that it has not."""
        return Capabilities(
            audio_output=self.voices is not None,
            transcribes=self.ears is not None,
            voices=STANDARD_VOICES if self.voices is None else None,
        )
