"""What an assistant's message sounded like, and how much of it was heard (Realtime protocol, section 8.5)."""

from dataclasses import dataclass, replace

from orchestrator.core.json_value import JsonObject
from orchestrator.realtime.serving.refusal import invalid_value
from orchestrator.speech.protocol import WordTime


@dataclass(frozen=True, slots=True)
class SpokenAudio:
    """The generated audio of one message, by length.

    Args:
        transcript: All that was generated.
        duration_ms: All that was generated, in milliseconds (a part of one counts).
        heard_ms: How much of it is left after truncations; None before the first.
        words: When the words sound, as the voice says; without any, each has its share of the duration.
    """

    transcript: str
    duration_ms: float
    heard_ms: int | None = None
    words: tuple[WordTime, ...] = ()

    @property
    def remaining_ms(self) -> int:
        """The length a client may still ask for: the ceiling, as clients round both ways (section 9)."""
        return -int(-self.duration_ms // 1) if self.heard_ms is None else self.heard_ms

    def cut(self, audio_end_ms: int) -> "SpokenAudio":
        """Shorten to what was heard; the same cut again changes nothing.

        Args:
            audio_end_ms: Milliseconds from the item's start.

        Raises:
            RefusedError: `invalid_value`, the audio is already shorter than that.
        """
        if audio_end_ms > self.remaining_ms:
            raise invalid_value(
                f"Audio content of {self.remaining_ms}ms is already shorter than {audio_end_ms}ms.",
                "audio_end_ms",
            )
        return replace(self, heard_ms=audio_end_ms)

    def heard_transcript(self) -> str:
        """The words that were heard whole."""
        if self.heard_ms is None or self.heard_ms >= self.duration_ms:
            return self.transcript
        if self.words:
            return self.transcript[
                : max((word.end for word in self.words if word.end_ms <= self.heard_ms), default=0)
            ]
        kept = self.transcript[: int(len(self.transcript) * self.heard_ms / self.duration_ms)]
        whole_word = len(kept) == 0 or self.transcript[len(kept)].isspace()
        return kept if whole_word else kept.rpartition(" ")[0]

    def write_into(self, item: JsonObject) -> JsonObject:
        """Write the item with its transcript cut to what was heard."""
        return {**item, "content": [{"type": "output_audio", "transcript": self.heard_transcript()}]}
