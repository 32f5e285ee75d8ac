"""One call's hearing by the embedded recogniser, which outlives a death of the worker process.

Sound is kept until its utterance is final. When the process dies, the next one is given all of it, once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from orchestrator.speech.deadlines import Deadlines, deadline
from orchestrator.speech.errors import SpeechError, SpeechLostError
from orchestrator.speech.partials import Partials
from orchestrator.speech.protocol import HeardWord, Transcript, Vocabulary
from orchestrator.speech.sphinx_worker import Commit, Discard, Hear, Heard, Learn, Leave, Listen, Replies
from orchestrator.speech.worker import Channel, Worker

_LONGEST_SECONDS: Final = 60
"""Sound of one utterance that is kept; of a longer one the beginning is gone when the process dies."""
_TRIES: Final = 2


@dataclass(slots=True)
class Lesson:
    """A vocabulary as the worker learns it; see `sphinx_worker.Learn`.

    Attributes:
        taught: Process that has learnt it, None while none has.
    """

    key: str
    phrases: list[tuple[str, float]]
    pronunciations: dict[str, str]
    taught: int | None = None


LearnVocabulary: TypeAlias = Callable[[Vocabulary], Awaitable[Lesson]]


@dataclass(slots=True)
class _Utterance:
    number: int
    lesson: Lesson
    sound: bytearray = field(default_factory=bytearray)
    sent: int = 0
    tries: int = 0
    committed: bool = False
    told: bool = False
    result: "asyncio.Future[Transcript] | None" = None


class SphinxTranscription:
    """A `Transcription`. Runs beside the block that uses it."""

    def __init__(
        self,
        worker: Worker[Replies],
        learn: LearnVocabulary,
        lesson: Lesson,
        rate: int,
        deadlines: Deadlines,
    ) -> None:
        self._worker = worker
        self._learn = learn
        self._rate = rate
        self._deadlines = deadlines
        self._lesson = lesson
        self._listening_for: str | None = None
        self._open = _Utterance(1, lesson)
        self._utterances = [self._open]
        self._partials = Partials()
        self._channel: Channel[Replies] | None = None
        self._sending = asyncio.Lock()
        self._failure: SpeechError | None = None

    async def feed(self, pcm: bytes) -> None:
        """Add sound.

        Raises:
            SpeechError: The worker process cannot be had any more.
        """
        self._raise_failure()
        self._open.sound += pcm
        too_much = len(self._open.sound) - _LONGEST_SECONDS * self._rate * 2
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
        async with deadline(self._deadlines.final, "The final transcript"):
            return await utterance.result

    async def discard(self) -> None:
        """Forget what was fed since the last commit."""
        self._open.committed = True
        self._next_utterance()
        await self._push()

    async def expect(self, vocabulary: Vocabulary) -> None:
        """Change what is expected from the next utterance on."""
        self._lesson = await self._learn(vocabulary)
        if not self._open.sound:
            self._open.lesson = self._lesson

    def partials(self) -> AsyncIterator[Transcript]:
        """Iterate over what is heard before each commit."""
        return self._partials

    async def run(self) -> None:
        """Keep a channel to the worker process, whichever process that is, until cancelled."""
        try:
            while True:
                try:
                    async with self._worker.channel(self._deadlines.connect) as channel:
                        await self._listen(channel)
                except SpeechLostError as error:
                    self._start_over(error)
        except SpeechError as error:
            self._fail(error)
        finally:
            self._partials.close()

    async def _listen(self, channel: Channel[Replies]) -> None:
        self._channel = channel
        try:
            await self._push()
            while True:
                reply = await channel.next()
                if isinstance(reply, Heard):
                    self._take(reply)
        finally:
            self._channel = None
            await self._leave(channel)

    async def _leave(self, channel: Channel[Replies]) -> None:
        try:
            await channel.send(Leave(channel.number))
        except SpeechLostError:
            return  # nobody is there to be told

    async def _push(self) -> None:
        """Send all that the present process was not sent yet."""
        async with self._sending:
            channel = self._channel
            if channel is None:
                return
            try:
                for utterance in list(self._utterances):
                    await self._push_one(channel, utterance)
            except SpeechLostError:
                return  # `run` hears of it too, and sends everything to the next process

    async def _push_one(self, channel: Channel[Replies], utterance: _Utterance) -> None:
        if utterance.lesson.key != self._listening_for:
            await self._teach(channel, utterance.lesson)
            await channel.send(Listen(channel.number, utterance.lesson.key, self._rate))
            self._listening_for = utterance.lesson.key
        if utterance.sent < len(utterance.sound):
            sound = bytes(utterance.sound[utterance.sent :])
            utterance.sent = len(utterance.sound)
            await channel.send(Hear(channel.number, sound))
        if utterance.committed and not utterance.told:
            utterance.told = True
            if utterance.result is None:
                self._utterances.remove(utterance)
                await channel.send(Discard(channel.number))
            else:
                await channel.send(Commit(channel.number, utterance.number))

    async def _teach(self, channel: Channel[Replies], lesson: Lesson) -> None:
        process = self._worker.process_id
        if lesson.taught != process:
            await channel.send(Learn(channel.number, lesson.key, lesson.phrases, lesson.pronunciations))
            lesson.taught = process

    def _take(self, heard: Heard) -> None:
        if not heard.final:
            self._partials.add(Transcript(heard.text, final=False))
            return
        for utterance in [known for known in self._utterances if known.number == heard.utterance]:
            self._utterances.remove(utterance)
            if utterance.result is not None and not utterance.result.done():
                utterance.result.set_result(_transcript(heard))

    def _start_over(self, error: SpeechLostError) -> None:
        """The process died: everything that is not final goes to the next one, unless it did so before."""
        self._listening_for = None
        for utterance in list(self._utterances):
            utterance.sent, utterance.told = 0, False
            utterance.tries += bool(utterance.sound)
            if utterance.tries >= _TRIES and utterance is not self._open:
                self._utterances.remove(utterance)
                _raise_in(utterance, error)

    def _fail(self, error: SpeechError) -> None:
        self._failure = error
        for utterance in self._utterances:
            _raise_in(utterance, error)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _next_utterance(self) -> None:
        self._open = _Utterance(self._open.number + 1, self._lesson)
        self._utterances.append(self._open)


def _raise_in(utterance: _Utterance, error: SpeechError) -> None:
    if utterance.result is not None and not utterance.result.done():
        utterance.result.set_exception(error)


def _transcript(heard: Heard) -> Transcript:
    words = tuple(HeardWord(*word) for word in heard.words)
    return Transcript(heard.text, final=True, confidence=heard.confidence, words=words)
