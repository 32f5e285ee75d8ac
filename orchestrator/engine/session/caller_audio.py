"""Client events about the caller's audio (Realtime protocol, sections 5, 8.3 and 9)."""

from typing import Final

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.session.audio_buffer import InputAudioBuffer
from orchestrator.engine.session.configuration import Configuration
from orchestrator.engine.session.conversation import Conversation
from orchestrator.engine.session.emitter import Emitter, NewId
from orchestrator.engine.session.items import Items
from orchestrator.realtime.serving.item_shapes import decoded_audio
from orchestrator.realtime.serving.validation import require_text

# Section 10 names one code for a transcription that failed.
_NOT_HEARD: Final[JsonObject] = {
    "type": "server_error",
    "code": "audio_unintelligible",
    "message": "This engine runs without a recogniser: it takes audio, but cannot write it down. Send text.",
    "param": None,
}


class CallerAudio:
    """Takes the caller's audio; without a recogniser every commit is told as not transcribed.

    Args:
        configuration: The session's settings.
        items: The default conversation.
        conversation: Adds the caller's items.
        emitter: Where events go.
        new_id: Makes ids from prefixes.
    """

    def __init__(
        self,
        configuration: Configuration,
        items: Items,
        conversation: Conversation,
        emitter: Emitter,
        new_id: NewId,
    ) -> None:
        self._configuration = configuration
        self._items = items
        self._conversation = conversation
        self._emitter = emitter
        self._new_id = new_id
        self._buffer = InputAudioBuffer()

    def append(self, event: JsonObject) -> None:
        """`input_audio_buffer.append`; never acknowledged."""
        audio = decoded_audio(require_text(event, "audio"), "audio")
        self._buffer.append(audio, self._configuration.input_format)

    def clear(self, _event: JsonObject) -> None:
        """`input_audio_buffer.clear`."""
        self._buffer.clear()
        self._emitter.emit("input_audio_buffer.cleared")

    def commit(self, _event: JsonObject) -> None:
        """`input_audio_buffer.commit`: makes the caller's item, and starts no response."""
        self._buffer.commit()
        item_id = self._new_id("item")
        self._emitter.emit(
            "input_audio_buffer.committed", previous_item_id=self._items.last_id, item_id=item_id
        )
        item: JsonObject = {
            "id": item_id,
            "object": "realtime.item",
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_audio", "transcript": None}],
        }
        self._conversation.add_settled(item)
        self._emitter.emit(
            "conversation.item.input_audio_transcription.failed",
            item_id=item_id,
            content_index=0,
            error=dict(_NOT_HEARD),
        )
