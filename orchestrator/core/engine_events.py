"""What an engine tells us, in our words. Facts in the past tense, no behaviour.

Every event carries the epoch of the session that it came from; the machine drops those of a session that it
no longer knows. `orchestrator.realtime` translates the wire's events to these; nothing else reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from orchestrator.core.items import Part
from orchestrator.core.json_value import JsonObject


@dataclass(frozen=True, slots=True)
class EngineItem:
    """An item as the engine tells it; its id is the engine's own.

    `kind` is the wire's type and may be one that we do not know (`mcp_call` …).
    """

    id: str
    kind: str
    role: str | None = None
    status: str = "completed"
    content: tuple[Part, ...] = ()
    name: str | None = None
    arguments: str | None = None
    tool_call_id: str | None = None
    output: str | None = None


@dataclass(frozen=True, slots=True)
class SessionReady:
    """The engine confirmed the session's configuration; `session` is the effective one."""

    epoch: int
    expires_at: float | None = None
    session: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SessionUpdated:
    """The engine confirmed a later change of configuration."""

    epoch: int
    session: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SessionFailed:
    """A session could not be opened, was refused, or is lost.

    Attributes:
        code: Stable; `engine_lost`, `engine_timeout`, `session_expired`, or the engine's own.
        retryable: Whether opening it again may help.
    """

    epoch: int
    code: str
    message: str
    retryable: bool = True


@dataclass(frozen=True, slots=True)
class EngineRefused:
    """The engine answered an event of ours with `error`.

    Attributes:
        event_id: Of our event, where the engine named it.
    """

    epoch: int
    code: str
    message: str
    event_id: str | None = None
    param: str | None = None


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The engine's voice activity detection heard the caller begin.

    Attributes:
        item_id: Of the user item that it will be.
        audio_start_ms: In all the sound that the session was given, padding included.
        at: When the voice began, in seconds since the Unix epoch; None where the driver does not know.
    """

    epoch: int
    item_id: str
    audio_start_ms: int = 0
    at: float | None = None


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The caller stopped speaking.

    Attributes:
        audio_end_ms: In all the sound that the session was given, the silence that ended the turn included.
        at: When the voice ended, as in `SpeechStarted`.
    """

    epoch: int
    item_id: str
    audio_end_ms: int = 0
    at: float | None = None


@dataclass(frozen=True, slots=True)
class AudioCommitted:
    """Caller audio became a user item."""

    epoch: int
    item_id: str


@dataclass(frozen=True, slots=True)
class AudioCleared:
    """The engine's input audio buffer was cleared."""

    epoch: int


@dataclass(frozen=True, slots=True)
class IdleTimeout:
    """The caller said nothing for the configured idle time (section 8.8)."""

    epoch: int
    item_id: str
    audio_start_ms: int = 0
    audio_end_ms: int = 0


@dataclass(frozen=True, slots=True)
class EngineItemAdded:
    """An item exists in the engine's conversation, maybe in progress."""

    epoch: int
    item: EngineItem


@dataclass(frozen=True, slots=True)
class EngineItemDone:
    """An item of the engine's conversation is final."""

    epoch: int
    item: EngineItem


@dataclass(frozen=True, slots=True)
class EngineItemDeleted:
    """The engine removed an item, as asked."""

    epoch: int
    item_id: str


@dataclass(frozen=True, slots=True)
class EngineItemTruncated:
    """The engine shortened an item, as asked."""

    epoch: int
    item_id: str
    audio_end_ms: int


@dataclass(frozen=True, slots=True)
class TranscriptDelta:
    """A piece of the transcript of caller audio."""

    epoch: int
    item_id: str
    delta: str
    content_index: int = 0


@dataclass(frozen=True, slots=True)
class TranscriptDone:
    """The transcript of caller audio; may come after the reply to it."""

    epoch: int
    item_id: str
    text: str
    content_index: int = 0
    usage: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class TranscriptFailed:
    """Caller audio could not be transcribed."""

    epoch: int
    item_id: str
    code: str
    message: str
    content_index: int = 0


@dataclass(frozen=True, slots=True)
class ResponseStarted:
    """An inference began, asked for by us or by the engine's voice activity detection."""

    epoch: int
    response_id: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutputItemAdded:
    """A response began an item."""

    epoch: int
    response_id: str
    item: EngineItem


@dataclass(frozen=True, slots=True)
class PartAdded:
    """A response began a content part of a message."""

    epoch: int
    response_id: str
    item_id: str
    content_index: int
    kind: Literal["text", "audio"]


@dataclass(frozen=True, slots=True)
class OutputDelta:
    """A piece of generated text: written text, the transcript of generated audio, or a call's arguments."""

    epoch: int
    response_id: str
    item_id: str
    kind: Literal["text", "transcript", "arguments"]
    delta: str
    content_index: int = 0


@dataclass(frozen=True, slots=True)
class AudioStarted:
    """The first audio of an output item arrived. The driver reports it once per item; bytes never enter."""

    epoch: int
    response_id: str
    item_id: str
    content_index: int = 0


@dataclass(frozen=True, slots=True)
class PartDone:
    """A content part is final; `text` is the whole text or transcript."""

    epoch: int
    response_id: str
    item_id: str
    content_index: int
    kind: Literal["text", "audio"]
    text: str


@dataclass(frozen=True, slots=True)
class OutputItemDone:
    """An output item is final."""

    epoch: int
    response_id: str
    item: EngineItem


@dataclass(frozen=True, slots=True)
class ResponseDone:
    """An inference ended, in whatever way."""

    epoch: int
    response_id: str
    status: str
    status_details: JsonObject | None = None
    usage: JsonObject | None = None
    output: tuple[EngineItem, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


EngineEvent = (
    SessionReady
    | SessionUpdated
    | SessionFailed
    | EngineRefused
    | SpeechStarted
    | SpeechStopped
    | AudioCommitted
    | AudioCleared
    | IdleTimeout
    | EngineItemAdded
    | EngineItemDone
    | EngineItemDeleted
    | EngineItemTruncated
    | TranscriptDelta
    | TranscriptDone
    | TranscriptFailed
    | ResponseStarted
    | OutputItemAdded
    | PartAdded
    | OutputDelta
    | AudioStarted
    | PartDone
    | OutputItemDone
    | ResponseDone
)
