"""What an engineer reads at three in the morning: a log line for each turn of fate, never a caller's word."""

import traceback

import structlog

from orchestrator.call import metrics
from orchestrator.call.traces import ConversationTrace
from orchestrator.core.records import (
    CallRow,
    HandoffRow,
    ItemRow,
    Record,
    ResponseRow,
    SessionRow,
    ToolRunRow,
)

_log = structlog.get_logger("orchestrator.conversation")


def crash(conversation_id: str, what: str, error: BaseException) -> None:
    """Log a bug of ours, or of a tool's author, with the lines that led to it.

    Neither the error's message nor any value is logged: both may hold what a caller said.
    """
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames[-8:]]
    _log.error(what, conversation_id=conversation_id, error=type(error).__name__, trace=lines)


class Journal:
    """Sees every record of one live conversation as it goes to the store: counts it, traces it, logs it.

    Args:
        conversation_id: Whose it is.
    """

    def __init__(self, conversation_id: str) -> None:
        self._conversation_id = conversation_id
        self._trace = ConversationTrace(conversation_id)
        self._answered_turn: float | None = None
        self._cut: set[str] = set()

    def note(self, record: Record) -> None:
        """Take note of a record, in the order in which they are written."""
        first_of_turn, first_cut = self._is_first_of_turn(record), self._is_first_cut(record)
        metrics.count(record, first_of_turn=first_of_turn, first_cut=first_cut)
        self._trace.note(record)
        _log_record(self._conversation_id, record)

    def close(self) -> None:
        """Nothing more will come: what is still open ends here."""
        self._trace.close()

    def _is_first_of_turn(self, record: Record) -> bool:
        """Whether a response that ended is the first to say anything after a turn; tools bring more."""
        if not isinstance(record, ResponseRow) or record.done_at is None or record.first_output_at is None:
            return False
        first = record.turn_ended_at is not None and record.turn_ended_at != self._answered_turn
        self._answered_turn = record.turn_ended_at
        return first

    def _is_first_cut(self, record: Record) -> bool:
        """Whether the end of an item was not heard, as was not known before."""
        if not isinstance(record, ItemRow) or record.item.heard is None or record.item.id in self._cut:
            return False
        self._cut.add(record.item.id)
        return True


def _log_record(conversation_id: str, record: Record) -> None:
    match record:
        case SessionRow() if record.closed_at is not None:
            seconds = round(record.closed_at - record.opened_at, 3)
            fields = {"epoch": record.epoch, "agent": record.agent, "reason": record.close_reason}
            _log.info("session closed", conversation_id=conversation_id, seconds=seconds, **fields)
        case SessionRow() if record.ready_at is not None:
            seconds = round(record.ready_at - record.opened_at, 3)
            fields = {"epoch": record.epoch, "agent": record.agent, "purpose": record.purpose}
            _log.info("session ready", conversation_id=conversation_id, seconds=seconds, **fields)
        case HandoffRow() if record.outcome != "staged":
            route = {"source": record.source, "target": record.target, "outcome": record.outcome}
            _log.info(
                "handoff", conversation_id=conversation_id, cause=record.cause, error=record.error, **route
            )
        case ToolRunRow() if record.outcome not in {"running", "completed"}:
            fields = {"tool": record.name, "tool_call_id": record.tool_call_id, "code": record.error_code}
            _log.warning(
                "tool not completed", conversation_id=conversation_id, outcome=record.outcome, **fields
            )
        case ResponseRow() if record.status in {"failed", "incomplete"}:
            _log.warning("response not completed", conversation_id=conversation_id, status=record.status)
        case CallRow() if record.left_at is None:
            _log.info(
                "call joined", conversation_id=conversation_id, call=record.id, transport=record.transport
            )
        case CallRow():
            seconds = round((record.left_at or record.joined_at) - record.joined_at, 3)
            fields = {"call": record.id, "reason": record.leave_reason}
            _log.info("call left", conversation_id=conversation_id, seconds=seconds, **fields)
        case _:
            return
