"""The embedded recogniser: pocketsphinx in a worker process, with a vocabulary for each agent."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, Self, TypeAlias

import msgspec

from orchestrator.speech.arpabet import arpabet
from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.errors import SpeechError
from orchestrator.speech.protocol import (
    SAMPLE_RATE,
    RecogniserCapabilities,
    Transcription,
    Vocabulary,
)
from orchestrator.speech.scope import beside
from orchestrator.speech.sphinx_line import Lesson, open_sphinx_line
from orchestrator.speech.sphinx_worker import Learn, Learnt, Replies
from orchestrator.speech.transcription import ResumedTranscription
from orchestrator.speech.worker import PAUSES, Worker

Pronounce: TypeAlias = Callable[[Sequence[str]], Awaitable[list[str]]]
"""Gives the IPA of each word, as `EspeakVoice.pronounce` does."""

_MODULE: Final = "orchestrator.speech.sphinx_worker"
_DECODER: Final = msgspec.msgpack.Decoder(Replies)
_LEARNING: Final = 20.0
"""Seconds that learning a vocabulary may take, behind other calls' sound."""


class SphinxRecogniser:
    """Hears with pocketsphinx. Open with `SphinxRecogniser.run()`.

    Args:
        pronounce: Says how words sound that the dictionary lacks; without it they are not understood.
        deadlines: `connect` bounds the start of the process, `final` each commit.
        pauses: Seconds before each restart of a process that died.
    """

    name = "embedded"
    capabilities = RecogniserCapabilities(
        partials=True, word_times=True, confidence=True, vocabulary=True, local=True
    )

    def __init__(
        self,
        pronounce: Pronounce | None = None,
        deadlines: Deadlines | None = None,
        *,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        self._pronounce = pronounce
        self._deadlines = deadlines or Deadlines()
        self._lessons: dict[str, Lesson] = {}
        self._learning = asyncio.Lock()
        self.worker: Worker[Replies] = Worker(_MODULE, _DECODER, what="recogniser", pauses=pauses)

    @classmethod
    @asynccontextmanager
    async def run(
        cls,
        pronounce: Pronounce | None = None,
        deadlines: Deadlines | None = None,
        *,
        pauses: tuple[float, ...] = PAUSES,
    ) -> AsyncIterator[Self]:
        """Keep the worker process alive while the block runs."""
        recogniser = cls(pronounce, deadlines, pauses=pauses)
        async with recogniser.worker.run():
            yield recogniser

    @asynccontextmanager
    async def open(self, vocabulary: Vocabulary, *, rate: int = SAMPLE_RATE) -> AsyncIterator[Transcription]:
        """Begin to hear one call.

        Raises:
            SpeechError: The vocabulary could not be learnt.
        """
        lesson = await self.learn(vocabulary)
        transcription = ResumedTranscription(
            partial(open_sphinx_line, self.worker, rate, self._deadlines.connect),
            self.learn,
            lesson,
            rate,
            self._deadlines.final,
        )
        async with beside(transcription.run()):
            yield transcription

    async def learn(self, vocabulary: Vocabulary) -> Lesson:
        """Prepare a vocabulary; the second time costs nothing. Worth doing before the first call.

        Raises:
            SpeechError: The worker process cannot be had.
        """
        phrases = [(phrase.text, phrase.weight) for phrase in vocabulary.phrases]
        key = hashlib.sha256(msgspec.msgpack.encode(phrases)).hexdigest()
        async with self._learning:
            if key not in self._lessons:
                self._lessons[key] = await self._taught(Lesson(key, phrases, {}))
            return self._lessons[key]

    async def _taught(self, lesson: Lesson) -> Lesson:
        async with self.worker.channel(self._deadlines.connect) as channel:

            async def teach() -> list[str]:
                await channel.send(Learn(channel.number, lesson.key, lesson.phrases, lesson.pronunciations))
                reply = await channel.receive(_LEARNING)
                return reply.missing if isinstance(reply, Learnt) else []

            missing = await teach()
            lesson.pronunciations.update(await self._pronounced(missing))
            if lesson.pronunciations:
                await teach()
            lesson.taught = self.worker.process_id
        return lesson

    async def _pronounced(self, words: list[str]) -> dict[str, str]:
        if self._pronounce is None or not words:
            return {}
        try:
            ipa = await self._pronounce(words)
        except SpeechError:
            return {}  # the vocabulary is good without them
        sounds = {word: arpabet(said) for word, said in zip(words, ipa, strict=True)}
        return {word: " ".join(phones) for word, phones in sounds.items() if phones}
