"""What is counted for Prometheus: fed by the journal, which sees every record, and by doors that refuse."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter

from orchestrator.core.records import (
    CallRow,
    HandoffRow,
    Record,
    ResponseRow,
    SessionRow,
    SettlementRow,
    ToolRunRow,
)

REGISTRY: Final = CollectorRegistry()
"""Of this process. Counters only: what is live now is read off the switchboard when it is asked for."""

CALLS: Final = Counter("orchestrator_calls", "Calls that joined.", ["transport"], registry=REGISTRY)
SESSIONS: Final = Counter(
    "orchestrator_sessions", "Engine sessions that closed.", ["purpose", "outcome"], registry=REGISTRY
)
RESPONSES: Final = Counter("orchestrator_responses", "Responses that ended.", ["status"], registry=REGISTRY)
HANDOFFS: Final = Counter("orchestrator_handoffs", "Handoffs by outcome.", ["outcome"], registry=REGISTRY)
TOOL_RUNS: Final = Counter("orchestrator_tool_runs", "Tool runs that ended.", ["outcome"], registry=REGISTRY)
REFUSALS: Final = Counter(
    "orchestrator_refusals",
    "Requests and handshakes that were refused.",
    ["transport", "code"],
    registry=REGISTRY,
)


def count(record: Record) -> None:
    """Count what a record tells, once: a row is written again whenever it changes."""
    match record:
        case CallRow(left_at=None):
            CALLS.labels(record.transport).inc()
        case SessionRow(closed_at=float()):
            SESSIONS.labels(record.purpose, "failed" if record.ready_at is None else "served").inc()
        case ResponseRow(done_at=float()):
            RESPONSES.labels(record.status).inc()
        case HandoffRow(outcome="committed" | "rolled_back" | "refused"):
            HANDOFFS.labels(record.outcome).inc()
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


def _count_run(run: ToolRunRow) -> None:
    if run.outcome != "running":
        TOOL_RUNS.labels(run.outcome).inc()
