"""What was said and done before, as the browser's client keeps it (`static/client/timeline.js`)."""

from collections.abc import Iterator, Sequence
from typing import Final

from orchestrator.core.items import Item, ItemStatus
from orchestrator.core.json_value import JsonObject

TRANSFER: Final = "transfer_to_"
"""How the functions of handoffs are named; the handoff itself is an entry of its own."""


def entries_of(items: Sequence[Item]) -> list[JsonObject]:
    """The entries of a conversation that was on before, in reading order."""
    outputs = {item.tool_call_id: item for item in items if item.kind == "function_call_output"}
    return [entry for item in items for entry in _of(item, outputs.get(item.tool_call_id))]


def _of(item: Item, output: Item | None) -> Iterator[JsonObject]:
    if item.kind == "message" and item.role != "system":
        yield _caption(item)
    elif item.kind == "function_call" and not (item.name or "").startswith(TRANSFER):
        yield _tool(item, output)
    elif item.kind == "handoff":
        told = {name: item.data.get(name, "") for name in ("from", "to", "reason")}
        yield {"kind": "handoff", "id": item.id, **told}


def _caption(item: Item) -> JsonObject:
    caller = item.role == "user"
    heard = len(item.text if caller else item.heard_text)
    lost = caller and not item.text
    return {
        "kind": "caption",
        "id": item.id,
        "who": "caller" if caller else "agent",
        "agent": item.agent,
        "text": item.text,
        "status": "lost" if lost else "cut" if heard < len(item.text) else "heard",
        "heard": heard,
    }


def _tool(item: Item, output: Item | None) -> JsonObject:
    done = output is not None and output.status is ItemStatus.COMPLETED
    return {
        "kind": "tool",
        "id": item.tool_call_id,
        "name": item.name,
        "agent": item.agent,
        "arguments": item.arguments or "",
        "outcome": "completed" if done else "cancelled",
        "output": (output.output or "") if output is not None else "",
        "seconds": max(0.0, output.created_at - item.created_at) if output is not None else 0.0,
    }
