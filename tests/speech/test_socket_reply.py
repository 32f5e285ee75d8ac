import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.errors import SpeechLostError, SpeechRefusedError, SpeechTimeoutError
from orchestrator.speech.protocol import Speech, SpokenReply, WordTime
from orchestrator.speech.socket_reply import Frame, Provider, open_socket_reply, sound_in
from orchestrator.speech.timing import TimedText
from tests.patience import PATIENCE, PATIENT
from tests.speech.fakes.socket import Client, SocketProvider, socket_provider
from tests.speech.speaking import heard, sound, timed

pytestmark = pytest.mark.edge


class PlainFrames:
    """Every message is what it is called."""

    def __init__(self, *, polite: bool) -> None:
        self._polite = polite

    def opening(self) -> JsonObject | None:
        return {"opening": True} if self._polite else None

    def text(self, text: str) -> JsonObject:
        return {"text": text}

    def ending(self) -> JsonObject:
        return {"ending": True}

    def cancelling(self) -> JsonObject | None:
        return {"cancelling": True} if self._polite else None

    def read(self, message: JsonObject) -> Frame:
        if "refusal" in message:
            raise SpeechRefusedError(str(message["refusal"]))
        words = [TimedText(str(message["word"]), 0, 100)] if "word" in message else []
        return Frame(sound_in("plain", message.get("sound")), words, last=bool(message.get("last")))


class Speaker:
    """Opens replies at a provider and keeps count of the attempts."""

    def __init__(self, provider: SocketProvider, *, polite: bool) -> None:
        self.provider = provider
        self.polite = polite
        self.attempts = 0

    def open(self, deadlines: Deadlines | None = None) -> AbstractAsyncContextManager[SpokenReply]:
        who = Provider("plain", {"X-Key": "key"}, deadlines or PATIENT)
        return open_socket_reply(who, self.provider.url, self._frames, "en")

    def _frames(self) -> PlainFrames:
        self.attempts += 1
        return PlainFrames(polite=self.polite)


@pytest.fixture
async def provider() -> AsyncIterator[SocketProvider]:
    async with socket_provider() as provider:
        yield provider


@pytest.fixture(params=[True, False], ids=["polite", "curt"])
def speaker(provider: SocketProvider, request: pytest.FixtureRequest) -> Speaker:
    return Speaker(provider, polite=request.param)


def base64_of(pcm: bytes) -> str:
    return base64.b64encode(pcm).decode()


async def speaks(client: Client) -> None:
    """A tenth of a second for every text, then the last word of all."""
    while "ending" not in (message := await client.hears()):
        if "text" in message:
            await client.says(sound=base64_of(sound(100)))
    await client.says(word="Yes", last=True)
    await client.listens_on()


async def say(reply: SpokenReply, text: str) -> list[Speech]:
    await reply.feed(text)
    await reply.finish()
    return [piece async for piece in reply]


async def test_frames_go_out_in_order_and_what_comes_back_is_emitted(speaker: Speaker) -> None:
    speaker.provider.script = [speaks]
    async with speaker.open() as reply:
        pieces = await say(reply, "Yes. Two pizzas.")
    (client,) = speaker.provider.clients
    assert client.headers["X-Key"] == "key"
    polite: list[dict[str, object]] = [{"opening": True}] if speaker.polite else []
    assert client.told == [*polite, {"text": "Yes. "}, {"text": "Two pizzas. "}, {"ending": True}]
    assert heard(pieces) == sound(200)
    assert timed(pieces) == [WordTime(0, 3, 0, 100)]


async def test_sound_comes_while_text_is_still_written(speaker: Speaker) -> None:
    speaker.provider.script = [speaks]
    async with speaker.open() as reply:
        await reply.feed("Yes, of course, I will. And")
        assert (await anext(aiter(reply))).pcm
        assert await say(reply, " more.")


async def test_a_reply_without_words_says_nothing(speaker: Speaker) -> None:
    speaker.provider.script = [lambda client: client.listens_on()]
    async with speaker.open() as reply:
        assert await say(reply, "") == []


async def test_messages_that_bring_nothing_are_not_passed_on(speaker: Speaker) -> None:
    async def chats(client: Client) -> None:
        await client.hears_until(lambda message: "ending" in message)
        for word in ("unsaid", "Yes"):
            await client.says(word=word)
        await client.says(last=True)
        await client.listens_on()

    speaker.provider.script = [chats]
    async with speaker.open() as reply:
        assert await say(reply, "Yes") == [Speech(words=(WordTime(0, 3, 0, 100),))]


@pytest.mark.parametrize("polite", [True, False])
async def test_leaving_calls_the_provider_off_where_that_has_a_message(
    provider: SocketProvider, polite: bool
) -> None:
    async def goes_on(client: Client) -> None:
        await client.says(sound=base64_of(sound(100)))
        await client.listens_on()

    provider.script = [goes_on]
    async with Speaker(provider, polite=polite).open() as reply:
        await reply.feed("Yes, of course, I will. And")
        await anext(aiter(reply))
        await reply.cancel()
        (client,) = provider.clients
        await asyncio.wait_for(client.left.wait(), PATIENCE)
    assert ({"cancelling": True} in client.told) == polite


async def test_sound_that_is_owed_fails_by_its_deadline_and_is_called_off(provider: SocketProvider) -> None:
    provider.script = [lambda client: client.listens_on()] * 2
    async with Speaker(provider, polite=True).open(replace(PATIENT, first=0.1, next=0.1)) as reply:
        with pytest.raises(SpeechTimeoutError, match="Sound of plain did not come"):
            await say(reply, "Yes")
    for client in provider.clients:
        await asyncio.wait_for(client.left.wait(), PATIENCE)
        assert client.told[-1] == {"cancelling": True}


async def test_a_connection_lost_before_any_sound_is_not_noticed(speaker: Speaker) -> None:
    async def vanishes(client: Client) -> None:
        await client.hears()
        client.vanishes()

    speaker.provider.script = [vanishes, speaks]
    async with speaker.open() as reply:
        assert heard(await say(reply, "Yes")) == sound(100)
    assert speaker.attempts == 2


async def test_a_connection_that_idled_too_long_is_replaced_when_text_comes(speaker: Speaker) -> None:
    gone = asyncio.Event()

    async def idles(client: Client) -> None:
        await client.hangs_up()
        gone.set()

    speaker.provider.script = [idles, speaks]
    async with speaker.open() as reply:
        await asyncio.wait_for(gone.wait(), PATIENCE)
        assert heard(await say(reply, "Yes")) == sound(100)


async def test_a_connection_closed_after_sound_is_an_error_after_the_sound_it_had(speaker: Speaker) -> None:
    async def breaks(client: Client) -> None:
        await client.says(sound=base64_of(sound(200)))
        await client.hears_until(lambda message: "ending" in message)

    speaker.provider.script = [breaks]
    async with speaker.open() as reply:
        await reply.feed("Yes, of course, I will. And")
        assert (await anext(aiter(reply))).pcm == sound(200)
        with pytest.raises(SpeechLostError, match="plain closed the connection before the end"):
            await say(reply, " more.")
    assert speaker.attempts == 1


async def test_a_refusal_that_a_message_brings_is_raised(speaker: Speaker) -> None:
    async def refuses(client: Client) -> None:
        await client.says(refusal="No.")
        await client.listens_on()

    speaker.provider.script = [refuses]
    async with speaker.open() as reply:
        with pytest.raises(SpeechRefusedError, match=r"No\."):
            await say(reply, "Yes")


@pytest.mark.parametrize(("data", "pcm"), [("AAAA", bytes(3)), ("", b""), (None, b""), (3, b"")])
def test_sound_is_base64_or_not_there(data: str | int | None, pcm: bytes) -> None:
    assert sound_in("plain", data) == pcm


def test_sound_that_is_no_base64_is_told_of_by_the_providers_name() -> None:
    with pytest.raises(SpeechLostError, match="plain sent sound that is not base64"):
        sound_in("plain", "no base64!")
