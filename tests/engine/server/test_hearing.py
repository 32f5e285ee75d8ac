import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from orchestrator.engine.server.hearing import MOST_WAITING, Hearing
from orchestrator.engine.session.commands import (
    DropUtterance,
    EndUtterance,
    Hear,
    HearingCommand,
    Listen,
    Transcribe,
)
from orchestrator.speech.errors import SpeechError
from orchestrator.speech.protocol import Transcript
from orchestrator.speech.scope import beside
from tests.engine.scripted_speech import Findings, ScriptedEars, loud
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit

WORDS = Listen((), ("the weather report",))


@asynccontextmanager
async def hearing(ears: ScriptedEars, *commands: HearingCommand) -> AsyncIterator[tuple[Hearing, Findings]]:
    findings = Findings()
    ear = Hearing(ears, findings.heard)
    for command in commands:
        ear.push(command)
    async with asyncio.timeout(PATIENCE), beside(ear.run()):
        yield ear, findings


async def test_utterances_are_answered_in_order_with_their_own_sound() -> None:
    ears = ScriptedEars("one", Transcript("two", confidence=0.5))
    commands = (WORDS, Hear(b"aa"), Hear(b"bb"), EndUtterance("u1"), Hear(b"cc"), EndUtterance("u2"))
    async with hearing(ears, *commands) as (_, findings):
        await findings.until("u2")
    assert findings.final == {"u1": Transcript("one"), "u2": Transcript("two", confidence=0.5)}
    assert ears.utterances == [b"aabb", b"cc"]
    assert len(ears.opened) == 1


async def test_nothing_is_opened_before_there_is_something_to_hear() -> None:
    ears = ScriptedEars()
    async with hearing(ears):
        await asyncio.sleep(0)
    assert ears.opened == []


async def test_other_words_are_expected_from_the_next_utterance_on() -> None:
    ears = ScriptedEars("one")
    async with hearing(ears, WORDS, Listen((), ("the tide tables",)), EndUtterance("u1")) as (_, findings):
        await findings.until("u1")
    expected = [{phrase.text for phrase in vocabulary.phrases} for vocabulary in ears.vocabularies]
    assert "the weather report" in expected[0] - expected[1]
    assert "the tide tables" in expected[1] - expected[0]


async def test_a_dropped_utterance_is_not_heard() -> None:
    ears = ScriptedEars("one")
    commands = (WORDS, Hear(b"aa"), DropUtterance(), Hear(b"bb"), EndUtterance("u1"))
    async with hearing(ears, *commands) as (_, findings):
        await findings.until("u1")
    assert ears.utterances == [b"bb"]


async def test_sound_of_a_message_is_written_down_apart() -> None:
    ears = ScriptedEars("apart", "one")
    commands = (WORDS, Hear(b"aa"), Transcribe("m1", b"mm"), EndUtterance("u1"))
    async with hearing(ears, *commands) as (_, findings):
        await findings.until("u1")
    assert findings.final == {"m1": Transcript("apart"), "u1": Transcript("one")}
    assert ears.utterances == [b"mm", b"aa"]


async def test_what_is_understood_so_far_is_passed_on() -> None:
    ears = ScriptedEars("one")
    async with hearing(ears, WORDS, Hear(b"aa"), EndUtterance("u1")) as (_, findings):
        await findings.until("u1")
        ears.opened[0].understand("two pizzas and")
        findings.changed.clear()
        await findings.changed.wait()
    assert findings.so_far == ["two pizzas and"]


async def test_a_recogniser_that_fails_costs_one_utterance_and_is_opened_again() -> None:
    ears = ScriptedEars("two")
    ears.deaf = SpeechError("The recogniser is away.")
    commands = (WORDS, Hear(b"aa"), Hear(b"bb"), EndUtterance("u1"))
    async with hearing(ears, *commands) as (ear, findings):
        await findings.until("u1")
        ears.deaf = None
        ear.push(Hear(b"cc"))
        ear.push(EndUtterance("u2"))
        await findings.until("u2")
    assert findings.failed == {"u1": "The recogniser is away."}
    assert findings.final == {"u2": Transcript("two")}
    assert len(ears.opened) == 2
    assert ears.vocabularies[0] == ears.vocabularies[1]


async def test_a_recogniser_that_comes_late_costs_nothing_that_is_said_later() -> None:
    ears = ScriptedEars("one")
    ears.late = SpeechError("The recogniser did not come.")
    async with hearing(ears, WORDS, Hear(b"aa"), EndUtterance("u1")) as (_, findings):
        await findings.until("u1")
    assert findings.failed == {}
    assert findings.final == {"u1": Transcript("one")}
    assert ears.utterances == [b"aa"]
    assert ears.vocabularies[0] == ears.vocabularies[1]


async def test_an_utterance_that_fails_at_its_end_is_told_too() -> None:
    ears = ScriptedEars(SpeechError("It was lost."), "two")
    commands = (WORDS, Hear(b"aa"), EndUtterance("u1"), Listen((), ("the tide tables",)), EndUtterance("u2"))
    async with hearing(ears, *commands) as (_, findings):
        await findings.until("u2")
    assert findings.failed == {"u1": "It was lost."}
    assert findings.final == {"u2": Transcript("two")}


async def test_a_dropped_utterance_of_a_broken_recogniser_is_told_to_nobody() -> None:
    ears = ScriptedEars("two")
    ears.deaf = SpeechError("The recogniser is away.")
    async with hearing(ears, WORDS, Hear(b"aa"), Listen((), ("the tide tables",)), DropUtterance()) as (
        ear,
        findings,
    ):
        ear.push(EndUtterance("u2"))
        await findings.until("u2")
    assert findings.failed == {}
    assert findings.final == {"u2": Transcript("two")}


async def test_whoever_sends_too_much_waits() -> None:
    ear = Hearing(ScriptedEars(), Findings().heard)
    await ear.room()
    ear.push(Hear(loud(1000) * (MOST_WAITING // len(loud(1000)) + 1)))
    waiting = asyncio.ensure_future(ear.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    async with asyncio.timeout(PATIENCE), beside(ear.run()):
        await waiting
