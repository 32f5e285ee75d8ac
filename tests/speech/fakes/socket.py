"""A provider's WebSocket server at the level of the wire: each connection plays one scene of a script."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

JsonMessage = dict[str, object]


@dataclass
class Refusal:
    """An answer to the handshake that is not an upgrade."""

    status: int
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


class Client:
    """One connection, as the provider sees it."""

    def __init__(self, connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        self.path, _, self.query = request.path.partition("?")
        self.headers = dict(request.headers.raw_items())
        self.told: list[JsonMessage] = []
        self.sound = b""
        self.left = asyncio.Event()
        self._connection = connection

    async def hears(self) -> JsonMessage:
        """The next text message; sound before it is kept."""
        while True:
            message = await self._connection.recv()
            if isinstance(message, bytes):
                self.sound += message
                continue
            self.told.append(msgspec.json.decode(message, type=dict[str, object]))
            return self.told[-1]

    async def hears_until(self, wanted: Callable[[JsonMessage], bool]) -> JsonMessage:
        """Messages up to one that is wanted."""
        while not wanted(message := await self.hears()):
            pass
        return message

    async def says(self, **message: object) -> None:
        """Send a message."""
        await self._connection.send(msgspec.json.encode(message).decode())

    async def mumbles(self, text: str) -> None:
        """Send what is no JSON."""
        await self._connection.send(text)

    async def hangs_up(self, code: int = 1000, reason: str = "") -> None:
        """Close in good order, with any code."""
        await self._connection.close(code, reason)

    def vanishes(self) -> None:
        """Break the connection without a word."""
        self._connection.transport.abort()

    async def listens_on(self) -> None:
        """Take what comes until the other side leaves."""
        with suppress(ConnectionClosed):
            while True:
                await self.hears()


Scene = Callable[[Client], Awaitable[None]]


class SocketProvider:
    """Plays a script, one scene or refusal for each connection; strict about connections beyond it."""

    def __init__(self) -> None:
        self.url = ""
        self.script: list[Scene | Refusal] = []
        self.clients: list[Client] = []
        self.attempts = 0
        self.problems: list[BaseException] = []

    async def play(self, connection: ServerConnection) -> None:
        client = Client(connection)
        self.clients.append(client)
        scene = self.script.pop(0)
        assert not isinstance(scene, Refusal)
        try:
            await scene(client)
        except ConnectionClosed:
            pass
        except Exception as problem:
            self.problems.append(problem)
            raise
        finally:
            client.left.set()

    def admit(self, connection: ServerConnection, _: Request) -> Response | None:
        self.attempts += 1
        if not self.script:
            return connection.respond(HTTPStatus.NOT_FOUND, "unexpected connection")
        if not isinstance(refusal := self.script[0], Refusal):
            return None
        self.script.pop(0)
        body = msgspec.json.encode(refusal.body).decode()
        response = connection.respond(HTTPStatus(refusal.status), body)
        response.headers.update(refusal.headers)
        return response


@asynccontextmanager
async def socket_provider() -> AsyncIterator[SocketProvider]:
    """A provider on a port of its own; a scene that failed fails the test."""
    provider = SocketProvider()
    quiet = logging.getLogger("tests.speech.fakes.socket")
    async with serve(
        provider.play, "127.0.0.1", 0, process_request=provider.admit, close_timeout=1, logger=quiet
    ) as server:
        provider.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        yield provider
    assert provider.problems == []
