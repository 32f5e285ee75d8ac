"""Notices: what a client is told, in our words; the door translates them to wire events.

A client sees one conversation and one **reply** at a time. A reply begins with the first response of a turn
and goes on through tool rounds and handoffs, under one response id, until the client has to act again:
tools and handoffs of ours stay behind the door.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import Modality

Stage = Literal["added", "done"]

OWN_VOICE: Final = 0
"""In the place of a session's epoch: no session has it."""


@dataclass(frozen=True, slots=True)
class SessionNotice:
    """The effective session, after the client's wishes, the agent's limits and the engine's abilities.

    Attributes:
        event_id: Of the client's `session.update`, None for a change that was not asked for.
    """

    session: JsonObject
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class ItemNotice:
    """An item exists, or is final; `previous_item_id` is its visible predecessor."""

    stage: Stage
    item: Item
    previous_item_id: str | None


@dataclass(frozen=True, slots=True)
class ItemDeletedNotice:
    """An item was taken out."""

    item_id: str


@dataclass(frozen=True, slots=True)
class ItemTruncatedNotice:
    """An item was shortened to what was heard."""

    item_id: str
    content_index: int
    audio_end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply as the client sees it.

    Attributes:
        status: As on the wire: `in_progress`, `completed`, `cancelled`, `failed`, `incomplete`.
        output: Items that the client may see.
        usage: Summed over the responses of the reply; None while it runs.
        metadata: What the client sent with `response.create`.
    """

    id: str
    conversation_id: str | None
    status: str
    modality: Modality
    status_details: JsonObject | None = None
    output: tuple[Item, ...] = ()
    usage: JsonObject | None = None
    metadata: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class ReplyNotice:
    """A reply began (`added`) or ended (`done`)."""

    stage: Stage
    reply: Reply


@dataclass(frozen=True, slots=True)
class OutputItemNotice:
    """A reply began or ended an item."""

    stage: Stage
    reply_id: str
    output_index: int
    item: Item


@dataclass(frozen=True, slots=True)
class PartNotice:
    """A reply began or ended a content part; `text` is the whole text or transcript when it ends."""

    stage: Stage
    reply_id: str
    item_id: str
    output_index: int
    content_index: int
    kind: Literal["text", "audio"]
    text: str = ""


@dataclass(frozen=True, slots=True)
class DeltaNotice:
    """A piece of a reply.

    Attributes:
        tool_call_id: For arguments of a client tool.
    """

    reply_id: str
    item_id: str
    output_index: int
    content_index: int
    kind: Literal["text", "transcript", "arguments"]
    delta: str
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True)
class AudioRouteNotice:
    """Audio of this engine item is part of a reply; the driver forwards it under these names.

    Attributes:
        epoch: Of the engine's session; `OWN_VOICE` where our own text-to-speech makes the audio.
        engine_item_id: Its id at the engine.
    """

    epoch: int
    engine_item_id: str
    reply_id: str
    item_id: str
    output_index: int


@dataclass(frozen=True, slots=True)
class SpeechNotice:
    """The caller began or stopped to speak."""

    stage: Literal["started", "stopped"]
    item_id: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class AudioCommittedNotice:
    """Caller audio became an item."""

    item_id: str
    previous_item_id: str | None


@dataclass(frozen=True, slots=True)
class AudioClearedNotice:
    """Uncommitted caller audio was discarded."""


@dataclass(frozen=True, slots=True)
class IdleNotice:
    """The caller said nothing for the configured time: the silence becomes an item, and is answered."""

    item_id: str
    audio_start_ms: int
    audio_end_ms: int


@dataclass(frozen=True, slots=True)
class TranscriptNotice:
    """Of caller audio: a piece, the whole, or why there is none (then `text` is the reason)."""

    stage: Literal["delta", "done", "failed"]
    item_id: str
    content_index: int
    text: str
    code: str | None = None
    usage: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class RefusalNotice:
    """Something the client asked for was refused; codes are those of sections 9 and 10."""

    code: str
    message: str
    param: str | None = None
    event_id: str | None = None
    kind: Literal["invalid_request_error", "server_error"] = "invalid_request_error"


@dataclass(frozen=True, slots=True)
class PlaybackNotice:
    """Where we play the sound: that of a reply began to be heard, was heard to its end, or was cut short."""

    stage: Literal["started", "stopped", "cleared"]
    reply_id: str


# --- told only to clients that ask for them (`include: ["orchestrator.events"]`) ---------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedNotice:
    """The client has the line of this conversation.

    Attributes:
        agent: On duty.
        resumed: Whether it goes on with what was said before.
        hears, speaks: Whether sound of the caller is understood, and whether replies come as sound.
    """

    conversation_id: str
    agent: str
    resumed: bool
    hears: bool
    speaks: bool


@dataclass(frozen=True, slots=True)
class SoundingWord:
    """When a word of an item sounds.

    Attributes:
        start, end: Characters of the item's transcript.
        start_ms, end_ms: Milliseconds from the item's first sample.
    """

    start: int
    end: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class CaptionNotice:
    """When words of an item sound, told with their sound; in order over the whole item."""

    reply_id: str
    item_id: str
    words: tuple[SoundingWord, ...]


@dataclass(frozen=True, slots=True)
class HeardNotice:
    """Where we play the sound: the first sound of an item has left."""

    reply_id: str
    item_id: str


@dataclass(frozen=True, slots=True)
class HeldNotice:
    """The caller makes a sound: until it is known what it was, the reply is held back; or it no longer is."""

    stage: Literal["paused", "resumed"]


@dataclass(frozen=True, slots=True)
class VoiceNotice:
    """A voice failed; another one speaks, or the reply goes on as text.

    Attributes:
        voice: Name of the text-to-speech; empty for the service's own.
        reason: A stable code.
    """

    stage: Literal["failed"]
    voice: str
    reason: str


@dataclass(frozen=True, slots=True)
class AgentNotice:
    """Another agent is about to come, has come, or could not."""

    stage: Literal["staged", "committed", "rolled_back"]
    source: str
    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class ToolNotice:
    """A tool of ours began, waits for approval, or ended."""

    stage: Literal["started", "approval", "ended"]
    tool_call_id: str
    name: str
    agent: str
    arguments: str
    outcome: str = ""
    output: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class StateNotice:
    """A state has a new value."""

    state: str
    revision: int
    value: JsonObject
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True)
class LinkNotice:
    """The engine's session was lost, is being replaced, or is back."""

    stage: Literal["lost", "restored", "failed"]
    reason: str


@dataclass(frozen=True, slots=True)
class EndedNotice:
    """The conversation's call ends."""

    by: str
    reason: str
    detail: JsonObject = field(default_factory=dict)


Notice = (
    SessionNotice
    | ItemNotice
    | ItemDeletedNotice
    | ItemTruncatedNotice
    | ReplyNotice
    | OutputItemNotice
    | PartNotice
    | DeltaNotice
    | AudioRouteNotice
    | SpeechNotice
    | AudioCommittedNotice
    | AudioClearedNotice
    | IdleNotice
    | TranscriptNotice
    | RefusalNotice
    | PlaybackNotice
    | JoinedNotice
    | CaptionNotice
    | HeardNotice
    | HeldNotice
    | VoiceNotice
    | AgentNotice
    | ToolNotice
    | StateNotice
    | LinkNotice
    | EndedNotice
)
