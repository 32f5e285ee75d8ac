import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from orchestrator.core.json_value import JsonValue
from orchestrator.speech.elevenlabs import CharacterTimes, ElevenLabsVoice
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
LAST = {"audio": None, "isFinal": True}


def alignment(text: str, ms_each: int = 50) -> dict[str, list[object]]:
    """Every character as long as the other."""
    return {
        "chars": list(text),
        "charStartTimesMs": [at * ms_each for at in range(len(text))],
        "charsDurationsMs": [ms_each] * len(text),
    }


def spoken(text: str) -> JsonMessage:
    """A clause's sound, 50 ms for each character."""
    pcm = base64.b64encode(sound(len(text) * 50)).decode()
    return {"audio": pcm, "isFinal": None, "alignment": alignment(text), "normalizedAlignment": None}


async def speaks(client: Client) -> None:
    """Says every text that comes, and then that it was all."""
    await client.hears()
    while text := (await client.hears())["text"]:
        await client.says(**spoken(str(text)))
    await client.says(**LAST)


@pytest.fixture
async def provider() -> AsyncIterator[SocketProvider]:
    async with socket_provider() as provider:
        yield provider


@pytest.fixture
def voice(provider: SocketProvider) -> ElevenLabsVoice:
    return ElevenLabsVoice("s3cret", base_url=provider.url, deadlines=PATIENT)


async def test_clauses_go_out_and_sound_comes_back_on_one_connection(
    provider: SocketProvider, voice: ElevenLabsVoice
) -> None:
    provider.script = [speaks]
    pieces = await say(voice, TEXT, Voice("cedar", speed=1.1))
    assert heard(pieces) == sound(50 * len("Yes. Two pizzas. "))
    (client,) = provider.clients
    assert client.path == "/v1/text-to-speech/nPczCjzI2devNBz1zQrb/stream-input"
    assert parse_qs(client.query) == {
        "model_id": ["eleven_flash_v2_5"],
        "output_format": ["pcm_24000"],
        "auto_mode": ["true"],
        "sync_alignment": ["true"],
        "inactivity_timeout": ["60"],
    }
    assert client.headers["xi-api-key"] == "s3cret"
    assert client.told == [
        {"text": " ", "voice_settings": {"speed": 1.1}},
        {"text": "Yes. "},
        {"text": "Two pizzas. "},
        {"text": ""},
    ]


async def test_word_times_are_the_providers_and_count_through_the_reply(
    provider: SocketProvider, voice: ElevenLabsVoice
) -> None:
    provider.script = [speaks]
    pieces = await say(voice, TEXT)
    assert spoken_words(pieces, TEXT) == ["Yes.", "Two", "pizzas."]
    assert [(word.start_ms, word.end_ms) for word in timed(pieces)] == [(0, 200), (250, 400), (450, 800)]


async def test_ids_pass_and_names_of_the_users_are_known(provider: SocketProvider) -> None:
    provider.script = [speaks, speaks, speaks]
    own = ElevenLabsVoice("s3cret", base_url=provider.url, voices={"chef": "abcdefghij0123456789"})
    for name in ("Chef", "XB0fDUnXU5powFXDhCwa", "nobody"):
        await say(own, "Yes", Voice(name))
    asked = [client.path.split("/")[3] for client in provider.clients]
    assert asked == ["abcdefghij0123456789", "XB0fDUnXU5powFXDhCwa", "EXAVITQu4vr4xnSDxMaL"]


async def test_cancel_hangs_up(provider: SocketProvider, voice: ElevenLabsVoice) -> None:
    async def goes_on(client: Client) -> None:
        await client.says(**spoken("Yes "))
        await client.listens_on()

    provider.script = [goes_on]
    async with voice.open(Voice()) as reply:
        await reply.feed("Yes, of course, I will. And")
        await anext(aiter(reply))
        await reply.cancel()
        assert [piece async for piece in reply] == []
        await asyncio.wait_for(provider.clients[0].left.wait(), PATIENCE)


async def test_a_reply_that_ends_without_its_last_message_is_lost(
    provider: SocketProvider, voice: ElevenLabsVoice
) -> None:
    async def leaves_early(client: Client) -> None:
        await client.hears()
        await client.says(**spoken(str((await client.hears())["text"])))
        await client.hears_until(lambda message: message["text"] == "")

    provider.script = [leaves_early]
    with pytest.raises(SpeechLostError, match="before the end of the reply"):
        await say(voice, "Yes")


def fails(error: str, code: int = 1008) -> Scene:
    async def scene(client: Client) -> None:
        await client.hears()
        await client.says(message="told", error=error, code=code)
        await client.hangs_up(1008, "told")

    return scene


async def leaves(client: Client) -> None:
    await client.hears()


async def mumbles(client: Client) -> None:
    await client.says(audio="no base64!")


@pytest.mark.parametrize(
    ("scene", "kind", "attempts"),
    [
        (Refusal(401, {"detail": {"status": "invalid_api_key"}}), SpeechCredentialsError, 1),
        (Refusal(429, {}, {"Retry-After": "9"}), SpeechRateLimitError, 1),
        (Refusal(503), SpeechLostError, 2),
        (fails("invalid_api_key"), SpeechCredentialsError, 1),
        (fails("too_many_concurrent_requests"), SpeechRateLimitError, 2),
        (fails("input_timeout_exceeded"), SpeechLostError, 2),
        (fails("voice_id_does_not_exist"), SpeechRefusedError, 1),
        (leaves, SpeechLostError, 2),
        (mumbles, SpeechLostError, 2),
    ],
)
async def test_failures_are_typed_and_tried_again_only_where_it_helps(
    provider: SocketProvider,
    voice: ElevenLabsVoice,
    scene: Scene | Refusal,
    kind: type[SpeechError],
    attempts: int,
) -> None:
    provider.script = [scene, scene]
    async with voice.open(Voice()) as reply:
        await reply.feed("Yes, of course, I will. And")
        with pytest.raises(kind) as failed:
            await anext(aiter(reply))
    assert provider.attempts == attempts
    assert "s3cret" not in f"{failed.value.message}{failed.value!r}{voice!r}"


async def test_sound_that_does_not_come_fails_by_its_deadline(provider: SocketProvider) -> None:
    provider.script = [lambda client: client.listens_on()] * 2
    deadlines = replace(PATIENT, first=0.1, next=0.1)
    with pytest.raises(SpeechTimeoutError, match="Sound of elevenlabs"):
        await say(ElevenLabsVoice("s3cret", base_url=provider.url, deadlines=deadlines), "Yes")


@pytest.mark.parametrize(
    "spelling",
    [
        ("charStartTimesMs", "charDurationsMs"),
        ("charsStartTimesMs", "charsDurationsMs"),
        ("char_start_times_ms", "chars_durations_ms"),
    ],
)
def test_every_spelling_of_the_times_is_read_and_words_may_span_messages(spelling: tuple[str, str]) -> None:
    starts, lengths = spelling
    times = CharacterTimes()
    assert times.add({"chars": ["o", "n"], starts: [0, 10], lengths: [10, 10]}, 100) == []
    assert times.add({"chars": ["e", " ", "x"], starts: [0, 10, 20], lengths: [10, 10, 10]}, 120) == [
        TimedText("one", 100, 130)
    ]
    assert times.rest() == [TimedText("x", 140, 150)]
    assert times.rest() == []


@pytest.mark.parametrize("rubbish", [None, [], {"chars": "one"}, {"chars": [1], "charStartTimesMs": ["x"]}])
def test_times_that_make_no_sense_are_no_times(rubbish: JsonValue) -> None:
    times = CharacterTimes()
    assert times.add(rubbish, 0) == []
    assert times.rest() == []
