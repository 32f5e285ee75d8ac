"""A call's line to the recogniser's worker process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from orchestrator.speech.errors import SpeechLostError
from orchestrator.speech.protocol import HeardWord, Transcript
from orchestrator.speech.sphinx_worker import Commit, Discard, Hear, Heard, Learn, Leave, Listen, Replies
from orchestrator.speech.worker import Channel, Worker


@dataclass(slots=True, eq=False)
class Lesson:
    """A vocabulary as the worker learns it; see `sphinx_worker.Learn`.

    Attributes:
        taught: Process that has learnt it, None while none has.
    """

    key: str
    phrases: list[tuple[str, float]]
    pronunciations: dict[str, str]
    taught: int | None = None


class SphinxLine:
    """A `Line`, as `orchestrator.speech.transcription` takes it. Open with `open_sphinx_line`."""

    def __init__(self, worker: Worker[Replies], channel: Channel[Replies], rate: int) -> None:
        self._worker = worker
        self._channel = channel
        self._number = channel.number
        self._rate = rate

    async def expect(self, expected: Lesson) -> None:
        """Sound that follows is likely to be of this vocabulary."""
        process = self._worker.process_id
        if expected.taught != process:
            await self._channel.send(
                Learn(self._number, expected.key, expected.phrases, expected.pronunciations)
            )
            expected.taught = process
        await self._channel.send(Listen(self._number, expected.key, self._rate))

    async def hear(self, pcm: bytes) -> None:
        """Sound of the open utterance."""
        await self._channel.send(Hear(self._number, pcm))

    async def commit(self, number: int) -> None:
        """The open utterance is over."""
        await self._channel.send(Commit(self._number, number))

    async def discard(self) -> None:
        """Forget the open utterance."""
        await self._channel.send(Discard(self._number))

    async def next(self) -> tuple[int, Transcript]:
        """The next transcript: a partial one with 0, or a final one with its number."""
        while not isinstance(reply := await self._channel.next(), Heard):
            pass  # what was learnt on the way
        return reply.utterance, _transcript(reply)


@asynccontextmanager
async def open_sphinx_line(worker: Worker[Replies], rate: int, seconds: float) -> AsyncIterator[SphinxLine]:
    """A line to the process, once there is one.

    Raises:
        SpeechTimeoutError: There was none within `seconds`.
    """
    async with worker.channel(seconds) as channel:
        try:
            yield SphinxLine(worker, channel, rate)
        finally:
            with suppress(SpeechLostError):
                await channel.send(Leave(channel.number))


def _transcript(heard: Heard) -> Transcript:
    if not heard.final:
        return Transcript(heard.text, final=False)
    words = tuple(HeardWord(*word) for word in heard.words)
    return Transcript(heard.text, confidence=heard.confidence, words=words)
