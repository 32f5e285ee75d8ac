"""One spoken reply: text in, clauses to a voice, sound out. The half that every adapter shares."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, Self, TypeAlias

from orchestrator.speech.clauses import Clause, ClauseSplitter
from orchestrator.speech.errors import SpeechError
from orchestrator.speech.protocol import Speech
from orchestrator.speech.scope import beside

Emit: TypeAlias = Callable[[Speech], Awaitable[None]]
Speak: TypeAlias = Callable[["Clauses", Emit], Awaitable[None]]
"""Speaks a whole reply: takes clauses until they end, emits sound, and returns when all of it is out."""

_WAITING_PIECES: Final = 64
"""Pieces of sound that may wait for the listener before the voice is held back."""


class Clauses:
    """The clauses of one reply, as they become known. Iterate once."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Clause | None] = asyncio.Queue()

    def add(self, clause: Clause | None) -> None:
        """Add a clause, or None after the last."""
        if clause is None or clause.spoken.text:
            self._queue.put_nowait(clause)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Clause:
        clause = await self._queue.get()
        if clause is None:
            raise StopAsyncIteration
        return clause


class StreamedReply:
    """A `SpokenReply` on top of one `Speak` function. Open it with `open_reply`."""

    def __init__(self, language: str) -> None:
        self._splitter = ClauseSplitter(language)
        self._clauses = Clauses()
        self._speech: asyncio.Queue[Speech | SpeechError | None] = asyncio.Queue(_WAITING_PIECES)
        self._task: asyncio.Task[None] | None = None
        self._finished = False
        self._over = False

    async def feed(self, text: str) -> None:
        """Add text, in pieces of any size.

        Raises:
            SpeechError: The reply was finished before.
        """
        if self._finished:
            raise SpeechError("Text came after the end of the reply. Open another reply for it.")
        for clause in self._splitter.feed(text):
            self._clauses.add(clause)

    async def finish(self) -> None:
        """Say that the text is complete."""
        if self._finished:
            return
        self._finished = True
        for clause in self._splitter.finish():
            self._clauses.add(clause)
        self._clauses.add(None)

    async def cancel(self) -> None:
        """Stop: sound that waits is thrown away, and iteration ends."""
        self._over = True
        if self._task is not None:
            self._task.cancel()
        while not self._speech.empty():
            self._speech.get_nowait()
        self._speech.put_nowait(None)

    def __aiter__(self) -> AsyncIterator[Speech]:
        return self

    async def __anext__(self) -> Speech:
        """The next piece.

        Raises:
            SpeechError: The voice failed; what came before was good.
        """
        piece = None if self._over else await self._speech.get()
        if piece is None or self._over:
            self._over = True
            raise StopAsyncIteration
        if isinstance(piece, SpeechError):
            self._over = True
            raise piece
        return piece

    async def run(self, speak: Speak) -> None:
        """Speak what is fed, until all of it is out or the reply is cancelled."""
        self._task = asyncio.current_task()
        try:
            await speak(self._clauses, self._speech.put)
            await self._speech.put(None)
        except SpeechError as error:
            await self._speech.put(error)


@asynccontextmanager
async def open_reply(speak: Speak, language: str = "en") -> AsyncIterator[StreamedReply]:
    """Begin a reply that `speak` says aloud; leaving the block stops it."""
    reply = StreamedReply(language)
    async with beside(reply.run(speak)):
        yield reply
