"""The spans of a call, made from the records of its conversation as they are written.

One trace a call: `conversation` > `turn` > `chat`, `execute_tool`, `handoff`; and `engine session` beside the
turns. A turn lasts from the caller's first word to the end of the reply. Times are the records' own, so a
span costs no clock and nothing waits for it; where nobody set up tracing, nothing is made at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from opentelemetry.trace import NoOpTracer, Span, Status, StatusCode, Tracer, set_span_in_context

from orchestrator.call import trace_attributes as names
from orchestrator.core.items import Item
from orchestrator.core.records import (
    CallRow,
    HandoffRow,
    ItemRow,
    Record,
    ResponseRow,
    SessionRow,
    SettlementRow,
    ToolRunRow,
)

Values = Mapping[str, str | int | bool | float | list[str] | None]


@dataclass(slots=True)
class Tracing:
    """How this process traces.

    Attributes:
        tracer: Makes the spans.
        text: Whether what people said goes into them.
    """

    tracer: Tracer
    text: bool = False


TRACING: Final = Tracing(NoOpTracer())
"""Of this process, as metrics are; `orchestrator.telemetry` sets it up at the start."""


class ConversationTrace:
    """The spans of one conversation while a call is on.

    Args:
        conversation_id: Whose they are.
    """

    def __init__(self, conversation_id: str) -> None:
        self._conversation_id = conversation_id
        self._call: Span | None = None
        self._turn: Span | None = None
        self._turn_end = 0.0
        self._open: dict[str, Span] = {}
        self._told: set[str] = set()

    def note(self, record: Record) -> None:
        """Begin or end the span that a record tells of."""
        if isinstance(record, CallRow):
            self._note_call(record)
        elif self._call is not None:
            self._note_in_call(record, self._call)

    def close(self) -> None:
        """End whatever is open: the conversation is let go of."""
        self._end_turn()
        for span in self._open.values():
            span.end()
        self._open.clear()
        if self._call is not None:
            self._call.end()
            self._call = None

    def _note_in_call(self, record: Record, call: Span) -> None:
        match record:
            case ItemRow(item):
                self._note_item(item, call)
            case SessionRow():
                self._note_session(record, call)
            case ResponseRow():
                self._note_response(record, call)
            case ToolRunRow():
                self._note_run(record, call)
            case SettlementRow():
                self._note_run(record.run, call)
            case HandoffRow():
                self._note_handoff(record, call)
            case _:
                return

    def _note_call(self, row: CallRow) -> None:
        if row.left_at is None:
            self.close()
            values = {names.CALL_ID: row.id, names.TRANSPORT: row.transport}
            span = self._start(names.CONVERSATION, None, row.joined_at, values)
            self._call = span if span.is_recording() else None
        elif self._call is not None:
            _set(self._call, {names.LEAVE_REASON: row.leave_reason})
            self._end_turn()
            self._call.end(_nanoseconds(row.left_at))
            self._call = None

    def _note_item(self, item: Item, call: Span) -> None:
        if item.kind == "message" and item.role == "user" and item.id not in self._told:
            self._told.add(item.id)
            self._end_turn()
            self._begin_turn(call, item.created_at)
        # An item that is done may be written again, with its late transcript or its heard prefix.
        if TRACING.text and item.text and item.kind == "message" and f"{item.id} text" not in self._told:
            self._told.add(f"{item.id} text")
            values = {names.ROLE: item.role or "", names.TEXT: item.text}
            (self._turn or call).add_event(names.MESSAGE, values)

    def _note_session(self, row: SessionRow, call: Span) -> None:
        key = f"session {row.epoch}"
        values: Values = {
            names.EPOCH: row.epoch,
            names.AGENT: row.agent,
            names.PURPOSE: row.purpose,
            names.PROVIDER: row.engine,
            names.MODEL: row.model,
            names.OUTPUT_TYPE: "speech" if row.modality == "audio" else "text",
        }
        span = self._opened(key, f"{names.SESSION} {row.agent}", call, row.opened_at, values)
        if row.closed_at is not None:
            _set(span, {names.CLOSE_REASON: row.close_reason})
            failed = None if row.ready_at is not None else row.close_reason or "not ready"
            self._finish(key, row.closed_at, failed)

    def _note_response(self, row: ResponseRow, call: Span) -> None:
        turn = self._turn or self._begin_turn(call, row.turn_ended_at or row.requested_at or row.created_at)
        key = f"response {row.id}"
        values: Values = {
            names.OPERATION: "chat",
            names.AGENT: row.agent,
            names.MODEL: row.model,
            names.RESPONSE_ID: row.id,
        }
        span = self._opened(key, f"{names.RESPONSE} {row.model or row.agent}", turn, row.created_at, values)
        if row.done_at is None:
            return
        for name, at in ((names.FIRST_OUTPUT, row.first_output_at), (names.FIRST_AUDIO, row.first_audio_at)):
            if at is not None:
                span.add_event(name, timestamp=_nanoseconds(at))
        usage = row.usage or {}
        tokens = {
            names.INPUT_TOKENS: usage.get("input_tokens"),
            names.OUTPUT_TOKENS: usage.get("output_tokens"),
        }
        _set(span, {name: count for name, count in tokens.items() if isinstance(count, int)})
        _set(span, {names.FINISH_REASONS: [row.status], names.INTERRUPTED: row.interrupted})
        self._turn_end = max(self._turn_end, row.done_at)
        self._finish(key, row.done_at, row.status if row.status == "failed" else None)

    def _note_run(self, run: ToolRunRow, call: Span) -> None:
        key = f"tool {run.tool_call_id} {run.attempt}"
        values: Values = {
            names.OPERATION: "execute_tool",
            names.AGENT: run.agent,
            names.TOOL_NAME: run.name,
            names.TOOL_CALL_ID: run.tool_call_id,
            names.ATTEMPT: run.attempt,
        }
        if TRACING.text:
            values = {**values, names.TOOL_ARGUMENTS: run.arguments}
        span = self._opened(key, f"{names.TOOL} {run.name}", self._turn or call, run.started_at, values)
        if run.outcome != "running":
            _set(span, {names.OUTCOME: run.outcome})
            end = run.finished_at or run.started_at
            self._turn_end = max(self._turn_end, end)
            self._finish(key, end, None if run.outcome == "completed" else run.error_code or run.outcome)

    def _note_handoff(self, row: HandoffRow, call: Span) -> None:
        key = f"handoff {row.id}"
        values: Values = {names.SOURCE: row.source, names.TARGET: row.target, names.CAUSE: row.cause}
        span = self._opened(key, f"{names.HANDOFF} {row.target}", self._turn or call, row.staged_at, values)
        if row.outcome != "staged":
            _set(span, {names.OUTCOME: row.outcome})
            failed = None if row.outcome == "committed" else row.outcome
            self._finish(key, row.settled_at or row.staged_at, failed)

    # --- spans --------------------------------------------------------------------------------------------

    def _start(self, name: str, parent: Span | None, at: float, values: Values) -> Span:
        context = set_span_in_context(parent) if parent is not None else None
        span = TRACING.tracer.start_span(name, context, start_time=_nanoseconds(at))
        _set(span, {names.CONVERSATION_ID: self._conversation_id, **values})
        return span

    def _opened(self, key: str, name: str, parent: Span, at: float, values: Values) -> Span:
        """The span of this key, begun with the first record that tells of it."""
        if key not in self._open:
            self._open[key] = self._start(name, parent, at, values)
        return self._open[key]

    def _finish(self, key: str, at: float, failed: str | None) -> None:
        span = self._open.pop(key)
        if failed is not None:
            _set(span, {names.ERROR: failed})
            span.set_status(Status(StatusCode.ERROR))
        span.end(_nanoseconds(at))

    def _begin_turn(self, call: Span, at: float) -> Span:
        self._turn, self._turn_end = self._start(names.TURN, call, at, {}), at
        return self._turn

    def _end_turn(self) -> None:
        if self._turn is not None:
            self._turn.end(_nanoseconds(self._turn_end))
            self._turn = None


def _set(span: Span, values: Values) -> None:
    for name, value in values.items():
        if value is not None:
            span.set_attribute(name, value)


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1_000_000_000)
