"""What a session asks of its connection, in order; the session itself waits for nothing."""

from dataclasses import dataclass
from typing import TypeAlias

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.brain import BrainContext
from orchestrator.speech.protocol import Voice
from orchestrator.speech.questions import Answer


@dataclass(frozen=True, slots=True)
class StartResponse:
    """Ask the brain, and feed what it says with `Session.feed_brain`.

    Args:
        response_id: Which response.
        context: What the brain is told.
        voice: Says the reply aloud, fed with `Session.feed_speech`; None for a reply in text.
    """

    response_id: str
    context: BrainContext
    voice: Voice | None = None


@dataclass(frozen=True, slots=True)
class StopResponse:
    """Let go of the brain and of the voice; the response has ended already."""

    response_id: str


@dataclass(frozen=True, slots=True)
class Listen:
    """The caller sends sound or is about to, or other words are to be expected: prepare the recogniser.

    Args:
        tools: The function tools on offer, in the wire's shape.
        hints: Example phrases of callers.
        keywords: Names that the client expects (`transcription.keywords`).
        language: BCP 47 tag.
        wanted: What the agent's open question asks for.
    """

    tools: tuple[JsonObject, ...]
    hints: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    language: str = "en"
    wanted: Answer = "anything"


@dataclass(frozen=True, slots=True)
class Hear:
    """More sound of the open utterance: 24 kHz PCM."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class EndUtterance:
    """Find out what was said, and answer with `Session.heard` or `Session.not_heard`."""

    item_id: str


@dataclass(frozen=True, slots=True)
class DropUtterance:
    """Forget the open utterance."""


@dataclass(frozen=True, slots=True)
class Transcribe:
    """Find out what is said in a message that a client wrote; answered as `EndUtterance` is."""

    item_id: str
    pcm: bytes


HearingCommand: TypeAlias = Listen | Hear | EndUtterance | DropUtterance | Transcribe
Command: TypeAlias = StartResponse | StopResponse | HearingCommand
