"""One engine session as the machine sees it, the requests it is sent, and a switch to another session."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from orchestrator.core.commands import SessionConfig
from orchestrator.core.definition import HistoryPolicy
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import HandoffRow, Purpose, ResponseRow, SessionRow
from orchestrator.core.transitions import Link

if TYPE_CHECKING:
    from orchestrator.core.configuration import Wishes
    from orchestrator.core.reply import OpenReply
    from orchestrator.core.tool_calls import ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A response that is wanted.

    Attributes:
        options: As on the wire, without metadata.
        metadata: What the client sent along, to be given back to it.
        event_id: Of the client's event, None where it named none.
        by_client: The client asked for it, not the service itself.
        purpose: `reply` for the conversation, `side` for a client's out of band, `summary` for ourselves.
        asked_at: Seconds since the Unix epoch.
    """

    options: JsonObject = field(default_factory=dict)
    metadata: JsonObject | None = None
    event_id: str | None = None
    by_client: bool = False
    purpose: Literal["reply", "side", "summary"] = "reply"
    asked_at: float = 0.0


@dataclass(slots=True)
class Inference:
    """The response in progress in a session's own conversation.

    Attributes:
        id: The engine's.
        request: What it answers, None where voice activity made it.
        reply: What it is part of. None: nobody is to hear it, since it was cancelled before it began, or
            another agent is about to come.
        voiced: The first item of it that is spoken for the engine.
        hushed: The caller speaks: nothing further of it is spoken for the engine.
        cancelling: It was told to stop.
        cut: Our own hearing stopped it, since the caller speaks.
        items: Ours, in progress.
    """

    id: str
    row: ResponseRow
    request: Request | None = None
    reply: "OpenReply | None" = None
    voiced: str | None = None
    hushed: bool = False
    cancelling: bool = False
    cut: bool = False
    items: list[str] = field(default_factory=list)

    @property
    def muted(self) -> bool:
        """Whether nobody is to hear it."""
        return self.reply is None


@dataclass(frozen=True, slots=True)
class Update:
    """A change of configuration that the engine may still refuse.

    Attributes:
        config, wishes: To go back to.
        asked: What the client wishes with it.
        event_id: Of the client's event that led to it.
    """

    config: SessionConfig
    wishes: "Wishes"
    asked: "Wishes"
    event_id: str | None


@dataclass(slots=True)
class Session:
    """One connection to an engine.

    Attributes:
        loaded: It began with history.
        previous, payload: Who handed over, and with which arguments: for instructions that are computed.
        text_to_speech: Text of this engine is spoken for it.
        since: It is told nothing that was written before this sequence number.
        anchor: The engine's id of the item behind which the oldest history goes; `root` for the beginning.
        awaits_history: It is sent nothing yet: a summary is still being made.
        known: Our ids of the items that the engine made, by the engine's.
        names: The engine's ids of items, by ours, where they differ.
        sent: Our ids of the items that the engine has, in whatever form.
        unconfirmed: Ids at the engine of items that were sent and not acknowledged yet.
        declined: The engine's names of calls that are no part of the conversation.
        calls: The engine's names of our `tool_call_id`s, where they differ.
        response: In progress.
        requested: The request for a reply that was sent and neither refused nor begun.
        unwanted: That request was cancelled: its response is stopped as soon as it begins.
        tags: Whether the engine gives metadata back, None while unknown.
        doubtful: A response that named no request ended since; perhaps it was the answer to ours.
        heard_turn: It took up what the caller said, and may answer by itself.
        requests: All that were sent and neither refused nor begun, by the id of our event.
        sides: Responses out of band, by the engine's id.
        sounding: Our ids of the items that brought audio.
        voiced: Our ids of the items that are being spoken for the engine.
        taking: Our ids of caller items that are not final yet.
        transcripts: Our ids of caller items whose transcript is still to come.
        owed: Those of them that the agent who took over has not heard, and must before it speaks.
        updates: By the id of our event.
        expires_at: When the engine will end the session, None while unknown.
        touched_at: When anything was last heard from the engine.
    """

    epoch: int
    config: SessionConfig
    purpose: Purpose
    row: SessionRow
    loaded: bool = False
    previous: str | None = None
    payload: JsonObject = field(default_factory=dict)
    text_to_speech: bool = False
    link: Link = Link.OPENING
    since: int = 0
    anchor: str = "root"
    awaits_history: bool = False
    known: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    unconfirmed: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    calls: dict[str, str] = field(default_factory=dict)
    response: Inference | None = None
    requested: Request | None = None
    unwanted: bool = False
    tags: bool | None = None
    doubtful: bool = False
    heard_turn: bool = False
    requests: dict[str, Request] = field(default_factory=dict)
    sides: "dict[str, OpenReply]" = field(default_factory=dict)
    sounding: set[str] = field(default_factory=set)
    voiced: set[str] = field(default_factory=set)
    taking: set[str] = field(default_factory=set)
    transcripts: set[str] = field(default_factory=set)
    owed: set[str] = field(default_factory=set)
    updates: dict[str, Update] = field(default_factory=dict)
    expires_at: float | None = None
    touched_at: float = 0.0

    def ours(self, engine_id: str) -> str:
        """Our id of an item that the engine names."""
        return self.known.get(engine_id, engine_id)

    def theirs(self, item_id: str) -> str:
        """The engine's id of an item of ours."""
        return self.names.get(item_id, item_id)

    @property
    def busy(self) -> bool:
        """Whether a response is in progress or asked for."""
        return self.response is not None or self.requested is not None

    @property
    def open(self) -> bool:
        """Whether it takes part in the conversation: it does until it is replaced or lost."""
        return self.link in {Link.OPENING, Link.LIVE}


@dataclass(slots=True, kw_only=True)
class Switch:
    """A session that is to take over.

    Attributes:
        target: The agent that will be on duty.
        call: The model's call that asked for a handoff, still to be answered.
        row: What is stored of a handoff, None when the agent stays the same.
        back: The handoff returns to whoever handed over.
        since: Sequence number of the last item when it was staged.
        summary: The request for a summary that is still to come; `told`: the summary itself.
        note: Our id of the note that tells the target of the handoff.
        respond: Ask for a response once the switch is committed.
        forced: The old session is about to end: no longer wait for a quiet moment.
    """

    epoch: int
    purpose: Purpose
    target: str
    call: "ToolCall | None" = None
    row: HandoffRow | None = None
    back: bool = False
    policy: HistoryPolicy = field(default_factory=HistoryPolicy)
    since: int = 0
    summary: Request | None = None
    told: str | None = None
    note: str | None = None
    respond: bool = False
    forced: bool = False
