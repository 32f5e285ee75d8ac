"""One conversation in which everything happens that the review page shows, as the rows that a call leaves.

Times are seconds from the start of its first call. The caller orders two pizzas, interrupts, is misheard by
a tool, waits for one that does not answer, loses the engine for a moment, and calls again the next day.
"""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import (
    CallRow,
    ConversationRow,
    HandoffRow,
    ItemRow,
    Record,
    ResponseRow,
    RevisionRow,
    SessionRow,
    ToolRunRow,
)
from orchestrator.store.conversations import ConversationSummary
from orchestrator.store.details import ConversationDetails
from orchestrator.store.pricing import PriceList
from orchestrator.store.reading import Note

START: Final = 1_763_640_000.0
NEXT_DAY: Final = 86_400.0
CONVERSATION: Final = "conv_sample"
NO_PRICES: Final = PriceList([])

PIZZAS: Final[JsonObject] = {
    "item": "margherita",
    "quantity": 2,
    "size": "large",
    "extras": [],
    "unit_price": "16.50",
}
COKE: Final[JsonObject] = {
    "item": "coke",
    "quantity": 1,
    "size": None,
    "extras": [],
    "unit_price": "2.90",
}
EMPTY_CART: Final[JsonObject] = {
    "lines": [],
    "order_number": None,
    "subtotal": "0.00",
    "tax": "0.00",
    "total": "0.00",
}


def cart(
    lines: list[JsonObject], subtotal: str, tax: str, total: str, number: str | None = None
) -> JsonObject:
    sums: JsonObject = {"subtotal": subtotal, "tax": tax, "total": total}
    return {"lines": list(lines), "order_number": number, **sums}


FIRST_CART: Final = cart([PIZZAS], "33.00", "2.72", "35.72")
SECOND_CART: Final = cart([PIZZAS, COKE], "35.90", "2.96", "38.86")
PLACED_CART: Final = cart([PIZZAS, COKE], "35.90", "2.96", "38.86", "A-17")


def item(number: int, at: float, **fields: Any) -> Item:
    plain: dict[str, Any] = {
        "id": f"item_{number}",
        "kind": "message",
        "sequence": number,
        "position": Decimal(number),
        "created_at": START + at,
        "agent": "restaurant",
        "epoch": 2,
    }
    return Item(**(plain | fields))


def caller(number: int, at: float, text: str, **fields: Any) -> Item:
    plain: dict[str, Any] = {"role": "user", "origin": "caller", "content": (Part(kind="audio", text=text),)}
    return item(number, at, **(plain | fields))


def agent(number: int, at: float, text: str, **fields: Any) -> Item:
    return item(number, at, **({"role": "assistant", "content": (Part(kind="audio", text=text),)} | fields))


def tool_call(number: int, at: float, name: str, call_id: str, arguments: JsonObject, **fields: Any) -> Item:
    plain: dict[str, Any] = {
        "kind": "function_call",
        "name": name,
        "tool_call_id": call_id,
        "arguments": json.dumps(arguments),
    }
    return item(number, at, **(plain | fields))


def output(number: int, at: float, name: str, call_id: str, said: JsonObject, **fields: Any) -> Item:
    plain: dict[str, Any] = {
        "kind": "function_call_output",
        "name": name,
        "tool_call_id": call_id,
        "output": json.dumps(said),
        "origin": "service",
    }
    return item(number, at, **(plain | fields))


def session(epoch: int, agent: str, purpose: Any, opened: float, ready: float, **fields: Any) -> SessionRow:
    plain: dict[str, Any] = {
        "epoch": epoch,
        "agent": agent,
        "purpose": purpose,
        "modality": "audio",
        "engine": "embedded",
        "model": None,
        "voice": "marin",
        "opened_at": START + opened,
        "ready_at": START + ready,
    }
    return SessionRow(**(plain | fields))


def response(
    number: int, epoch: int, turn: float | None, *stages: float | None, **fields: Any
) -> ResponseRow:
    """A response; stages are created, first output, first audio, done."""
    created, first, audio, done = (None if stage is None else START + stage for stage in stages)
    plain: dict[str, Any] = {
        "id": f"resp_{number}",
        "epoch": epoch,
        "agent": "triage" if epoch == 1 else "restaurant",
        "model": "gpt-realtime",
        "status": "completed",
        "status_details": None,
        "usage": None,
        "turn_ended_at": None if turn is None else START + turn,
        "requested_at": None,
        "created_at": created,
        "first_output_at": first,
        "first_audio_at": audio,
        "done_at": done,
    }
    return ResponseRow(**(plain | fields))


def run(call_id: str, name: str, started: float, finished: float | None, **fields: Any) -> ToolRunRow:
    plain: dict[str, Any] = {
        "tool_call_id": call_id,
        "attempt": 1,
        "name": name,
        "agent": "restaurant",
        "arguments": "{}",
        "outcome": "completed",
        "started_at": START + started,
        "finished_at": None if finished is None else START + finished,
    }
    return ToolRunRow(**(plain | fields))


def revision(number: int, at: float, value: JsonObject, item_number: int, call_id: str | None) -> RevisionRow:
    return RevisionRow(
        state="cart",
        revision=number,
        value=value,
        item_id=f"item_{item_number}",
        sequence=item_number,
        tool_call_id=call_id,
        created_at=START + at,
    )


VIOLATION: Final = "quantity: is the text 'one'; send a whole number from 1 to 50"
REFUSAL: Final[JsonObject] = {
    "error": "Nothing was done. Call the tool again with these mended.",
    "code": "invalid_arguments",
    "problems": [VIOLATION],
}
TIMED_OUT: Final[JsonObject] = {"error": "The tool did not answer in time.", "code": "timed_out"}
MARKER: Final[JsonObject] = {
    "from": "triage",
    "to": "restaurant",
    "reason": "the caller wants to order",
    "payload": {"wants": "order"},
    "cause": "model",
    "back": False,
    "history": "full",
    "seconds": 0.6,
}

ITEMS: Final = (
    agent(1, 0.1, "Hello, this is Bella. How can I help you?", agent="triage", epoch=1, origin="service"),
    caller(2, 7.0, "I would like two large margherita please.", agent="triage", epoch=1, late=True),
    tool_call(3, 7.6, "transfer_to_restaurant", "call_1", {"reason": "food"}, agent="triage", epoch=1),
    output(4, 8.4, "transfer_to_restaurant", "call_1", {"handed_off_to": "restaurant"}, agent="triage"),
    item(5, 8.4, kind="handoff", agent="triage", data=MARKER),
    tool_call(6, 8.8, "add_item", "call_2", {"item": "margherita", "quantity": 2, "size": "large"}),
    output(7, 9.0, "add_item", "call_2", {"said": "Added 2 large margherita."}),
    agent(
        8,
        9.3,
        "Two large margherita. Would you like anything else, perhaps something to drink or a dessert?",
        heard="Two large margherita. Would you like anything else,",
        status=ItemStatus.INCOMPLETE,
    ),
    caller(9, 14.0, "And a coke."),
    tool_call(10, 14.4, "add_item", "call_3", {"item": "coke", "quantity": "one"}),
    output(11, 14.4, "add_item", "call_3", REFUSAL),
    tool_call(12, 14.8, "add_item", "call_4", {"item": "coke", "quantity": 1}),
    output(13, 14.9, "add_item", "call_4", {"said": "Added 1 coke."}),
    agent(14, 15.3, "One coke, too."),
    caller(15, 24.0, "Send me a payment link."),
    tool_call(16, 24.4, "send_link", "call_5", {"phone": "555 0123"}),
    output(17, 30.4, "send_link", "call_5", TIMED_OUT),
    agent(18, 30.8, "I am sorry, that does not work now. <b>Please</b> pay at the counter."),
    item(19, NEXT_DAY, kind="resumed", origin="service", data={"call": "rtc_2"}, epoch=3),
    caller(20, NEXT_DAY + 3, "Place it, please.", content=(Part(text="Place it, please."),), epoch=4),
    tool_call(21, NEXT_DAY + 3.4, "checkout", "call_6", {}, epoch=4),
    output(22, NEXT_DAY + 3.6, "checkout", "call_6", {"order": "A-17"}, epoch=4),
    agent(23, NEXT_DAY + 4.0, "It is placed as A-17. Goodbye!", epoch=4),
)

CALLS: Final = (
    CallRow(
        id="rtc_1",
        transport="webrtc",
        joined_at=START,
        left_at=START + 40,
        leave_reason="client disconnected",
    ),
    CallRow(
        id="rtc_2",
        transport="websocket",
        joined_at=START + NEXT_DAY,
        left_at=START + NEXT_DAY + 8,
        leave_reason="goodbye",
    ),
)
SESSIONS: Final = (
    session(1, "triage", "start", 0.0, 0.05, closed_at=START + 8.5, close_reason="handoff"),
    session(2, "restaurant", "handoff", 7.8, 8.3, closed_at=START + 36, close_reason="engine_lost"),
    session(3, "restaurant", "reconnect", 36.0, 36.4, closed_at=START + 40, close_reason="call ended"),
    session(4, "restaurant", "resume", NEXT_DAY, NEXT_DAY + 0.1, closed_at=START + NEXT_DAY + 8),
)
RESPONSES: Final = (
    response(1, 1, 7.0, 7.3, 7.6, None, 7.7),
    response(2, 2, 7.0, 8.5, 8.8, None, 8.9),
    response(3, 2, 7.0, 9.1, 9.3, 9.5, 13.0, interrupted=True, status="cancelled"),
    response(4, 2, 14.0, 14.2, 14.4, None, 14.4),
    response(5, 2, 14.0, 14.6, 14.8, None, 14.8),
    response(6, 2, 14.0, 15.0, 15.3, 15.4, 16.0),
    response(7, 2, 24.0, 24.2, 24.4, None, 24.4),
    response(8, 2, 24.0, 30.5, 30.8, 31.0, 33.0),
    response(9, 4, NEXT_DAY + 3, NEXT_DAY + 3.2, NEXT_DAY + 3.4, None, NEXT_DAY + 3.4),
    response(10, 4, NEXT_DAY + 3, NEXT_DAY + 3.7, NEXT_DAY + 4.0, None, NEXT_DAY + 4.2),
)
RUNS: Final = (
    run("call_1", "transfer_to_restaurant", 7.6, 8.4, agent="triage"),
    run("call_2", "add_item", 8.9, 9.0),
    run(
        "call_3",
        "add_item",
        14.4,
        14.4,
        outcome="invalid",
        error_code="invalid_arguments",
        error=json.dumps(REFUSAL),
        violations=(VIOLATION,),
    ),
    run("call_4", "add_item", 14.8, 14.9),
    run("call_5", "send_link", 24.4, 27.0, outcome="failed", error_code="tool_failed", error="busy"),
    run(
        "call_5",
        "send_link",
        27.4,
        30.4,
        attempt=2,
        outcome="timed_out",
        error_code="timed_out",
        error=json.dumps(TIMED_OUT),
    ),
    run("call_6", "checkout", NEXT_DAY + 3.4, NEXT_DAY + 3.6),
)
HANDOFFS: Final = (
    HandoffRow(
        id="handoff_1",
        source="triage",
        target="restaurant",
        reason="the caller wants to order",
        payload={"wants": "order"},
        history="full",
        cause="model",
        outcome="committed",
        from_epoch=1,
        to_epoch=2,
        staged_at=START + 7.8,
        settled_at=START + 8.4,
    ),
    HandoffRow(
        id="handoff_2",
        source="restaurant",
        target="human",
        reason="an operator asked for it",
        payload={},
        history="full",
        cause="operator",
        outcome="rolled_back",
        from_epoch=2,
        to_epoch=5,
        staged_at=START + 34.0,
        settled_at=START + 35.0,
        error="engine_timeout: it did not answer",
    ),
)
REVISIONS: Final = (
    revision(1, 9.0, FIRST_CART, 7, "call_2"),
    revision(2, 14.9, SECOND_CART, 13, "call_4"),
    revision(3, NEXT_DAY + 3.6, PLACED_CART, 22, "call_6"),
)
NOTES: Final = (
    Note(
        number=1,
        conversation_id=CONVERSATION,
        item_id="item_8",
        author="ada",
        text="Talks too long.",
        created_at=START + 90_000,
    ),
    Note(
        number=2,
        conversation_id=CONVERSATION,
        item_id=None,
        author="ada",
        text="A good one to learn from.",
        created_at=START + 90_001,
    ),
)
SUMMARY: Final = ConversationSummary(
    id=CONVERSATION,
    agent="restaurant",
    entry_agent="triage",
    status="idle",
    ended_by=None,
    metadata={},
    labels=["refund"],
    verdict=None,
    created_by=None,
    created_at=START,
    updated_at=START + NEXT_DAY + 8,
    last_sequence=23,
    turns=4,
    tool_errors=3,
    interruptions=1,
    agents=["triage", "restaurant"],
    has_error=True,
    slowest_turn_ms=7000,
)


def details(**changes: Any) -> ConversationDetails:
    """All of it; keywords replace lists, `summary` fields of the summary."""
    fields: dict[str, Any] = {
        "items": ITEMS,
        "sessions": SESSIONS,
        "responses": RESPONSES,
        "tool_runs": RUNS,
        "handoffs": HANDOFFS,
        "calls": CALLS,
        "revisions": REVISIONS,
        "records": (),
        "notes": NOTES,
        "recordings": (),
    }
    summary = replace(SUMMARY, **changes.pop("summary", {}))
    return ConversationDetails(summary=summary, **(fields | changes))


def records() -> list[Record]:
    """The same, as what a writer stores."""
    rows: list[Record] = [ItemRow(item) for item in ITEMS]
    rows += [*CALLS, *SESSIONS, *RESPONSES, *RUNS, *HANDOFFS, *REVISIONS]
    idle = ConversationRow(agent="restaurant", status="idle", updated_at=START + NEXT_DAY + 8)
    return [*rows, idle]
