"""An output item of a response while it grows: a message in text or in sound, or a function call."""

from dataclasses import dataclass, field

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.session.audio_format import Encoder
from orchestrator.engine.session.spoken import SpokenAudio
from orchestrator.speech.protocol import WordTime


@dataclass(slots=True)
class OutputItem:
    """What is known of one item so far.

    Args:
        item_id: `item_…`.
        output_index: Its place in the response.
        tool_call_id: Of a function call; None for a message.
        name: Of a function call.
        encoder: Of a message that is spoken; None for a message in text.
    """

    item_id: str
    output_index: int
    tool_call_id: str | None = None
    name: str = ""
    encoder: Encoder | None = None
    pieces: list[str] = field(default_factory=list)
    sound_bytes: int = 0
    words: list[WordTime] = field(default_factory=list)

    @property
    def is_spoken(self) -> bool:
        """Whether it is a message in sound."""
        return self.encoder is not None

    @property
    def text(self) -> str:
        """Its words, or the arguments of its call."""
        return "".join(self.pieces)

    @property
    def sound_ms(self) -> float:
        """How much sound there is, in milliseconds."""
        return self.sound_bytes / self.encoder.bytes_per_ms if self.encoder is not None else 0.0

    def encoded(self, pcm: bytes, *, last: bool = False) -> bytes:
        """Its next sound in the wire's format, counted."""
        if self.encoder is None:
            return b""
        sound = self.encoder.feed(pcm, last=last)
        self.sound_bytes += len(sound)
        return sound

    def audio(self) -> SpokenAudio:
        """What it sounded like so far."""
        return SpokenAudio(self.text, self.sound_ms, words=tuple(self.words))

    def part(self, text: str) -> JsonObject:
        """Its content part, as `response.content_part.*` names it (section 4)."""
        return {"type": "audio", "transcript": text} if self.is_spoken else {"type": "text", "text": text}

    def wire(self, status: str, *, with_content: bool = True) -> JsonObject:
        """Write the item in its present form."""
        head: JsonObject = {"id": self.item_id, "object": "realtime.item", "status": status}
        if self.tool_call_id is not None:
            call: JsonObject = {
                "name": self.name,
                "call_id": self.tool_call_id,
                "arguments": self.text if with_content else "",
            }
            return {**head, "type": "function_call", **call}
        return {
            **head,
            "type": "message",
            "role": "assistant",
            "content": self._content() if with_content else [],
        }

    def _content(self) -> list[JsonValue]:
        if self.is_spoken:
            return [{"type": "output_audio", "transcript": self.text}]
        return [{"type": "output_text", "text": self.text}]
