"""Client events about items (Realtime protocol, sections 4, 5 and 8.7)."""

from base64 import b64encode

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.session.audio_format import Decoder, Encoder
from orchestrator.engine.session.commands import Command, Transcribe
from orchestrator.engine.session.configuration import Configuration
from orchestrator.engine.session.emitter import Emitter, NewId
from orchestrator.engine.session.items import Items
from orchestrator.engine.session.transcripts import Transcripts
from orchestrator.realtime.serving.item_shapes import checked_item, decoded_audio
from orchestrator.realtime.serving.refusal import invalid_value
from orchestrator.realtime.serving.validation import require_object, require_text, require_whole_number
from orchestrator.speech.protocol import BYTES_PER_MS


class Conversation:
    """Applies item events to the default conversation.

    Args:
        configuration: The session's settings.
        items: The items.
        transcripts: Has a client's audio messages written down.
        commands: What the connection must do, in order.
        emitter: Where events go.
        new_id: Makes ids from prefixes.
    """

    def __init__(
        self,
        configuration: Configuration,
        items: Items,
        transcripts: Transcripts,
        commands: list[Command],
        emitter: Emitter,
        new_id: NewId,
    ) -> None:
        self._configuration = configuration
        self._items = items
        self._transcripts = transcripts
        self._commands = commands
        self._emitter = emitter
        self._new_id = new_id

    def create(self, event: JsonObject) -> None:
        """`conversation.item.create`."""
        written = checked_item(require_object(event, "item"), "item")
        after = event.get("previous_item_id")
        if after is not None and not isinstance(after, str):
            raise invalid_value("Invalid type for 'previous_item_id': expected a string.", "previous_item_id")
        item: JsonObject = {"id": self._new_id("item"), **written}
        if item["type"] == "function_call" and "call_id" not in item:
            item["call_id"] = self._new_id("call")
        self.add_settled(item, after)
        if self._configuration.hears and (pcm := self._unwritten_audio(item)):
            self._transcripts.expect(str(item["id"]), len(pcm) / BYTES_PER_MS)
            self._commands.append(Transcribe(str(item["id"]), pcm))

    def _unwritten_audio(self, item: JsonObject) -> bytes:
        """The audio of a caller's message that came without words, as 24 kHz PCM."""
        content = item.get("content")
        decoder = Decoder(self._configuration.input_format)
        pcm = b""
        for part in content if isinstance(content, list) else []:
            if isinstance(part, dict) and part.get("type") == "input_audio" and not part.get("transcript"):
                pcm += decoder.feed(decoded_audio(str(part.get("audio") or ""), "item.content"))
        return pcm

    def add_settled(self, item: JsonObject, after: str | None = None) -> None:
        """Add a finished item and tell of it; the predecessor told is the true one (section 14, rule 9)."""
        previous = self._items.add(item, after)
        shown = without_audio(item)
        self._emitter.emit("conversation.item.added", previous_item_id=previous, item=shown)
        self._emitter.emit("conversation.item.done", previous_item_id=previous, item=shown)

    def retrieve(self, event: JsonObject) -> None:
        """`conversation.item.retrieve`: the one event that carries sound, of the newest items."""
        item_id = require_text(event, "item_id")
        item = self._items.retrieve(item_id)
        if pcm := self._items.heard_sound(item_id):
            caller, agent = self._configuration.input_format, self._configuration.output_format
            encoder = Encoder(caller if item.get("role") == "user" else agent)
            item = with_audio(item, encoder.feed(pcm, last=True))
        self._emitter.emit("conversation.item.retrieved", item=item)

    def delete(self, event: JsonObject) -> None:
        """`conversation.item.delete`."""
        item_id = require_text(event, "item_id")
        self._items.delete(item_id)
        self._emitter.emit("conversation.item.deleted", item_id=item_id)

    def truncate(self, event: JsonObject) -> None:
        """`conversation.item.truncate`."""
        item_id = require_text(event, "item_id")
        content_index = require_whole_number(event, "content_index")
        audio_end_ms = require_whole_number(event, "audio_end_ms")
        self._items.truncate(item_id, content_index, audio_end_ms)
        self._emitter.emit(
            "conversation.item.truncated",
            item_id=item_id,
            content_index=content_index,
            audio_end_ms=audio_end_ms,
        )


def without_audio(item: JsonObject) -> JsonObject:
    """Write an item as events show it: no audio bytes, a transcript where there is audio (section 4)."""
    content = item.get("content")
    if not isinstance(content, list):
        return item
    return {**item, "content": [_part_without_audio(part) for part in content]}


def with_audio(item: JsonObject, sound: bytes) -> JsonObject:
    """Write an item that sounded with its sound, which is that of its only part."""
    content = item.get("content")
    parts = content if isinstance(content, list) else []
    audio = b64encode(sound).decode()
    return {**item, "content": [{**part, "audio": audio} for part in parts if isinstance(part, dict)]}


def _part_without_audio(part: JsonValue) -> JsonValue:
    if not isinstance(part, dict) or part.get("type") != "input_audio":
        return part
    return {"type": "input_audio", "transcript": part.get("transcript")}
