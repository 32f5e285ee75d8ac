"""What voices that take one clause at a time share: order, look-ahead, deadlines, one retry, word times."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import replace
from typing import Final, TypeAlias

from orchestrator.speech.clauses import Clause
from orchestrator.speech.deadlines import Deadlines, deadline
from orchestrator.speech.errors import SpeechError
from orchestrator.speech.protocol import BYTES_PER_MS, Speech, SpokenReply
from orchestrator.speech.reply import Clauses, Emit, open_reply
from orchestrator.speech.retrying import worth_retrying
from orchestrator.speech.scope import beside
from orchestrator.speech.timing import CHARACTERS_PER_SECOND, WordEstimate

Synthesise: TypeAlias = Callable[[Clause], AsyncGenerator[Speech, None]]
"""Makes the sound of one clause; word times count from the clause's first sample."""

_Line: TypeAlias = "asyncio.Queue[Speech | SpeechError | None]"

_PIECES_AHEAD: Final = 64


def open_clausewise(
    synthesise: Synthesise, deadlines: Deadlines, language: str, *, estimate: bool
) -> AbstractAsyncContextManager[SpokenReply]:
    """Begin one reply that is spoken clause by clause.

    Args:
        synthesise: Makes the sound of one clause.
        deadlines: For each clause.
        language: Of the text, such as `en`.
        estimate: Whether word times are to be estimated; else they come from `synthesise`.
    """
    return open_reply(Clausewise(synthesise, deadlines, estimate=estimate).speak, language)


class Clausewise:
    """Speaks a reply clause by clause: the next one is asked for while the present one still sounds.

    Args:
        synthesise: Makes the sound of one clause.
        deadlines: For each clause.
        estimate: Whether word times are to be estimated; else they come from `synthesise`.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        synthesise: Synthesise,
        deadlines: Deadlines,
        *,
        estimate: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._synthesise = synthesise
        self._deadlines = deadlines
        self._estimate = estimate
        self._clock = clock
        self._sent_bytes = 0
        self._began: float | None = None
        self._pace = CHARACTERS_PER_SECOND

    async def speak(self, clauses: Clauses, emit: Emit) -> None:
        """Say every clause in order (a `Speak` function)."""
        lines: asyncio.Queue[tuple[Clause, _Line] | None] = asyncio.Queue(1)
        async with beside(self._produce(clauses, lines)):
            while (entry := await lines.get()) is not None:
                await self._relay(*entry, emit)

    async def _produce(self, clauses: Clauses, lines: "asyncio.Queue[tuple[Clause, _Line] | None]") -> None:
        async with asyncio.TaskGroup() as group:
            async for clause in clauses:
                line: _Line = asyncio.Queue(_PIECES_AHEAD)
                group.create_task(self._fill(clause, line))
                await lines.put((clause, line))
            await lines.put(None)

    async def _fill(self, clause: Clause, line: _Line) -> None:
        try:
            if not await self._attempt(clause, line, last=False):
                await self._attempt(clause, line, last=True)
            await line.put(None)
        except SpeechError as error:
            await line.put(error)

    async def _attempt(self, clause: Clause, line: _Line, *, last: bool) -> bool:
        """Make the sound of a clause; False when it failed before the first piece and may be tried again."""
        heard = False
        try:
            async with aclosing(self._synthesise(clause)) as pieces:
                while (piece := await self._next(pieces, first=not heard)) is not None:
                    heard = True
                    await line.put(piece)
        except SpeechError as error:
            if last or heard or not await worth_retrying(error):
                raise
            return False
        return True

    async def _next(self, pieces: AsyncGenerator[Speech, None], *, first: bool) -> Speech | None:
        seconds = self._deadlines.first if first else self._deadlines.next
        async with deadline(seconds, "The first sound" if first else "More sound"):
            return await anext(pieces, None)

    async def _relay(self, clause: Clause, line: _Line, emit: Emit) -> None:
        begins_ms = self._sent_bytes // BYTES_PER_MS
        estimate = WordEstimate(clause, begins_ms, self._pace)
        while (piece := await line.get()) is not None:
            if isinstance(piece, SpeechError):
                raise piece
            if self._began is None:
                self._began = self._clock()
            self._sent_bytes += len(piece.pcm)
            await emit(self._timed(piece, begins_ms, estimate))
        length_ms = self._sent_bytes // BYTES_PER_MS - begins_ms
        if self._estimate and length_ms:
            self._pace = len(clause.spoken.text) * 1000 / length_ms
            if words := estimate.rest(length_ms):
                await emit(Speech(words=words))

    def _timed(self, piece: Speech, begins_ms: int, estimate: WordEstimate) -> Speech:
        if not self._estimate:
            words = tuple(
                replace(word, start_ms=begins_ms + word.start_ms, end_ms=begins_ms + word.end_ms)
                for word in piece.words
            )
            return Speech(piece.pcm, words)
        elapsed_ms = (self._clock() - (self._began or 0.0)) * 1000
        return Speech(piece.pcm, estimate.due(elapsed_ms - begins_ms))
