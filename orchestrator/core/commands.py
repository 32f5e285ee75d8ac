"""Commands: what the conversation machine asks the world to do. The driver executes them in order.

None of them answers; what comes of a command comes back as an event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import Notice
from orchestrator.core.records import Modality, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHearing:
    """How this service itself listens to the caller, in place of the engine.

    Attributes:
        detection: As on the wire, whole; empty where the client ends turns by hand.
        writes: What is said is written down here, for an engine that only reads.
        holds: Seconds for which a reply is held back when the caller makes a sound over it, until it is known
            whether that was words; None where every sound interrupts.
        sounds: Words that are none.
    """

    detection: JsonObject
    writes: bool = False
    holds: float | None = None
    sounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """How a session is to be set up at an engine, whatever its dialect.

    Attributes:
        agent: Whose session it is.
        engine: Which engine; None for the service's setting.
        model: Of the engine; None for its default.
        instructions: For the model.
        voice: None for the engine's default.
        modality: `text`, or `audio` (which always brings a transcript).
        tools: As on the wire: `{type: "function", name, description, parameters}`.
        tool_choice: As on the wire, None for the default.
        input_format, output_format: As on the wire (`{type: "audio/pcm", rate: 24000}`), or None.
        turn_detection: As on the wire; None for the engine's default, empty for manual turns.
        transcription: As on the wire; None for the default of the dialect.
        noise_reduction: As on the wire; None leaves it off.
        max_output_tokens: None for no limit.
        hints: Example phrases by function name; sent only to engines that understand them.
        hearing: How we find the caller's turns ourselves; None where the engine does. The engine's own
            `turn_detection` is manual then.
        idle_ms: After how much silence we ask a caller who says nothing; None for never, or where the engine
            does that.
    """

    agent: str
    engine: str | None
    model: str | None
    instructions: str
    voice: str | None
    modality: Modality
    tools: tuple[JsonObject, ...] = ()
    tool_choice: str | JsonObject | None = None
    input_format: JsonObject | None = None
    output_format: JsonObject | None = None
    turn_detection: JsonObject | None = None
    transcription: JsonObject | None = None
    noise_reduction: JsonObject | None = None
    max_output_tokens: int | None = None
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hearing: OwnHearing | None = None
    idle_ms: int | None = None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Connect to the engine and configure the session; answered by `SessionReady` or `SessionFailed`.

    Commands for this epoch may follow at once: they are sent in order, without waiting for each other.
    """

    epoch: int
    config: SessionConfig


@dataclass(frozen=True, slots=True)
class UpdateSession:
    """Configure an open session anew; answered by `SessionUpdated` or `EngineRefused`."""

    epoch: int
    config: SessionConfig
    event_id: str


@dataclass(frozen=True, slots=True)
class CloseSession:
    """Close a session; nothing more is expected of it."""

    epoch: int
    reason: str


@dataclass(frozen=True, slots=True)
class SendItem:
    """Create an item at the engine.

    Attributes:
        item: Never a marker; an assistant's message is sent as text, as far as it was heard.
        previous_item_id: None to append, `root` to put it first.
        event_id: Comes back in `EngineRefused` should the engine refuse it.
    """

    epoch: int
    item: Item
    previous_item_id: str | None
    event_id: str


@dataclass(frozen=True, slots=True)
class DeleteItem:
    """Delete an item at the engine."""

    epoch: int
    item_id: str
    event_id: str


@dataclass(frozen=True, slots=True)
class TruncateItem:
    """Shorten an assistant's audio item at the engine to what was played."""

    epoch: int
    item_id: str
    content_index: int
    audio_end_ms: int
    event_id: str


@dataclass(frozen=True, slots=True)
class CreateResponse:
    """Ask for an inference.

    Attributes:
        options: As on the wire (`response.create`'s `response`), without metadata.
        metadata: Comes back in `ResponseStarted` and `ResponseDone`.
    """

    epoch: int
    event_id: str
    options: JsonObject = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CancelResponse:
    """Stop an inference."""

    epoch: int
    response_id: str
    event_id: str


@dataclass(frozen=True, slots=True)
class CommitAudio:
    """End the caller's turn by hand."""

    epoch: int
    event_id: str


@dataclass(frozen=True, slots=True)
class ClearAudio:
    """Discard uncommitted caller audio."""

    epoch: int
    event_id: str


@dataclass(frozen=True, slots=True)
class LetHear:
    """Let the engine hear what the caller is saying, from the beginning of the turn to its end."""


@dataclass(frozen=True, slots=True)
class WriteDown:
    """Have what the caller is saying written down, from the beginning of the turn; see `Understood`."""

    item_id: str


@dataclass(frozen=True, slots=True)
class EndUtterance:
    """Find out what was said in the turn that is being written down; answered by a final `Understood`."""

    item_id: str


@dataclass(frozen=True, slots=True)
class ForgetSpeech:
    """What the caller says, or has just said, is no part of a turn."""


@dataclass(frozen=True, slots=True)
class RouteAudio:
    """From now on caller audio goes to these sessions, and audio of this session goes to the caller.

    Attributes:
        hear: Epochs of the sessions that hear the caller; more than one while an agent is being switched.
        speak: Epoch of the session that the caller hears, None for none.
    """

    hear: tuple[int, ...]
    speak: int | None


@dataclass(frozen=True, slots=True)
class FlushPlayback:
    """Stop playing at once; nothing of what was queued may leave later."""

    item_id: str | None = None


@dataclass(frozen=True, slots=True)
class PausePlayback:
    """Fall silent at once, and keep what is queued: it may go on. A client that plays by itself does not."""


@dataclass(frozen=True, slots=True)
class ResumePlayback:
    """Go on after `PausePlayback`."""


@dataclass(frozen=True, slots=True)
class WatchPlayback:
    """Say when the caller has heard all the sound that there is; answered by `AllPlayed`.

    Attributes:
        number: Comes back. A later one replaces those before it.
    """

    number: int


@dataclass(frozen=True, slots=True)
class SpeakText:
    """Have text of an item spoken by the text-to-speech, where the caller listens; answered by `Spoken`.

    Attributes:
        text: A piece of the reply, in order.
        voice: None for the adapter's own.
        final: No further text of this item will come.
        adapter: Which text-to-speech; None for the service's setting.
        speed: 1.0 is the voice's own pace.
    """

    item_id: str
    text: str
    voice: str | None
    final: bool
    adapter: str | None = None
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    """Make no more sound of any text; what was made may still be heard. Each item is answered by `Spoken`."""


@dataclass(frozen=True, slots=True)
class RunTool:
    """Run a tool with arguments that passed its check; answered by `ToolReturned`.

    Attributes:
        arguments: Parsed.
        states: Present values of the states it takes, by name.
        timeout: Seconds.
    """

    tool_call_id: str
    attempt: int
    agent: str
    name: str
    arguments: JsonObject
    states: Mapping[str, JsonObject]
    timeout: float


@dataclass(frozen=True, slots=True)
class CancelTool:
    """Stop a tool run; answered by `ToolReturned` with the outcome `cancelled`."""

    tool_call_id: str


@dataclass(frozen=True, slots=True)
class Persist:
    """Keep a record. Records are committed in the order of their commands.

    Attributes:
        confirm: A `tool_call_id`: answer with `Settled` once the record is committed or refused.
    """

    record: Record
    confirm: str | None = None


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the caller's client."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class RecordCall:
    """Record the call from now on, or no more; the end of a call ends its recording without being told."""

    call_id: str
    on: bool


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the call, after what is queued for the caller has been delivered."""

    call_id: str
    reason: str


HearingCommand = LetHear | WriteDown | EndUtterance | ForgetSpeech
"""The commands for our own hearing."""

Command = (
    OpenSession
    | UpdateSession
    | CloseSession
    | SendItem
    | DeleteItem
    | TruncateItem
    | CreateResponse
    | CancelResponse
    | CommitAudio
    | ClearAudio
    | HearingCommand
    | RouteAudio
    | FlushPlayback
    | PausePlayback
    | ResumePlayback
    | WatchPlayback
    | SpeakText
    | StopSpeaking
    | RunTool
    | CancelTool
    | Persist
    | Announce
    | RecordCall
    | HangUp
)
