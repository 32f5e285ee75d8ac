"""A client of the door, for sound from a terminal: the Realtime protocol over WebRTC."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import Any, Final, Self

import httpx
import msgspec

from orchestrator.cli.address import Address
from orchestrator.cli.door_client import CONNECT_SECONDS, nothing_there
from orchestrator.cli.exits import UnreachableError
from orchestrator.cli.recording import Recording
from orchestrator.core.errors import EngineLostError, OrchestratorError, UnauthorizedError
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.media.errors import ConnectError
from orchestrator.media.handset import Handset
from orchestrator.realtime.codec import InvalidFrameError, decode, encode
from orchestrator.speech.scope import beside

CLOSE_CODES: Final = {"replaced": 4409, "shutdown": 1012, "moved": 1012, "internal_error": 1011}
MOST_WAITING: Final = 4096
"""Events that may wait to be shown; past that the call is given up."""

_BUSY: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class NoSoundError(UnreachableError):
    """The service takes no WebRTC calls; in writing it may be reached all the same."""


class VoiceClient:
    """One connection to the door, with sound. Use it as an asynchronous context.

    Args:
        address: Of the service.
        agent: Who is called; None leaves it to the conversation.
        conversation: One to go on with.
        key: API key or client secret.
        recording: What keeps the agent's sound.

    Attributes:
        close_code: Once the events are over, as a WebSocket would have it.
        speaks: Whether the agent is heard; one whose engine only writes is not.
        conversation: Its id.
    """

    def __init__(
        self,
        address: Address,
        *,
        agent: str | None,
        conversation: str | None = None,
        key: str | None = None,
        recording: Recording | None = None,
    ) -> None:
        self.close_code = 1000
        self.speaks = True
        self.conversation = conversation
        self._address = address
        self._query = {"model": agent, "conversation": conversation, "include": "orchestrator.events"}
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._events: asyncio.Queue[str | None] = asyncio.Queue(MOST_WAITING)
        self._early: list[JsonObject] = []
        sound = recording or Recording(None)
        self._handset = Handset(self._take, self._closed, sound.add)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self._connect()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._stack.aclose()

    async def say(self, sound: bytes) -> None:
        """Speak, and wait until it was said."""
        self._handset.say(sound)
        await self._handset.silent()

    async def send(self, name: str, /, **fields: JsonValue) -> None:
        """Send an event.

        Raises:
            EngineLostError: The connection is gone.
        """
        if not self._handset.caller.send_event(encode({"type": name, **fields})):
            raise EngineLostError("The connection to the service is gone.")

    async def events(self) -> AsyncIterator[JsonObject]:
        """Everything that the service tells, until the connection is closed by either side."""
        code = 1006
        for event in self._early:
            yield event
        while (text := await self._events.get()) is not None:
            event = _read(text)
            if event.get("type") == "orchestrator.call.ended":
                code = CLOSE_CODES.get(str(event.get("reason")), 1000)
            yield event
        self.close_code = code

    async def _connect(self) -> None:
        caller = self._handset.caller
        self._stack.push_async_callback(caller.close)
        await caller.accept(await self._post(await caller.offer()))
        try:
            await caller.connected(CONNECT_SECONDS)
            async with asyncio.timeout(CONNECT_SECONDS):
                created = _read(await self._events.get() or "")
        except ConnectError as error:
            raise NoSoundError(error.message) from error
        except TimeoutError as error:
            raise NoSoundError("The service is connected and does not say anything.") from error
        self._early = [created]
        session = created.get("session")
        modalities = session.get("output_modalities") if isinstance(session, dict) else None
        self.speaks = modalities == ["audio"]
        await self._stack.enter_async_context(beside(self._handset.talk()))

    async def _post(self, offer: str) -> str:
        query = {name: value for name, value in self._query.items() if value is not None}
        url = f"{self._address.web}/v1/realtime/calls"
        headers = {"Content-Type": "application/sdp"} | self._headers
        try:
            async with httpx.AsyncClient(
                timeout=CONNECT_SECONDS, trust_env=not self._address.is_local
            ) as http:
                answer = await http.post(
                    url, params=query | {"greet": "true"}, content=offer, headers=headers
                )
        except httpx.TransportError as error:
            raise UnreachableError(nothing_there(self._address)) from error
        if answer.status_code != HTTPStatus.CREATED:
            raise _refusal(answer)
        self.conversation = answer.headers.get("x-conversation", self.conversation)
        return answer.text

    def _take(self, text: str) -> None:
        try:
            self._events.put_nowait(text)
        except asyncio.QueueFull:
            self._events.get_nowait()
            self._events.put_nowait(None)

    def _closed(self) -> None:
        if self._events.full():
            self._events.get_nowait()
        self._events.put_nowait(None)


def _refusal(answer: httpx.Response) -> OrchestratorError:
    """Why the door did not let us in, as an error with the right exit code."""
    error = _error(answer)
    message = str(error.get("message") or f"The service answers {answer.status_code}.")
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        return UnauthorizedError(f"{message} Give it with --key.")
    if error.get("code") == "webrtc_unavailable":
        return NoSoundError(message)
    if answer.status_code in _BUSY:
        return UnreachableError(message)
    return OrchestratorError(message)


def _error(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        return {}
    error = told.get("error") if isinstance(told, dict) else None
    return error if isinstance(error, dict) else {}


def _read(text: str) -> JsonObject:
    try:
        return decode(text)
    except InvalidFrameError as error:
        raise UnreachableError("What answers is no service of this kind: it sent no JSON.") from error
