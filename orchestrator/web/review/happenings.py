"""What happened behind the conversation, as a list: sessions, responses, tools, handoffs, states."""

from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.core.records import CallRow, HandoffRow, ResponseRow, SessionRow, ToolRunRow
from orchestrator.store.details import ConversationDetails
from orchestrator.web.review.clock import Clock, length_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of the list.

    Attributes:
        at_ms: On the clock.
        what: In two or three words, such as `session ready`.
        detail: More of it.
        bad: Whether it is an error.
    """

    at_ms: int
    at: float
    what: str
    detail: str
    bad: bool = False


def happenings_of(details: ConversationDetails, clock: Clock) -> tuple[Happening, ...]:
    """Everything that happened behind the conversation, in order of time."""
    found = [
        Happening(at_ms=clock.ms(at), at=at, what=what, detail=detail, bad=bad)
        for at, what, detail, bad in _all(details)
    ]
    return tuple(sorted(found, key=lambda each: (each.at, each.what)))


_Line = tuple[float, str, str, bool]


def _all(details: ConversationDetails) -> Iterator[_Line]:
    for call in details.calls:
        yield from _of_call(call)
    for session in details.sessions:
        yield from _of_session(session)
    for response in details.responses:
        yield from _of_response(response)
    for run in details.tool_runs:
        yield from _of_run(run)
    for handoff in details.handoffs:
        yield from _of_handoff(handoff)
    for row in details.revisions:
        yield row.created_at, "state changed", f"{row.state}, revision {row.revision}", False
    for record in details.records:
        yield record.created_at, "record kept", f"{record.kind} {record.number}", False


def _of_call(row: CallRow) -> Iterator[_Line]:
    yield row.joined_at, "call joined", f"{row.transport} {row.id}", False
    if row.left_at is not None:
        yield row.left_at, "call left", row.leave_reason or "", False


def _of_session(row: SessionRow) -> Iterator[_Line]:
    model = f"{row.engine} {row.model}" if row.model else row.engine
    voice = f", voice {row.voice}" if row.voice else ""
    told = f"{row.epoch}: {row.agent} on {model}, {row.modality}{voice}; for {row.purpose}"
    yield row.opened_at, "session opened", told, False
    if row.ready_at is not None:
        took = length_text(round((row.ready_at - row.opened_at) * 1000))
        yield row.ready_at, "session ready", f"{row.epoch}: after {took}", False
    if row.closed_at is not None:
        reason = row.close_reason or ""
        yield row.closed_at, "session closed", f"{row.epoch}: {reason}", False


def _of_response(row: ResponseRow) -> Iterator[_Line]:
    yield row.created_at, "response began", f"{row.id} by {row.agent}", False
    if row.first_audio_at is not None:
        yield row.first_audio_at, "first audio", row.id, False
    elif row.first_output_at is not None:
        yield row.first_output_at, "first output", row.id, False
    if row.done_at is not None:
        yield row.done_at, f"response {row.status}", row.id, row.status in {"failed", "incomplete"}


def _of_run(row: ToolRunRow) -> Iterator[_Line]:
    attempt = f", attempt {row.attempt}" if row.attempt > 1 else ""
    yield row.started_at, "tool began", f"{row.name}{attempt}", False
    if row.finished_at is not None:
        code = f": {row.error_code}" if row.error_code else ""
        yield row.finished_at, f"tool {row.outcome.replace('_', ' ')}", f"{row.name}{code}", row.failed


def _of_handoff(row: HandoffRow) -> Iterator[_Line]:
    route = f"{row.source} to {row.target}"
    yield row.staged_at, "handoff asked for", route, False
    if row.settled_at is not None:
        undone = row.outcome in {"rolled_back", "refused"}
        error = f": {row.error}" if row.error else ""
        yield row.settled_at, f"handoff {row.outcome.replace('_', ' ')}", f"{route}{error}", undone
