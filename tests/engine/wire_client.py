"""A strict client for tests over real sockets: every event it reads is checked against the stock types."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.embedded import EmbeddedEngine
from orchestrator.realtime.codec import decode, encode
from tests.engine.session_probe import checked_against_stock_types, field, user_message
from tests.patience import PATIENCE


class WireClient:
    """One connection to an engine."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, event_type: str, **fields: JsonValue) -> None:
        await self.socket.send(encode({"type": event_type, **fields}))

    async def read(self) -> JsonObject:
        async with asyncio.timeout(PATIENCE):
            frame = await self.socket.recv()
        assert isinstance(frame, str)
        return checked_against_stock_types(decode(frame))

    async def read_until(self, *event_types: str) -> list[JsonObject]:
        """Read up to and with the first event of one of these types."""
        events = [await self.read()]
        while events[-1]["type"] not in event_types:
            events.append(await self.read())
        return events

    async def read_to_close(self) -> tuple[list[JsonObject], int, str]:
        """Read until the server closes; answer the events, the close code and its reason."""
        events: list[JsonObject] = []
        while True:
            try:
                events.append(await self.read())
            except ConnectionClosed:
                return events, self.socket.close_code or 0, self.socket.close_reason or ""

    async def say(self, text: str) -> list[JsonObject]:
        """Send the caller's words, ask for a response, and read it to its end."""
        await self.send("conversation.item.create", item=user_message(text))
        await self.send("response.create")
        return await self.read_until("rate_limits.updated")

    async def error(self) -> JsonObject:
        return field((await self.read_until("error"))[-1], "error")


@asynccontextmanager
async def connected(
    engine: EmbeddedEngine,
    target: str = "/v1/realtime?model=demo",
    *,
    headers: dict[str, str] | None = None,
    subprotocols: Sequence[str] = (),
    opened: bool = True,
    **options: Any,
) -> AsyncIterator[WireClient]:
    """Connect; unless told otherwise, read `session.created` first."""
    offered = [Subprotocol(name) for name in subprotocols] or None
    async with connect(
        engine.url + target, additional_headers=headers, subprotocols=offered, max_size=None, **options
    ) as socket:
        client = WireClient(socket)
        if opened:
            assert (await client.read())["type"] == "session.created"
        yield client
