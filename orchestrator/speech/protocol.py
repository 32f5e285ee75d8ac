"""What the rest of the service knows of voices, recognisers and detectors of speech.

All sound is PCM, 16-bit signed little-endian, mono; 24,000 Hz unless a parameter says otherwise. Each
adapter is an asynchronous context manager (it owns sockets or a worker process) and serves many calls at
once; each call opens replies and transcriptions of its own on it.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

SAMPLE_RATE: Final = 24_000
BYTES_PER_MS: Final = SAMPLE_RATE * 2 // 1000


@dataclass(frozen=True, slots=True)
class Voice:
    """How a reply is to sound.

    Attributes:
        name: A name of the adapter's; empty for its default. How an unknown name is treated is the
            adapter's: the embedded ones fall back on a voice of theirs, remote ones pass it on.
        speed: 1.0 is the voice's own pace; 0.25 to 1.5 as on the wire.
        language: BCP 47 tag.
        instructions: Manner of speaking, for adapters that take it; others ignore it.
    """

    name: str = ""
    speed: float = 1.0
    language: str = "en"
    instructions: str | None = None


@dataclass(frozen=True, slots=True)
class WordTime:
    """When a word of a reply sounds.

    Attributes:
        start, end: Character offsets into all text fed to the reply.
        start_ms, end_ms: Milliseconds from the reply's first sample.
    """

    start: int
    end: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Speech:
    """A piece of a spoken reply. Either part may be empty: some providers send times apart from sound.

    Attributes:
        pcm: Sound that follows the previous piece without a gap; whole samples.
        words: Times that became known with this piece, in order over the whole reply.
    """

    pcm: bytes = b""
    words: tuple[WordTime, ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceCapabilities:
    """What an adapter can do.

    Attributes:
        word_times: `given` by the synthesiser, or `estimated` by each word's share of characters.
        instructions: Whether `Voice.instructions` has an effect.
        local: Whether nothing leaves this machine.
    """

    word_times: Literal["given", "estimated"]
    instructions: bool = False
    local: bool = False


class SpokenReply(Protocol):
    """One reply being spoken: text goes in as it comes, sound comes out by iteration."""

    async def feed(self, text: str) -> None:
        """Add text, in pieces of any size. Raises `SpeechError` after `finish`."""

    async def finish(self) -> None:
        """Say that the text is complete; without it iteration waits for more."""

    async def cancel(self) -> None:
        """Stop: no more sound comes, and iteration ends."""

    def __aiter__(self) -> AsyncIterator[Speech]:
        """Iterate over the sound. Raises `SpeechError` when the reply cannot go on."""


class TextToSpeech(Protocol):
    """A voice adapter."""

    @property
    def name(self) -> str:
        """As in the setting, e.g. `embedded`."""

    @property
    def capabilities(self) -> VoiceCapabilities:
        """What it can do."""

    @property
    def voices(self) -> tuple[str, ...]:
        """Names that it is known to have; a remote adapter may know more than it lists."""

    def open(self, voice: Voice) -> AbstractAsyncContextManager[SpokenReply]:
        """Begin one reply. Connecting starts at once, so open it when the model starts to think."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A recognised word.

    Attributes:
        start_ms, end_ms: From the first sample fed after the last commit.
        confidence: 0 to 1, None where the recogniser does not say.
    """

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard in one utterance, so far or finally.

    Attributes:
        text: All of the utterance, not a difference; empty when nothing was understood.
        final: Whether it will not change.
        confidence: 0 to 1, None where the recogniser does not say.
    """

    text: str
    final: bool = True
    confidence: float | None = None
    words: tuple[HeardWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that a caller may well say; `weight` 1.0 is an ordinary one."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a recogniser should expect to hear from an agent's callers.

    Attributes:
        phrases: Example phrases (see `orchestrator.speech.vocabulary`).
        terms: Names worth a boost at providers that take key terms.
        language: BCP 47 tag.
    """

    phrases: tuple[Phrase, ...] = ()
    terms: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class RecogniserCapabilities:
    """What a recogniser can do.

    Attributes:
        partials: Whether something is heard before the commit.
        word_times: Whether finals carry words.
        confidence: Whether finals carry a confidence.
        vocabulary: Whether `Transcription.expect` has an effect.
        local: Whether nothing leaves this machine.
    """

    partials: bool
    word_times: bool
    confidence: bool
    vocabulary: bool
    local: bool = False


class Transcription(Protocol):
    """The hearing of one call: sound goes in, each commit ends an utterance."""

    async def feed(self, pcm: bytes) -> None:
        """Add sound at the rate given to `open`. Raises `SpeechError` when hearing has failed."""

    async def commit(self) -> Transcript:
        """End the utterance and wait for its final transcript. Sound fed meanwhile belongs to the next."""

    async def discard(self) -> None:
        """Forget what was fed since the last commit."""

    async def expect(self, vocabulary: Vocabulary) -> None:
        """Change what is expected from the next utterance on: another agent is on duty."""

    def partials(self) -> AsyncIterator[Transcript]:
        """Iterate over what is heard before each commit; ends when the transcription is closed."""


class SpeechToText(Protocol):
    """A recogniser adapter."""

    @property
    def name(self) -> str:
        """As in the setting, e.g. `deepgram`."""

    @property
    def capabilities(self) -> RecogniserCapabilities:
        """What it can do."""

    def open(
        self, vocabulary: Vocabulary, *, rate: int = SAMPLE_RATE
    ) -> AbstractAsyncContextManager[Transcription]:
        """Begin to hear one call, at `rate` samples a second (16,000 or 24,000)."""


@dataclass(frozen=True, slots=True)
class ServerVad:
    """Turn detection by silence (Realtime protocol, section 3.1).

    Attributes:
        threshold: Probability from which sound counts as speech, 0 to 1.
        prefix_padding_ms: Sound kept from before speech was noticed.
        silence_duration_ms: Silence that ends a turn.
    """

    threshold: float = 0.5
    prefix_padding_ms: int = 300
    silence_duration_ms: int = 500


@dataclass(frozen=True, slots=True)
class SemanticVad:
    """Turn detection that waits longer while the caller's sentence seems unfinished (section 3.1)."""

    eagerness: Literal["auto", "low", "medium", "high"] = "auto"


TurnDetection: TypeAlias = ServerVad | SemanticVad


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody speaks; `at_ms` counts from the first sample fed, prefix padding included."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The turn ended; `at_ms` counts from the first sample fed, the closing silence included."""

    at_ms: int


VoiceEvent: TypeAlias = SpeechStarted | SpeechStopped


class VoiceActivity(Protocol):
    """Says when somebody speaks. One for each call; no I/O, no clock: time is what was fed."""

    @property
    def speaking(self) -> bool:
        """Whether a turn is open."""

    def feed(self, pcm: bytes) -> list[VoiceEvent]:
        """Listen to sound of any length and say what it brought."""

    def configure(self, detection: TurnDetection) -> None:
        """Change the parameters, from the next sample on."""

    def hear(self, text: str) -> None:
        """Tell what was understood of the open turn so far; only semantic detection uses it."""

    def reset(self) -> None:
        """Forget an open turn, and keep counting."""
