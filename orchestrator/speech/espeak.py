"""The embedded voice: espeak-ng in a worker process, with true word times."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import pairwise
from typing import Final, Self

import msgspec

from orchestrator.speech.clauses import Clause
from orchestrator.speech.clausewise import open_clausewise
from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.errors import SpeechError, SpeechTimeoutError
from orchestrator.speech.espeak_worker import Pronounce, Pronounced, Replies, Said, Say
from orchestrator.speech.protocol import (
    BYTES_PER_MS,
    Speech,
    SpokenReply,
    Voice,
    VoiceCapabilities,
    WordTime,
)
from orchestrator.speech.spelling import spell_out
from orchestrator.speech.spoken import Spoken
from orchestrator.speech.timing import words_in
from orchestrator.speech.voices import LANGUAGE, VOICES, embedded_voice
from orchestrator.speech.worker import PAUSES, Worker

_MODULE: Final = "orchestrator.speech.espeak_worker"
_DECODER: Final = msgspec.msgpack.Decoder(Replies)


class EspeakVoice:
    """Speaks with espeak-ng. Open with `EspeakVoice.run()`.

    Args:
        deadlines: `first` bounds each clause; the process starts within `connect`.
        pauses: Seconds before each restart of a process that died.
    """

    name = "embedded"
    capabilities = VoiceCapabilities(word_times="given", local=True)
    voices = tuple(VOICES)

    def __init__(self, deadlines: Deadlines | None = None, *, pauses: tuple[float, ...] = PAUSES) -> None:
        self._deadlines = deadlines or Deadlines()
        self.worker: Worker[Replies] = Worker(_MODULE, _DECODER, what="voice", pauses=pauses)

    @classmethod
    @asynccontextmanager
    async def run(
        cls, deadlines: Deadlines | None = None, *, pauses: tuple[float, ...] = PAUSES
    ) -> AsyncIterator[Self]:
        """Keep the worker process alive while the block runs."""
        voice = cls(deadlines, pauses=pauses)
        async with voice.worker.run():
            yield voice

    def open(self, voice: Voice) -> AbstractAsyncContextManager[SpokenReply]:
        """Begin one reply."""

        async def synthesise(clause: Clause) -> AsyncGenerator[Speech, None]:
            yield await self._say(clause, voice)

        return open_clausewise(synthesise, self._whole, voice.language, estimate=False)

    async def pronounce(self, words: Sequence[str]) -> list[str]:
        """IPA of each word, with `_` between its sounds.

        Raises:
            SpeechError: The worker died or did not answer.
        """
        answer = await self._ask(Pronounce(0, list(words), LANGUAGE))
        return answer.ipa if isinstance(answer, Pronounced) else []

    @property
    def _whole(self) -> Deadlines:
        """A clause comes in one piece: its deadline covers waiting for the process and speaking."""
        return Deadlines(first=self._deadlines.connect + self._deadlines.first + 1.0)

    async def _say(self, clause: Clause, voice: Voice) -> Speech:
        said = spell_out(clause.spoken)
        chosen = embedded_voice(voice)
        request = Say(
            0,
            said.text,
            chosen.espeak_name,
            chosen.pace(voice.speed),
            chosen.pitch,
            chosen.pitch_range,
        )
        answer = await self._ask(request)
        if not isinstance(answer, Said):
            raise SpeechError("The voice process gave another answer than sound.")
        return Speech(answer.pcm, _word_times(clause, said, answer))

    async def _ask(self, request: Say | Pronounce) -> Replies:
        async with self.worker.channel(self._deadlines.connect) as channel:
            request.channel = channel.number
            await channel.send(request)
            try:
                return await channel.receive(self._deadlines.first)
            except SpeechTimeoutError:
                self.worker.restart()  # speaking takes milliseconds: it hangs
                raise


def _word_times(clause: Clause, said: Spoken, answer: Said) -> tuple[WordTime, ...]:
    """Word events to times of words.

    An event belongs to the word it falls into, and the first one counts. Words without one ("of the" is one
    event) share the time of the word before them by their characters.
    """
    spans = words_in(said.text)
    length_ms = len(answer.pcm) // BYTES_PER_MS
    begins = {0: 0, len(spans): length_ms}
    for position, at_ms in sorted(answer.words, reverse=True):
        inside = next((at for at, (start, end) in enumerate(spans) if start <= position < end), None)
        if inside is not None:
            begins[inside] = min(at_ms, length_ms)
    times: list[WordTime] = []
    for at, following in pairwise(sorted(begins)):
        times += _shared(clause, said, spans[at:following], begins[at], begins[following])
    return _merged(times)


def _shared(
    clause: Clause, said: Spoken, spans: Sequence[tuple[int, int]], begin_ms: int, end_ms: int
) -> Iterator[WordTime]:
    total = sum(end - start for start, end in spans)
    passed = 0
    for start, end in spans:
        first, last = said.span(start, end)
        from_ms = begin_ms + (end_ms - begin_ms) * passed // total
        passed += end - start
        to_ms = begin_ms + (end_ms - begin_ms) * passed // total
        yield WordTime(clause.start + first, clause.start + last, from_ms, to_ms)


def _merged(times: list[WordTime]) -> tuple[WordTime, ...]:
    """Words that stand for the same span of the source ("12 dollars and 50 cents") are one word of it."""
    merged: list[WordTime] = []
    for word in times:
        if merged and merged[-1].start == word.start:
            before = merged.pop()
            merged.append(WordTime(before.start, max(before.end, word.end), before.start_ms, word.end_ms))
        else:
            merged.append(word)
    return tuple(merged)
