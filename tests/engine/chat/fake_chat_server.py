"""A chat completions endpoint at the wire, for tests: answers each request with the next script."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Step = str | bytes | asyncio.Event | None


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> str:
    """One `data:` line of a streamed completion."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return f"data: {json.dumps({'object': 'chat.completion.chunk', 'choices': choices, **more})}\n\n"


def tool_delta(
    index: int, arguments: str = "", name: str | None = None, call_id: str | None = None
) -> dict[str, Any]:
    function: dict[str, Any] = {"arguments": arguments} | ({"name": name} if name else {})
    return {"tool_calls": [{"index": index, "function": function} | ({"id": call_id} if call_id else {})]}


DONE = "data: [DONE]\n\n"


@dataclass
class Script:
    """One answer.

    Args:
        steps: Texts to send, events to wait for; None drops the connection.
        status: The HTTP status.
        head: Events to wait for before even the status is sent.
    """

    steps: Sequence[Step]
    status: int = 200
    head: asyncio.Event | None = None


@dataclass
class FakeChatServer:
    """Serves scripts; remembers what was asked."""

    scripts: list[Script] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1])
            for line in head.split("\r\n")
            if line.lower().startswith("content-length")
        )
        self.headers.append(head)
        self.bodies.append(json.loads(await reader.readexactly(length)))
        try:
            await self._answer(self.scripts.pop(0), reader, writer)
        except ConnectionError:
            self.left.set()
        finally:
            writer.close()

    async def _answer(
        self, script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if script.head is not None:
            await script.head.wait()
        kind = "text/event-stream" if script.status == 200 else "application/json"
        writer.write(
            f"HTTP/1.1 {script.status} X\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode()
        )
        for step in script.steps:
            if step is None:
                writer.transport.abort()
                return
            if isinstance(step, asyncio.Event):
                await self._waited(step, reader)
            else:
                writer.write(step if isinstance(step, bytes) else step.encode())
                await writer.drain()

    async def _waited(self, event: asyncio.Event, reader: asyncio.StreamReader) -> None:
        """Wait for the test, or for the client to leave."""
        waiting = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(reader.read())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if waiting[1].done():
            self.left.set()
        for task in waiting:
            task.cancel()


@asynccontextmanager
async def fake_chat_server(*scripts: Script) -> AsyncIterator[FakeChatServer]:
    fake = FakeChatServer(list(scripts))
    server = await asyncio.start_server(fake.handle, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    async with server:
        yield fake
