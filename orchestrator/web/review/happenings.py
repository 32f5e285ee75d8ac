"""What happened behind the conversation, as a list: sessions, responses, tools, handoffs, states."""

from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.core.records import CallRow, HandoffRow, ResponseRow, SessionRow, ToolRunRow
from orchestrator.store.details import ConversationDetails
from orchestrator.web.review.clock import Clock, length_text
from orchestrator.web.wording import ENGLISH, WORDINGS, Wording


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


_Line = tuple[float, str, str, bool]


def happenings_of(
    details: ConversationDetails, clock: Clock, word: Wording = WORDINGS[ENGLISH]
) -> tuple[Happening, ...]:
    """Everything that happened behind the conversation, in order of time.

    Args:
        details: All of it.
        clock: Of it.
        word: The language that the lines are in.
    """
    lines = sorted(_all(details, word), key=lambda line: line[:2])
    return tuple(
        Happening(at_ms=clock.ms(at), at=at, what=word(what), detail=detail, bad=bad)
        for at, what, detail, bad in lines
    )


def _all(details: ConversationDetails, word: Wording) -> Iterator[_Line]:
    for call in details.calls:
        yield from _of_call(call)
    for session in details.sessions:
        yield from _of_session(session, word)
    for response in details.responses:
        yield from _of_response(response, word)
    for run in details.tool_runs:
        yield from _of_run(run, word)
    for handoff in details.handoffs:
        yield from _of_handoff(handoff, word)
    for row in details.revisions:
        yield row.created_at, "state changed", word("{}, revision {}", row.state, row.revision), False
    for record in details.records:
        yield record.created_at, "record kept", f"{record.kind} {record.number}", False


def _of_call(row: CallRow) -> Iterator[_Line]:
    yield row.joined_at, "call joined", f"{row.transport} {row.id}", False
    if row.left_at is not None:
        yield row.left_at, "call left", row.leave_reason or "", False


def _of_session(row: SessionRow, word: Wording) -> Iterator[_Line]:
    model = f"{row.engine} {row.model}" if row.model else row.engine
    voice = word(", voice {}", row.voice) if row.voice else ""
    told = word(
        "{}: {} on {}, {}{}; for {}",
        row.epoch,
        row.agent,
        model,
        word(row.modality),
        voice,
        word(row.purpose),
    )
    yield row.opened_at, "session opened", told, False
    if row.ready_at is not None:
        took = length_text(round((row.ready_at - row.opened_at) * 1000), word.language)
        yield row.ready_at, "session ready", f"{row.epoch}: {word('after {}', took)}", False
    if row.closed_at is not None:
        reason = row.close_reason or ""
        yield row.closed_at, "session closed", f"{row.epoch}: {reason}", False


def _of_response(row: ResponseRow, word: Wording) -> Iterator[_Line]:
    yield row.created_at, "response began", word("{} by {}", row.id, row.agent), False
    if row.first_audio_at is not None:
        yield row.first_audio_at, "first audio", row.id, False
    elif row.first_output_at is not None:
        yield row.first_output_at, "first output", row.id, False
    if row.done_at is not None:
        yield (
            row.done_at,
            f"response {row.status.replace('_', ' ')}",
            row.id,
            row.status in {"failed", "incomplete"},
        )


def _of_run(row: ToolRunRow, word: Wording) -> Iterator[_Line]:
    attempt = word(", attempt {}", row.attempt) if row.attempt > 1 else ""
    yield row.started_at, "tool began", f"{row.name}{attempt}", False
    if row.finished_at is not None:
        code = f": {row.error_code}" if row.error_code else ""
        yield row.finished_at, f"tool {row.outcome.replace('_', ' ')}", f"{row.name}{code}", row.failed


def _of_handoff(row: HandoffRow, word: Wording) -> Iterator[_Line]:
    route = word("{} to {}", row.source, row.target)
    yield row.staged_at, "handoff asked for", route, False
    if row.settled_at is not None:
        undone = row.outcome in {"rolled_back", "refused"}
        error = f": {row.error}" if row.error else ""
        yield row.settled_at, f"handoff {row.outcome.replace('_', ' ')}", f"{route}{error}", undone
