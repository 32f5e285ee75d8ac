import asyncio
from typing import cast

import pytest

from orchestrator.speech.pipes import Message
from orchestrator.speech.protocol import HeardWord, Transcript
from orchestrator.speech.sphinx_line import Lesson, SphinxLine
from orchestrator.speech.sphinx_worker import Commit, Discard, Hear, Heard, Learn, Learnt, Listen, Replies
from orchestrator.speech.worker import Channel, Worker

pytestmark = pytest.mark.unit


class FakeProcess:
    process_id = 7
    number = 1

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.says: asyncio.Queue[Replies] = asyncio.Queue()

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    async def next(self) -> Replies:
        return self.says.get_nowait()


@pytest.fixture
def process() -> FakeProcess:
    return FakeProcess()


@pytest.fixture
def line(process: FakeProcess) -> SphinxLine:
    return SphinxLine(cast("Worker[Replies]", process), cast("Channel[Replies]", process), 24_000)


async def test_a_process_is_taught_a_vocabulary_once(line: SphinxLine, process: FakeProcess) -> None:
    lesson = Lesson("key", [("yes", 1.0)], {"zzyzx": "Z"})
    await line.expect(lesson)
    await line.expect(lesson)
    listen = Listen(1, "key", 24_000)
    assert process.sent == [Learn(1, "key", [("yes", 1.0)], {"zzyzx": "Z"}), listen, listen]
    lesson.taught = 6
    await line.expect(lesson)
    assert [type(message) for message in process.sent[3:]] == [Learn, Listen]


async def test_sound_and_its_ends_are_sent(line: SphinxLine, process: FakeProcess) -> None:
    await line.hear(b"ab")
    await line.commit(4)
    await line.discard()
    assert process.sent == [Hear(1, b"ab"), Commit(1, 4), Discard(1)]


async def test_transcripts_are_translated_and_lessons_passed_over(
    line: SphinxLine, process: FakeProcess
) -> None:
    for reply in (
        Learnt(1, []),
        Heard(1, 0, "tw", False, 0.0, []),
        Heard(1, 3, "two", True, 0.7, [("two", 100, 300, 0.7)]),
    ):
        process.says.put_nowait(reply)
    assert await line.next() == (0, Transcript("tw", final=False))
    assert await line.next() == (
        3,
        Transcript("two", confidence=0.7, words=(HeardWord("two", 100, 300, 0.7),)),
    )
