"""One reply over a provider's streaming socket: text goes out, sound and word times come back.

The half that all such providers share; how one of them writes and reads is a `Frames` of its own.
"""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.speech.clauses import Clause
from orchestrator.speech.deadlines import Deadlines, Patience
from orchestrator.speech.errors import SpeechError, SpeechLostError, SpeechTimeoutError
from orchestrator.speech.protocol import Speech, SpokenReply
from orchestrator.speech.reply import Clauses, Emit, open_reply
from orchestrator.speech.scope import beside
from orchestrator.speech.second_try import speak_or_retry
from orchestrator.speech.sockets import Socket, open_socket
from orchestrator.speech.timing import TimedText, WordFinder


@dataclass(frozen=True, slots=True)
class Frame:
    """What one message of a provider brought.

    Attributes:
        pcm: Sound, whole samples; may be none.
        words: Whose times are known now, from the reply's first sound.
        last: Whether the reply is complete with it.
    """

    pcm: bytes = b""
    words: Sequence[TimedText] = ()
    last: bool = False


class Frames(Protocol):
    """How one attempt at a reply is written on a provider's wire. It may count what it has read."""

    def opening(self) -> JsonObject | None:
        """What is sent before any text."""

    def text(self, text: str) -> JsonObject:
        """What says one clause."""

    def ending(self) -> JsonObject:
        """What says that the text is complete."""

    def cancelling(self) -> JsonObject | None:
        """What makes the provider stop, where hanging up does not."""

    def read(self, message: JsonObject) -> Frame:
        """What a message brings.

        Raises:
            SpeechError: It says that the provider failed, or makes no sense.
        """


@dataclass(frozen=True, slots=True)
class Provider:
    """Who speaks.

    Attributes:
        name: For messages.
        headers: Of every connection.
        deadlines: `connect`, then `first` from the first text to the first sound, `next` after the last text.
    """

    name: str
    headers: Mapping[str, str]
    deadlines: Deadlines


@asynccontextmanager
async def open_socket_reply(
    provider: Provider, url: str, frames: Callable[[], Frames], language: str
) -> AsyncIterator[SpokenReply]:
    """Begin one reply; its socket is opened at once, and once more where that may help.

    Args:
        provider: Who speaks it.
        url: Of the socket, `wss://`.
        frames: Makes the frames of one attempt.
        language: Of the text, such as `en`.
    """

    async def attempt(clauses: AsyncIterable[Clause], emit: Emit) -> None:
        async with open_socket(provider.name, url, provider.headers, provider.deadlines) as socket:
            await _Attempt(socket, provider, frames()).speak(clauses, emit)

    async def speak(clauses: Clauses, emit: Emit) -> None:
        await speak_or_retry(attempt, clauses, emit)

    async with open_reply(speak, language) as reply:
        yield reply


def sound_in(provider: str, data: JsonValue) -> bytes:
    """The sound of a field that may be empty.

    Raises:
        SpeechLostError: It is not base64.
    """
    try:
        return base64.b64decode(data, validate=True) if isinstance(data, str) else b""
    except binascii.Error:
        raise SpeechLostError(f"{provider} sent sound that is not base64.") from None


class _Attempt:
    """What is said on one socket."""

    def __init__(self, socket: Socket, provider: Provider, frames: Frames) -> None:
        self._socket = socket
        self._provider = provider
        self._deadlines = provider.deadlines
        self._frames = frames
        self._finder = WordFinder()
        self._patience = Patience(f"Sound of {provider.name}")
        self._said_anything = False
        self._finished = False

    async def speak(self, clauses: AsyncIterable[Clause], emit: Emit) -> None:
        try:
            async with self._patience, beside(self._send(clauses)):
                while (message := await self._socket.receive()) is not None:
                    frame = self._frames.read(message)
                    self._owe(frame)
                    words = self._finder.find(frame.words)
                    if frame.pcm or words:
                        await emit(Speech(frame.pcm, words))
                    if frame.last:
                        return
        except (asyncio.CancelledError, SpeechTimeoutError):
            await self._cancel()
            raise
        if self._said_anything or not self._finished:
            name = self._provider.name
            raise SpeechLostError(f"{name} closed the connection before the end of the reply.")

    async def _send(self, clauses: AsyncIterable[Clause]) -> None:
        try:
            if opening := self._frames.opening():
                await self._socket.send(opening)
            async for clause in clauses:
                self._finder.add(clause)
                await self._socket.send(self._frames.text(clause.spoken.text + " "))
                if not self._said_anything:
                    self._patience.wait(self._deadlines.first)
                self._said_anything = True
            self._finished = True
            if not self._said_anything:
                await self._socket.close()
                return
            await self._socket.send(self._frames.ending())
            self._patience.wait(self._deadlines.next)
        except SpeechError:
            return  # whoever receives hears the reason

    def _owe(self, frame: Frame) -> None:
        if self._finished:
            self._patience.wait(self._deadlines.next)
        elif frame.pcm:
            self._patience.rest()

    async def _cancel(self) -> None:
        """Let the provider stop, and not bill, what nobody will hear."""
        if cancelling := self._frames.cancelling():
            with suppress(SpeechError):
                await self._socket.send(cancelling)
