"""Ids that an engine would refuse for their length, shortened for it and restored on the way back.

OpenAI takes at most 32 characters for the id of an item and of a call. Our own ids are shorter; those that
other engines made, and that a conversation carries along, may not be.
"""

from dataclasses import replace
from hashlib import sha256

from orchestrator.core.engine_events import (
    EngineEvent,
    EngineItem,
    EngineItemAdded,
    EngineItemDeleted,
    EngineItemDone,
    EngineItemTruncated,
)


class ShortIds:
    """The shortened ids of one session.

    The same id is shortened the same way in every session, so that a call and its output stay a pair.

    Args:
        longest: Characters that the engine accepts; None: nothing is ever shortened.
    """

    def __init__(self, longest: int | None) -> None:
        self._longest = longest
        self._originals: dict[str, str] = {}

    def short(self, name: str) -> str:
        """Answer the id to send, `name` itself where it is short enough."""
        if self._longest is None or len(name) <= self._longest:
            return name
        digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        shortened = f"long_{digest}"[: self._longest]
        self._originals[shortened] = name
        return shortened

    def original(self, name: str) -> str:
        """Answer the id that `name` stands for."""
        return self._originals.get(name, name)

    def restored(self, event: EngineEvent) -> EngineEvent:
        """Give an answer about an item of ours its own ids back."""
        if not self._originals:
            return event
        if isinstance(event, EngineItemAdded | EngineItemDone):
            return replace(event, item=self._restored_item(event.item))
        if isinstance(event, EngineItemDeleted | EngineItemTruncated):
            return replace(event, item_id=self.original(event.item_id))
        return event

    def _restored_item(self, item: EngineItem) -> EngineItem:
        tool_call_id = None if item.tool_call_id is None else self.original(item.tool_call_id)
        return replace(item, id=self.original(item.id), tool_call_id=tool_call_id)
