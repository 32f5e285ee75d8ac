from collections.abc import AsyncIterator

import httpx
import pytest

from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.errors import (
    SpeechCredentialsError,
    SpeechLostError,
    SpeechRateLimitError,
    SpeechRefusedError,
    SpeechTimeoutError,
)
from orchestrator.speech.protocol import Voice
from orchestrator.speech.remote import (
    VoiceNames,
    check,
    http_client,
    http_errors,
    json_object,
    reason_in,
    refusal,
    streamed_speech,
)

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, SpeechRefusedError),
        (401, SpeechCredentialsError),
        (403, SpeechCredentialsError),
        (404, SpeechRefusedError),
        (408, SpeechTimeoutError),
        (422, SpeechRefusedError),
        (429, SpeechRateLimitError),
        (500, SpeechLostError),
        (503, SpeechLostError),
    ],
)
def test_every_status_is_a_kind_of_error(status: int, kind: type[Exception]) -> None:
    error = refusal("azure", status, "because")
    assert type(error) is kind
    assert f"azure answered {status}: because" in error.message


@pytest.mark.parametrize(
    ("header", "seconds"), [("1.5", 1.5), ("-1", 0.0), (None, None), ("Wed, 21 Oct", None)]
)
def test_a_rate_limit_keeps_how_long_to_wait(header: str | None, seconds: float | None) -> None:
    error = refusal("openai", 429, "", header)
    assert isinstance(error, SpeechRateLimitError)
    assert error.retry_after == seconds


def test_a_long_reason_is_cut() -> None:
    assert len(refusal("azure", 400, "x" * 10_000).message) < 300


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"error": {"message": "no such voice", "code": "x"}}', "no such voice"),
        (b'{"detail": {"status": "y", "message": "quota"}}', "quota"),
        (b'{"error": "plain"}', "plain"),
        (b'{"err_code": "A", "err_msg": "bad audio"}', "bad audio"),
        (b'{"title": "Invalid model"}', "Invalid model"),
        (b"[1]", ""),
        (b"<html>", ""),
        (b"\xff", ""),
        (b'{"error": null}', ""),
    ],
)
def test_the_providers_reason_is_found_wherever_it_stands(body: bytes, reason: str) -> None:
    assert reason_in(body) == reason


@pytest.mark.parametrize("body", ["[]", "nonsense", b"\xff"])
def test_what_is_no_object_is_a_broken_peer(body: bytes | str) -> None:
    with pytest.raises(SpeechLostError, match="no JSON object"):
        json_object("deepgram", body)
    assert json_object("deepgram", '{"a": 1}') == {"a": 1}


def test_voices_are_named_as_the_provider_names_them() -> None:
    names = VoiceNames("Ava", {"marin": "Jenny"}, lambda name: "-" in name)
    assert names.of(Voice("Marin")) == "Jenny"
    assert names.of(Voice("en-US-Guy")) == "en-US-Guy"
    assert names.of(Voice("nobody")) == "Ava"
    assert names.of(Voice()) == "Ava"
    assert VoiceNames("alloy").of(Voice("anything")) == "anything"


def test_a_users_names_count_more_than_a_providers_table_and_marin_speaks_for_the_nameless() -> None:
    table = {"marin": "Ava", "ash": "Guy"}
    names = VoiceNames.with_added(table, {"ash": "Andrew", "chef": "Diego"}, lambda name: "-" in name)
    asked = ("ash", "chef", "marin", "", "nobody", "en-US-Guy")
    assert [names.of(Voice(name)) for name in asked] == ["Andrew", "Diego", "Ava", "Ava", "Ava", "en-US-Guy"]
    assert VoiceNames.with_added(table, None, bool).of(Voice("ash")) == "Guy"


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(httpx.ReadTimeout("x"), SpeechTimeoutError), (httpx.ConnectError("x"), SpeechLostError)],
)
async def test_failures_of_the_transport_are_typed(failure: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        async with http_errors("openai"):
            raise failure


async def test_a_client_bounds_every_wait() -> None:
    async with http_client(Deadlines(connect=1, next=2, final=3), {"a": "b"}) as client:
        assert client.headers["a"] == "b"
        assert None not in client.timeout.as_dict().values()


async def test_a_good_answer_passes_and_a_bad_one_says_why() -> None:
    await check("openai", httpx.Response(200))
    with pytest.raises(SpeechRateLimitError, match="slow down") as caught:
        await check("openai", httpx.Response(429, headers={"retry-after": "2"}, json={"error": "slow down"}))
    assert caught.value.retry_after == 2
    with pytest.raises(SpeechLostError, match="Bad Gateway"):
        await check("openai", httpx.Response(502, content=b"x" * 100_000))


def answering(*pieces: bytes, status: int = 200) -> httpx.AsyncClient:
    async def body() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(status, content=body())))


async def test_an_answers_sound_comes_piece_by_piece_in_whole_samples() -> None:
    async with answering(b"abc", b"d", b"efg") as client:
        speech = streamed_speech("openai", client.stream("POST", "http://voice"))
        assert [piece.pcm async for piece in speech] == [b"ab", b"cd", b"ef"]


async def test_an_answer_that_is_a_refusal_has_no_sound() -> None:
    async with answering(b'{"error": "no such voice"}', status=404) as client:
        with pytest.raises(SpeechRefusedError, match="openai answered 404: no such voice"):
            await anext(streamed_speech("openai", client.stream("POST", "http://voice")))


async def test_an_answer_that_breaks_off_is_a_typed_error() -> None:
    def breaks(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone")

    async with httpx.AsyncClient(transport=httpx.MockTransport(breaks)) as client:
        with pytest.raises(SpeechLostError, match="connection to openai failed"):
            await anext(streamed_speech("openai", client.stream("POST", "http://voice")))
