import asyncio
from collections.abc import AsyncIterator

import pytest

from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.errors import (
    SpeechCredentialsError,
    SpeechLostError,
    SpeechRateLimitError,
    SpeechRefusedError,
    SpeechTimeoutError,
)
from orchestrator.speech.sockets import open_socket
from tests.patience import PATIENCE, PATIENT
from tests.speech.fakes.socket import Client, Refusal, SocketProvider, socket_provider

pytestmark = pytest.mark.edge


@pytest.fixture
async def provider() -> AsyncIterator[SocketProvider]:
    async with socket_provider() as provider:
        yield provider


async def test_json_goes_both_ways_and_sound_one(provider: SocketProvider) -> None:
    async def scene(client: Client) -> None:
        assert await client.hears() == {"text": "hi"}
        await client.says(answer=client.sound.decode())

    provider.script = [scene]
    async with open_socket("cartesia", f"{provider.url}/tts", {"X-Key": "secret"}, PATIENT) as socket:
        await socket.send(b"pcm")
        await socket.send({"text": "hi"})
        assert await socket.receive() == {"answer": "pcm"}
        assert await socket.receive() is None
    (client,) = provider.clients
    assert (client.path, client.headers["X-Key"]) == ("/tts", "secret")


@pytest.mark.parametrize(
    ("refusal", "kind", "told"),
    [
        (Refusal(401, {"detail": {"message": "bad key"}}), SpeechCredentialsError, "bad key"),
        (Refusal(400, {"err_msg": "no such model"}), SpeechRefusedError, "no such model"),
        (Refusal(503), SpeechLostError, "Service Unavailable"),
    ],
)
async def test_a_refused_handshake_is_typed_and_says_why(
    provider: SocketProvider, refusal: Refusal, kind: type[Exception], told: str
) -> None:
    provider.script = [refusal]
    with pytest.raises(kind, match=told):
        async with open_socket("deepgram", provider.url, {}, PATIENT):
            pass


async def test_a_rate_limit_says_how_long_to_wait(provider: SocketProvider) -> None:
    provider.script = [Refusal(429, {}, {"Retry-After": "7"})]
    with pytest.raises(SpeechRateLimitError) as limited:
        async with open_socket("deepgram", provider.url, {}, PATIENT):
            pass
    assert limited.value.retry_after == 7


async def test_a_server_that_is_not_there_is_a_lost_connection() -> None:
    with pytest.raises(SpeechLostError, match="The connection to deepgram failed"):
        async with open_socket("deepgram", "ws://127.0.0.1:9", {}, PATIENT):
            pass


async def test_a_server_that_never_answers_fails_by_the_deadline() -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    never = asyncio.Event()
    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(SpeechTimeoutError, match="A connection to deepgram"):
            async with open_socket("deepgram", url, {}, Deadlines(connect=0.1)):
                pass
        never.set()


@pytest.mark.parametrize(
    ("code", "kind"), [(1008, SpeechRefusedError), (1011, SpeechLostError), (4000, SpeechLostError)]
)
async def test_a_close_for_a_reason_is_an_error_to_whoever_receives_or_sends(
    provider: SocketProvider, code: int, kind: type[Exception]
) -> None:
    provider.script = [lambda client: client.hangs_up(code, "because")]
    async with open_socket("elevenlabs", provider.url, {}, PATIENT) as socket:
        for act in (socket.receive, lambda: socket.send({})):
            with pytest.raises(kind, match=f"elevenlabs closed the connection \\({code}: because\\)"):
                await act()


async def test_a_connection_that_breaks_is_lost(provider: SocketProvider) -> None:
    async def scene(client: Client) -> None:
        client.vanishes()

    provider.script = [scene]
    async with open_socket("cartesia", provider.url, {}, PATIENT) as socket:
        with pytest.raises(SpeechLostError, match="1006"):
            await socket.receive()


async def test_what_is_no_json_is_a_broken_peer(provider: SocketProvider) -> None:
    provider.script = [lambda client: client.mumbles("hello")]
    async with open_socket("cartesia", provider.url, {}, PATIENT) as socket:
        with pytest.raises(SpeechLostError, match="no JSON object"):
            await socket.receive()


async def test_closing_from_our_side_ends_what_is_received(provider: SocketProvider) -> None:
    provider.script = [lambda client: client.listens_on()]
    async with open_socket("cartesia", provider.url, {}, PATIENT) as socket:
        await socket.close()
        assert await socket.receive() is None
    await asyncio.wait_for(provider.clients[0].left.wait(), PATIENCE)
