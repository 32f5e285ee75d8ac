"""Servers on loopback that misbehave during or after the handshake, each in one way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ssl import SSLContext

from websockets.asyncio.server import ServerConnection, serve
from websockets.utils import accept_key

RawHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(handle: RawHandler, ssl: SSLContext | None = None) -> AsyncIterator[str]:
    """Serve bare TCP; answers the URL."""

    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(closing, "127.0.0.1", 0, ssl=ssl)
    async with server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def websocket_server(handle: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[str]:
    """Serve WebSockets; answers the URL."""
    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


def http_answer(status: str, body: str = "", headers: str = "") -> RawHandler:
    """Answer every upgrade with plain HTTP."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n{body}".encode())
        await writer.drain()

    return handle


async def closes_during_handshake(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Read the request, then hang up."""
    await reader.readuntil(b"\r\n\r\n")


async def says_nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Accept, and never answer."""
    await reader.read()


async def speaks_no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with something that is no HTTP."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"220 mail.example ESMTP\r\n\r\n")
    await writer.drain()


async def upgrades(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept an upgrade by hand, and know nothing of frames afterwards."""
    request = (await reader.readuntil(b"\r\n\r\n")).decode()
    key = next(line.split(": ")[1] for line in request.split("\r\n") if line.startswith("Sec-WebSocket-Key"))
    writer.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept_key(key)}\r\n\r\n".encode()
    )
    await writer.drain()


async def confirms_and_freezes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept an upgrade, say that the session is ready, and read nothing any more."""
    await upgrades(reader, writer)
    body = b'{"type":"session.updated","session":{}}'
    writer.write(b"\x81" + bytes([len(body)]) + body)  # one text frame, unmasked (RFC 6455, section 5.2)
    await asyncio.Event().wait()


def unused_url() -> str:
    """Name a loopback port where nobody listens: port 1 is reserved and needs privileges to be taken."""
    return "ws://127.0.0.1:1"
