import asyncio
import io
import wave
from collections.abc import AsyncIterator
from dataclasses import replace

import msgspec
import pytest

from orchestrator.speech.errors import (
    SpeechCredentialsError,
    SpeechLostError,
    SpeechRateLimitError,
    SpeechRefusedError,
    SpeechTimeoutError,
)
from orchestrator.speech.openai_recogniser import OpenAIRecogniser, wav
from orchestrator.speech.protocol import HeardWord, Transcript, Vocabulary
from tests.patience import PATIENT
from tests.speech.fakes.http import Answer, HttpProvider, Request, http_provider, refused
from tests.speech.speaking import sound

pytestmark = pytest.mark.edge

TERMS = Vocabulary(terms=("Margherita", "Quattro Stagioni"), language="en-GB")


def fields(request: Request) -> dict[str, bytes]:
    """The parts of a multipart body by name."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    found: dict[str, bytes] = {}
    for part in request.body.split(b"--" + boundary)[1:-1]:
        head, _, body = part.partition(b"\r\n\r\n")
        found[head.decode().partition('name="')[2].partition('"')[0]] = body.removesuffix(b"\r\n")
    return found


def events(*told: dict[str, object]) -> Answer:
    """Server-sent events, as the newer models answer."""
    lines = [b"data: " + msgspec.json.encode(event) + b"\n\n" for event in told]
    return Answer(lines, headers={"content-type": "text/event-stream; charset=utf-8"})


def whole(told: dict[str, object]) -> Answer:
    """One JSON body, as `whisper-1` and local servers answer."""
    return Answer([msgspec.json.encode(told)], headers={"content-type": "application/json"})


@pytest.fixture
async def provider() -> AsyncIterator[HttpProvider]:
    async with http_provider() as provider:
        yield provider


@pytest.fixture
async def recogniser(provider: HttpProvider) -> AsyncIterator[OpenAIRecogniser]:
    async with OpenAIRecogniser.run("sk-test", base_url=f"{provider.url}/v1", deadlines=PATIENT) as opened:
        yield opened


async def hear(recogniser: OpenAIRecogniser, vocabulary: Vocabulary = TERMS) -> Transcript:
    async with recogniser.open(vocabulary) as transcription:
        await transcription.feed(sound(300))
        await transcription.feed(sound(200))
        return await transcription.commit()


async def test_an_utterance_is_one_request_with_a_wav_file(
    provider: HttpProvider, recogniser: OpenAIRecogniser
) -> None:
    provider.script = [events({"type": "transcript.text.done", "text": "Yes."})]
    assert (await hear(recogniser)).text == "Yes."
    (request,) = provider.requests
    assert (request.method, request.path) == ("POST", "/v1/audio/transcriptions")
    assert request.headers["authorization"] == "Bearer sk-test"
    sent = fields(request)
    assert sent.pop("file") == wav(sound(500), 24_000)
    assert sent == {
        "model": b"gpt-4o-mini-transcribe",
        "language": b"en",
        "prompt": b"Margherita, Quattro Stagioni",
        "response_format": b"json",
        "stream": b"true",
        "include[]": b"logprobs",
    }


async def test_text_streams_in_and_its_certainty_is_the_tokens(
    provider: HttpProvider, recogniser: OpenAIRecogniser
) -> None:
    provider.script = [
        events(
            {"type": "transcript.text.delta", "delta": "Two "},
            {"type": "transcript.text.delta", "delta": "pizzas."},
            {
                "type": "transcript.text.done",
                "text": "Two pizzas.",
                "logprobs": [{"token": "Two", "logprob": -0.2}, {"token": " pizzas.", "logprob": -0.4}],
            },
        )
    ]
    async with recogniser.open(TERMS) as transcription:
        await transcription.feed(sound(500))
        final = await transcription.commit()
        partials = transcription.partials()
        assert (await anext(partials)).text.startswith("Two")
    assert final == Transcript("Two pizzas.", confidence=0.741)


async def test_models_that_do_not_stream_tell_word_times(provider: HttpProvider) -> None:
    provider.script = [
        whole(
            {
                "text": " Two pizzas. ",
                "words": [
                    {"word": "Two", "start": 0.1, "end": 0.32},
                    {"word": " pizzas", "start": 0.4, "end": 0.9},
                    {"word": "torn"},
                ],
                "segments": [{"avg_logprob": -0.1}],
            }
        )
    ]
    async with OpenAIRecogniser.run("", base_url=provider.url, model="whisper-1") as recogniser:
        heard = await hear(recogniser, Vocabulary())
    assert heard == Transcript(
        "Two pizzas.", confidence=0.905, words=(HeardWord("Two", 100, 320), HeardWord("pizzas", 400, 900))
    )
    (request,) = provider.requests
    assert "authorization" not in request.headers
    sent = fields(request)
    assert (sent["response_format"], sent["timestamp_granularities[]"]) == (b"verbose_json", b"word")
    assert "prompt" not in sent
    assert "stream" not in sent


async def test_each_commit_has_sound_and_vocabulary_of_its_own(
    provider: HttpProvider, recogniser: OpenAIRecogniser
) -> None:
    provider.script = [events({"type": "transcript.text.done", "text": name}) for name in ("one", "two")]
    async with recogniser.open(TERMS, rate=16_000) as transcription:
        await transcription.feed(bytes(9600))
        await transcription.discard()
        await transcription.feed(bytes(6400))
        assert (await transcription.commit()).text == "one"
        await transcription.expect(Vocabulary(language="de"))
        await transcription.feed(bytes(3200))
        assert (await transcription.commit()).text == "two"
    first, second = map(fields, provider.requests)
    with wave.open(io.BytesIO(first["file"])) as file:
        assert (file.getframerate(), file.getnframes()) == (16_000, 3200)
    assert (first["language"], second["language"]) == (b"en", b"de")


async def test_sound_too_short_for_a_word_is_not_sent(
    provider: HttpProvider, recogniser: OpenAIRecogniser
) -> None:
    async with recogniser.open(TERMS) as transcription:
        assert await transcription.commit() == Transcript("")
        await transcription.feed(sound(90))
        assert await transcription.commit() == Transcript("")
    assert provider.requests == []


async def test_of_an_endless_utterance_the_last_five_minutes_are_sent(
    provider: HttpProvider, recogniser: OpenAIRecogniser
) -> None:
    provider.script = [events({"type": "transcript.text.done", "text": "one"})]
    async with recogniser.open(TERMS, rate=16_000) as transcription:
        for _ in range(6):
            await transcription.feed(bytes(60 * 32_000))
        await transcription.commit()
    with wave.open(io.BytesIO(fields(provider.requests[0])["file"])) as file:
        assert file.getnframes() == 300 * 16_000


@pytest.mark.parametrize(
    ("answer", "kind", "tries"),
    [
        (refused(401, {"error": {"message": "Incorrect API key"}}), SpeechCredentialsError, 1),
        (refused(400, {"error": {"message": "Unknown model"}}), SpeechRefusedError, 1),
        (refused(429, {}, {"retry-after": "30"}), SpeechRateLimitError, 1),
        (refused(503, {}), SpeechLostError, 2),
        (events({"type": "transcript.text.delta", "delta": "Two"}), SpeechLostError, 2),
        (events({"error": {"message": "Audio is corrupt"}}), SpeechRefusedError, 1),
        (Answer([b"[]"]), SpeechLostError, 2),
        (Answer(broken=True), SpeechLostError, 2),
    ],
)
async def test_failures_are_typed_and_tried_again_only_where_it_helps(
    provider: HttpProvider, recogniser: OpenAIRecogniser, answer: Answer, kind: type[Exception], tries: int
) -> None:
    provider.script = [answer, answer]
    with pytest.raises(kind):
        await hear(recogniser)
    assert len(provider.requests) == tries


async def test_a_server_that_failed_once_is_not_noticed(
    provider: HttpProvider, recogniser: OpenAIRecogniser
) -> None:
    provider.script = [refused(500, {}), events({"type": "transcript.text.done", "text": "Yes."})]
    assert (await hear(recogniser)).text == "Yes."


async def test_a_late_transcript_fails_by_its_deadline(provider: HttpProvider) -> None:
    never = asyncio.Event()
    provider.script = [Answer(hold=never)] * 2
    deadlines = replace(PATIENT, final=0.2)
    async with OpenAIRecogniser.run("", base_url=provider.url, deadlines=deadlines) as recogniser:
        with pytest.raises(SpeechTimeoutError):
            await hear(recogniser)
    never.set()
