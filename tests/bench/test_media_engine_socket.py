"""The socket of the benchmark's engine: sound is heard where it is read, all else is received as usual."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from bench.media_engine_socket import APPEND, EngineSocket
from orchestrator.realtime.framing import text_frame
from tests.patience import PATIENCE

pytestmark = pytest.mark.edge

SOUND = APPEND + ',"audio":"AAAA"}'
OTHER = '{"type":"session.update","session":{}}'


class Engine:
    """What one connection hears and receives."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.received: list[str | bytes] = []

    async def serve(self, socket: ServerConnection) -> None:
        assert isinstance(socket, EngineSocket)
        with socket.hearing(self.heard.append):
            async for message in socket:
                self.received.append(message)
                await socket.say(b'{"type":"session.updated"}')


@asynccontextmanager
async def connected(engine: Engine) -> AsyncIterator[ClientConnection]:
    """A client of the engine, with a deadline for all that it does."""
    async with (
        asyncio.timeout(PATIENCE),
        serve(engine.serve, "127.0.0.1", 0, compression=None, create_connection=EngineSocket) as server,
    ):
        port = next(iter(server.sockets)).getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", compression=None, proxy=None) as client:
            yield client


async def test_sound_is_heard_and_wakes_nobody_who_receives() -> None:
    engine = Engine()
    async with connected(engine) as client:
        await client.send(OTHER)
        await client.recv()
        await client.send(SOUND)
        await client.send(OTHER)
        await client.recv()
    assert (engine.heard, engine.received) == ([SOUND], [OTHER, OTHER])


async def test_pieces_of_sound_that_come_in_company_are_heard_one_by_one() -> None:
    engine = Engine()
    async with connected(engine) as client:
        await client.send(OTHER)
        await client.recv()
        client.transport.write(text_frame(SOUND, masked=True) * 3)
        await client.send(OTHER)
        await client.recv()
    assert (engine.heard, engine.received) == ([SOUND] * 3, [OTHER, OTHER])


async def test_what_is_said_comes_as_one_text_message() -> None:
    async with connected(Engine()) as client:
        await client.send(OTHER)
        assert await client.recv() == '{"type":"session.updated"}'
