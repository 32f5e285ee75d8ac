import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from orchestrator.core.json_value import JsonValue
from orchestrator.speech.cartesia import CartesiaVoice, timed_words
from orchestrator.speech.errors import (
    SpeechCredentialsError,
    SpeechError,
    SpeechLostError,
    SpeechRateLimitError,
    SpeechRefusedError,
    SpeechTimeoutError,
)
from orchestrator.speech.protocol import Voice
from orchestrator.speech.timing import TimedText
from tests.patience import PATIENCE, PATIENT
from tests.speech.fakes.socket import Client, JsonMessage, Refusal, Scene, SocketProvider, socket_provider
from tests.speech.speaking import heard, say, sound, spoken_words, timed

pytestmark = pytest.mark.edge

TEXT = "Yes. Two pizzas."


def chunk(pcm: bytes) -> JsonMessage:
    return {"type": "chunk", "data": base64.b64encode(pcm).decode(), "done": False, "status_code": 206}


def timestamps(words: list[str], begins: float) -> JsonMessage:
    """Every word 200 ms, from the beginning of the context."""
    starts = [begins + at * 0.2 for at in range(len(words))]
    ends = [start + 0.2 for start in starts]
    return {"type": "timestamps", "word_timestamps": {"words": words, "start": starts, "end": ends}}


async def speaks(client: Client) -> None:
    """Says every transcript that comes, each word as long as the other, until there are no more."""
    begins = 0.0
    while (message := await client.hears())["continue"]:
        words = str(message["transcript"]).split()
        await client.says(**chunk(sound(len(words) * 200)))
        await client.says(**timestamps(words, begins))
        await client.says(type="flush_done", done=False, flush_done=True, flush_id=1, status_code=206)
        begins += len(words) * 0.2
    await client.says(type="done", done=True, status_code=206, context_id=message["context_id"])
    await client.listens_on()


@pytest.fixture
async def provider() -> AsyncIterator[SocketProvider]:
    async with socket_provider() as provider:
        yield provider


@pytest.fixture
def voice(provider: SocketProvider) -> CartesiaVoice:
    return CartesiaVoice("s3cret", base_url=provider.url, deadlines=PATIENT)


async def test_a_reply_is_one_context_that_goes_on_until_the_last_clause(
    provider: SocketProvider, voice: CartesiaVoice
) -> None:
    provider.script = [speaks]
    pieces = await say(voice, TEXT, Voice("cedar", speed=2, language="en-GB"))
    assert heard(pieces) == sound(600)
    (client,) = provider.clients
    assert client.path == "/tts/websocket"
    assert (client.headers["X-API-Key"], client.headers["Cartesia-Version"]) == ("s3cret", "2025-04-16")
    assert [(said["transcript"], said["continue"]) for said in client.told] == [
        ("Yes. ", True),
        ("Two pizzas. ", True),
        ("", False),
    ]
    first, *others = [
        {key: value for key, value in said.items() if key not in {"transcript", "continue"}}
        for said in client.told
    ]
    assert all(other == first for other in others)
    assert len(str(first.pop("context_id"))) == 36
    assert first == {
        "model_id": "sonic-3",
        "voice": {"mode": "id", "id": "228fca29-3a0a-435c-8728-5cb483251068"},
        "language": "en",
        "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24_000},
        "add_timestamps": True,
        "max_buffer_delay_ms": 0,
        "generation_config": {"speed": 1.5},
    }


async def test_word_times_are_the_providers(provider: SocketProvider, voice: CartesiaVoice) -> None:
    provider.script = [speaks]
    pieces = await say(voice, TEXT)
    assert spoken_words(pieces, TEXT) == ["Yes.", "Two", "pizzas."]
    assert [(word.start_ms, word.end_ms) for word in timed(pieces)] == [(0, 200), (200, 400), (400, 600)]


async def test_samples_torn_by_the_wire_are_put_together(
    provider: SocketProvider, voice: CartesiaVoice
) -> None:
    pcm = sound(10, level=0x1234)

    async def tears(client: Client) -> None:
        await client.hears_until(lambda message: not message["continue"])
        for piece in (pcm[:3], pcm[3:4], pcm[4:]):
            await client.says(**chunk(piece))
        await client.says(type="done")

    provider.script = [tears]
    assert heard(await say(voice, "Yes")) == pcm


async def test_ids_pass_and_names_of_the_users_are_known(provider: SocketProvider) -> None:
    own, theirs = "00000000-1111-2222-3333-444444444444", "5c42302c-194b-4d0c-ba1a-8cb485c84ab9"
    provider.script = [speaks, speaks, speaks]
    voice = CartesiaVoice("s3cret", base_url=provider.url, voices={"chef": own})
    for name in ("chef", theirs, "nobody"):
        await say(voice, "Yes", Voice(name))
    asked = [client.told[0]["voice"] for client in provider.clients]
    assert asked == [
        {"mode": "id", "id": id_} for id_ in (own, theirs, "f786b574-daa5-4673-aa0c-cbe3e8534c02")
    ]


async def test_cancel_tells_the_provider_to_stop(provider: SocketProvider, voice: CartesiaVoice) -> None:
    async def goes_on(client: Client) -> None:
        await client.hears()
        await client.says(**chunk(sound(100)))
        await client.listens_on()

    provider.script = [goes_on]
    async with voice.open(Voice()) as reply:
        await reply.feed("Yes, of course, I will. And")
        await anext(aiter(reply))
        await reply.cancel()
        assert [piece async for piece in reply] == []
        (client,) = provider.clients
        await asyncio.wait_for(client.left.wait(), PATIENCE)
    assert client.told[-1] == {"context_id": client.told[0]["context_id"], "cancel": True}


async def vanishes(client: Client) -> None:
    await client.hears()
    client.vanishes()


def fails(status: int, **told: str) -> Scene:
    async def scene(client: Client) -> None:
        await client.hears()
        await client.says(type="error", done=True, status_code=status, **told)
        await client.listens_on()

    return scene


async def mumbles(client: Client) -> None:
    await client.hears()
    await client.says(type="chunk", data="no base64!")


@pytest.mark.parametrize(
    ("scene", "kind", "attempts"),
    [
        (Refusal(401, {"error": "invalid key"}), SpeechCredentialsError, 1),
        (Refusal(503), SpeechLostError, 2),
        (fails(400, title="Invalid model", message="No such model."), SpeechRefusedError, 1),
        (fails(402, error="out of credits"), SpeechRefusedError, 1),
        (fails(429, message="too many contexts"), SpeechRateLimitError, 2),
        (fails(500), SpeechLostError, 2),
        (vanishes, SpeechLostError, 2),
        (mumbles, SpeechLostError, 2),
    ],
)
async def test_failures_are_typed_and_tried_again_only_where_it_helps(
    provider: SocketProvider,
    voice: CartesiaVoice,
    scene: Scene | Refusal,
    kind: type[SpeechError],
    attempts: int,
) -> None:
    provider.script = [scene, scene]
    with pytest.raises(kind) as failed:
        await say(voice, "Yes")
    assert provider.attempts == attempts
    assert "s3cret" not in f"{failed.value.message}{failed.value!r}{voice!r}"


async def test_sound_that_does_not_come_fails_by_its_deadline_and_is_called_off(
    provider: SocketProvider,
) -> None:
    provider.script = [lambda client: client.listens_on()] * 2
    deadlines = replace(PATIENT, first=0.1, next=0.1)
    with pytest.raises(SpeechTimeoutError, match="Sound of cartesia"):
        await say(CartesiaVoice("s3cret", base_url=provider.url, deadlines=deadlines), "Yes")
    for client in provider.clients:
        await asyncio.wait_for(client.left.wait(), PATIENCE)
        assert client.told[-1]["cancel"] is True


def test_words_are_read_from_three_lists() -> None:
    lists: JsonValue = {"words": ["Yes", "no", 3], "start": [0, 0.25, 1], "end": [0.2, 0.5, 2]}
    assert timed_words(lists) == [TimedText("Yes", 0, 200), TimedText("no", 250, 500)]


@pytest.mark.parametrize("rubbish", [None, [], {}, {"words": ["Yes"], "start": 0, "end": [1]}])
def test_times_that_make_no_sense_are_no_times(rubbish: JsonValue) -> None:
    assert timed_words(rubbish) == []
