"""A client of the door, for people at a terminal: the Realtime protocol over a WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from orchestrator.cli.address import Address
from orchestrator.cli.exits import UnreachableError
from orchestrator.cli.terminal import own_command
from orchestrator.core.errors import EngineLostError, OrchestratorError, UnauthorizedError
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.realtime.codec import InvalidFrameError, decode, encode

CONNECT_SECONDS: Final = 10.0
SEND_SECONDS: Final = 10.0
REASONS: Final = {
    1001: "the service stopped",
    1011: "the service had an error",
    1012: "the service stopped, or another node went on with the conversation",
    1013: "this terminal read too slowly",
    4409: "another client took the line",
    4429: "the service carries as many calls as it may",
}
LOST: Final = frozenset({1001, 1006, 1011, 1012, 1013})
"""Close codes after which the conversation can be gone on with."""


class DoorClient:
    """One connection to the door. Use it as an asynchronous context.

    Args:
        address: Of the service.
        agent: Who is called; None leaves it to the conversation.
        conversation: One to go on with.
        key: API key or client secret.

    Attributes:
        close_code: Once the events are over.
    """

    def __init__(
        self, address: Address, *, agent: str | None, conversation: str | None = None, key: str | None = None
    ) -> None:
        self._address = address
        self._url = address.door(
            model=agent, conversation=conversation, include="orchestrator.events", greet="true"
        )
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._socket: ClientConnection | None = None
        self.close_code = 1000

    async def __aenter__(self) -> Self:
        try:
            self._socket = await connect(
                self._url,
                additional_headers=self._headers,
                compression=None,
                max_size=None,
                proxy=None if self._address.is_local else True,
                open_timeout=CONNECT_SECONDS,
                close_timeout=2,
                user_agent_header="orchestrator-call",
            )
        except InvalidHandshake as error:
            raise UnreachableError(
                f"Something answers at {self._address.web}, and it has no door: {error}. Mend: check --url."
            ) from error
        except (OSError, TimeoutError) as error:
            raise UnreachableError(nothing_there(self._address)) from error
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def send(self, name: str, /, **fields: JsonValue) -> None:
        """Send an event.

        Raises:
            EngineLostError: The connection is gone.
        """
        if self._socket is None:
            raise EngineLostError("There is no connection: enter the client's context first.")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._socket.send(encode({"type": name, **fields}))
        except (ConnectionClosed, TimeoutError) as error:
            raise EngineLostError("The connection to the service is gone.") from error

    async def events(self) -> AsyncIterator[JsonObject]:
        """Everything that the service tells, until the connection is closed by either side.

        Raises:
            OrchestratorError: The service refused the connection, in its own words.
        """
        first = True
        try:
            while self._socket is not None:
                event = _read(await self._socket.recv())
                if first and event.get("type") == "error":
                    raise refusal(event, await self._code())
                first = False
                yield event
        except ConnectionClosed:
            self.close_code = await self._code()

    async def _code(self) -> int:
        if self._socket is None:
            return 1006
        await self._socket.wait_closed()
        return self._socket.close_code or 1006


def nothing_there(address: Address) -> str:
    """What to do when no service runs at an address."""
    start = f"Start it in another terminal: `make run`, or `{own_command()} serve`"
    if not address.is_local:
        start = "Check the address, and that it is reached from here"
    return f"No service answers at {address.web}. {start}."


def refusal(event: JsonObject, code: int) -> OrchestratorError:
    """Why the door did not let us in, as an error with the right exit code."""
    error = event.get("error")
    told = error if isinstance(error, dict) else {}
    message = str(told.get("message") or "The service refused the connection.")
    if told.get("code") == "invalid_api_key":
        return UnauthorizedError(f"{message} Give it with --key.")
    if code in {1011, 1012, 4429}:
        return UnreachableError(message)
    return OrchestratorError(message)


def _read(frame: str | bytes) -> JsonObject:
    try:
        return decode(frame)
    except InvalidFrameError as error:
        raise UnreachableError("What answers is no service of this kind: it sent no JSON.") from error
