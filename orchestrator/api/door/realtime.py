"""`GET /v1/realtime`: the door for clients that speak the Realtime protocol over a WebSocket."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import structlog
from litestar import WebSocket, websocket
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect

from orchestrator.api.admission import Identity
from orchestrator.api.direct_socket import direct_socket
from orchestrator.api.door.connection import DoorConnection
from orchestrator.api.door.outgoing import EXTENSION, error_event
from orchestrator.api.door.placing import GREET, asks_for_extension, conversation_for, wishes_of
from orchestrator.api.services import Services
from orchestrator.call import metrics
from orchestrator.call.live import LiveConversation, new_id
from orchestrator.core.errors import (
    CapacityError,
    InvalidRequestError,
    OrchestratorError,
    UnauthorizedError,
)
from orchestrator.realtime.codec import encode
from orchestrator.realtime.serving.handshake import (
    CLOSE_BAD_KEY,
    CLOSE_BAD_REQUEST,
    SUBPROTOCOL,
    Offer,
    refuse_beta,
)

CLOSE_BUSY: Final = 4429
CLOSE_TROUBLE: Final = 1011

_log = structlog.get_logger(__name__)


@websocket("/v1/realtime", name="realtime")
async def realtime(socket: WebSocket[Any, Any, Any], services: NamedDependency[Services]) -> None:
    """Connect a client to a conversation: a new one, a stored one, or as a sideband one that is live."""
    offer = _offer(socket)
    await socket.accept(subprotocols=SUBPROTOCOL if SUBPROTOCOL in offer.subprotocols else None)
    try:
        refuse_beta(offer)
        identity = await services.admission.identify(
            offer.key, origin=socket.headers.get("origin"), host=socket.headers.get("host")
        )
        connection, live = await _connect(offer, identity, services)
    except OrchestratorError as error:
        await _reject(socket, error)
        return
    await _converse(socket, connection, live)


def _offer(socket: WebSocket[Any, Any, Any]) -> Offer:
    query = socket.scope["query_string"].decode("latin-1")
    return Offer(
        target=f"{socket.scope['path']}?{query}",
        authorization=socket.headers.get("authorization"),
        beta=socket.headers.get("openai-beta"),
        subprotocols=socket.scope.get("subprotocols") or (),
    )


async def _connect(
    offer: Offer, identity: Identity, services: Services
) -> tuple[DoorConnection, LiveConversation]:
    extended = asks_for_extension(offer)
    if (call_id := offer.query("call_id")) is not None:
        return _join_sideband(call_id, services, extended=extended)
    wishes = wishes_of(offer, identity)
    connection = DoorConnection(new_id("rtc"), extended=extended or EXTENSION in wishes.include)
    live = await conversation_for(offer, identity, wishes, services)
    live.join(connection, wishes=wishes, greet=offer.query(GREET) == "true")
    return connection, live


def _join_sideband(
    call_id: str, services: Services, *, extended: bool
) -> tuple[DoorConnection, LiveConversation]:
    live = services.switchboard.by_call(call_id)
    if live is None:
        raise InvalidRequestError(f"There is no call {call_id!r} here, or it has ended.", param="call_id")
    connection = DoorConnection(call_id, transport="sideband", extended=extended)
    live.add_sideband(connection)
    return connection, live


async def _reject(socket: WebSocket[Any, Any, Any], error: OrchestratorError) -> None:
    """Say why there is no session, then close: a browser sees nothing of a refused handshake."""
    wire_code = getattr(error, "wire_code", error.code)
    event = error_event(wire_code, error.message, error.param)
    event["event_id"] = new_id("event")
    code = CLOSE_BAD_REQUEST
    if isinstance(error, UnauthorizedError):
        code = CLOSE_BAD_KEY
    elif isinstance(error, CapacityError):
        code = CLOSE_BUSY
    elif error.status >= 500:
        code = CLOSE_TROUBLE
    _log.info("client refused", code=wire_code)
    metrics.refused("websocket", wire_code)
    await socket.send_text(encode(event))
    await socket.close(code=code, reason=wire_code)


async def _converse(
    socket: WebSocket[Any, Any, Any], connection: DoorConnection, live: LiveConversation
) -> None:
    """Carry frames both ways until either side is done."""
    reason = "client disconnected"
    try:
        async with asyncio.TaskGroup() as group:
            with _short_way(socket, connection, live):
                reading = group.create_task(_read(socket, connection, live))
                await _write(socket, connection)
            reading.cancel()
            reason = connection.closing or reason
    except* (WebSocketDisconnect, OSError):
        reason = "connection lost"
    finally:
        live.leave(connection, reason)


@contextmanager
def _short_way(
    socket: WebSocket[Any, Any, Any], connection: DoorConnection, live: LiveConversation
) -> Iterator[None]:
    """Let text frames pass at once, where the server can; what cannot is read and written as ever."""
    direct = direct_socket(socket.scope)
    if direct is None:
        yield
        return
    connection.send_now = direct.send_now
    with direct.shortcut.taking(lambda frame: connection.take(frame, live)):
        yield


async def _read(socket: WebSocket[Any, Any, Any], connection: DoorConnection, live: LiveConversation) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            connection.hang_up("client disconnected")
            return
        text = message.get("text")
        if isinstance(text, str):
            connection.take(text, live)
        else:
            connection.refuse_binary()


async def _write(socket: WebSocket[Any, Any, Any], connection: DoorConnection) -> None:
    while (frame := await connection.next_frame()) is not None:
        await socket.send_text(frame)
    if connection.closing != "client disconnected":
        await socket.close(code=connection.close_code, reason=connection.closing)
