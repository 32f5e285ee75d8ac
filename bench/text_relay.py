"""What the service is compared to: frames carried from a WebSocket to another and back, and nothing else."""

import asyncio
import sys
from contextlib import suppress

import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

ENGINE = sys.argv[1] if len(sys.argv) > 1 else ""


async def relay(client: ServerConnection) -> None:
    """Connect one client to the engine."""
    async with (
        connect(ENGINE, compression=None, max_size=None, proxy=None) as engine,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(_carry(client, engine))
        await _carry(engine, client)


async def _carry(
    source: ServerConnection | ClientConnection, sink: ServerConnection | ClientConnection
) -> None:
    with suppress(ConnectionClosed):
        async for frame in source:
            await sink.send(frame)
    await sink.close()


async def main() -> None:
    """Serve on a free port, told on standard output."""
    async with serve(relay, "127.0.0.1", 0, compression=None, max_size=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
