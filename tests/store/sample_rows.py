"""Rows with sensible fields, for tests; keywords replace them."""

from decimal import Decimal
from typing import Any, Final

from orchestrator.core.items import Item, Part
from orchestrator.core.records import (
    CallRow,
    ConversationRow,
    HandoffRow,
    ItemRow,
    KeptRecord,
    ResponseRow,
    RevisionRow,
    SessionRow,
    SettlementRow,
    ToolRunRow,
)

START: Final = 1_700_000_000.0
CONVERSATION: Final = "conv_1"
NODE: Final = "node_1"


def item(number: int, **changes: Any) -> Item:
    fields: dict[str, Any] = {
        "id": f"item_{number}",
        "kind": "message",
        "sequence": number,
        "position": Decimal(number),
        "created_at": START + number,
        "agent": "triage",
        "epoch": 1,
        "role": "user" if number % 2 else "assistant",
        "content": (Part(text=f"text {number}"),),
        "origin": "caller" if number % 2 else "model",
    }
    return Item(**(fields | changes))


def item_row(number: int, **changes: Any) -> ItemRow:
    return ItemRow(item(number, **changes))


def output(number: int, tool_call_id: str, output: str = '"done"') -> Item:
    return item(
        number,
        kind="function_call_output",
        role=None,
        content=(),
        tool_call_id=tool_call_id,
        output=output,
        origin="service",
    )


def conversation(**changes: Any) -> ConversationRow:
    fields: dict[str, Any] = {"agent": "triage", "status": "live", "updated_at": START + 60}
    return ConversationRow(**(fields | changes))


def session(epoch: int = 1, **changes: Any) -> SessionRow:
    fields: dict[str, Any] = {
        "epoch": epoch,
        "agent": "triage",
        "purpose": "start",
        "modality": "text",
        "engine": "embedded",
        "model": None,
        "voice": "marin",
        "opened_at": START,
    }
    return SessionRow(**(fields | changes))


def response(number: int = 1, **changes: Any) -> ResponseRow:
    fields: dict[str, Any] = {
        "id": f"resp_{number}",
        "epoch": 1,
        "agent": "triage",
        "model": "gpt-realtime",
        "status": "completed",
        "status_details": None,
        "usage": None,
        "turn_ended_at": START + number,
        "requested_at": START + number,
        "created_at": START + number,
    }
    return ResponseRow(**(fields | changes))


def tool_run(tool_call_id: str = "call_1", attempt: int = 1, **changes: Any) -> ToolRunRow:
    fields: dict[str, Any] = {
        "tool_call_id": tool_call_id,
        "attempt": attempt,
        "name": "add_item",
        "agent": "restaurant",
        "arguments": "{}",
        "outcome": "completed",
        "started_at": START,
        "finished_at": START + 1,
    }
    return ToolRunRow(**(fields | changes))


def handoff(number: int = 1, **changes: Any) -> HandoffRow:
    fields: dict[str, Any] = {
        "id": f"handoff_{number}",
        "source": "triage",
        "target": "restaurant",
        "reason": "wants food",
        "payload": {"party": 2},
        "history": "full",
        "cause": "model",
        "outcome": "committed",
        "from_epoch": number,
        "to_epoch": number + 1,
        "staged_at": START + number,
        "settled_at": START + number + 0.5,
    }
    return HandoffRow(**(fields | changes))


def call(number: int = 1, **changes: Any) -> CallRow:
    fields: dict[str, Any] = {"id": f"rtc_{number}", "transport": "websocket", "joined_at": START + number}
    return CallRow(**(fields | changes))


def revision(number: int = 1, **changes: Any) -> RevisionRow:
    fields: dict[str, Any] = {
        "state": "cart",
        "revision": number,
        "value": {"lines": number},
        "item_id": f"item_{number}",
        "sequence": number,
        "tool_call_id": None,
        "created_at": START + number,
    }
    return RevisionRow(**(fields | changes))


def settlement(number: int, tool_call_id: str = "call_1", **changes: Any) -> SettlementRow:
    """A tool that put something into the cart and left an order."""
    fields: dict[str, Any] = {
        "tool_call_id": tool_call_id,
        "output": output(number, tool_call_id),
        "run": tool_run(tool_call_id),
        "revisions": (revision(number, tool_call_id=tool_call_id),),
        "records": (KeptRecord(kind="order", data={"total": "12.50"}),),
        "statements": (),
    }
    return SettlementRow(**(fields | changes))
