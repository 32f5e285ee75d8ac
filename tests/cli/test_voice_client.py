"""The client with sound, against services that answer as the test says, with the real media path."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from orchestrator.cli import voice_client
from orchestrator.cli.address import Address
from orchestrator.cli.exits import UnreachableError
from orchestrator.cli.voice_client import NoSoundError, VoiceClient
from orchestrator.core.errors import EngineLostError, OrchestratorError, UnauthorizedError
from orchestrator.media.call import MediaCall
from orchestrator.media.server import MediaServer
from tests.media.driver import Driver
from tests.media.sound import loudness, tone

pytestmark = pytest.mark.media

Answer = tuple[int, str]
Answering = Callable[[str, str], Awaitable[Answer]]


@asynccontextmanager
async def service(answering: Answering) -> AsyncIterator[Address]:
    """Serve HTTP: each request's target and body are answered with a status and a text."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:")
        )
        status, text = await answering(head.split()[1], (await reader.readexactly(length)).decode())
        body = text.encode()
        writer.write(
            f"HTTP/1.1 {status} X\r\nX-Conversation: conv_1\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Address.parse(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")


class Door:
    """Answers offers with a real call, and says what a service says first."""

    def __init__(self, media: MediaServer, *modalities: str) -> None:
        self.driver = Driver()
        self.targets: list[str] = []
        self._media = media
        self._modalities = modalities
        self._call: MediaCall | None = None

    @property
    def call(self) -> MediaCall:
        assert self._call is not None
        return self._call

    async def answer(self, target: str, offer: str) -> Answer:
        self.targets.append(target)
        self._call = await self._media.answer(offer, self.driver.handlers())
        self.tell("session.created", session={"output_modalities": list(self._modalities)})
        return 201, self._call.answer_sdp

    def tell(self, kind: str, **fields: object) -> None:
        self.call.send_event(json.dumps({"type": kind, **fields}))


@pytest.fixture
async def media() -> AsyncIterator[MediaServer]:
    async with MediaServer() as opened:
        yield opened


async def test_a_call_is_placed_spoken_and_told_of_until_the_service_ends_it(media: MediaServer) -> None:
    door = Door(media, "audio")
    async with service(door.answer) as address:
        client = VoiceClient(address, agent="triage")
        async with client:
            assert client.speaks
            assert client.conversation == "conv_1"
            assert "model=triage" in door.targets[0]
            assert "greet=true" in door.targets[0]
            await client.say(tone(500, 0.3))
            await door.driver.signals.until(lambda: loudness(bytes(door.driver.heard)) > 1000)
            await client.send("response.create")
            await door.driver.signals.until(lambda: door.driver.events)
            door.tell("orchestrator.call.ended", by="service", reason="replaced")
            await door.call.close()
            kinds = [event["type"] async for event in client.events()]
            assert kinds == ["session.created", "orchestrator.call.ended"]
            assert client.close_code == 4409
            with pytest.raises(EngineLostError):
                await client.send("response.create")


async def test_an_agent_that_only_writes_is_known_by_its_session(media: MediaServer) -> None:
    door = Door(media, "text")
    async with service(door.answer) as address, VoiceClient(address, agent="triage") as client:
        assert not client.speaks


async def test_a_connection_that_breaks_is_lost(media: MediaServer) -> None:
    door = Door(media, "audio")
    async with service(door.answer) as address, VoiceClient(address, agent="triage") as client:
        await door.call.close()
        assert [event["type"] async for event in client.events()] == ["session.created"]
        assert client.close_code == 1006


async def test_a_reader_that_is_far_behind_is_given_up(
    media: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice_client, "MOST_WAITING", 2)
    door = Door(media, "audio")
    async with service(door.answer) as address, VoiceClient(address, agent="triage") as client:
        for _ in range(3):
            client._take('{"type": "x"}')
        assert len([event async for event in client.events()]) < 4


async def test_a_service_that_says_nothing_is_not_waited_for(
    media: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice_client, "CONNECT_SECONDS", 2.0)

    async def answer(_target: str, offer: str) -> Answer:
        return 201, (await media.answer(offer, Driver().handlers())).answer_sdp

    async with service(answer) as address:
        with pytest.raises(NoSoundError, match="does not say anything"):
            await VoiceClient(address, agent="triage").__aenter__()


def refusal(code: str, message: str) -> str:
    return json.dumps({"error": {"code": code, "message": message}})


@pytest.mark.parametrize(
    ("status", "text", "kind", "words"),
    [
        (401, refusal("invalid_api_key", "Who are you?"), UnauthorizedError, "Give it with --key"),
        (409, refusal("conflict", "It is over."), OrchestratorError, "It is over"),
        (429, refusal("capacity", "Too many calls."), UnreachableError, "Too many calls"),
        (503, refusal("webrtc_unavailable", "No libopus."), NoSoundError, "No libopus"),
        (500, "a page of some proxy", OrchestratorError, "answers 500"),
        (500, '"no object"', OrchestratorError, "answers 500"),
    ],
)
async def test_a_refusal_is_told_in_the_services_words(
    status: int, text: str, kind: type[OrchestratorError], words: str
) -> None:
    async def answer(_target: str, _offer: str) -> Answer:
        return status, text

    async with service(answer) as address:
        with pytest.raises(kind, match=words):
            await VoiceClient(address, agent="triage").__aenter__()


async def test_where_nobody_answers_it_says_how_to_start_a_service() -> None:
    with pytest.raises(UnreachableError, match="No service answers"):
        await VoiceClient(Address.parse("127.0.0.1:9"), agent="triage").__aenter__()
