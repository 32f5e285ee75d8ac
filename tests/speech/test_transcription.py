import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from orchestrator.speech.errors import SpeechError, SpeechLostError, SpeechRefusedError, SpeechTimeoutError
from orchestrator.speech.protocol import Transcript, Vocabulary
from orchestrator.speech.scope import beside
from orchestrator.speech.transcription import ResumedTranscription

pytestmark = pytest.mark.unit

SOUND = b"\1\0" * 240


class FakeLine:
    """One life of a line: keeps what it was told, says what it is told to."""

    def __init__(self) -> None:
        self.told: list[tuple[str, object]] = []
        self.says: asyncio.Queue[tuple[int, Transcript] | SpeechError] = asyncio.Queue()
        self.broken: SpeechError | None = None

    async def expect(self, expected: str) -> None:
        self._tell("expect", expected)

    async def hear(self, pcm: bytes) -> None:
        self._tell("hear", len(pcm))

    async def commit(self, number: int) -> None:
        self._tell("commit", number)

    async def discard(self) -> None:
        self._tell("discard", None)

    async def next(self) -> tuple[int, Transcript]:
        said = await self.says.get()
        if isinstance(said, SpeechError):
            raise said
        return said

    def final(self, number: int, text: str) -> None:
        self.says.put_nowait((number, Transcript(text)))

    def breaks(self) -> None:
        self.says.put_nowait(SpeechLostError("gone"))

    def _tell(self, kind: str, what: object) -> None:
        if self.broken:
            raise self.broken
        self.told.append((kind, what))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.told]


@asynccontextmanager
async def hearing(lives: int = 1) -> AsyncIterator[tuple[ResumedTranscription[str], list[FakeLine]]]:
    lines = [FakeLine() for _ in range(lives)]
    coming = iter(lines)

    @asynccontextmanager
    async def open_line() -> AsyncIterator[FakeLine]:
        line = next(coming, None)
        if line is None:
            raise SpeechTimeoutError("A line did not come.")
        yield line

    async def prepare(vocabulary: Vocabulary) -> str:
        return vocabulary.language

    transcription = ResumedTranscription(open_line, prepare, "en", 24_000, 0.2)
    async with beside(transcription.run()):
        await settle()
        yield transcription, lines


async def settle() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


async def outcome(transcription: ResumedTranscription[str]) -> SpeechError | None:
    try:
        await transcription.commit()
    except SpeechError as error:
        return error
    return None


async def test_the_line_is_told_what_to_expect_before_the_first_sound() -> None:
    async with hearing() as (transcription, (line,)):
        await transcription.feed(SOUND)
        assert line.told == [("expect", "en"), ("hear", len(SOUND))]


async def test_a_final_comes_to_the_commit_it_belongs_to() -> None:
    async with hearing() as (transcription, (line,)), asyncio.TaskGroup() as group:
        first, second = (group.create_task(transcription.commit()) for _ in range(2))
        await settle()
        line.final(2, "two")
        line.final(1, "one")
        assert ((await first).text, (await second).text) == ("one", "two")


async def test_a_late_final_is_a_typed_error_and_hurts_no_later_one() -> None:
    async with hearing() as (transcription, (line,)):
        with pytest.raises(SpeechTimeoutError, match="The final transcript"):
            await transcription.commit()
        line.final(1, "late")
        line.final(2, "on time")
        assert (await transcription.commit()).text == "on time"


async def test_sound_that_came_before_there_was_a_line_is_not_lost() -> None:
    async with hearing(2) as (transcription, (first, second)):
        first.broken = SpeechLostError("gone")
        await transcription.feed(SOUND)
        first.breaks()
        await transcription.feed(SOUND)
        await settle()
        assert second.told == [("expect", "en"), ("hear", len(SOUND) * 2)]


async def test_the_next_line_is_given_everything_that_is_not_final() -> None:
    async with hearing(2) as (transcription, (first, second)), asyncio.TaskGroup() as group:
        await transcription.feed(SOUND)
        committed = group.create_task(transcription.commit())
        await settle()
        await transcription.feed(SOUND * 2)
        first.breaks()
        await settle()
        assert second.kinds == ["expect", "hear", "commit", "hear"]
        assert second.told[-1] == ("hear", len(SOUND) * 2)
        second.final(1, "saved")
        assert (await committed).text == "saved"


async def test_an_utterance_that_was_lost_twice_is_a_typed_error_and_the_next_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orchestrator.speech.transcription._PAUSES", (0.0, 0.0, 0.0))
    async with hearing(3) as (transcription, (first, second, third)):
        async with asyncio.TaskGroup() as group:
            await transcription.feed(SOUND)
            committed = group.create_task(outcome(transcription))
            await settle()
            first.breaks()
            await settle()
            second.breaks()
            assert isinstance(await committed, SpeechLostError)
        await settle()
        await transcription.feed(SOUND)
        assert third.kinds == ["expect", "hear"]


async def test_lines_that_break_again_and_again_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.speech.transcription._PAUSES", (0.0, 0.0, 0.0))
    async with hearing(10) as (transcription, lines):
        for line in lines:
            line.breaks()
        await settle()
        with pytest.raises(SpeechLostError):
            await transcription.feed(SOUND)
        assert sum(bool(line.told) for line in lines) == 4


async def test_when_no_line_comes_any_more_everybody_is_told() -> None:
    async with hearing() as (transcription, (line,)):
        async with asyncio.TaskGroup() as group:
            await transcription.feed(SOUND)
            committed = group.create_task(outcome(transcription))
            await settle()
            line.breaks()
            assert isinstance(await committed, SpeechTimeoutError)
        with pytest.raises(SpeechTimeoutError):
            await transcription.feed(SOUND)
        assert [partial async for partial in transcription.partials()] == []


async def test_a_refusal_ends_the_hearing() -> None:
    async with hearing(2) as (transcription, (line, _)):
        line.says.put_nowait(SpeechRefusedError("no such model"))
        await settle()
        with pytest.raises(SpeechRefusedError):
            await transcription.commit()


async def test_another_vocabulary_is_told_after_the_utterance_before() -> None:
    async with hearing() as (transcription, (line,)), asyncio.TaskGroup() as group:
        await transcription.feed(SOUND)
        await transcription.expect(Vocabulary(language="de"))
        await transcription.feed(SOUND)
        group.create_task(outcome(transcription))
        await settle()
        assert line.kinds == ["expect", "hear", "hear", "commit", "expect"]
        assert line.told[-1] == ("expect", "de")
        line.final(1, "yes")


async def test_a_vocabulary_holds_at_once_while_nothing_was_said() -> None:
    async with hearing() as (transcription, (line,)):
        await transcription.expect(Vocabulary(language="de"))
        await transcription.feed(SOUND)
        assert line.told[-2:] == [("expect", "de"), ("hear", len(SOUND))]


async def test_discarded_sound_is_forgotten_on_both_sides() -> None:
    async with hearing(2) as (transcription, (first, second)):
        await transcription.feed(SOUND)
        await transcription.discard()
        assert first.kinds[-1] == "discard"
        first.breaks()
        await settle()
        assert "hear" not in second.kinds


async def test_partials_are_passed_on() -> None:
    async with hearing() as (transcription, (line,)):
        line.says.put_nowait((0, Transcript("two lar", final=False)))
        partial = await anext(transcription.partials())
        assert (partial.text, partial.final) == ("two lar", False)


async def test_sound_of_a_very_long_utterance_is_not_kept_for_ever() -> None:
    async with hearing(2) as (transcription, (first, second)):
        for _ in range(70):
            await transcription.feed(bytes(48_000))
        first.breaks()
        await settle()
        assert second.told[-1] == ("hear", 60 * 48_000)
