"""A provider's HTTP server at the level of the wire: what it was asked, and every way it may answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        return msgspec.json.decode(self.body, type=dict[str, object])


@dataclass
class Answer:
    """What to answer.

    Attributes:
        pieces: Parts of the body, each sent as a chunk of its own.
        status: HTTP status.
        headers: Beside the usual ones.
        broken: Whether the connection breaks after the pieces, before the body's end.
        hold: Waited for before the first piece.
        stall: Waited for after the pieces.
        until_hung_up: Whether the body goes on until the client hangs up.
    """

    pieces: list[bytes] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    broken: bool = False
    hold: asyncio.Event | None = None
    stall: asyncio.Event | None = None
    until_hung_up: bool = False


class HttpProvider:
    """Answers requests one by one from a script; strict about requests beyond it."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[Request] = []
        self.script: list[Answer | Callable[[Request], Answer]] = []
        self.hung_up = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                self.requests.append(request)
                if not await self._answer(request, reader, writer):
                    return
        finally:
            writer.close()

    async def _answer(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        step = self.script.pop(0) if self.script else Answer([b"unexpected request"], 500)
        answer = step(request) if callable(step) else step
        if answer.hold:
            await answer.hold.wait()
        headers = {"transfer-encoding": "chunked", "content-type": "audio/pcm"} | answer.headers
        lines = [f"HTTP/1.1 {answer.status} Status", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        for piece in answer.pieces:
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
        if answer.stall:
            await answer.stall.wait()
        if answer.until_hung_up:
            await reader.read()
            self.hung_up.set()
        if answer.broken or answer.until_hung_up:
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, path, headers, body)


@asynccontextmanager
async def http_provider() -> AsyncIterator[HttpProvider]:
    """A provider on a port of its own."""
    provider = HttpProvider()
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0)
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield provider


def refused(status: int, body: object, headers: dict[str, str] | None = None) -> Answer:
    """A refusal with a JSON body."""
    kind = {"content-type": "application/json"}
    return Answer([msgspec.json.encode(body)], status, kind | (headers or {}))
