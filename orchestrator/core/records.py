"""Records: what the machine asks the store to keep. Each is one whole row, written by its key.

Writing a record twice leaves what writing it once leaves, so a writer may repeat a batch whose outcome it
does not know. Times are seconds since the Unix epoch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject, JsonValue

ConversationStatus = Literal["live", "idle", "ended"]
Purpose = Literal["start", "handoff", "resume", "reconnect", "rollover", "failover"]
Modality = Literal["text", "audio"]
ToolOutcome = Literal["running", "completed", "failed", "timed_out", "cancelled", "invalid", "declined"]

TOOL_FAILURES: Final[frozenset[str]] = frozenset({"failed", "timed_out", "invalid"})
"""Outcomes of a tool that did not do what was asked: it failed, came too late, or was given bad arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRow:
    """What changes of a conversation's own row."""

    agent: str
    status: ConversationStatus
    updated_at: float
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item as it is now."""

    item: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One connection to an engine, for one agent."""

    epoch: int
    agent: str
    purpose: Purpose
    modality: Modality
    engine: str
    model: str | None
    voice: str | None
    opened_at: float
    ready_at: float | None = None
    closed_at: float | None = None
    close_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRow:
    """One inference: its outcome, its stages in time, its raw usage."""

    id: str
    epoch: int
    agent: str
    model: str | None
    status: str
    status_details: JsonObject | None
    usage: JsonObject | None
    turn_ended_at: float | None
    requested_at: float | None
    created_at: float
    first_output_at: float | None = None
    first_audio_at: float | None = None
    done_at: float | None = None
    interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRunRow:
    """One attempt of a tool to answer one call."""

    tool_call_id: str
    attempt: int
    name: str
    agent: str
    arguments: str
    outcome: ToolOutcome
    started_at: float
    finished_at: float | None = None
    error_code: str | None = None
    error: str | None = None
    violations: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether it did not do what was asked."""
        return self.outcome in TOOL_FAILURES


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffRow:
    """One passage from an agent to another, staged, then committed or rolled back."""

    id: str
    source: str
    target: str
    reason: str
    payload: JsonObject
    history: str
    cause: Literal["model", "operator", "caller"]
    outcome: Literal["staged", "committed", "rolled_back", "refused"]
    from_epoch: int
    to_epoch: int
    staged_at: float
    settled_at: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """One client connection."""

    id: str
    transport: str
    joined_at: float
    left_at: float | None = None
    leave_reason: str | None = None
    statistics: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRow:
    """One change of a state, with its cause.

    Attributes:
        state: Name of the state.
        revision: 1, 2, 3 … within the conversation and the state; 0 is the initial value and has no row.
        value: The whole value after the change.
        item_id: The item that caused it: a tool's output, or an operator's.
        sequence: That item's sequence number.
    """

    state: str
    revision: int
    value: JsonObject
    item_id: str
    sequence: int
    tool_call_id: str | None
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecord:
    """A durable row that a tool leaves behind: an order, a reservation, a message."""

    kind: str
    data: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a tool run changes, kept as data until its output is written, then applied in that transaction.

    Attributes:
        states: New values by name.
        records: Rows for the `records` table.
        statements: SQLAlchemy executables of the application's own tables.
    """

    states: Mapping[str, JsonObject] = field(default_factory=dict)
    records: tuple[KeptRecord, ...] = ()
    statements: tuple[object, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is anything to apply."""
        return bool(self.states or self.records or self.statements)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementRow:
    """A tool's output with its effects: all in one transaction, once per `tool_call_id`.

    When the tool call was settled before (the transaction is repeated, or another node did it), nothing of it
    is applied again.
    """

    tool_call_id: str
    output: Item
    run: ToolRunRow
    revisions: tuple[RevisionRow, ...]
    records: tuple[KeptRecord, ...]
    statements: tuple[object, ...]


Record = (
    ConversationRow
    | ItemRow
    | SessionRow
    | ResponseRow
    | ToolRunRow
    | HandoffRow
    | CallRow
    | RevisionRow
    | SettlementRow
)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that is stored of a conversation and that the machine needs to go on with it.

    Attributes:
        conversation_id: Which conversation.
        agent: On duty when it was last written.
        items: In order of `sequence`.
        states: Present values by name; a missing one has its initial value.
        revisions: Present revision numbers by state name.
        epoch: The highest epoch of any of its sessions, 0 for a new conversation.
        tool_attempts: Runs so far of each tool call that is not answered yet, by `tool_call_id`.
        metadata: What the client said of the conversation when it created it.
        status: As stored; `ended` may not be resumed.
        replay_of: The conversation that this one lives again, None for one that counts.
    """

    conversation_id: str
    agent: str
    items: tuple[Item, ...] = ()
    states: Mapping[str, JsonObject] = field(default_factory=dict)
    revisions: Mapping[str, int] = field(default_factory=dict)
    epoch: int = 0
    tool_attempts: Mapping[str, int] = field(default_factory=dict)
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    status: ConversationStatus = "idle"
    replay_of: str | None = None
