import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from orchestrator.speech.errors import (
    SpeechCredentialsError,
    SpeechLostError,
    SpeechRateLimitError,
    SpeechRefusedError,
    SpeechTimeoutError,
)
from orchestrator.speech.openai_voice import OpenAIVoice
from orchestrator.speech.protocol import Voice
from tests.patience import PATIENCE, PATIENT
from tests.speech.fakes.http import Answer, HttpProvider, http_provider, refused
from tests.speech.speaking import heard, say, sound, spoken_words, timed

pytestmark = pytest.mark.edge

TEXT = "Yes. Two large pizzas."


@pytest.fixture
async def provider() -> AsyncIterator[HttpProvider]:
    async with http_provider() as provider:
        yield provider


@pytest.fixture
async def voice(provider: HttpProvider) -> AsyncIterator[OpenAIVoice]:
    async with OpenAIVoice.run("sk-test", base_url=f"{provider.url}/v1", deadlines=PATIENT) as voice:
        yield voice


async def test_each_clause_is_one_streamed_request(provider: HttpProvider, voice: OpenAIVoice) -> None:
    provider.script = [Answer([sound(100)]), Answer([sound(200), sound(300)])]
    pieces = await say(voice, TEXT, Voice("coral", speed=1.2, instructions="Be kind."))
    assert heard(pieces) == sound(600)
    assert spoken_words(pieces, TEXT) == ["Yes.", "Two", "large", "pizzas."]
    first, second = sorted(provider.requests, key=lambda request: len(request.body))
    assert (first.method, first.path) == ("POST", "/v1/audio/speech")
    assert first.headers["authorization"] == "Bearer sk-test"
    assert first.json() == {
        "model": "gpt-4o-mini-tts",
        "input": "Yes.",
        "voice": "coral",
        "response_format": "pcm",
        "speed": 1.2,
        "instructions": "Be kind.",
    }
    assert second.json()["input"] == "Two large pizzas."


async def test_word_times_follow_the_sound(provider: HttpProvider, voice: OpenAIVoice) -> None:
    # Two clauses are asked for at once, and either may arrive first.
    provider.script = [lambda asked: Answer([sound(100 if asked.json()["input"] == "Yes." else 1700)])] * 2
    times = timed(await say(voice, TEXT))
    assert [word.start_ms for word in times] == [0, 100, 500, 1100]
    assert times[-1].end_ms == 1800


async def test_samples_torn_by_the_wire_are_put_together(provider: HttpProvider, voice: OpenAIVoice) -> None:
    pcm = sound(10, level=0x1234)
    provider.script = [Answer([pcm[:3], pcm[3:4], pcm[4:]])]
    assert heard(await say(voice, "Yes")) == pcm


async def test_sound_comes_while_the_answer_still_streams(provider: HttpProvider, voice: OpenAIVoice) -> None:
    more = asyncio.Event()
    provider.script = [Answer([sound(100)], stall=more)]
    async with voice.open(Voice()) as reply:
        await reply.feed("Yes")
        await reply.finish()
        assert (await anext(aiter(reply))).pcm == sound(100)
        more.set()


async def test_no_key_is_no_header_and_an_unnamed_voice_is_the_servers_usual(provider: HttpProvider) -> None:
    provider.script = [Answer([sound(10)])]
    async with OpenAIVoice.run(
        "", base_url=provider.url, model="kokoro", voices={"marin": "af_sky"}
    ) as voice:
        await say(voice, "Yes")
    (request,) = provider.requests
    assert "authorization" not in request.headers
    assert request.json()["voice"] == "alloy"


@pytest.mark.parametrize(
    ("answer", "kind", "tries"),
    [
        (refused(401, {"error": {"message": "Incorrect API key"}}), SpeechCredentialsError, 1),
        (refused(400, {"error": {"message": "Invalid voice"}}), SpeechRefusedError, 1),
        (refused(429, {"error": {"message": "Rate limit"}}, {"retry-after": "30"}), SpeechRateLimitError, 1),
        (refused(429, {"error": {"message": "Rate limit"}}, {"retry-after": "0"}), SpeechRateLimitError, 2),
        (refused(503, {"error": {"message": "Overloaded"}}), SpeechLostError, 2),
        (Answer(broken=True), SpeechLostError, 2),
    ],
)
async def test_refusals_are_typed_and_tried_again_only_where_it_helps(
    provider: HttpProvider, voice: OpenAIVoice, answer: Answer, kind: type[Exception], tries: int
) -> None:
    provider.script = [answer, answer]
    with pytest.raises(kind):
        await say(voice, "Yes")
    assert len(provider.requests) == tries


async def test_a_server_that_was_busy_for_a_moment_is_not_noticed(
    provider: HttpProvider, voice: OpenAIVoice
) -> None:
    provider.script = [refused(503, {}), Answer([sound(100)])]
    assert heard(await say(voice, "Yes")) == sound(100)


async def test_an_answer_that_breaks_off_is_an_error_after_the_sound_it_had(
    provider: HttpProvider, voice: OpenAIVoice
) -> None:
    provider.script = [Answer([sound(100)], broken=True)]
    async with voice.open(Voice()) as reply:
        await reply.feed("Yes")
        await reply.finish()
        speech = aiter(reply)
        assert (await anext(speech)).pcm == sound(100)
        with pytest.raises(SpeechLostError):
            await anext(speech)


async def test_a_slow_first_byte_fails_by_its_deadline(provider: HttpProvider) -> None:
    never = asyncio.Event()
    provider.script = [Answer([sound(100)], hold=never)] * 2
    hasty = replace(PATIENT, first=0.5)
    async with OpenAIVoice.run("", base_url=f"{provider.url}/v1", deadlines=hasty) as voice:
        with pytest.raises(SpeechTimeoutError, match="The first sound"):
            await say(voice, "Yes")
    assert len(provider.requests) == 2
    never.set()


async def test_a_stall_in_the_middle_fails_by_its_deadline(provider: HttpProvider) -> None:
    never = asyncio.Event()
    provider.script = [Answer([sound(100)], stall=never)]
    hasty = replace(PATIENT, next=0.2)
    async with OpenAIVoice.run("", base_url=f"{provider.url}/v1", deadlines=hasty) as voice:
        with pytest.raises(SpeechTimeoutError, match="More sound"):
            await say(voice, "Yes")
    never.set()


async def test_cancel_hangs_up(provider: HttpProvider, voice: OpenAIVoice) -> None:
    provider.script = [Answer([sound(100)], until_hung_up=True)]
    async with voice.open(Voice()) as reply:
        await reply.feed("Yes, of course, ")
        await reply.finish()
        speech = aiter(reply)
        await anext(speech)
        await reply.cancel()
        assert [piece async for piece in speech] == []
        await asyncio.wait_for(provider.hung_up.wait(), PATIENCE)


async def test_a_server_that_is_not_there_is_a_typed_error() -> None:
    async with OpenAIVoice.run("", base_url="http://127.0.0.1:9", deadlines=PATIENT) as voice:
        with pytest.raises(SpeechLostError, match="The connection to openai failed"):
            await say(voice, "Yes")
