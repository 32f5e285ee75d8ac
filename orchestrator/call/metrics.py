"""What is counted and timed for Prometheus: fed by the journal, which sees every record, and by doors.

Labels are names that this service's own agents, tools and settings give; what a caller or a model could
choose is never one, for it would fill the memory.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from orchestrator.core.json_value import JsonObject
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

REGISTRY: Final = CollectorRegistry()
"""Of this process. What is live now is read off the switchboard when it is asked for."""

HEARD_AS_WAITING: Final = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Seconds. Callers take 0.2 for an answer at once, 0.7 for a pause, and begin to speak again after two."""
CALL_SECONDS: Final = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 3600.0)
JITTER_MS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0)
LOST_SHARE: Final = (0.0, 0.005, 0.01, 0.03, 0.05, 0.1, 0.3)

CALLS: Final = Counter("orchestrator_calls", "Calls that joined.", ["transport"], registry=REGISTRY)
SESSIONS: Final = Counter(
    "orchestrator_sessions", "Engine sessions that closed.", ["purpose", "outcome"], registry=REGISTRY
)
RESPONSES: Final = Counter("orchestrator_responses", "Responses that ended.", ["status"], registry=REGISTRY)
INTERRUPTIONS: Final = Counter(
    "orchestrator_interruptions", "Replies that callers cut off.", ["agent"], registry=REGISTRY
)
TOKENS: Final = Counter(
    "orchestrator_tokens", "Tokens that engines reported.", ["model", "direction"], registry=REGISTRY
)
HANDOFFS: Final = Counter("orchestrator_handoffs", "Handoffs by outcome.", ["outcome"], registry=REGISTRY)
TOOL_RUNS: Final = Counter("orchestrator_tool_runs", "Tool runs that ended.", ["outcome"], registry=REGISTRY)
REFUSALS: Final = Counter(
    "orchestrator_refusals",
    "Requests and handshakes that were refused.",
    ["transport", "code"],
    registry=REGISTRY,
)

REACTION: Final = Histogram(
    "orchestrator_reaction_seconds",
    "From the end of the caller's turn to the first output of the reply.",
    ["agent"],
    buckets=HEARD_AS_WAITING,
    registry=REGISTRY,
)
FIRST_OUTPUT: Final = Histogram(
    "orchestrator_first_output_seconds",
    "From the beginning of a response to its first output.",
    ["agent"],
    buckets=HEARD_AS_WAITING,
    registry=REGISTRY,
)
SESSION_OPENING: Final = Histogram(
    "orchestrator_session_opening_seconds",
    "From opening an engine session to its being ready, history included.",
    ["purpose"],
    buckets=HEARD_AS_WAITING,
    registry=REGISTRY,
)
HANDOFF_SECONDS: Final = Histogram(
    "orchestrator_handoff_seconds",
    "From staging a handoff to the target's being on duty.",
    buckets=HEARD_AS_WAITING,
    registry=REGISTRY,
)
TOOL_SECONDS: Final = Histogram(
    "orchestrator_tool_seconds", "How long tools ran.", ["tool"], buckets=HEARD_AS_WAITING, registry=REGISTRY
)
CALL_DURATION: Final = Histogram(
    "orchestrator_call_seconds",
    "How long calls lasted.",
    ["transport"],
    buckets=CALL_SECONDS,
    registry=REGISTRY,
)
CALL_JITTER: Final = Histogram(
    "orchestrator_call_jitter_milliseconds",
    "Jitter of the caller's packets, by call.",
    buckets=JITTER_MS,
    registry=REGISTRY,
)
CALL_LOSS: Final = Histogram(
    "orchestrator_call_lost_ratio",
    "Share of the caller's packets that never came, by call.",
    buckets=LOST_SHARE,
    registry=REGISTRY,
)
UNDERRUNS: Final = Counter(
    "orchestrator_underruns", "Times an agent's sound came too late to go out on time.", registry=REGISTRY
)


def count(record: Record, *, first_of_turn: bool = False, first_cut: bool = False) -> None:
    """Count what a record tells, once: a row is written again whenever it changes.

    Args:
        record: As it is to be stored.
        first_of_turn: Of a response, whether it is the first since the caller's turn ended.
        first_cut: Of an item, whether its end was found unheard just now.
    """
    match record:
        case ItemRow() if first_cut:
            INTERRUPTIONS.labels(record.item.agent).inc()
        case CallRow(left_at=None):
            CALLS.labels(record.transport).inc()
        case CallRow(left_at=float(left_at)):
            CALL_DURATION.labels(record.transport).observe(left_at - record.joined_at)
            _measure_media(record.statistics)
        case SessionRow(closed_at=float()):
            SESSIONS.labels(record.purpose, "failed" if record.ready_at is None else "served").inc()
        case SessionRow(ready_at=float(ready_at)):
            SESSION_OPENING.labels(record.purpose).observe(ready_at - record.opened_at)
        case ResponseRow(done_at=float()):
            _count_response(record, first_of_turn=first_of_turn)
        case HandoffRow(outcome="committed" | "rolled_back" | "refused"):
            HANDOFFS.labels(record.outcome).inc()
            if record.outcome == "committed" and record.settled_at is not None:
                HANDOFF_SECONDS.observe(record.settled_at - record.staged_at)
        case SettlementRow():
            _count_run(record.run)
        case ToolRunRow():
            _count_run(record)
        case _:
            return


def refused(transport: str, code: str) -> None:
    """Count what was not let in, or not answered as it wished.

    Args:
        transport: `http` or `websocket`.
        code: Of the error, from a fixed set: labels that callers could choose would fill the memory.
    """
    REFUSALS.labels(transport, code).inc()


def _count_response(row: ResponseRow, *, first_of_turn: bool) -> None:
    RESPONSES.labels(row.status).inc()
    first = row.first_audio_at or row.first_output_at
    if row.first_output_at is not None:
        FIRST_OUTPUT.labels(row.agent).observe(max(0.0, row.first_output_at - row.created_at))
    if first_of_turn and first is not None and row.turn_ended_at is not None:
        REACTION.labels(row.agent).observe(max(0.0, first - row.turn_ended_at))
    for direction, name in (("input", "input_tokens"), ("output", "output_tokens")):
        tokens = (row.usage or {}).get(name)
        if isinstance(tokens, int) and tokens > 0:
            TOKENS.labels(row.model or "", direction).inc(tokens)


def _count_run(run: ToolRunRow) -> None:
    if run.outcome == "running":
        return
    TOOL_RUNS.labels(run.outcome).inc()
    # A call that was refused before it ran may name a tool that the model made up.
    if run.outcome in {"completed", "failed", "timed_out"} and run.finished_at is not None:
        TOOL_SECONDS.labels(run.name).observe(max(0.0, run.finished_at - run.started_at))


def _measure_media(statistics: JsonObject) -> None:
    received, lost = statistics.get("packets_received"), statistics.get("packets_lost")
    if isinstance(received, int) and isinstance(lost, int) and received + lost > 0:
        CALL_LOSS.observe(lost / (received + lost))
        if isinstance(jitter := statistics.get("jitter_ms"), int | float):
            CALL_JITTER.observe(jitter)
    if isinstance(underruns := statistics.get("underruns"), int) and underruns > 0:
        UNDERRUNS.inc(underruns)
