import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.errors import SpeechError, SpeechLostError, SpeechTimeoutError
from orchestrator.speech.pipes import Message
from orchestrator.speech.protocol import Vocabulary
from orchestrator.speech.scope import beside
from orchestrator.speech.sphinx_transcription import Lesson, SphinxTranscription
from orchestrator.speech.sphinx_worker import Discard, Hear, Heard, Leave, Listen, Replies
from orchestrator.speech.worker import Worker

pytestmark = pytest.mark.unit

SOUND = b"\1\0" * 240


class FakeProcess:
    """One life of a worker process: keeps what it was sent, says what it is told to."""

    def __init__(self, number: int) -> None:
        self.number = 1
        self.process_id = number
        self.sent: list[Message] = []
        self.says: asyncio.Queue[Replies | SpeechError] = asyncio.Queue()

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    async def next(self) -> Replies:
        reply = await self.says.get()
        if isinstance(reply, SpeechError):
            raise reply
        return reply

    def die(self) -> None:
        self.says.put_nowait(SpeechLostError("gone"))

    def kinds(self) -> list[str]:
        return [type(message).__name__ for message in self.sent]


class FakeWorker:
    """Hands out one process after another."""

    def __init__(self, lives: int) -> None:
        self.lives = [FakeProcess(number) for number in range(1, lives + 1)]
        self._next = iter(self.lives)
        self.process_id = 0

    @asynccontextmanager
    async def channel(self, seconds: float) -> AsyncIterator[FakeProcess]:
        process = next(self._next, None)
        if process is None:
            raise SpeechTimeoutError("The recogniser process did not come.")
        self.process_id = process.process_id
        yield process


def lesson(key: str) -> Lesson:
    return Lesson(key, [(key, 1.0)], {})


@asynccontextmanager
async def hearing(lives: int = 1) -> AsyncIterator[tuple[SphinxTranscription, list[FakeProcess]]]:
    async def learn(vocabulary: Vocabulary) -> Lesson:
        return lesson(vocabulary.language)

    worker = FakeWorker(lives)
    transcription = SphinxTranscription(
        cast("Worker[Replies]", worker), learn, lesson("en"), 24_000, Deadlines(final=0.2)
    )
    async with beside(transcription.run()):
        await asyncio.sleep(0)
        yield transcription, worker.lives


def heard(number: int, text: str) -> Heard:
    return Heard(1, number, text, True, 0.9, [(text, 0, 100, 0.9)])


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_vocabulary_is_taught_before_the_first_sound() -> None:
    async with hearing() as (transcription, (process,)):
        await transcription.feed(SOUND)
        assert process.kinds() == ["Learn", "Listen", "Hear"]
        assert process.sent[1] == Listen(1, "en", 24_000)


async def test_a_final_comes_to_the_commit_it_belongs_to() -> None:
    async with hearing() as (transcription, (process,)), asyncio.TaskGroup() as group:
        first, second = (group.create_task(transcription.commit()) for _ in range(2))
        await settle()
        process.says.put_nowait(heard(2, "two"))
        process.says.put_nowait(heard(1, "one"))
        assert ((await first).text, (await second).text) == ("one", "two")


async def test_a_late_final_is_a_typed_error_and_hurts_no_later_one() -> None:
    async with hearing() as (transcription, (process,)):
        with pytest.raises(SpeechTimeoutError, match="The final transcript"):
            await transcription.commit()
        process.says.put_nowait(heard(1, "late"))
        process.says.put_nowait(heard(2, "on time"))
        assert (await transcription.commit()).text == "on time"


async def test_the_next_process_is_given_everything_that_is_not_final() -> None:
    async with hearing(2) as (transcription, (first, second)), asyncio.TaskGroup() as group:
        await transcription.feed(SOUND)
        committed = group.create_task(transcription.commit())
        await settle()
        await transcription.feed(SOUND * 2)
        first.die()
        await settle()
        assert second.kinds() == ["Learn", "Listen", "Hear", "Commit", "Hear"]
        assert [len(m.pcm) for m in second.sent if isinstance(m, Hear)] == [len(SOUND), len(SOUND) * 2]
        second.says.put_nowait(heard(1, "saved"))
        assert (await committed).text == "saved"


async def test_an_utterance_that_was_lost_twice_is_a_typed_error() -> None:
    async with hearing(3) as (transcription, (first, second, third)):
        async with asyncio.TaskGroup() as group:
            await transcription.feed(SOUND)
            committed = group.create_task(outcome(transcription))
            await settle()
            first.die()
            await settle()
            second.die()
            assert isinstance(await committed, SpeechLostError)
        await transcription.feed(SOUND)
        assert third.kinds()[-1] == "Hear"


async def outcome(transcription: SphinxTranscription) -> SpeechError | None:
    try:
        await transcription.commit()
    except SpeechError as error:
        return error
    return None


async def test_when_no_process_comes_any_more_everybody_is_told() -> None:
    async with hearing() as (transcription, (process,)):
        async with asyncio.TaskGroup() as group:
            await transcription.feed(SOUND)
            committed = group.create_task(outcome(transcription))
            await settle()
            process.die()
            assert isinstance(await committed, SpeechTimeoutError)
        with pytest.raises(SpeechTimeoutError):
            await transcription.feed(SOUND)
        assert [partial async for partial in transcription.partials()] == []


async def test_a_failure_that_the_process_reports_ends_the_hearing() -> None:
    async with hearing() as (transcription, (process,)):
        process.says.put_nowait(SpeechError("The recogniser process failed: KeyError"))
        await settle()
        with pytest.raises(SpeechError, match="KeyError"):
            await transcription.commit()


async def test_another_vocabulary_is_told_after_the_utterance_before() -> None:
    async with hearing() as (transcription, (process,)), asyncio.TaskGroup() as group:
        await transcription.feed(SOUND)
        await transcription.expect(Vocabulary(language="de"))
        await transcription.feed(SOUND)
        group.create_task(outcome(transcription))
        await settle()
        assert process.kinds() == ["Learn", "Listen", "Hear", "Hear", "Commit", "Learn", "Listen"]
        process.says.put_nowait(heard(1, "yes"))


async def test_a_vocabulary_holds_at_once_while_nothing_was_said() -> None:
    async with hearing() as (transcription, (process,)):
        await transcription.expect(Vocabulary(language="de"))
        await transcription.feed(SOUND)
        assert process.sent[-2] == Listen(1, "de", 24_000)


async def test_discarded_sound_is_forgotten_on_both_sides() -> None:
    async with hearing(2) as (transcription, (first, second)):
        await transcription.feed(SOUND)
        await transcription.discard()
        assert isinstance(first.sent[-1], Discard)
        first.die()
        await settle()
        assert "Hear" not in second.kinds()


async def test_partials_are_passed_on() -> None:
    async with hearing() as (transcription, (process,)):
        process.says.put_nowait(Heard(1, 0, "two lar", False, 0.0, []))
        partial = await anext(transcription.partials())
        assert (partial.text, partial.final) == ("two lar", False)


async def test_sound_of_a_very_long_utterance_is_not_kept_for_ever() -> None:
    async with hearing(2) as (transcription, (first, second)):
        for _ in range(70):
            await transcription.feed(bytes(48_000))
        first.die()
        await settle()
        assert sum(len(m.pcm) for m in second.sent if isinstance(m, Hear)) <= 61 * 48_000


async def test_the_process_is_told_when_a_call_ends() -> None:
    async with hearing() as (_, (process,)):
        await settle()
    assert isinstance(process.sent[-1], Leave)
