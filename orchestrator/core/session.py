"""One engine session as the machine sees it, a request for a response, and a switch to another session."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from orchestrator.core.commands import SessionConfig
from orchestrator.core.definition import HistoryPolicy
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import HandoffRow, Purpose, ResponseRow, SessionRow
from orchestrator.core.transitions import Link

if TYPE_CHECKING:
    from orchestrator.core.tool_calls import ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A response that is wanted.

    Attributes:
        options: As on the wire, without metadata.
        metadata: What the client sent along, to be given back to it.
        event_id: Of the client's event, None when the service itself wants the response.
        purpose: `reply` for the conversation, `side` for a client's out of band, `summary` for ourselves.
        asked_at: Seconds since the Unix epoch.
    """

    options: JsonObject = field(default_factory=dict)
    metadata: JsonObject | None = None
    event_id: str | None = None
    purpose: Literal["reply", "side", "summary"] = "reply"
    asked_at: float = 0.0


@dataclass(slots=True)
class Session:
    """One connection to an engine.

    Attributes:
        known: Our ids of the items that exist at the engine, by the engine's.
        sent: Our ids of the items that it was sent or that it made.
        calls: The engine's names of our `tool_call_id`s, where they differ.
        response: The engine's id of the response in progress.
        requested: The request that was sent and is not answered yet.
        cancelling: The response in progress was told to stop.
        muted: Nobody is to hear the response in progress: another agent is about to take over.
        transcripts: Our ids of caller items whose transcript is still to come.
        expires_at: When the engine will end the session, None while unknown.
        touched_at: When anything was last heard from the engine.
    """

    epoch: int
    config: SessionConfig
    purpose: Purpose
    row: SessionRow
    link: Link = Link.OPENING
    known: dict[str, str] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    calls: dict[str, str] = field(default_factory=dict)
    response: str | None = None
    response_row: ResponseRow | None = None
    requested: Request | None = None
    cancelling: bool = False
    muted: bool = False
    transcripts: set[str] = field(default_factory=set)
    expires_at: float | None = None
    touched_at: float = 0.0

    def ours(self, engine_id: str) -> str:
        """Our id of an item that the engine names."""
        return self.known.get(engine_id, engine_id)

    def theirs(self, item_id: str) -> str:
        """The engine's id of an item of ours."""
        return next((theirs for theirs, ours in self.known.items() if ours == item_id), item_id)

    @property
    def busy(self) -> bool:
        """Whether a response is in progress or asked for."""
        return self.response is not None or self.requested is not None


@dataclass(slots=True, kw_only=True)
class Switch:
    """A session that is to take over.

    Attributes:
        target: The agent that will be on duty.
        call: The model's call that asked for a handoff, still to be answered.
        row: What is stored of a handoff, None when the agent stays the same.
        back: The handoff returns to whoever handed over.
        summary_of: The session that was asked for a summary which is still to come.
        respond: Ask for a response once the switch is committed.
    """

    epoch: int
    purpose: Purpose
    target: str
    call: "ToolCall | None" = None
    row: HandoffRow | None = None
    back: bool = False
    policy: HistoryPolicy = field(default_factory=HistoryPolicy)
    summary_of: int | None = None
    respond: bool = False
