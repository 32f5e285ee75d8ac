import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from orchestrator.speech.azure_voice import AzureVoice, ssml
from orchestrator.speech.errors import (
    SpeechCredentialsError,
    SpeechError,
    SpeechLostError,
    SpeechTimeoutError,
)
from orchestrator.speech.protocol import Voice
from tests.patience import PATIENCE, PATIENT
from tests.speech.fakes.http import Answer, HttpProvider, http_provider
from tests.speech.speaking import heard, say, sound, spoken_words

pytestmark = pytest.mark.edge


@pytest.fixture
async def provider() -> AsyncIterator[HttpProvider]:
    async with http_provider() as provider:
        yield provider


@pytest.fixture
async def voice(provider: HttpProvider) -> AsyncIterator[AzureVoice]:
    async with AzureVoice.run("key", provider.url, deadlines=PATIENT) as voice:
        yield voice


async def test_each_clause_is_one_request_of_speech_markup(provider: HttpProvider, voice: AzureVoice) -> None:
    provider.script = [Answer([sound(100), sound(200)])]
    pieces = await say(voice, "Salt & pepper", Voice("cedar"))
    assert heard(pieces) == sound(300)
    assert spoken_words(pieces, "Salt & pepper") == ["Salt", "pepper"]
    (request,) = provider.requests
    assert (request.method, request.path) == ("POST", "/cognitiveservices/v1")
    assert request.headers["ocp-apim-subscription-key"] == "key"
    assert request.headers["x-microsoft-outputformat"] == "raw-24khz-16bit-mono-pcm"
    assert request.headers["content-type"] == "application/ssml+xml"
    assert b"en-US-BrianMultilingualNeural" in request.body
    assert b"Salt &amp; pepper" in request.body


def test_markup_is_well_formed_whatever_is_said() -> None:
    root = ET.fromstring(ssml("<b>\"'&", "de-DE-KatjaNeural", 1.0))
    (voice,) = root
    assert (voice.attrib["name"], voice.text) == ("de-DE-KatjaNeural", "<b>\"'&")
    assert root.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "de-DE"


@pytest.mark.parametrize(("speed", "rate"), [(1.25, "+25%"), (0.5, "-50%")])
def test_speed_is_a_rate(speed: float, rate: str) -> None:
    assert f"<prosody rate='{rate}'>hi</prosody>" in ssml("hi", "en-US-AvaNeural", speed)


async def test_voices_of_azure_and_of_the_users_table_are_used(provider: HttpProvider) -> None:
    provider.script = [Answer([sound(10)])] * 3
    async with AzureVoice.run("key", provider.url, voices={"chef": "it-IT-DiegoNeural"}) as voice:
        for name in ("en-GB-SoniaNeural", "chef", "nobody"):
            await say(voice, "Hi", Voice(name))
    wanted = (b"en-GB-SoniaNeural", b"it-IT-DiegoNeural", b"en-US-AvaMultilingualNeural")
    assert all(name in asked.body for name, asked in zip(wanted, provider.requests, strict=True))


async def test_a_region_names_its_host() -> None:
    async with AzureVoice.run("key", "westeurope") as voice:
        assert voice._url == "https://westeurope.tts.speech.microsoft.com/cognitiveservices/v1"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(status=401), SpeechCredentialsError),
        (Answer(status=415), SpeechError),
        (Answer(status=502), SpeechLostError),
        (Answer([sound(10)], broken=True), SpeechLostError),
    ],
)
async def test_failures_are_typed(
    provider: HttpProvider, voice: AzureVoice, answer: Answer, kind: type[Exception]
) -> None:
    provider.script = [answer, answer]
    with pytest.raises(kind):
        await say(voice, "Hi")


async def test_a_slow_first_byte_fails_by_its_deadline(provider: HttpProvider) -> None:
    never = asyncio.Event()
    provider.script = [Answer([sound(100)], hold=never)] * 2
    async with AzureVoice.run("key", provider.url, deadlines=replace(PATIENT, first=0.2)) as voice:
        with pytest.raises(SpeechTimeoutError):
            await say(voice, "Hi")
    never.set()


async def test_cancel_ends_the_reply(provider: HttpProvider, voice: AzureVoice) -> None:
    provider.script = [Answer([sound(100)], until_hung_up=True)]
    async with voice.open(Voice()) as reply:
        await reply.feed("Hi")
        await reply.finish()
        await anext(aiter(reply))
        await reply.cancel()
        assert [piece async for piece in reply] == []
        await asyncio.wait_for(provider.hung_up.wait(), PATIENCE)
