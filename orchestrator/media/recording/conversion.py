"""Sound of a call as a recording has it: 16-bit PCM at 24,000 Hz, whatever the call speaks."""

from orchestrator.media import g711
from orchestrator.media.resample import Upsampler
from orchestrator.media.wire import AudioFormat


class Expander:
    """Turns one side's sound into PCM, without a seam between pieces."""

    def __init__(self) -> None:
        self._up = Upsampler()

    def feed(self, sound: bytes, audio_format: AudioFormat) -> bytes:
        """The sound as PCM; an odd last byte, which is no sample, is left out.

        Args:
            sound: Of any length.
            audio_format: Of this piece.
        """
        law = audio_format.law
        if law is None:
            return sound[: len(sound) // 2 * 2]
        return self._up.process(g711.decode(sound, law))
