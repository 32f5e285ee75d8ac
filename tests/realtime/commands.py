"""Commands and items that the tests of this area share."""

from decimal import Decimal
from typing import Any

from orchestrator.core.commands import OpenSession, SessionConfig
from orchestrator.core.items import Item

TOOL: dict[str, Any] = {
    "type": "function",
    "name": "add_item",
    "description": "Adds an item to the cart.",
    "parameters": {"type": "object", "properties": {"name": {"type": "string"}}},
}


def configuration(**changes: Any) -> SessionConfig:
    """A plain audio session with one tool."""
    plain: dict[str, Any] = {
        "agent": "restaurant",
        "engine": None,
        "model": "m",
        "instructions": "Take the order.",
        "voice": "marin",
        "modality": "audio",
        "tools": (TOOL,),
    }
    return SessionConfig(**(plain | changes))


def opening(epoch: int = 1, **changes: Any) -> OpenSession:
    """The command that opens such a session."""
    return OpenSession(epoch, configuration(**changes))


def item(kind: Any = "message", **fields: Any) -> Item:
    """An item, the first of its conversation."""
    return Item(**({"id": "item_1", "kind": kind, "sequence": 1, "position": Decimal(1)} | fields))
