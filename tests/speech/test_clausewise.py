import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from orchestrator.speech.clauses import Clause
from orchestrator.speech.clausewise import Clausewise, Synthesise, open_clausewise
from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.errors import (
    SpeechError,
    SpeechLostError,
    SpeechRateLimitError,
    SpeechRefusedError,
    SpeechTimeoutError,
)
from orchestrator.speech.protocol import Speech, WordTime
from orchestrator.speech.reply import open_reply
from tests.patience import PATIENCE, PATIENT
from tests.speech.speaking import sound, spoken_words, timed

pytestmark = pytest.mark.unit

TEXT = "Yes. Two large pizzas."


async def speak(
    synthesise: Synthesise, *, estimate: bool = False, text: str = TEXT, deadlines: Deadlines = PATIENT
) -> list[Speech]:
    voice = Clausewise(synthesise, deadlines, estimate=estimate, clock=lambda: 0.0)
    async with open_reply(voice.speak) as reply:
        await reply.feed(text)
        await reply.finish()
        return [piece async for piece in reply]


async def a_second_each(clause: Clause) -> AsyncGenerator[Speech, None]:
    yield Speech(sound(600))
    yield Speech(sound(400))


async def test_clauses_come_in_order_though_they_are_made_side_by_side() -> None:
    first_may_end = asyncio.Event()

    async def synthesise(clause: Clause) -> AsyncGenerator[Speech, None]:
        if clause.start:
            first_may_end.set()
        else:
            await first_may_end.wait()
        yield Speech(clause.spoken.text.encode())

    pieces = await speak(synthesise)
    assert [piece.pcm for piece in pieces] == [b"Yes.", b"Two large pizzas."]


async def test_given_word_times_are_counted_from_the_replys_first_sample() -> None:
    async def synthesise(clause: Clause) -> AsyncGenerator[Speech, None]:
        yield Speech(sound(300), (WordTime(clause.start, clause.start + 3, 10, 200),))

    pieces = await speak(synthesise)
    assert [(word.start, word.start_ms, word.end_ms) for word in timed(pieces)] == [
        (0, 10, 200),
        (5, 310, 500),
    ]


async def test_word_times_are_estimated_where_none_are_given() -> None:
    pieces = await speak(a_second_each, estimate=True)
    assert spoken_words(pieces, TEXT) == ["Yes.", "Two", "large", "pizzas."]
    assert [word.start_ms for word in timed(pieces)] == [0, 1000, 1235, 1588]


async def test_a_failure_before_the_first_sound_is_tried_once_more() -> None:
    failures = iter([SpeechLostError("gone"), None, None])

    async def synthesise(clause: Clause) -> AsyncGenerator[Speech, None]:
        if error := next(failures):
            raise error
        yield Speech(clause.spoken.text.encode())

    assert len(await speak(synthesise)) == 2


async def test_a_second_failure_is_raised() -> None:
    tries = 0

    async def synthesise(clause: Clause) -> AsyncGenerator[Speech, None]:
        nonlocal tries
        tries += 1
        if tries:
            raise SpeechLostError("gone")
        yield Speech()

    with pytest.raises(SpeechLostError):
        await speak(synthesise, text="Yes")
    assert tries == 2


async def test_a_failure_after_the_first_sound_is_raised_at_once() -> None:
    async def synthesise(clause: Clause) -> AsyncGenerator[Speech, None]:
        yield Speech(b"\0\0")
        raise SpeechLostError("gone")

    with pytest.raises(SpeechLostError):
        await speak(synthesise)


@pytest.mark.parametrize("error", [SpeechRefusedError("no"), SpeechRateLimitError("slow", retry_after=60)])
async def test_what_would_not_help_a_caller_on_the_line_is_not_tried_again(error: SpeechError) -> None:
    tries = 0

    async def synthesise(clause: Clause) -> AsyncGenerator[Speech, None]:
        nonlocal tries
        tries += 1
        if tries:
            raise error
        yield Speech()

    with pytest.raises(type(error)):
        await speak(synthesise, text="Yes")
    assert tries == 1


async def test_a_slow_first_sound_fails_by_its_deadline() -> None:
    async def synthesise(clause: Clause) -> AsyncGenerator[Speech, None]:
        await asyncio.Event().wait()
        yield Speech()

    with pytest.raises(SpeechTimeoutError, match="The first sound"):
        await speak(synthesise, deadlines=replace(PATIENT, first=0.05))


async def test_a_stall_in_the_middle_fails_by_its_deadline() -> None:
    async def synthesise(clause: Clause) -> AsyncGenerator[Speech, None]:
        yield Speech(b"\0\0")
        await asyncio.Event().wait()

    with pytest.raises(SpeechTimeoutError, match="More sound"):
        await speak(synthesise, deadlines=replace(PATIENT, next=0.05))


async def test_cancel_closes_what_is_being_made() -> None:
    closed = asyncio.Event()

    async def synthesise(clause: Clause) -> AsyncGenerator[Speech, None]:
        try:
            yield Speech(b"\0\0")
            await asyncio.Event().wait()
        finally:
            closed.set()

    voice = Clausewise(synthesise, PATIENT, estimate=False)
    async with open_reply(voice.speak) as reply:
        await reply.feed(TEXT)
        await anext(reply)
        await reply.cancel()
        await asyncio.wait_for(closed.wait(), PATIENCE)


async def test_captions_of_a_slow_voice_keep_up_with_its_sound() -> None:
    moments = iter([0.0, 0.0, 0.5, 0.5])
    voice = Clausewise(a_second_each, PATIENT, estimate=True, clock=lambda: next(moments, 0.5))
    async with open_reply(voice.speak) as reply:
        await reply.feed("one two three four")
        await reply.finish()
        pieces = [piece async for piece in reply]
    assert [len(piece.words) for piece in pieces] == [1, 1, 2]


@pytest.mark.parametrize(("estimate", "words"), [(True, ["Yes.", "Two", "large", "pizzas."]), (False, [])])
async def test_a_reply_is_opened_with_word_times_estimated_or_given(estimate: bool, words: list[str]) -> None:
    async with open_clausewise(a_second_each, PATIENT, "en", estimate=estimate) as reply:
        await reply.feed(TEXT)
        await reply.finish()
        assert spoken_words([piece async for piece in reply], TEXT) == words
