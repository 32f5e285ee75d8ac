"""The words of the caller's items, which come after the items (Realtime protocol, sections 7 and 8.2)."""

from collections.abc import Callable
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.session.configuration import Configuration
from orchestrator.engine.session.emitter import Emitter
from orchestrator.engine.session.items import Items
from orchestrator.engine.session.tokens import caller_tokens, text_tokens
from orchestrator.speech.protocol import Transcript

_EVENT: Final = "conversation.item.input_audio_transcription"


class Transcripts:
    """Writes what was heard into the caller's items, and tells the client where it wants to know.

    The brain reads words, so a response waits for those of its conversation.

    Args:
        configuration: The session's settings.
        items: The default conversation.
        emitter: Where events go.
    """

    def __init__(self, configuration: Configuration, items: Items, emitter: Emitter) -> None:
        self._configuration = configuration
        self._items = items
        self._emitter = emitter
        self._waiting: dict[str, float] = {}
        self.confidence: Final[dict[str, float]] = {}
        self.settled: Callable[[], None] = lambda: None

    def is_waiting(self, item_id: str) -> bool:
        """Whether an item's words are still to come."""
        return item_id in self._waiting

    def expect(self, item_id: str, milliseconds: float) -> None:
        """An item's words are being found out.

        Args:
            item_id: Which item.
            milliseconds: Of its audio.
        """
        self._waiting[item_id] = milliseconds
        self._items.attach_caller_audio(item_id, milliseconds)

    def heard(self, item_id: str, transcript: Transcript) -> None:
        """An item's words are known; empty where nothing was understood."""
        milliseconds = self._waiting.pop(item_id, None)
        if milliseconds is None:
            return
        if item_id in self._items:
            self._items.replace(with_transcript(self._items[item_id], transcript.text))
        if transcript.confidence is not None and transcript.text:
            self.confidence[item_id] = transcript.confidence
        if self._configuration.transcription is not None:
            self._tell(item_id, transcript.text, milliseconds)
        self.settled()

    def failed(self, item_id: str, message: str) -> None:
        """An item's words will not be known; told whether or not the client asked for transcripts."""
        self._waiting.pop(item_id, None)
        # Section 10 names one code for a transcription that failed.
        error: JsonObject = {
            "type": "server_error",
            "code": "audio_unintelligible",
            "message": message,
            "param": None,
        }
        self._emitter.emit(f"{_EVENT}.failed", item_id=item_id, content_index=0, error=error)
        self.settled()

    def _tell(self, item_id: str, text: str, milliseconds: float) -> None:
        if text:
            self._emitter.emit(f"{_EVENT}.delta", item_id=item_id, content_index=0, delta=text)
        self._emitter.emit(
            f"{_EVENT}.completed",
            item_id=item_id,
            content_index=0,
            transcript=text,
            usage=_usage(caller_tokens(milliseconds), text_tokens(text)),
        )


def with_transcript(item: JsonObject, text: str) -> JsonObject:
    """Write an item with the words of its first audio part."""
    content = item.get("content")
    parts: list[JsonValue] = list(content) if isinstance(content, list) else []
    for at, part in enumerate(parts):
        if isinstance(part, dict) and part.get("type") == "input_audio":
            parts[at] = {**part, "transcript": text}
            break
    return {**item, "content": parts}


def _usage(heard: int, written: int) -> JsonObject:
    """Usage with both details: a strict client wants to read them (section 14, rule 13)."""
    return {
        "type": "tokens",
        "total_tokens": heard + written,
        "input_tokens": heard,
        "input_token_details": {"text_tokens": 0, "audio_tokens": heard},
        "output_tokens": written,
    }
