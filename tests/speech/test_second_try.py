from collections.abc import AsyncIterable, AsyncIterator

import pytest

from orchestrator.speech.clauses import Clause
from orchestrator.speech.errors import SpeechError, SpeechLostError, SpeechRefusedError
from orchestrator.speech.protocol import Speech
from orchestrator.speech.reply import Emit
from orchestrator.speech.second_try import Repeatable, speak_or_retry
from tests.speech.speaking import clause_of

pytestmark = pytest.mark.unit

TEXTS = ("One.", "Two.", "Three.")


async def clauses() -> AsyncIterator[Clause]:
    for text in TEXTS:
        yield clause_of(text)


class Voice:
    """Fails as often as it is told to, after so many clauses."""

    def __init__(self, *failures: SpeechError, after: int = 2, sounding: bool = False) -> None:
        self.failures = list(failures)
        self.after = after
        self.sounding = sounding
        self.heard: list[list[str]] = []

    async def speak(self, clauses: AsyncIterable[Clause], emit: Emit) -> None:
        heard: list[str] = []
        self.heard.append(heard)
        async for clause in clauses:
            heard.append(clause.source)
            if self.sounding:
                await emit(Speech(b"\0\0"))
            if self.failures and len(heard) == self.after:
                raise self.failures.pop(0)
        await emit(Speech(b"\0\0"))


async def say(voice: Voice) -> int:
    pieces: list[Speech] = []

    async def emit(speech: Speech) -> None:
        pieces.append(speech)

    await speak_or_retry(voice.speak, clauses(), emit)
    return len(pieces)


async def test_what_goes_well_is_said_once() -> None:
    voice = Voice()
    assert await say(voice) == 1
    assert voice.heard == [list(TEXTS)]


async def test_a_loss_before_any_sound_begins_again_from_the_first_clause() -> None:
    voice = Voice(SpeechLostError("gone"))
    assert await say(voice) == 1
    assert voice.heard == [["One.", "Two."], list(TEXTS)]


async def test_a_loss_after_the_last_clause_does_too() -> None:
    repeatable = Repeatable(clauses())
    for _ in range(2):
        assert [clause.source async for clause in repeatable] == list(TEXTS)


@pytest.mark.parametrize(
    "voice",
    [
        Voice(SpeechLostError("gone"), SpeechLostError("gone")),
        Voice(SpeechLostError("gone"), sounding=True),
        Voice(SpeechRefusedError("no")),
    ],
    ids=["lost twice", "heard already", "refused"],
)
async def test_otherwise_the_failure_is_told(voice: Voice) -> None:
    attempts = len(voice.failures)
    with pytest.raises(SpeechError):
        await say(voice)
    assert len(voice.heard) == attempts
