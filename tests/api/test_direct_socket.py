"""Messages past ASGI, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from orchestrator.api.direct_socket import DirectSocket, direct_socket
from orchestrator.realtime.framing import text_frame

pytestmark = pytest.mark.edge

DEADLINE = 10.0

Handle = Callable[["Served"], Awaitable[None]]


class Served:
    """A connection as its handler has it."""

    def __init__(self, direct: Any, receive: Any, send: Any) -> None:
        self.direct = direct
        self.send = send
        self.taken: list[str] = []
        self._receive = receive

    async def receive(self) -> Any:
        """What is left to ASGI."""
        message = await self._receive()
        return message.get("text") or message.get("bytes") or message["type"]


@asynccontextmanager
async def talking(handle: Handle, ws: Any = DirectSocket) -> AsyncIterator[ClientConnection]:
    """A client of a handler, which has to be done at the end."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        try:
            await receive()
            await send({"type": "websocket.accept"})
            await handle(Served(direct_socket(scope), receive, send))
        except Exception as error:  # noqa: BLE001 - raised again when the client has left
            done.set_exception(error)
        else:
            done.set_result(None)

    config = uvicorn.Config(application, port=0, log_config=None, lifespan="off", ws=ws)
    config.load()
    protocol = config.http_protocol_class
    state = uvicorn.server.ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: protocol(config, state, {}), "127.0.0.1", 0)  # type: ignore[call-arg]
    async with server, asyncio.timeout(DEADLINE):
        port = server.sockets[0].getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}/", compression=None, proxy=None) as client:
            yield client
        await done


async def test_messages_are_taken_as_they_come_and_answered_at_once() -> None:
    async def handle(served: Served) -> None:
        def answer(text: str) -> None:
            assert served.direct.send_now(f"heard {len(text)}")

        with served.direct.shortcut.taking(answer):
            assert await served.receive() == "websocket.disconnect"

    async with talking(handle) as client:
        for text in ("one", "two" * 100_000, "three"):
            await client.send(text)
            assert await client.recv() == f"heard {len(text)}"


async def test_what_came_before_is_received_first_and_in_order() -> None:
    async def handle(served: Served) -> None:
        received = [await served.receive()]
        with served.direct.shortcut.taking(served.taken.append):
            await served.send({"type": "websocket.send", "text": "go on"})
            while (message := await served.receive()) != "websocket.disconnect":
                received.append(message)
        numbers = [int(message) for message in [*received, *served.taken]]
        assert numbers == list(range(20))
        assert served.taken[-1] == "19"

    async with talking(handle) as client:
        # In one segment, so that the handler has the first while the others wait for it.
        client.transport.write(b"".join(text_frame(str(number), masked=True) for number in range(19)))
        assert await client.recv() == "go on"
        await client.send("19")


async def test_what_is_not_a_whole_message_of_text_is_received_as_ever() -> None:
    async def handle(served: Served) -> None:
        with served.direct.shortcut.taking(served.taken.append):
            assert [await served.receive() for _ in range(3)] == [
                b"sound",
                "in pieces",
                "websocket.disconnect",
            ]
        assert served.taken == ["first", "last"]

    async with talking(handle) as client:
        for message in ("first", b"sound", ["in ", "pieces"], "last"):
            await client.send(message)
            await (await client.ping())


async def test_what_the_taker_raises_is_raised_to_whoever_receives() -> None:
    async def handle(served: Served) -> None:
        def refuse(text: str) -> None:
            raise ValueError(text)

        with served.direct.shortcut.taking(refuse), pytest.raises(ValueError, match="boo"):
            await served.receive()

    async with talking(handle) as client:
        await client.send("boo")


async def test_nothing_is_sent_at_once_before_what_waits_or_after_the_end() -> None:
    async def handle(served: Served) -> None:
        while served.direct.send_now("x" * 1_000_000):
            pass
        await served.send({"type": "websocket.send", "text": "in order"})
        await served.send({"type": "websocket.close"})
        assert not served.direct.send_now("too late")

    async with talking(handle) as client:
        *_, last = [str(message)[:8] async for message in client]
    assert last == "in order"


async def test_nothing_is_taken_once_the_handler_has_closed() -> None:
    async def handle(served: Served) -> None:
        with served.direct.shortcut.taking(served.taken.append):
            await served.send({"type": "websocket.close"})
            served.direct.data_received(text_frame("too late", masked=True))
        assert served.taken == []

    async with talking(handle) as client:
        await client.wait_closed()


async def test_under_another_server_there_is_no_such_socket() -> None:
    async def handle(served: Served) -> None:
        assert served.direct is None

    async with talking(handle, "websockets-sansio"):
        pass
    assert direct_socket({}) is None
