"""What the transcript of the review page consists of: plain data, one class for each kind of row.

Structs, as all that a page makes by the hundred: a frozen dataclass takes ten times as long to make.

Rows of a live call and rows that were stored are the same objects, made by the same functions; so the page
of a call that ended is the page of its stored conversation.
"""

from typing import ClassVar, Literal

from msgspec import Struct

from orchestrator.core.records import TOOL_FAILURES
from orchestrator.web.review.difference import Change
from orchestrator.web.review.latency import Reply

Speaker = Literal["caller", "agent", "note"]


class NoteView(Struct, frozen=True, kw_only=True):
    """What a reviewer wrote; `created_at` is in seconds since the Unix epoch."""

    number: int
    item_id: str | None
    author: str
    text: str
    created_at: float


class Row(Struct, frozen=True, kw_only=True):
    """What all rows have.

    Attributes:
        kind: The name of the partial that renders it.
        key: Names the row on the page: `item-…`, `session-…`, `handoff-…`.
        sequence: Of the item, or of the one written before it.
        at_ms, end_ms: On the clock.
        at: The moment itself, in seconds since the Unix epoch.
        agent: On duty, or who did it.
        live: Whether it may still change.
        notes: What reviewers wrote about it.
    """

    kind: ClassVar[str]

    key: str
    sequence: int
    at_ms: int
    end_ms: int
    at: float
    agent: str
    live: bool = False
    notes: tuple[NoteView, ...] = ()

    @property
    def item_id(self) -> str | None:
        """Of the item that it shows, None for a row that shows none."""
        return self.key.removeprefix("item-") if self.key.startswith("item-") else None


class MessageRow(Row, frozen=True, kw_only=True):
    """Something that was said or written.

    Attributes:
        heard: The words that reached the other side.
        redacted: Places in `heard` where personal data was taken out: beginning, end, and of what kind.
        unheard: The rest of what the agent was about to say.
        spoken: Whether it was sound; a caller's then has a transcript.
        measured: Whether it is known when it sounded, and not only reckoned from its words.
        late: Whether its transcript came after the reply to it.
        problem: That there are no words; empty where there are, or may still come.
        problem_code: Why the transcript failed; empty where it did not.
        origin: Who caused it.
        images: How many pictures are part of it.
        reply: Of an agent's first words in a turn: how long they were in coming, and why.
    """

    kind: ClassVar[str] = "message"

    speaker: Speaker
    heard: str
    unheard: str = ""
    redacted: tuple[tuple[int, int, str], ...] = ()
    spoken: bool = False
    measured: bool = False
    late: bool = False
    problem: str = ""
    problem_code: str = ""
    origin: str = "model"
    images: int = 0
    reply: Reply | None = None

    @property
    def pieces(self) -> tuple[tuple[str, str], ...]:
        """The heard words in pieces, each with the kind of personal data it stands for, or with nothing."""
        made, at = [], 0
        for start, end, kind in self.redacted:
            made += [(self.heard[at:start], ""), (self.heard[start:end], kind)]
            at = end
        return tuple(piece for piece in (*made, (self.heard[at:], "")) if piece[0])


class Attempt(Struct, frozen=True, kw_only=True):
    """One run of a tool."""

    number: int
    outcome: str
    duration_ms: int | None
    error_code: str | None


class StateChange(Struct, frozen=True, kw_only=True):
    """What a tool made of a state."""

    state: str
    revision: int
    changes: tuple[Change, ...]


class ToolRow(Row, frozen=True, kw_only=True):
    """A tool call, with all that came of it.

    Attributes:
        name: Of the tool; empty where it is not known.
        outcome: `running`, `waiting` (for approval, or for its turn), `client` (the client runs it), or as
            stored: `completed`, `failed`, `timed_out`, `cancelled`, `invalid`, `declined`.
        orphan: Whether it is an output whose call is no part of the conversation.
        arguments, result: Names and values; of anything but an object a single value without a name.
        raw_arguments, raw_result: As they were written.
        violations: What was wrong with the arguments.
        error: Why it failed, in words.
    """

    kind: ClassVar[str] = "tool"

    tool_call_id: str
    name: str
    outcome: str
    client: bool = False
    orphan: bool = False
    arguments: tuple[tuple[str, str], ...] = ()
    result: tuple[tuple[str, str], ...] = ()
    raw_arguments: str = ""
    raw_result: str = ""
    violations: tuple[str, ...] = ()
    error: str = ""
    error_code: str | None = None
    attempts: tuple[Attempt, ...] = ()
    duration_ms: int | None = None
    changed: tuple[StateChange, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether it did not do what was asked."""
        return self.outcome in TOOL_FAILURES


class HandoffRow(Row, frozen=True, kw_only=True):
    """Another agent comes, or could not.

    Attributes:
        outcome: `committed`, `staged`, `rolled_back`, `refused`.
        took_ms: From the wish to the switch; None where nobody measured it.
        payload: What the agent who leaves told the one who comes.
        history: How much of what was said it was told.
    """

    kind: ClassVar[str] = "handoff"

    source: str
    target: str
    reason: str
    outcome: str
    cause: str = "model"
    took_ms: int | None = None
    payload: tuple[tuple[str, str], ...] = ()
    history: str = ""
    back: bool = False
    summary: str = ""
    error: str = ""


class LinkRow(Row, frozen=True, kw_only=True):
    """The call, or the session with the engine, began anew.

    Attributes:
        purpose: `call` (the caller is back), `reconnect`, `rollover`, `failover`.
        reason: Why the session before it ended.
        took_ms: Until the new session was ready.
        transport: Of a call.
        call_ended: Why the call before it ended, in words.
        away_ms: How long nobody was connected before a call.
    """

    kind: ClassVar[str] = "link"

    purpose: str
    reason: str = ""
    took_ms: int | None = None
    transport: str = ""
    call_ended: str = ""
    away_ms: int | None = None


AnyRow = MessageRow | ToolRow | HandoffRow | LinkRow
