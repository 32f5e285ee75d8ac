"""The embedded engine: a Realtime server of our own, in process or stand-alone, without key or network."""

import asyncio
import ipaddress
import logging
import secrets
import time
from collections.abc import Callable, Collection, Sequence
from types import TracebackType
from typing import Final, Self

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from orchestrator.core.errors import SettingsError
from orchestrator.core.json_value import JsonObject
from orchestrator.engine.brain import Brain
from orchestrator.engine.demo.demo_brain import DemoBrain
from orchestrator.engine.faculties import Faculties
from orchestrator.engine.server.connection import Connection, Limits
from orchestrator.engine.server.pace import Pace
from orchestrator.engine.session.session import Session
from orchestrator.realtime.codec import encode
from orchestrator.realtime.serving.handshake import SUBPROTOCOL, Offer, RejectedError, admitted_model

DEFAULT_LIMITS: Final = Limits()
_LAST_SECONDS: Final = 1.0
_log = logging.getLogger(__name__)
# The library logs frames at DEBUG: callers' words, which no log may hold.
_socket_log: Final = logging.getLogger("orchestrator.engine.socket")
_socket_log.setLevel(logging.WARNING)


def new_id(prefix: str) -> str:
    """Make an id that is not to be guessed: `item_…`."""
    return f"{prefix}_{secrets.token_hex(10)}"


class EmbeddedEngine:
    """A Realtime server on a port of its own.

    ```python
    async with EmbeddedEngine() as engine:
        connect(f"{engine.url}/v1/realtime?model=demo")
    ```

    Args:
        mind: What thinks, hears and speaks, or a brain alone for an engine that reads and writes; the
            offline demo brain unless told otherwise. It stays the caller's to close.
        host: The address to listen on; anything but loopback needs an `api_key`.
        port: 0 takes a free one.
        api_key: The key that clients must bring; None lets everybody in.
        models: The models there are; None takes any name.
        tokens_per_second: How fast replies come; None for as fast as the client reads.
        limits: The bounds of each connection.
        stop_seconds: How long `stop` waits for clients to take their last events.
        pace: In place of `tokens_per_second`, for tests with virtual time.
    """

    def __init__(
        self,
        mind: Faculties | Brain | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        api_key: str | None = None,
        models: Collection[str] | None = None,
        tokens_per_second: float | None = None,
        limits: Limits = DEFAULT_LIMITS,
        stop_seconds: float = 5.0,
        pace: Pace | None = None,
    ) -> None:
        if api_key is None and not _is_loopback(host):
            raise SettingsError(
                f"The engine would be open to everybody on {host}: give it an api_key, "
                "or listen on 127.0.0.1.",
                param="api_key",
            )
        self._faculties = mind if isinstance(mind, Faculties) else Faculties(mind or DemoBrain())
        self._host = host
        self._port = port
        self._api_key = api_key
        self._models = models
        self._pace = pace or Pace(tokens_per_second)
        self._limits = limits
        self._stop_seconds = stop_seconds
        self._server: Server | None = None
        self._connections: set[Connection] = set()

    @property
    def url(self) -> str:
        """The base to which clients add `/v1/realtime?model=…`."""
        return f"ws://{f'[{self._host}]' if ':' in self._host else self._host}:{self.port}"

    @property
    def port(self) -> int:
        """The port it listens on, once it was started."""
        return self._port

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen.

        Raises:
            SettingsError: The address cannot be listened on.
        """
        try:
            self._server = await serve_websockets(
                self._serve,
                self._host,
                self._port,
                process_request=self._process_request,
                select_subprotocol=_select_subprotocol,
                compression=None,
                max_size=self._limits.frame_bytes,
                close_timeout=self._limits.close_seconds,
                server_header=None,
                logger=_socket_log,
            )
        except OSError as error:
            raise SettingsError(
                f"The engine cannot listen on {self._host} port {self._port}: {error.strerror}.", param="port"
            ) from error
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        """Take no more clients, end every response, close every session with 1001; safe to call twice."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close(close_connections=False)
        for connection in self._connections:
            connection.shut_down("The engine is stopping.")
        if await _closed(server, self._stop_seconds):
            return
        _log.warning("%s clients did not close in time and were dropped", len(self._connections))
        for connection in self._connections:
            connection.abort()
        if not await _closed(server, _LAST_SECONDS):
            _log.error("a brain does not let itself be cancelled; its connection is left behind")

    async def _process_request(self, socket: ServerConnection, request: Request) -> Response | None:
        if not _offer(request).is_realtime:
            return socket.respond(404, "There is only /v1/realtime here.\n")
        if len(self._connections) >= self._limits.connections:
            return socket.respond(503, "The engine serves as many clients as it may.\n")
        return None

    async def _serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None  # noqa: S101 - the handshake is over
        try:
            model = admitted_model(_offer(socket.request), api_key=self._api_key, models=self._models)
        except RejectedError as rejection:
            await _reject(socket, rejection)
            return
        expires_at = int(time.time() + self._limits.session_seconds)
        session = Session(model, expires_at, new_id, self._faculties.capabilities)
        connection = Connection(socket, session, self._faculties, self._pace, self._limits)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)


async def serve(
    host: str = "127.0.0.1",
    port: int = 8100,
    *,
    mind: Faculties | Brain | None = None,
    api_key: str | None = None,
    models: Collection[str] | None = None,
    tokens_per_second: float | None = None,
    limits: Limits = DEFAULT_LIMITS,
    started: Callable[[EmbeddedEngine], None] | None = None,
) -> None:
    """Serve stand-alone until cancelled; on cancellation every session ends in order.

    Args:
        host: The address to listen on; anything but loopback needs an `api_key`.
        port: 0 takes a free one.
        mind: What thinks, hears and speaks; see `EmbeddedEngine`.
        api_key: The key that clients must bring; None lets everybody in.
        models: The models there are; None takes any name.
        tokens_per_second: How fast replies come.
        limits: The bounds of each connection.
        started: Called once it listens, with the engine, whose `url` is known then.

    Raises:
        SettingsError: The address cannot be listened on.
    """
    engine = EmbeddedEngine(
        mind,
        host=host,
        port=port,
        api_key=api_key,
        models=models,
        tokens_per_second=tokens_per_second,
        limits=limits,
    )
    async with engine:
        if started is not None:
            started(engine)
        await asyncio.get_running_loop().create_future()


async def _closed(server: Server, seconds: float) -> bool:
    """Whether every connection's handler ended within that time."""
    try:
        async with asyncio.timeout(seconds):
            await server.wait_closed()
    except TimeoutError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _offer(request: Request) -> Offer:
    offered = ",".join(request.headers.get_all("Sec-WebSocket-Protocol"))
    return Offer(
        target=request.path,
        authorization=request.headers.get("Authorization"),
        beta=request.headers.get("OpenAI-Beta"),
        subprotocols=tuple(name.strip() for name in offered.split(",") if name.strip()),
    )


def _select_subprotocol(_socket: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Select `realtime` and never the name that carries a key (section 2.1)."""
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None


async def _reject(socket: ServerConnection, rejection: RejectedError) -> None:
    event: JsonObject = {"type": "error", "event_id": new_id("event"), "error": rejection.as_error(None)}
    try:
        await socket.send(encode(event))
        await socket.close(rejection.close_code, rejection.wire_code)
    except ConnectionClosed:
        _log.info("client left before it was told: %s", rejection.wire_code)
