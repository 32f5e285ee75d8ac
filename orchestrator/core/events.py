"""What callers, tools, operators and time do to a conversation. Facts in the past tense, no behaviour.

The time of an event is given beside it, to `Conversation.feed(event, at)`.
"""

from dataclasses import dataclass, field

from orchestrator.core.engine_events import EngineEvent, EngineItem
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import Effects, ToolOutcome

# --- from a caller ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallJoined:
    """A client connection took the conversation's line.

    Attributes:
        greet: Whether the agent may speak first: to greet in a new conversation, or, where the caller comes
            back at once, to give the answer that the loss of the connection cut off.
    """

    call_id: str
    transport: str
    greet: bool = False


@dataclass(frozen=True, slots=True)
class CallMoved:
    """A further connection of the caller took the line over from the one before, and everything goes on.

    Attributes:
        call_id, transport: Of the connection that has the line now.
        statistics: Of the one before, stored with its call.
    """

    call_id: str
    transport: str
    statistics: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallLeft:
    """The client connection is gone.

    Attributes:
        statistics: Of its transport, stored with the call.
    """

    call_id: str
    reason: str
    statistics: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallerUpdated:
    """The client asked for other session settings (`session.update`), already checked against the schema."""

    session: JsonObject
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class CallerItem:
    """The client wrote an item.

    Attributes:
        previous_item_id: None to append, `root` to put it first, else an item's id.
    """

    item: EngineItem
    previous_item_id: str | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class CallerDeletedItem:
    """The client took an item out of the conversation."""

    item_id: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class CallerTruncatedItem:
    """The client tells how much of an assistant's audio item it has played.

    Attributes:
        generated_ms: How much audio of it there is, as far as the driver counted.
        characters: Of its text, where it was spoken by the text-to-speech, else None.
    """

    item_id: str
    audio_end_ms: int
    content_index: int = 0
    event_id: str | None = None
    generated_ms: int = 0
    characters: int | None = None


@dataclass(frozen=True, slots=True)
class CallerAskedResponse:
    """The client asked for a response; `options` is its `response` object."""

    options: JsonObject = field(default_factory=dict)
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class CallerCancelled:
    """The client cancelled the response in progress."""

    response_id: str | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class CallerCommittedAudio:
    """The client ended its turn by hand (`input_audio_buffer.commit`)."""

    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class CallerClearedAudio:
    """The client discarded uncommitted audio."""

    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller pressed a telephone key."""

    key: str


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """Our own voice activity detection heard the caller begin, `at_ms` into the caller's sound.

    Attributes:
        sounding: The caller hears the agent, or is about to.
        at: When the voice began, in seconds since the Unix epoch; None where the driver does not know.
    """

    at_ms: int
    sounding: bool = False
    at: float | None = None


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """Our own voice activity detection heard the caller stop, `at_ms` into the caller's sound.

    Attributes:
        at: When the voice ended, as in `SpeechBegan`.
    """

    at_ms: int
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What our own speech-to-text understood of the caller.

    Attributes:
        item_id: As in the command.
        text: All of it so far; empty where there were no words.
        final: It will not change.
        error: Why nobody knows what was said, then `text` is empty.
        confidence: How sure it is, 0 to 1, None where it does not say.
    """

    item_id: str
    text: str
    final: bool = True
    error: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """The caller's side has played this much of an item.

    Attributes:
        milliseconds: Of the item's audio, from its beginning.
        characters: Of its text, where playout knows (speech made from text), else None.
        final: Nothing more of it will be played. What is not final tells that it begins.
        generated_ms: How much audio of it there is, as far as the driver counted.
    """

    item_id: str
    milliseconds: int
    characters: int | None = None
    final: bool = False
    generated_ms: int = 0


@dataclass(frozen=True, slots=True)
class AllPlayed:
    """The caller has heard all the sound that there was; `number` is that of `WatchPlayback`."""

    number: int


CallerEvent = (
    CallJoined
    | CallMoved
    | CallLeft
    | CallerUpdated
    | CallerItem
    | CallerDeletedItem
    | CallerTruncatedItem
    | CallerAskedResponse
    | CallerCancelled
    | CallerCommittedAudio
    | CallerClearedAudio
    | KeyPressed
    | SpeechBegan
    | SpeechEnded
    | Understood
    | Played
    | AllPlayed
)

# --- from tools and the store -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToolReturned:
    """A tool run ended.

    Attributes:
        outcome: `completed`, or why not.
        output: JSON text or prose for the model; of a failed run, the error in words meant for it.
        effects: To be applied with the output; empty for a failed run.
        violations: What was wrong with the arguments, when the outcome is `invalid`.
        end_call: A reason, when the tool asked to hang up after the reply.
    """

    tool_call_id: str
    attempt: int
    outcome: ToolOutcome
    output: str
    effects: Effects = field(default_factory=Effects)
    error_code: str | None = None
    violations: tuple[str, ...] = ()
    end_call: str | None = None


@dataclass(frozen=True, slots=True)
class ToolProgressed:
    """A tool that still runs has something to say to the caller."""

    tool_call_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The store committed a tool's output with its effects, or refused to.

    Attributes:
        error: None when it is committed.
        output: What is stored, when the call had been settled before.
    """

    tool_call_id: str
    error: str | None = None
    output: str | None = None


@dataclass(frozen=True, slots=True)
class ToolApproved:
    """An operator decided on a tool run that needs approval."""

    tool_call_id: str
    approve: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SoundBegan:
    """The first sound of an item is on its way to the caller, whoever made it."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """The text-to-speech makes no more sound of an item: all of it is made, or it was stopped, or it failed.

    Attributes:
        generated_ms: How much sound of it there is.
        characters: Of its text, as far as there is sound of it; None for all.
        error: A stable code, when it was the text-to-speech that failed.
    """

    item_id: str
    generated_ms: int = 0
    characters: int | None = None
    error: str | None = None


# --- from operators ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OperatorSaid:
    """An operator has the agent say these words to the caller."""

    text: str


@dataclass(frozen=True, slots=True)
class OperatorInjected:
    """An operator tells the model something that the caller does not hear.

    Attributes:
        respond: Whether the agent should speak upon it.
    """

    text: str
    respond: bool = False


@dataclass(frozen=True, slots=True)
class OperatorHandedOff:
    """An operator puts another agent on duty."""

    target: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OperatorReconnected:
    """An operator asks for a fresh engine session."""

    reason: str = "operator"


@dataclass(frozen=True, slots=True)
class OperatorEnded:
    """The conversation's call is to end: by an operator, a hang-up request, or a limit.

    Attributes:
        final: The conversation as a whole is over and may not be resumed.
    """

    by: str
    reason: str = ""
    final: bool = False


@dataclass(frozen=True, slots=True)
class DefinitionChanged:
    """An administrator changed an agent; the session in force is brought up to date."""

    agent: str


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing happened but time: fed when the machine's deadline has come."""


ServiceEvent = (
    ToolReturned
    | ToolProgressed
    | Settled
    | ToolApproved
    | SoundBegan
    | Spoken
    | OperatorSaid
    | OperatorInjected
    | OperatorHandedOff
    | OperatorReconnected
    | OperatorEnded
    | DefinitionChanged
    | TimePassed
)

Event = EngineEvent | CallerEvent | ServiceEvent
