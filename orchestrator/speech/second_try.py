"""A whole reply over one connection, tried once more when it fails before anything was heard."""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import TypeAlias

from orchestrator.speech.clauses import Clause
from orchestrator.speech.errors import SpeechError
from orchestrator.speech.protocol import Speech
from orchestrator.speech.reply import Emit
from orchestrator.speech.retrying import worth_retrying

Attempt: TypeAlias = Callable[[AsyncIterable[Clause], Emit], Awaitable[None]]
"""Speaks a whole reply, as `Speak` does, from clauses that may be iterated again."""


class Repeatable:
    """Clauses that can be taken again from the first one on."""

    def __init__(self, clauses: AsyncIterator[Clause]) -> None:
        self._clauses = clauses
        self._taken: list[Clause] = []
        self._ended = False

    async def __aiter__(self) -> AsyncIterator[Clause]:
        for clause in self._taken.copy():
            yield clause
        if self._ended:
            return
        async for clause in self._clauses:
            self._taken.append(clause)
            yield clause
        self._ended = True


async def speak_or_retry(attempt: Attempt, clauses: AsyncIterator[Clause], emit: Emit) -> None:
    """Make the attempt, and another one where the first brought no sound and that may help.

    Raises:
        SpeechError: Both failed, or the first did after something was heard.
    """
    repeatable = Repeatable(clauses)
    heard = False

    async def note(speech: Speech) -> None:
        nonlocal heard
        heard = True
        await emit(speech)

    try:
        await attempt(repeatable, note)
    except SpeechError as error:
        if heard or not await worth_retrying(error):
            raise
        await attempt(repeatable, note)
