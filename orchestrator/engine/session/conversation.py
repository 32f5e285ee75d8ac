"""Client events about items (Realtime protocol, sections 4, 5 and 8.7)."""

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.session.emitter import Emitter, NewId
from orchestrator.engine.session.items import Items
from orchestrator.realtime.serving.item_shapes import checked_item
from orchestrator.realtime.serving.refusal import invalid_value
from orchestrator.realtime.serving.validation import require_object, require_text, require_whole_number


class Conversation:
    """Applies item events to the default conversation.

    Args:
        items: The items.
        emitter: Where events go.
        new_id: Makes ids from prefixes.
    """

    def __init__(self, items: Items, emitter: Emitter, new_id: NewId) -> None:
        self._items = items
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

    def add_settled(self, item: JsonObject, after: str | None = None) -> None:
        """Add a finished item and tell of it; the predecessor told is the true one (section 14, rule 9)."""
        previous = self._items.add(item, after)
        shown = without_audio(item)
        self._emitter.emit("conversation.item.added", previous_item_id=previous, item=shown)
        self._emitter.emit("conversation.item.done", previous_item_id=previous, item=shown)

    def retrieve(self, event: JsonObject) -> None:
        """`conversation.item.retrieve`."""
        item = self._items.retrieve(require_text(event, "item_id"))
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


def _part_without_audio(part: JsonValue) -> JsonValue:
    if not isinstance(part, dict) or part.get("type") != "input_audio":
        return part
    return {"type": "input_audio", "transcript": part.get("transcript")}
