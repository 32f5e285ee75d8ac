"""WebSockets to remote providers: opened within a deadline, every way of failing a typed error."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidHandshake, InvalidStatus

from orchestrator.core.json_value import JsonObject
from orchestrator.speech.deadlines import Deadlines, deadline
from orchestrator.speech.errors import SpeechError, SpeechLostError, SpeechRefusedError
from orchestrator.speech.remote import json_object, reason_in, refusal
from orchestrator.speech.scope import uninterrupted

_LARGEST_MESSAGE: Final = 16 * 1024 * 1024
_POLICY: Final = 1008
_CLOSING_SECONDS: Final = 1.0
_encoder: Final = msgspec.json.Encoder()


class Socket:
    """One open connection."""

    def __init__(self, provider: str, connection: ClientConnection) -> None:
        self._provider = provider
        self._connection = connection

    async def send(self, message: JsonObject | bytes) -> None:
        """Send JSON as text, or bytes as they are.

        Raises:
            SpeechError: The connection is gone.
        """
        data = message if isinstance(message, bytes) else _encoder.encode(message).decode()
        try:
            await self._connection.send(data)
        except ConnectionClosed as closed:
            raise self._ended(closed) from closed

    async def receive(self) -> JsonObject | None:
        """The next message; None when the connection was closed in good order, by either side.

        Raises:
            SpeechError: The connection is gone, or the message is not JSON.
        """
        try:
            return json_object(self._provider, await self._connection.recv())
        except ConnectionClosedOK:
            return None
        except ConnectionClosed as closed:
            raise self._ended(closed) from closed

    async def close(self) -> None:
        """Close in good order."""
        await self._connection.close()

    def _ended(self, closed: ConnectionClosed) -> SpeechError:
        frame = closed.rcvd
        code, reason = (frame.code, frame.reason) if frame is not None else (1006, "no closing frame")
        message = f"{self._provider} closed the connection ({code}: {reason[:200] or 'no reason given'})."
        return SpeechRefusedError(message) if code == _POLICY else SpeechLostError(message)


@asynccontextmanager
async def open_socket(
    provider: str, url: str, headers: Mapping[str, str], deadlines: Deadlines
) -> AsyncIterator[Socket]:
    """Connect, and close at the end of the block.

    Raises:
        SpeechError: The provider refused, or could not be reached in time.
    """
    connection = await _connected(provider, url, headers, deadlines)
    try:
        yield Socket(provider, connection)
    finally:
        await uninterrupted(connection.close())


async def _connected(
    provider: str, url: str, headers: Mapping[str, str], deadlines: Deadlines
) -> ClientConnection:
    try:
        async with deadline(deadlines.connect, f"A connection to {provider}"):
            return await connect(
                url,
                additional_headers=dict(headers),
                open_timeout=None,
                close_timeout=_CLOSING_SECONDS,
                max_size=_LARGEST_MESSAGE,
                compression=None,
                ping_interval=None,
            )
    except InvalidStatus as refused:
        response = refused.response
        reason = reason_in(bytes(response.body or b"")) or response.reason_phrase
        retry_after = response.headers.get("Retry-After")
        raise refusal(provider, response.status_code, reason, retry_after) from refused
    except (OSError, InvalidHandshake) as failed:
        kind = type(failed).__name__
        raise SpeechLostError(f"The connection to {provider} failed ({kind}).") from failed
