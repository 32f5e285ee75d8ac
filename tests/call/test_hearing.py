"""Where turns begin and what is written down of them: everything loud is speech, words are the test's."""

import asyncio
import base64
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from orchestrator.call.audio import AudioDesk
from orchestrator.call.hearing import HearingDesk
from orchestrator.call.sounding import Sounding
from orchestrator.core import commands as c
from orchestrator.core.events import SpeechBegan, SpeechEnded, Understood
from orchestrator.speech.errors import SpeechError
from orchestrator.speech.protocol import BYTES_PER_MS, Vocabulary
from tests.call.test_audio import config
from tests.engine.scripted_speech import LoudnessActivity, ScriptedEars, ScriptedTranscription, loud
from tests.patience import PATIENCE
from tests.speech.speaking import silence

pytestmark = pytest.mark.unit

DETECTION: dict[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
}
FINDS = c.OwnHearing(detection=DETECTION)
HOLDS = c.OwnHearing(detection=DETECTION, holds=2.0)
WRITES = c.OwnHearing(detection=DETECTION, writes=True)
BY_HAND = c.OwnHearing(detection={}, writes=True)


class QuickEars(ScriptedEars):
    """Understands a word as soon as there is anything to be heard."""

    @asynccontextmanager
    async def open(
        self, vocabulary: Vocabulary, *, rate: int = 24_000
    ) -> AsyncIterator[ScriptedTranscription]:
        async with super().open(vocabulary, rate=rate) as transcription:
            transcription.understand("two")
            yield transcription


class Call:
    """A desk, and all that comes of it."""

    def __init__(self, group: asyncio.TaskGroup, ears: ScriptedEars | None = None) -> None:
        self.audio = AudioDesk()
        self.answers: list[SpeechBegan | SpeechEnded | Understood] = []
        self.obeys: list[c.WriteDown] = []
        self.started = 0
        self._group = group
        self._answered = asyncio.Event()
        self.sounding = Sounding(lambda _: 1000, lambda: 100.0)
        self.desk = HearingDesk(
            "conv_1", ears, self.audio, self.sounding, self._take, self._start, LoudnessActivity
        )

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        self.started += 1
        return self._group.create_task(work)

    def _take(self, event: SpeechBegan | SpeechEnded | Understood) -> None:
        self.answers.append(event)
        self._answered.set()
        if isinstance(event, SpeechBegan) and self.obeys:
            self.desk.obey(self.obeys.pop())

    def listen(self, own: c.OwnHearing | None, **changes: Any) -> None:
        self.desk.listen(config(hearing=own, turn_detection={}, **changes))
        self.audio.configured(config(hearing=own, turn_detection={}, **changes))

    def hear(self, *sounds: bytes) -> None:
        for sound in sounds:
            self.desk.heard(base64.b64encode(sound).decode())

    async def words(self, *, final: bool = True) -> Understood:
        """The words."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for answer in self.answers:
                    if isinstance(answer, Understood) and answer.final is final:
                        return answer
                self._answered.clear()
                await self._answered.wait()


async def test_where_the_engine_finds_turns_nobody_else_listens() -> None:
    async with asyncio.TaskGroup() as group:
        call = Call(group)
        call.listen(None)
        call.hear(silence(500), loud(500), silence(800))
        call.desk.listen(None)
    assert not call.answers


async def test_a_turn_is_told_with_its_times() -> None:
    async with asyncio.TaskGroup() as group:
        call = Call(group)
        call.listen(FINDS)
        call.hear(silence(640), loud(640), silence(640))
    assert call.answers == [SpeechBegan(340), SpeechEnded(1780)]


async def test_no_turn_is_found_where_the_client_ends_them_by_hand() -> None:
    async with asyncio.TaskGroup() as group:
        call = Call(group, ScriptedEars())
        call.listen(BY_HAND)
        call.hear(silence(640), loud(640), silence(640))
        call.desk.stop()
    assert not call.answers


async def test_what_is_no_sound_is_left_out() -> None:
    async with asyncio.TaskGroup() as group:
        call = Call(group)
        call.listen(FINDS)
        call.desk.heard("no base64!")
        call.hear(silence(640), loud(640))
    assert call.answers == [SpeechBegan(340)]


async def test_telephone_sound_is_understood_as_well() -> None:
    async with asyncio.TaskGroup() as group:
        call = Call(group)
        call.listen(FINDS, input_format={"type": "audio/pcmu"})
        call.hear(b"\xff" * 8 * 640, b"\x00" * 8 * 640)
    assert [type(answer) for answer in call.answers] == [SpeechBegan]


async def test_a_turn_is_written_down_from_the_padding_before_it() -> None:
    ears = ScriptedEars("two loaves")
    async with asyncio.TaskGroup() as group:
        call = Call(group, ears)
        call.listen(WRITES, hints={"add": ("two loaves",)})
        call.obeys = [c.WriteDown("item_1")]
        call.hear(silence(640), loud(640), silence(480))
        call.desk.obey(c.EndUtterance("item_1"))
        assert await call.words() == Understood("item_1", "two loaves")
        call.desk.stop()
    (sound,) = ears.utterances
    assert 1380 <= len(sound) / BYTES_PER_MS <= 1440
    (vocabulary,) = ears.vocabularies
    assert vocabulary.phrases


async def test_a_caller_who_only_writes_needs_no_recogniser() -> None:
    async with asyncio.TaskGroup() as group:
        call = Call(group, ScriptedEars())
        call.listen(WRITES)
        assert call.started == 0
        call.hear(silence(640))
        assert call.started == 1
        call.desk.stop()


async def test_words_of_another_agent_are_expected_once_it_hears() -> None:
    ears = ScriptedEars("two loaves")
    async with asyncio.TaskGroup() as group:
        call = Call(group, ears)
        call.listen(WRITES, hints={"add": ("two loaves",)})
        call.hear(silence(640))
        call.listen(WRITES, hints={"bake": ("a cake",)})
        call.obeys = [c.WriteDown("item_1")]
        call.hear(loud(640))
        call.desk.obey(c.EndUtterance("item_1"))
        await call.words()
        call.desk.stop()
    assert len(ears.vocabularies) == 2


async def test_what_is_understood_so_far_is_told_while_it_is_said() -> None:
    async with asyncio.TaskGroup() as group:
        call = Call(group, QuickEars())
        call.listen(WRITES)
        call.obeys = [c.WriteDown("item_1")]
        call.hear(silence(640), loud(640))
        assert await call.words(final=False) == Understood("item_1", "two", final=False)
        call.desk.stop()


async def test_a_turn_that_is_not_to_be_written_down_reaches_nobody() -> None:
    ears = ScriptedEars("two loaves")
    async with asyncio.TaskGroup() as group:
        call = Call(group, ears)
        call.listen(HOLDS)
        call.hear(silence(640), loud(640), silence(640))
        call.obeys = [c.WriteDown("item_2")]
        call.hear(loud(320))
        call.desk.obey(c.EndUtterance("item_2"))
        await call.words()
        call.desk.stop()
    (sound,) = ears.utterances
    assert len(sound) < 800 * BYTES_PER_MS


async def test_a_turn_that_is_asked_for_a_moment_later_is_written_down_from_its_beginning() -> None:
    ears = ScriptedEars("two loaves")
    async with asyncio.TaskGroup() as group:
        call = Call(group, ears)
        call.listen(WRITES)
        call.hear(silence(640), loud(640), silence(640))
        call.desk.obey(c.WriteDown("item_1"))
        call.desk.obey(c.EndUtterance("item_1"))
        await call.words()
        call.desk.stop()
    (sound,) = ears.utterances
    assert len(sound) >= 1380 * BYTES_PER_MS


async def test_what_is_said_by_hand_is_written_down_whole() -> None:
    ears = ScriptedEars("two loaves")
    async with asyncio.TaskGroup() as group:
        call = Call(group, ears)
        call.listen(BY_HAND)
        call.hear(loud(640), silence(640), loud(640))
        call.desk.obey(c.WriteDown("item_1"))
        call.desk.obey(c.EndUtterance("item_1"))
        await call.words()
        call.desk.stop()
    assert [len(sound) // BYTES_PER_MS for sound in ears.utterances] == [1920]


async def test_what_is_to_be_forgotten_is_not_written_down() -> None:
    ears = ScriptedEars("two loaves")
    async with asyncio.TaskGroup() as group:
        call = Call(group, ears)
        call.listen(WRITES)
        call.obeys = [c.WriteDown("item_1")]
        call.hear(silence(640), loud(640))
        call.desk.obey(c.ForgetSpeech())
        call.desk.obey(c.WriteDown("item_2"))
        call.desk.obey(c.EndUtterance("item_2"))
        await call.words()
        call.desk.stop()
    assert ears.utterances == [b""]


async def test_words_that_cannot_be_had_are_told_with_a_code_and_logged_with_the_cause() -> None:
    ears = ScriptedEars(SpeechError("The recogniser is gone."))
    with capture_logs() as logs:
        async with asyncio.TaskGroup() as group:
            call = Call(group, ears)
            call.listen(WRITES)
            call.obeys = [c.WriteDown("item_1")]
            call.hear(silence(640), loud(640))
            call.desk.obey(c.EndUtterance("item_1"))
            assert await call.words() == Understood("item_1", "", error="transcription_failed")
            call.desk.stop()
    assert [(log["event"], log["cause"]) for log in logs] == [
        ("speech-to-text failed", "The recogniser is gone.")
    ]


async def test_a_turn_that_was_ended_by_hand_is_not_found_again() -> None:
    async with asyncio.TaskGroup() as group:
        call = Call(group)
        call.listen(FINDS)
        call.hear(silence(640), loud(640))
        call.desk.ended()
        call.hear(silence(640))
    assert [type(answer) for answer in call.answers] == [SpeechBegan]


async def test_a_turn_in_progress_is_dropped_where_the_next_engine_finds_turns() -> None:
    async with asyncio.TaskGroup() as group:
        call = Call(group)
        call.listen(FINDS)
        call.hear(silence(640), loud(640))
        call.listen(None)
        call.hear(silence(640))
        call.listen(FINDS)
        call.hear(silence(640))
    assert [type(answer) for answer in call.answers] == [SpeechBegan]
