import asyncio
import logging
import ssl
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from orchestrator.realtime.dialects import EngineEndpoint
from orchestrator.realtime.framing import text_frame
from orchestrator.realtime.transport import (
    ConnectionLimits,
    DialError,
    TransportClosedError,
    dial_websocket,
)
from tests.certificates import self_signed
from tests.realtime import faulty_servers
from tests.realtime.faulty_servers import http_answer, raw_server, unused_url, websocket_server

pytestmark = pytest.mark.edge

PATIENT = ConnectionLimits(connect_seconds=30, close_seconds=0.2)
IMPATIENT = ConnectionLimits(connect_seconds=0.2, close_seconds=0.2)


def endpoint(url: str) -> EngineEndpoint:
    return EngineEndpoint(kind="azure", url=url, api_key="sk-secret")


async def dialled(url: str, limits: ConnectionLimits = PATIENT) -> DialError:
    with pytest.raises(DialError) as caught:
        await dial_websocket(endpoint(url), None, limits)
    assert "sk-secret" not in f"{caught.value!r} {caught.value.failure}"
    assert caught.value.__cause__ is None
    return caught.value


async def until_enough(received: list[str], socket: ServerConnection) -> None:
    """Receive until there is `enough`."""
    async for frame in socket:
        received.append(str(frame))
        if frame == "enough":
            return


async def test_frames_go_both_ways_and_a_close_tells_its_code_and_reason() -> None:
    paths = []

    async def handle(socket: ServerConnection) -> None:
        assert socket.request
        paths.append((socket.request.path, socket.request.headers["api-key"]))
        await socket.send(await socket.recv())
        await socket.close(4000, "enough")

    async with websocket_server(handle) as url:
        transport = await dial_websocket(endpoint(url), "m", PATIENT)
        await transport.send("hello")
        assert await transport.receive() == "hello"
        with pytest.raises(TransportClosedError) as caught:
            await transport.receive()
        with pytest.raises(TransportClosedError):
            await transport.send("too late")
        await transport.close()
    assert (caught.value.close_code, caught.value.reason) == (4000, "enough")
    assert paths == [("/openai/v1/realtime?model=m", "sk-secret")]


async def test_a_frame_is_sent_at_once_unless_something_waits_or_the_connection_is_over() -> None:
    received: list[str] = []
    async with websocket_server(partial(until_enough, received)) as url:
        transport = await dial_websocket(endpoint(url), None, PATIENT)
        assert transport.send_now("at once")
        while transport.send_now("x" * 1_000_000):
            pass
        await transport.send("in order")
        await transport.send("enough")
        with pytest.raises(TransportClosedError):
            await transport.receive()
        assert not transport.send_now("too late")
    assert (received[0], received[-2:]) == ("at once", ["in order", "enough"])


async def test_a_frame_that_is_ready_is_written_unless_something_waits_or_the_connection_is_over() -> None:
    received: list[str] = []
    async with websocket_server(partial(until_enough, received)) as url:
        transport = await dial_websocket(endpoint(url), None, PATIENT)
        write = transport.writer()
        assert write is not None
        write(text_frame("at once", masked=True))
        while (write := transport.writer()) is not None:
            write(text_frame("x" * 1_000_000, masked=True))
        await transport.send("in order")
        await transport.send("enough")
        with pytest.raises(TransportClosedError):
            await transport.receive()
        assert transport.writer() is None
    assert (received[0], received[-2:]) == ("at once", ["in order", "enough"])


async def test_frames_are_taken_as_they_come_and_the_end_is_still_received() -> None:
    taken: list[str] = []

    async def handle(socket: ServerConnection) -> None:
        await socket.send("before")
        for frame in ("one", "two" * 100_000, ["thr", "ee"], "four"):
            await socket.recv()
            await socket.send(frame)

    async with websocket_server(handle) as url:
        transport = await dial_websocket(endpoint(url), None, PATIENT)
        assert await transport.receive() == "before"

        def take(frame: str) -> None:
            taken.append(frame)
            transport.send_now("next")

        with transport.taking(take):
            await transport.send("first")
            in_pieces = await transport.receive()
            await transport.send("next")
            with pytest.raises(TransportClosedError):
                await transport.receive()
    assert (in_pieces, taken) == ("three", ["one", "two" * 100_000, "four"])


async def test_what_the_taker_of_a_frame_raises_ends_the_connection_and_is_raised() -> None:
    async def handle(socket: ServerConnection) -> None:
        await socket.send(str(await socket.recv()))
        await socket.wait_closed()

    def refuse(frame: str) -> None:
        raise ValueError(frame)

    async with websocket_server(handle) as url:
        transport = await dial_websocket(endpoint(url), None, PATIENT)
        with transport.taking(refuse):
            await transport.send("boo")
            with pytest.raises(ValueError, match="boo"):
                await transport.receive()


async def test_a_broken_connection_has_no_code() -> None:
    async def handle(socket: ServerConnection) -> None:
        socket.transport.abort()

    async with websocket_server(handle) as url:
        transport = await dial_websocket(endpoint(url), None, PATIENT)
        with pytest.raises(TransportClosedError) as caught:
            await transport.receive()
    assert caught.value.close_code is None


async def test_our_own_close_reaches_the_server_with_a_reason_cut_to_fit() -> None:
    seen: asyncio.Queue[tuple[int, str]] = asyncio.Queue()

    async def handle(socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            await socket.recv()
        seen.put_nowait((socket.close_code or 0, socket.close_reason or ""))

    async with websocket_server(handle) as url:
        transport = await dial_websocket(endpoint(url), None, PATIENT)
        await transport.close(1000, "ü" * 100)
        assert await seen.get() == (1000, "ü" * 61)


async def test_an_abort_looks_like_a_failing_network_to_the_server() -> None:
    seen: asyncio.Queue[int | None] = asyncio.Queue()

    async def handle(socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            await socket.recv()
        seen.put_nowait(socket.close_code)

    async with websocket_server(handle) as url:
        transport = await dial_websocket(endpoint(url), None, PATIENT)
        transport.abort()
        assert await seen.get() == 1006


async def test_a_close_that_is_itself_cancelled_still_lets_go_of_the_socket() -> None:
    gone = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await faulty_servers.upgrades(reader, writer)
        await reader.read()
        gone.set()

    async with raw_server(handle) as url:
        transport = await dial_websocket(endpoint(url), None, ConnectionLimits(close_seconds=60))
        closing = asyncio.ensure_future(transport.close())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        await gone.wait()


async def test_a_port_where_nobody_listens_is_lost_for_the_moment() -> None:
    failure = (await dialled(unused_url())).failure
    assert (failure.code, failure.retryable, failure.transient) == ("engine_lost", True, True)


async def test_a_wrong_key_is_final() -> None:
    async with raw_server(
        http_answer("401 Unauthorized", '{"error":{"message":"Bad key sk-secret"}}')
    ) as url:
        failure = (await dialled(url)).failure
    assert (failure.code, failure.retryable, failure.transient) == ("invalid_api_key", False, False)
    assert "Bad key ***" in failure.message


async def test_a_busy_server_may_be_tried_again() -> None:
    async with raw_server(http_answer("503 Service Unavailable")) as url:
        assert (await dialled(url)).failure.transient


async def test_a_redirect_is_not_followed_since_it_would_carry_the_key_away() -> None:
    keys = []

    async def thief(socket: ServerConnection) -> None:
        assert socket.request
        keys.append(socket.request.headers.get("api-key"))

    async with websocket_server(thief) as elsewhere:
        answer = http_answer("302 Found", headers=f"Location: {elsewhere}\r\n")
        async with raw_server(answer) as url:
            failure = (await dialled(url)).failure
    assert (failure.code, failure.retryable) == ("engine_refused", False)
    assert keys == []


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        (faulty_servers.closes_during_handshake, "engine_lost"),
        (faulty_servers.speaks_no_http, "engine_lost"),
        (faulty_servers.says_nothing, "engine_timeout"),
    ],
)
async def test_a_broken_handshake_may_be_tried_again(handler: faulty_servers.RawHandler, code: str) -> None:
    limits = IMPATIENT if handler is faulty_servers.says_nothing else PATIENT
    async with raw_server(handler) as url:
        failure = (await dialled(url, limits)).failure
    assert (failure.code, failure.transient) == (code, True)


async def test_a_certificate_that_cannot_be_trusted_is_final(tmp_path: Path) -> None:
    chain = tmp_path / "server.pem"
    chain.write_bytes(b"".join(self_signed()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    # Python 3.11's server side complains of the alert that it is sent; that is not ours to judge.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    async with raw_server(faulty_servers.says_nothing, ssl=context) as url:
        failure = (await dialled(url.replace("ws://", "wss://"))).failure
    assert (failure.code, failure.retryable, failure.transient) == ("engine_refused", False, False)
    assert "certificate" in failure.message


async def test_not_even_debug_logs_show_the_key_or_what_was_said(caplog: pytest.LogCaptureFixture) -> None:
    async def handle(socket: ServerConnection) -> None:
        await socket.recv()

    with caplog.at_level(logging.DEBUG):
        async with websocket_server(handle) as url:
            transport = await dial_websocket(endpoint(url), None, PATIENT)
            await transport.send("private speech")
            await transport.close()
    ours = [record for record in caplog.records if record.name.startswith("orchestrator")]
    assert ours == []
