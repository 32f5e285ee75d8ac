"""Collects a session's server events in the order in which they happened."""

from collections.abc import Callable

from orchestrator.core.json_value import JsonObject, JsonValue

NewId = Callable[[str], str]


class Emitter:
    """An ordered list of server events, each with an `event_id` (section 2.1), until somebody takes them.

    Args:
        new_id: Makes an id from its prefix: `new_id("item")` answers `item_…`.
    """

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._events: list[JsonObject] = []

    def emit(self, event_type: str, **fields: JsonValue) -> None:
        """Add one event; `type` stands first, so that a router can read it without decoding."""
        self._events.append({"type": event_type, "event_id": self._new_id("event"), **fields})

    def take(self) -> list[JsonObject]:
        """Hand over what was collected, and begin anew."""
        taken, self._events = self._events, []
        return taken
