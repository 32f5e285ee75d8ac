"""One call's hearing over a line that may break: to a worker process, or to a provider.

Sound is kept until its utterance is final. When the line breaks, the next one is given all of it, once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

from orchestrator.speech.deadlines import deadline
from orchestrator.speech.errors import SpeechError, SpeechLostError
from orchestrator.speech.partials import Partials
from orchestrator.speech.protocol import Transcript, Vocabulary

_LONGEST_SECONDS: Final = 60
"""Sound of one utterance that is kept; of a longer one the beginning is gone when the line breaks."""
_TRIES: Final = 2
_PAUSES: Final = (0.0, 0.2, 1.0)
"""Seconds before each new line in a row that brought nothing; after the last, hearing has failed."""

Lesson = TypeVar("Lesson")
Lesson_contra = TypeVar("Lesson_contra", contravariant=True)


class Line(Protocol[Lesson_contra]):
    """What carries sound one way and transcripts the other. Every method may raise `SpeechError`."""

    async def expect(self, expected: Lesson_contra) -> None:
        """Sound that follows is likely to be this."""

    async def hear(self, pcm: bytes) -> None:
        """Sound of the open utterance."""

    async def commit(self, number: int) -> None:
        """The open utterance is over; its final transcript is to come with this number."""

    async def discard(self) -> None:
        """Forget the open utterance."""

    async def next(self) -> tuple[int, Transcript]:
        """The next transcript: a partial one with 0, or a final one with its number."""


OpenLine: TypeAlias = Callable[[], AbstractAsyncContextManager[Line[Lesson]]]
Prepare: TypeAlias = Callable[[Vocabulary], Awaitable[Lesson]]


@dataclass(slots=True, eq=False)
class _Utterance(Generic[Lesson]):
    number: int
    expected: Lesson
    sound: bytearray = field(default_factory=bytearray)
    sent: int = 0
    tries: int = 0
    committed: bool = False
    told: bool = False
    result: "asyncio.Future[Transcript] | None" = None


class ResumedTranscription(Generic[Lesson]):
    """A `Transcription`. Its `run` goes on beside the block that uses it.

    Args:
        open_line: Opens a line; raises `SpeechLostError` where another attempt may help.
        prepare: Makes of a vocabulary what the line is told to expect.
        expected: What the first utterance is expected to be.
        rate: Samples a second.
        final_seconds: How long a final transcript may take.
    """

    def __init__(
        self,
        open_line: OpenLine[Lesson],
        prepare: Prepare[Lesson],
        expected: Lesson,
        rate: int,
        final_seconds: float,
    ) -> None:
        self._open_line = open_line
        self._prepare = prepare
        self._longest = _LONGEST_SECONDS * rate * 2
        self._final_seconds = final_seconds
        self._expected = expected
        self._told: Lesson | None = None
        self._open = _Utterance(1, expected)
        self._utterances = [self._open]
        self._partials = Partials()
        self._line: Line[Lesson] | None = None
        self._sending = asyncio.Lock()
        self._failure: SpeechError | None = None
        self._breaks = 0

    async def feed(self, pcm: bytes) -> None:
        """Add sound.

        Raises:
            SpeechError: No line can be had any more.
        """
        self._raise_failure()
        self._open.sound += pcm
        too_much = len(self._open.sound) - self._longest
        if 0 < too_much <= self._open.sent:
            del self._open.sound[:too_much]
            self._open.sent -= too_much
        await self._push()

    async def commit(self) -> Transcript:
        """End the utterance and wait for its final transcript.

        Raises:
            SpeechError: It was lost twice, or is late.
        """
        self._raise_failure()
        utterance = self._open
        utterance.committed = True
        utterance.result = asyncio.get_running_loop().create_future()
        self._next_utterance()
        await self._push()
        async with deadline(self._final_seconds, "The final transcript"):
            return await utterance.result

    async def discard(self) -> None:
        """Forget what was fed since the last commit."""
        self._open.committed = True
        self._next_utterance()
        await self._push()

    async def expect(self, vocabulary: Vocabulary) -> None:
        """Change what is expected from the next utterance on."""
        self._expected = await self._prepare(vocabulary)
        if not self._open.sound:
            self._open.expected = self._expected

    def partials(self) -> AsyncIterator[Transcript]:
        """Iterate over what is heard before each commit."""
        return self._partials

    async def run(self) -> None:
        """Keep a line open until cancelled."""
        try:
            while True:
                try:
                    async with self._open_line() as line:
                        await self._listen(line)
                except SpeechLostError as error:
                    await self._start_over(error)
        except SpeechError as error:
            self._fail(error)
        finally:
            self._partials.close()

    async def _listen(self, line: Line[Lesson]) -> None:
        self._line = line
        try:
            await self._push()
            while True:
                self._take(*await line.next())
        finally:
            self._line = None

    async def _push(self) -> None:
        """Send all that the present line was not sent yet."""
        async with self._sending:
            line = self._line
            if line is None:
                return
            try:
                for utterance in list(self._utterances):
                    await self._push_one(line, utterance)
            except SpeechError:
                return  # `run` hears of it too, and deals with it

    async def _push_one(self, line: Line[Lesson], utterance: _Utterance[Lesson]) -> None:
        if utterance.expected is not self._told:
            await line.expect(utterance.expected)
            self._told = utterance.expected
        if utterance.sent < len(utterance.sound):
            sound = bytes(utterance.sound[utterance.sent :])
            utterance.sent = len(utterance.sound)
            await line.hear(sound)
        if not utterance.committed or utterance.told:
            return
        utterance.told = True
        if utterance.result is None:
            self._utterances.remove(utterance)
            await line.discard()
        else:
            await line.commit(utterance.number)

    def _take(self, number: int, transcript: Transcript) -> None:
        self._breaks = 0
        if not transcript.final:
            self._partials.add(transcript)
            return
        for utterance in [known for known in self._utterances if known.number == number]:
            self._utterances.remove(utterance)
            if utterance.result is not None and not utterance.result.done():
                utterance.result.set_result(transcript)

    async def _start_over(self, error: SpeechLostError) -> None:
        """The line broke: everything that is not final goes to the next one, unless it did so before."""
        self._told = None
        for utterance in list(self._utterances):
            utterance.tries += utterance.sent > 0
            utterance.sent, utterance.told = 0, False
            if utterance.tries >= _TRIES and utterance is not self._open:
                self._utterances.remove(utterance)
                _raise_in(utterance, error)
        self._breaks += 1
        if self._breaks > len(_PAUSES):
            raise error
        await asyncio.sleep(_PAUSES[self._breaks - 1])

    def _fail(self, error: SpeechError) -> None:
        self._failure = error
        for utterance in self._utterances:
            _raise_in(utterance, error)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _next_utterance(self) -> None:
        self._open = _Utterance(self._open.number + 1, self._expected)
        self._utterances.append(self._open)


def _raise_in(utterance: _Utterance[Lesson], error: SpeechError) -> None:
    if utterance.result is not None and not utterance.result.done():
        utterance.result.set_exception(error)
