"""Ears that hear what a test wrote, and a detector for which everything loud is speech."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from orchestrator.engine.server.hearing import Heard
from orchestrator.speech.endpointing import TurnDetector
from orchestrator.speech.energy import loudness
from orchestrator.speech.errors import SpeechError
from orchestrator.speech.partials import Partials
from orchestrator.speech.protocol import (
    BYTES_PER_MS,
    RecogniserCapabilities,
    Transcript,
    TurnDetection,
    Vocabulary,
    VoiceEvent,
)
from tests.patience import PATIENCE
from tests.speech.speaking import sound

FRAME_MS = 32
LOUD = 5000


def loud(milliseconds: int) -> bytes:
    """Sound that counts as speech."""
    return sound(milliseconds, LOUD)


class LoudnessActivity:
    """A `VoiceActivity` that takes every loud frame for speech, so that times are exact."""

    def __init__(self, detection: TurnDetection) -> None:
        self._detector = TurnDetector(detection, FRAME_MS)
        self._pending = b""
        self.heard: list[str] = []

    @property
    def speaking(self) -> bool:
        return self._detector.speaking

    def feed(self, pcm: bytes) -> list[VoiceEvent]:
        self._pending += pcm
        size = FRAME_MS * BYTES_PER_MS
        events = []
        while len(self._pending) >= size:
            frame, self._pending = self._pending[:size], self._pending[size:]
            events.append(self._detector.feed(1.0 if loudness(frame) > LOUD / 2 else 0.0))
        return [event for event in events if event is not None]

    def configure(self, detection: TurnDetection) -> None:
        self._detector.configure(detection)

    def hear(self, text: str) -> None:
        self.heard.append(text)
        self._detector.hear(text)

    def reset(self) -> None:
        self._detector.reset()


class ScriptedTranscription:
    """The hearing of one call: answers each commit with the next script."""

    def __init__(self, ears: "ScriptedEars") -> None:
        self._ears = ears
        self._partials = Partials()
        self.fed = b""

    async def feed(self, pcm: bytes) -> None:
        if self._ears.deaf is not None:
            raise self._ears.deaf
        self.fed += pcm

    async def commit(self) -> Transcript:
        self._ears.utterances.append(self.fed)
        self.fed = b""
        said = self._ears.scripts.pop(0) if self._ears.scripts else Transcript("")
        if isinstance(said, SpeechError):
            raise said
        return said

    async def discard(self) -> None:
        self.fed = b""

    async def expect(self, vocabulary: Vocabulary) -> None:
        self._ears.vocabularies.append(vocabulary)

    def partials(self) -> Partials:
        return self._partials

    def understand(self, text: str) -> None:
        self._partials.add(Transcript(text, final=False))

    def close(self) -> None:
        self._partials.close()


class ScriptedEars:
    """A `SpeechToText` that understands what the test wrote, utterance by utterance.

    Attributes:
        utterances: The sound of each utterance that was committed.
        vocabularies: What was to be expected, in order.
        opened: The transcriptions, in order.
        deaf: Raised by the next sound, and while it is set.
        late: Raised by the next opening, once.
    """

    name = "scripted"
    capabilities = RecogniserCapabilities(partials=True, word_times=False, confidence=True, vocabulary=True)

    def __init__(self, *scripts: str | Transcript | SpeechError) -> None:
        self.scripts = [Transcript(said) if isinstance(said, str) else said for said in scripts]
        self.utterances: list[bytes] = []
        self.vocabularies: list[Vocabulary] = []
        self.opened: list[ScriptedTranscription] = []
        self.deaf: SpeechError | None = None
        self.late: SpeechError | None = None

    @asynccontextmanager
    async def open(
        self, vocabulary: Vocabulary, *, rate: int = 24_000
    ) -> AsyncIterator[ScriptedTranscription]:
        assert rate == 24_000
        self.vocabularies.append(vocabulary)
        late, self.late = self.late, None
        if late is not None:
            raise late
        transcription = ScriptedTranscription(self)
        self.opened.append(transcription)
        try:
            yield transcription
        finally:
            transcription.close()


class Findings:
    """Takes what a recogniser finds, and can be waited for."""

    def __init__(self) -> None:
        self.so_far: list[str] = []
        self.final: dict[str, Transcript] = {}
        self.failed: dict[str, str] = {}
        self.changed = asyncio.Event()

    @property
    def heard(self) -> Heard:
        return Heard(self._so_far, self._final, self._failed)

    async def until(self, item_id: str) -> None:
        """Wait until an item was written down, or was not."""
        async with asyncio.timeout(PATIENCE):
            while item_id not in self.final | self.failed:
                self.changed.clear()
                await self.changed.wait()

    def _so_far(self, text: str) -> None:
        self.so_far.append(text)
        self.changed.set()

    def _final(self, item_id: str, transcript: Transcript) -> None:
        self.final[item_id] = transcript
        self.changed.set()

    def _failed(self, item_id: str, message: str) -> None:
        self.failed[item_id] = message
        self.changed.set()
