"""The ordered items of a session's default conversation (Realtime protocol, sections 4, 8.7 and 9)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.session.kept_sound import KeptSound
from orchestrator.engine.session.spoken import SpokenAudio
from orchestrator.engine.session.tokens import caller_tokens, spoken_tokens
from orchestrator.realtime.serving.refusal import RefusedError, invalid_value

ROOT: Final = "root"


@dataclass(slots=True)
class StoredItem:
    """One item.

    Args:
        wire: The item as events show it; replaced as a whole, never changed in place.
        spoken: Its generated audio, when it is an assistant's spoken message.
        caller_ms: How long the caller's audio in it is, in milliseconds.
    """

    wire: JsonObject
    spoken: SpokenAudio | None = None
    caller_ms: float = 0.0


class Items:
    """Ordered items with unique ids.

    A deleted id is free again: clients shorten a text reply by deleting the item and creating it anew, under
    its old id and at its old place.

    Attributes:
        sound: Of the newest of them, all that there was.
    """

    def __init__(self) -> None:
        self.sound: Final = KeptSound()
        self._order: list[str] = []
        self._items: dict[str, StoredItem] = {}

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[JsonObject]:
        return (self._items[item_id].wire for item_id in self._order)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._items

    def __getitem__(self, item_id: str) -> JsonObject:
        return self._items[item_id].wire

    def newest(self, item: JsonObject) -> JsonObject:
        """The present form of an item, or the item itself where it is none of these."""
        stored = self._items.get(str(item.get("id")))
        return item if stored is None else stored.wire

    @property
    def last_id(self) -> str | None:
        """The id of the last item."""
        return self._order[-1] if self._order else None

    @property
    def last_reply(self) -> str:
        """The words of the assistant's newest message; empty where the caller had the last word."""
        for item_id in reversed(self._order):
            item = self._items[item_id].wire
            if item.get("role") in {"assistant", "user"}:
                return _words_of(item) if item["role"] == "assistant" else ""
        return ""

    def add(self, item: JsonObject, after: str | None = None) -> str | None:
        """Add an item and answer the id of its true predecessor.

        Args:
            item: The item, with its `id`.
            after: None or `""` appends, `"root"` puts it first, else the id of the item before it.

        Raises:
            RefusedError: `item_create_duplicate_item_id`, or `invalid_value` for an unknown
                `previous_item_id`.
        """
        item_id = str(item["id"])
        if item_id in self._items:
            raise RefusedError(
                "item_create_duplicate_item_id",
                f"Error adding item: an item with id '{item_id}' already exists. "
                "Delete it first, or choose another id.",
                param="item.id",
            )
        position = self._position_after(after)
        self._order.insert(position, item_id)
        self._items[item_id] = StoredItem(item)
        return self._order[position - 1] if position else None

    def replace(self, item: JsonObject) -> str | None:
        """Write an item's newer form, where it still exists, and answer its predecessor."""
        item_id = str(item["id"])
        if item_id not in self._items:
            return None
        spoken = self._items[item_id].spoken
        was_cut = spoken is not None and spoken.heard_ms is not None
        self._items[item_id].wire = spoken.write_into(item) if spoken is not None and was_cut else item
        if self._order[-1] == item_id:
            return self._order[-2] if len(self._order) > 1 else None
        position = self._order.index(item_id)
        return self._order[position - 1] if position else None

    def attach_audio(self, item_id: str, spoken: SpokenAudio) -> None:
        """Say that an item was spoken, so that it can be truncated; what was cut already stays cut."""
        stored = self._items.get(item_id)
        if stored is not None:
            cut = stored.spoken.heard_ms if stored.spoken is not None else None
            stored.spoken = replace(spoken, heard_ms=cut)

    def attach_caller_audio(self, item_id: str, milliseconds: float) -> None:
        """Say how long the caller's audio in an item is."""
        if item_id in self._items:
            self._items[item_id].caller_ms = milliseconds

    def audio_tokens(self) -> dict[str, int]:
        """What the items with audio count as, by id (section 11)."""
        counted: dict[str, int] = {}
        for item_id, stored in self._items.items():
            spoken_ms = stored.spoken.remaining_ms if stored.spoken is not None else 0
            if tokens := caller_tokens(stored.caller_ms) + spoken_tokens(spoken_ms):
                counted[item_id] = tokens
        return counted

    def delete(self, item_id: str) -> None:
        """Remove an item.

        Raises:
            RefusedError: `item_delete_invalid_item_id`.
        """
        self._known("delete", item_id)
        del self._items[item_id]
        self.sound.forget(item_id)
        self._order.remove(item_id)

    def retrieve(self, item_id: str) -> JsonObject:
        """Answer an item.

        Raises:
            RefusedError: `item_retrieve_invalid_item_id`.
        """
        return self._known("retrieve", item_id).wire

    def heard_sound(self, item_id: str) -> bytes:
        """What was heard of an item, as 24 kHz PCM; empty where its sound is not kept."""
        stored = self._items.get(item_id)
        spoken = stored.spoken if stored is not None else None
        return self.sound.of(item_id, spoken.heard_ms if spoken is not None else None)

    def truncate(self, item_id: str, content_index: int, audio_end_ms: int) -> None:
        """Cut an assistant's spoken message to what was heard.

        Raises:
            RefusedError: `item_truncate_invalid_item_id` when the item is unknown or was not spoken by the
                assistant; `invalid_value` when it is shorter than `audio_end_ms`.
        """
        stored = self._known("truncate", item_id)
        if stored.spoken is None:
            raise RefusedError(
                "item_truncate_invalid_item_id",
                f"Error truncating item: only assistant audio can be truncated, and item '{item_id}' "
                "has none. To shorten a text, delete the item and create it anew under its id.",
            )
        if content_index != 0:
            raise invalid_value(
                f"Item '{item_id}' has audio in content part 0 only, not in {content_index}.", "content_index"
            )
        stored.spoken = stored.spoken.cut(audio_end_ms)
        stored.wire = stored.spoken.write_into(stored.wire)

    def _known(self, action: str, item_id: str) -> StoredItem:
        stored = self._items.get(item_id)
        if stored is None:
            raise RefusedError(
                f"item_{action}_invalid_item_id",
                f"Error with conversation.item.{action}: no item with id '{item_id}' in this conversation.",
            )
        return stored

    def _position_after(self, after: str | None) -> int:
        if not after:
            return len(self._order)
        if after == ROOT:
            return 0
        if after not in self._items:
            raise invalid_value(
                f"Error adding item: the previous item with id '{after}' does not exist.", "previous_item_id"
            )
        return len(self._order) if self._order[-1] == after else self._order.index(after) + 1


def _words_of(message: JsonObject) -> str:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    words = (part.get("transcript") or part.get("text") for part in parts if isinstance(part, dict))
    return " ".join(str(word) for word in words if word)
