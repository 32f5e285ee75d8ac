"""What administrators are shown of a conversation."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from orchestrator.api.shapes import Shown, plain, shown
from orchestrator.core.items import Item, ItemStatus
from orchestrator.store.details import ConversationDetails
from orchestrator.store.pricing import PriceList

Status = Literal["live", "idle", "ended"]


class Summary(Shown):
    """A conversation in a list.

    Attributes:
        agents: On duty one after another, from the entry agent on.
        slowest_turn_ms: The longest wait for the beginning of a reply.
        replay_of: The conversation that it lives again; null for one that counts.
    """

    id: Annotated[str, Meta(examples=["conv_0123456789abcdef01234567"])]
    agent: str
    entry_agent: str
    status: Status
    ended_by: str | None
    metadata: dict[str, Any]
    labels: list[str]
    verdict: str | None
    created_by: str | None
    created_at: float
    updated_at: float
    last_sequence: int
    turns: int
    tool_errors: int
    interruptions: int
    agents: list[str]
    has_error: bool
    slowest_turn_ms: int | None
    replay_of: str | None


class ContentPart(Shown):
    """A part of a message; of audio, `text` is the transcript."""

    kind: Literal["text", "audio", "image"]
    text: str
    image_url: str | None


class ItemDetails(Shown):
    """An item with all that is kept of it.

    Attributes:
        sequence: The order of writing; lists are in the order of reading.
        heard: Of an assistant's message: how far it was played. Null: all of it.
        origin: Who caused it.
        late: Whether its transcript came after the reply to it.
    """

    id: str
    kind: Literal["message", "function_call", "function_call_output", "handoff", "resumed"]
    sequence: int
    status: ItemStatus
    created_at: float
    agent: str
    epoch: int
    role: Literal["user", "assistant", "system"] | None
    content: list[ContentPart]
    heard: str | None
    name: str | None
    arguments: str | None
    tool_call_id: str | None
    output: str | None
    origin: Literal["model", "caller", "client", "operator", "service"]
    late: bool
    deleted: bool
    data: dict[str, Any]


class SessionDetails(Shown):
    """One connection to an engine."""

    epoch: int
    agent: str
    purpose: str
    modality: str
    engine: str
    model: str | None
    voice: str | None
    opened_at: float
    ready_at: float | None
    closed_at: float | None
    close_reason: str | None


class ResponseDetails(Shown):
    """One inference.

    Attributes:
        usage: Raw, as the engine reported it.
        cost: US dollars as decimal text; null where its model has no price.
    """

    id: str
    epoch: int
    agent: str
    model: str | None
    status: str
    status_details: dict[str, Any] | None
    usage: dict[str, Any] | None
    turn_ended_at: float | None
    requested_at: float | None
    created_at: float
    first_output_at: float | None
    first_audio_at: float | None
    done_at: float | None
    interrupted: bool
    cost: str | None = None


class ToolRunDetails(Shown):
    """One attempt of a tool to answer one call."""

    tool_call_id: str
    attempt: int
    name: str
    agent: str
    arguments: str
    outcome: str
    started_at: float
    finished_at: float | None
    error_code: str | None
    error: str | None
    violations: list[str]


class HandoffDetails(Shown):
    """One passage from an agent to another."""

    id: str
    source: str
    target: str
    reason: str
    payload: dict[str, Any]
    history: str
    cause: str
    outcome: str
    from_epoch: int
    to_epoch: int
    staged_at: float
    settled_at: float | None
    error: str | None


class CallDetails(Shown):
    """One client connection."""

    id: str
    transport: str
    joined_at: float
    left_at: float | None
    leave_reason: str | None
    statistics: dict[str, Any]


class StateRevision(Shown):
    """One change of a state, with its cause."""

    state: str
    revision: int
    value: dict[str, Any]
    item_id: str
    sequence: int
    tool_call_id: str | None
    created_at: float


class NoteDetails(Shown):
    """What a reviewer wrote."""

    number: int
    conversation_id: str
    item_id: str | None
    author: str
    text: str
    created_at: float


class Details(Shown):
    """A conversation whole."""

    summary: Summary
    items: list[ItemDetails]
    sessions: list[SessionDetails]
    responses: list[ResponseDetails]
    tool_runs: list[ToolRunDetails]
    handoffs: list[HandoffDetails]
    calls: list[CallDetails]
    revisions: list[StateRevision]
    records: list[dict[str, Any]]
    notes: list[NoteDetails]
    recordings: list[dict[str, Any]]


def reading_order(items: tuple[Item, ...]) -> list[Item]:
    """Items as they are read: one that was inserted into the past is in its place."""
    return sorted(items, key=lambda item: (item.position, item.sequence))


def shown_details(details: ConversationDetails, prices: PriceList) -> Details:
    """A conversation whole, responses with what they cost."""
    made = Details(
        summary=shown(details.summary, Summary),
        items=[shown(item, ItemDetails) for item in reading_order(details.items)],
        sessions=[shown(row, SessionDetails) for row in details.sessions],
        responses=[shown(row, ResponseDetails) for row in details.responses],
        tool_runs=[shown(row, ToolRunDetails) for row in details.tool_runs],
        handoffs=[shown(row, HandoffDetails) for row in details.handoffs],
        calls=[shown(row, CallDetails) for row in details.calls],
        revisions=[shown(row, StateRevision) for row in details.revisions],
        records=plain(details.records),
        notes=[shown(row, NoteDetails) for row in details.notes],
        recordings=plain(details.recordings),
    )
    for response, row in zip(made.responses, details.responses, strict=True):
        cost = prices.cost(row.model, row.usage, row.created_at)
        response.cost = None if cost is None else format(cost, "f")
    return made
