import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast
from urllib.parse import parse_qs

import pytest

from orchestrator.speech import deepgram
from orchestrator.speech.deepgram import DeepgramLine, DeepgramRecogniser
from orchestrator.speech.errors import (
    SpeechCredentialsError,
    SpeechError,
    SpeechLostError,
    SpeechRefusedError,
    SpeechTimeoutError,
)
from orchestrator.speech.protocol import HeardWord, Transcript, Vocabulary
from orchestrator.speech.sockets import Socket
from tests.patience import PATIENCE, PATIENT
from tests.speech.fakes.socket import Client, JsonMessage, Refusal, Scene, SocketProvider, socket_provider
from tests.speech.speaking import sound

pytestmark = pytest.mark.edge

TERMS = Vocabulary(terms=("Margherita", "Quattro Stagioni"), language="en-GB")
NOTHING = Transcript("")


def results(
    text: str,
    start: float = 0.0,
    duration: float = 0.5,
    *,
    final: bool = True,
    finalized: bool = False,
    confidence: float = 0.9,
) -> JsonMessage:
    """What was understood of a stretch of sound; its words share the time."""
    words = text.split()
    each = duration / max(1, len(words))
    told = [
        {
            "word": word.lower().strip(".,"),
            "punctuated_word": word,
            "start": round(start + at * each, 3),
            "end": round(start + (at + 1) * each, 3),
            "confidence": confidence,
        }
        for at, word in enumerate(words)
    ]
    alternative = {"transcript": text, "confidence": confidence if words else 0.0, "words": told}
    return {
        "type": "Results",
        "channel_index": [0, 1],
        "start": start,
        "duration": duration,
        "is_final": final,
        "speech_final": False,
        "from_finalize": finalized,
        "channel": {"alternatives": [alternative]},
    }


def is_finalize(message: JsonMessage) -> bool:
    return message["type"] == "Finalize"


def answers(*texts: str, seconds: float = 0.5) -> Scene:
    """Answers each `Finalize` with what was said since the one before, half a second each."""

    async def scene(client: Client) -> None:
        for at, text in enumerate(texts):
            await client.hears_until(is_finalize)
            await client.says(**results(text, at * seconds, seconds, finalized=True))
        await client.listens_on()

    return scene


@pytest.fixture
async def provider() -> AsyncIterator[SocketProvider]:
    async with socket_provider() as provider:
        yield provider


@pytest.fixture
def recogniser(provider: SocketProvider) -> DeepgramRecogniser:
    return DeepgramRecogniser("s3cret", base_url=provider.url, deadlines=PATIENT)


async def test_a_call_is_one_connection_and_each_utterance_ends_by_finalize(
    provider: SocketProvider, recogniser: DeepgramRecogniser
) -> None:
    provider.script = [answers("Two pizzas.", "Thank you.")]
    async with recogniser.open(TERMS, rate=16_000) as transcription:
        for text in ("Two pizzas.", "Thank you."):
            await transcription.feed(bytes(16_000))
            assert (await transcription.commit()).text == text
    (client,) = provider.clients
    await asyncio.wait_for(client.left.wait(), PATIENCE)
    assert client.path == "/v1/listen"
    assert client.headers["Authorization"] == "Token s3cret"
    assert parse_qs(client.query) == {
        "model": ["nova-3"],
        "language": ["en-GB"],
        "encoding": ["linear16"],
        "sample_rate": ["16000"],
        "channels": ["1"],
        "interim_results": ["true"],
        "punctuate": ["true"],
        "smart_format": ["true"],
        "keyterm": ["Margherita", "Quattro Stagioni"],
    }
    assert client.sound == bytes(32_000)
    assert client.told == [{"type": "Finalize"}, {"type": "Finalize"}, {"type": "CloseStream"}]


async def test_earlier_models_are_told_no_key_terms(provider: SocketProvider) -> None:
    provider.script = [answers("Two pizzas.")]
    recogniser = DeepgramRecogniser("s3cret", base_url=provider.url, model="nova-2-phonecall")
    async with recogniser.open(TERMS) as transcription:
        await transcription.feed(sound(500))
        await transcription.commit()
    assert "keyterm" not in parse_qs(provider.clients[0].query)


async def test_words_count_from_the_beginning_of_their_utterance(
    provider: SocketProvider, recogniser: DeepgramRecogniser
) -> None:
    provider.script = [answers("One.", "Two pizzas.")]
    async with recogniser.open(TERMS) as transcription:
        await transcription.feed(sound(500))
        await transcription.commit()
        await transcription.feed(sound(500))
        assert await transcription.commit() == Transcript(
            "Two pizzas.",
            confidence=0.9,
            words=(HeardWord("Two", 0, 250, 0.9), HeardWord("pizzas.", 250, 500, 0.9)),
        )


async def test_partials_hold_all_of_the_utterance_so_far(
    provider: SocketProvider, recogniser: DeepgramRecogniser
) -> None:
    async def scene(client: Client) -> None:
        await client.says(**results("Two", 0.0, 0.2, final=False))
        await client.says(**results("Two large,", 0.0, 0.3))
        await client.says(**results("pizzas", 0.3, 0.1, final=False))
        await client.hears_until(is_finalize)
        await client.says(**results("pizzas.", 0.3, 0.2, finalized=True, confidence=0.6))
        await client.listens_on()

    provider.script = [scene]
    async with recogniser.open(TERMS) as transcription:
        await transcription.feed(sound(500))
        partials = transcription.partials()
        while (partial := await anext(partials)).text != "Two large, pizzas":
            assert (partial.text, partial.final) == ("Two", False)
        final = await transcription.commit()
    assert (final.text, final.final, len(final.words)) == ("Two large, pizzas.", True, 3)
    assert final.confidence == pytest.approx(0.8)


async def test_a_final_part_before_the_end_of_the_utterance_does_not_end_it(
    provider: SocketProvider, recogniser: DeepgramRecogniser
) -> None:
    async def scene(client: Client) -> None:
        await client.hears_until(is_finalize)
        await client.says(type="Metadata")
        await client.says(**results("Two", 0.0, 0.2))
        await client.says(**results("pizzas.", 0.2, 0.3, finalized=True))
        await client.listens_on()

    provider.script = [scene]
    async with recogniser.open(TERMS) as transcription:
        await transcription.feed(sound(500))
        assert (await transcription.commit()).text == "Two pizzas."


class FakeSocket:
    """Answers what was put into it, and waits when that is all."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[JsonMessage] = asyncio.Queue()

    async def send(self, message: JsonMessage | bytes) -> None:
        pass

    async def receive(self) -> JsonMessage:
        return await self.answers.get()


async def test_a_finalize_that_is_not_answered_ends_after_a_moment_with_what_there_is() -> None:
    socket = FakeSocket()
    line = DeepgramLine(cast("Socket", socket), 24_000, grace=0.01)
    await line.hear(sound(500))
    socket.answers.put_nowait(results("Two pizzas.", 0.0, 0.5))
    await line.commit(1)
    await line.commit(2)
    number, transcript = await line.next()
    assert (number, transcript.text) == (1, "Two pizzas.")
    assert await line.next() == (2, NOTHING)


async def test_what_comes_too_late_is_no_part_of_the_next_utterance() -> None:
    socket = FakeSocket()
    line = DeepgramLine(cast("Socket", socket), 24_000, grace=0.01)
    await line.hear(sound(500))
    await line.commit(1)
    assert await line.next() == (1, NOTHING)
    await line.hear(sound(500))
    await line.commit(2)
    socket.answers.put_nowait(results("Late.", 0.0, 0.5, finalized=True))
    socket.answers.put_nowait(results("On time.", 0.5, 0.5, finalized=True))
    number, transcript = await line.next()
    assert (number, transcript.text) == (2, "On time.")


async def test_a_commit_while_nothing_is_awaited_sets_the_moment() -> None:
    socket = FakeSocket()
    line = DeepgramLine(cast("Socket", socket), 24_000, grace=0.01)
    async with asyncio.TaskGroup() as group:
        coming = group.create_task(line.next())
        await asyncio.sleep(0)
        await line.hear(sound(500))
        await line.commit(1)
    assert coming.result() == (1, NOTHING)


async def test_discarded_sound_is_nobodys(provider: SocketProvider, recogniser: DeepgramRecogniser) -> None:
    provider.script = [answers("Never mind.", "Two pizzas.")]
    async with recogniser.open(TERMS) as transcription:
        await transcription.feed(sound(500))
        await transcription.discard()
        await transcription.feed(sound(500))
        assert (await transcription.commit()).text == "Two pizzas."


async def test_a_connection_that_breaks_is_replaced_and_told_the_utterance_again(
    provider: SocketProvider, recogniser: DeepgramRecogniser
) -> None:
    async def breaks(client: Client) -> None:
        await client.hears_until(is_finalize)
        client.vanishes()

    provider.script = [breaks, answers("Two pizzas.")]
    async with recogniser.open(TERMS) as transcription:
        await transcription.feed(sound(500))
        assert (await transcription.commit()).text == "Two pizzas."
    assert [client.sound for client in provider.clients] == [sound(500), sound(500)]


async def test_another_vocabulary_is_told_to_the_next_connection(
    provider: SocketProvider, recogniser: DeepgramRecogniser
) -> None:
    async def breaks(client: Client) -> None:
        await client.hears_until(is_finalize)
        await client.says(**results("Hello.", finalized=True))
        await client.hears_until(is_finalize)
        client.vanishes()

    provider.script = [breaks, answers("Zwei Pizzen.")]
    async with recogniser.open(TERMS) as transcription:
        for expected in (TERMS, Vocabulary(language="de")):
            await transcription.expect(expected)
            await transcription.feed(sound(500))
            await transcription.commit()
    assert [parse_qs(client.query)["language"] for client in provider.clients] == [["en-GB"], ["de"]]


async def test_a_silent_connection_is_kept_alive(
    provider: SocketProvider, recogniser: DeepgramRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deepgram, "KEEP_ALIVE_SECONDS", 0.01)
    alive = asyncio.Event()

    async def scene(client: Client) -> None:
        await client.hears_until(lambda message: message["type"] == "KeepAlive")
        alive.set()
        await client.listens_on()

    provider.script = [scene]
    async with recogniser.open(TERMS):
        await asyncio.wait_for(alive.wait(), PATIENCE)


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (
            Refusal(401, {"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials."}),
            SpeechCredentialsError,
        ),
        (Refusal(400, {"err_msg": "No such model."}), SpeechRefusedError),
    ],
)
async def test_a_refusal_ends_the_hearing_at_once(
    provider: SocketProvider, recogniser: DeepgramRecogniser, refusal: Refusal, kind: type[SpeechError]
) -> None:
    provider.script = [refusal]
    async with recogniser.open(TERMS) as transcription:
        await transcription.feed(sound(500))
        with pytest.raises(kind) as failed:
            await transcription.commit()
    assert provider.attempts == 1
    assert "s3cret" not in f"{failed.value.message}{failed.value!r}{recogniser!r}"


async def test_a_provider_that_stays_away_is_given_up(
    provider: SocketProvider, recogniser: DeepgramRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.speech.transcription._PAUSES", (0.0, 0.0, 0.0))
    provider.script = [Refusal(503)] * 4
    async with recogniser.open(TERMS) as transcription:
        await transcription.feed(sound(500))
        with pytest.raises(SpeechLostError):
            await transcription.commit()
    assert provider.attempts == 4


async def test_a_final_that_does_not_come_fails_by_its_deadline(provider: SocketProvider) -> None:
    provider.script = [lambda client: client.listens_on()]
    deadlines = replace(PATIENT, final=0.1)
    recogniser = DeepgramRecogniser("s3cret", base_url=provider.url, deadlines=deadlines, grace=60)
    async with recogniser.open(TERMS) as transcription:
        await transcription.feed(sound(500))
        with pytest.raises(SpeechTimeoutError, match="The final transcript"):
            await transcription.commit()


@pytest.mark.parametrize(
    "rubbish",
    [
        {"type": "Results", "is_final": True, "from_finalize": True},
        {"type": "Results", "is_final": True, "from_finalize": True, "channel": {"alternatives": [{}]}},
        {
            "type": "Results",
            "is_final": True,
            "from_finalize": True,
            "channel": {"alternatives": [{"transcript": "", "words": [1, {"word": "x"}]}]},
        },
    ],
)
async def test_an_answer_without_what_it_should_have_is_nothing_heard(
    provider: SocketProvider, recogniser: DeepgramRecogniser, rubbish: JsonMessage
) -> None:
    async def scene(client: Client) -> None:
        await client.hears_until(is_finalize)
        await client.says(**rubbish)
        await client.listens_on()

    provider.script = [scene]
    async with recogniser.open(TERMS) as transcription:
        await transcription.feed(sound(500))
        assert await transcription.commit() == NOTHING
