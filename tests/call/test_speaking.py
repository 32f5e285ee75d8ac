"""What is said in a conversation, with the voices played by the test."""

import asyncio
from collections.abc import AsyncIterator, Coroutine

import pytest
from structlog.testing import capture_logs

from orchestrator.call.phrases import Phrase, Phrases
from orchestrator.call.speaking import SpeakingDesk
from orchestrator.core.commands import SpeakText
from orchestrator.core.events import Spoken
from orchestrator.core.notices import Notice, SoundingWord, VoiceNotice
from orchestrator.speech.protocol import Voice
from tests.call.scripted_voice import ScriptedVoice, ScriptedVoices, said, sound
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit


class Call:
    """A desk, and all that comes of it."""

    def __init__(
        self, group: asyncio.TaskGroup, *voices: ScriptedVoice, phrases: Phrases | None = None
    ) -> None:
        self.voice = voices[0] if voices else ScriptedVoice()
        speakers = ScriptedVoices(*(voices or (self.voice,)))
        self.heard: list[tuple[str, int]] = []
        self.phrases: list[tuple[str, bytes]] = []
        self.words: list[SoundingWord] = []
        self.told: list[Notice] = []
        self.answers: list[Spoken] = []
        self._group = group
        self._answered = asyncio.Event()
        self.desk = SpeakingDesk("conv_1", speakers, phrases or Phrases(), self, self._take, self._start)

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        return self._group.create_task(work)

    def _take(self, event: Spoken) -> None:
        self.answers.append(event)
        self._answered.set()

    def sound(self, item_id: str, pcm: bytes) -> None:
        self.heard.append((item_id, len(pcm)))

    def phrase(self, item_id: str, phrase: Phrase) -> None:
        self.phrases.append((item_id, phrase.pcm))

    def captions(self, item_id: str, words: tuple[SoundingWord, ...]) -> None:
        self.words += words

    def tell(self, notice: Notice) -> None:
        self.told.append(notice)

    def speak(
        self, item_id: str, text: str, *, final: bool = False, voice: str = "marin", by: str | None = None
    ) -> None:
        self.desk.speak(SpeakText(item_id, text, voice, final, by))

    async def answered(self, count: int = 1) -> list[Spoken]:
        while len(self.answers) < count:
            self._answered.clear()
            await self._answered.wait()
        return self.answers


@pytest.fixture
async def group() -> AsyncIterator[asyncio.TaskGroup]:
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as found:
        yield found


async def test_text_goes_to_the_voice_as_it_comes_and_sound_to_the_caller(group: asyncio.TaskGroup) -> None:
    call = Call(group)
    call.speak("item_1", "Hello, ")
    reply = await call.voice.reply()
    await reply.fed.wait()
    assert (reply.text, reply.voice) == ("Hello, ", Voice("marin"))
    reply.say(said("Hello,", ms=300))
    call.speak("item_1", "there.")
    call.speak("item_1", "", final=True)
    await reply.finished.wait()
    reply.say(said("there.", at=7, at_ms=300, ms=200))
    reply.end()
    assert await call.answered() == [Spoken("item_1", 500)]
    assert reply.text == "Hello, there."
    assert sum(size for _, size in call.heard) == len(sound(500))
    assert [(word.start, word.start_ms) for word in call.words] == [(0, 0), (7, 300)]
    assert not call.desk.busy


async def test_an_item_is_said_after_the_one_before(group: asyncio.TaskGroup) -> None:
    call = Call(group)
    call.speak("item_1", "First.", final=True)
    call.speak("item_2", "Second.", final=True, voice="cedar")
    first = await call.voice.reply()
    assert len(call.voice.replies) == 1
    first.say(said("First."))
    first.end()
    second = await call.voice.reply(1)
    assert (second.voice.name, first.closed) == ("cedar", True)
    second.say(said("Second."))
    second.end()
    await call.answered(2)
    assert [answer.item_id for answer in call.answers] == ["item_1", "item_2"]
    assert [item for item, _ in call.heard] == ["item_1", "item_2"]


async def test_stopping_answers_every_item_at_once_and_nothing_sounds_later(group: asyncio.TaskGroup) -> None:
    call = Call(group)
    call.speak("item_1", "One two three", final=True)
    call.speak("item_2", "Four", final=True)
    reply = await call.voice.reply()
    reply.say(said("One two", ms=600))
    while not call.heard:  # noqa: ASYNC110 - one turn of the loop at a time
        await asyncio.sleep(0)
    heard = len(call.heard)
    reply.say(said("three", at=8, at_ms=600))
    call.desk.stop()
    assert call.answers == [Spoken("item_1", 600, 7), Spoken("item_2", 0, 0)]
    call.speak("item_1", " more", final=True)
    call.speak("item_3", "Five", final=True)
    third = await call.voice.reply(1)
    third.end()
    await call.answered(3)
    assert len(call.heard) == heard
    assert [reply.text for reply in call.voice.replies] == ["One two three", "Five"]
    assert call.desk.heard("item_1", 300) == 3


async def test_another_voice_says_the_rest_when_one_fails(group: asyncio.TaskGroup) -> None:
    remote, embedded = ScriptedVoice("openai"), ScriptedVoice("embedded")
    call = Call(group, remote, embedded)
    call.speak("item_1", "One two three", by="openai", final=True)
    reply = await remote.reply()
    reply.say(said("One two", ms=600))
    reply.fail()
    with capture_logs() as logs:
        rest = await embedded.reply()
        await rest.fed.wait()
    assert rest.text == " three"
    rest.say(said(" three", ms=200))
    rest.end()
    assert await call.answered() == [Spoken("item_1", 800)]
    assert call.words[-1] == SoundingWord(8, 13, 600, 800)
    assert call.told == [VoiceNotice("failed", "openai", "speech_lost")]
    assert [log["code"] for log in logs] == ["speech_lost"]
    assert "two" not in str(logs)


async def test_when_every_voice_fails_the_item_is_answered_with_the_reason(group: asyncio.TaskGroup) -> None:
    call = Call(group, ScriptedVoice("embedded"))
    call.speak("item_1", "Hello", final=True)
    (await call.voice.reply()).fail()
    assert await call.answered() == [Spoken("item_1", 0, 0, "speech_unavailable")]
    call.speak("item_2", "Hello", final=True, by="nobody")
    (await call.voice.reply(1)).end()
    assert (await call.answered(2))[1] == Spoken("item_2", 0)


async def test_a_conversation_without_voices_goes_on_in_text(group: asyncio.TaskGroup) -> None:
    call = Call(group)
    call.desk._speakers = None
    call.speak("item_1", "Hello", final=True)
    assert (await call.answered())[0].error == "speech_error"


async def test_what_is_said_again_is_made_once(group: asyncio.TaskGroup) -> None:
    call = Call(group)
    call.speak("item_1", "Welcome!", final=True)
    reply = await call.voice.reply()
    reply.say(said("Welcome!", ms=300))
    reply.end()
    await call.answered()
    call.speak("item_2", "Welcome!", final=True)
    assert (await call.answered(2))[1] == Spoken("item_2", 300)
    assert len(call.voice.replies) == 1
    assert call.heard == [("item_1", len(sound(300)))]
    assert call.phrases == [("item_2", sound(300))]
    assert call.words[0] == call.words[1]
    call.speak("item_3", "Welcome!", final=True, voice="cedar")
    (await call.voice.reply(1)).end()
    await call.answered(3)


async def test_what_a_model_writes_is_not_kept(group: asyncio.TaskGroup) -> None:
    call = Call(group)
    for number in range(2):
        call.speak(f"item_{number}", "Hello")
        reply = await call.voice.reply(number)
        await reply.fed.wait()
        call.speak(f"item_{number}", "", final=True)
        reply.end()
        await call.answered(number + 1)
    assert len(call.voice.replies) == 2


async def test_a_bug_of_a_voice_ends_its_item_and_no_more(group: asyncio.TaskGroup) -> None:
    call = Call(group)
    call.speak("item_1", "Hello", final=True)
    reply = await call.voice.reply()
    reply.say(None)  # type: ignore[arg-type]
    reply.end()
    await call.answered()
    call.desk._speakers = 7  # type: ignore[assignment]
    call.speak("item_2", "Hello", final=True)
    assert (await call.answered(2))[1].error == "internal_error"
