"""The engine sessions of a conversation: who is sent what of the caller's sound."""

import asyncio
import base64
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.call.audio import AudioDesk
from orchestrator.call.engines import Engines
from orchestrator.call.hearing import HearingDesk
from orchestrator.call.sessions import Sessions
from orchestrator.call.sounding import Sounding
from orchestrator.core import commands as c
from orchestrator.core.engine_events import EngineEvent, SessionFailed, SessionReady
from orchestrator.core.events import SpeechBegan
from orchestrator.realtime.dialects import EngineEndpoint
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.turns import says
from tests.call.test_audio import config
from tests.call.test_hearing import FINDS
from tests.engine.scripted_speech import LoudnessActivity, loud
from tests.speech.speaking import silence

pytestmark = pytest.mark.unit

MANUAL: dict[str, Any] = {"turn_detection": {}, "input_format": {"type": "audio/pcm", "rate": 24000}}


class Call:
    """The sessions of a conversation with one engine, and what they tell."""

    def __init__(self, engine: ScriptedEngine, group: asyncio.TaskGroup) -> None:
        self.engine = engine
        self.told: list[object] = []
        self._group = group
        endpoint = EngineEndpoint(kind="compatible", url="ws://127.0.0.1:1")
        self.audio = AudioDesk()
        self.hearing = HearingDesk(
            "conv_1",
            None,
            self.audio,
            Sounding(lambda _: 0, lambda: 0.0),
            self.told.append,
            self._start,
            LoudnessActivity,
        )
        self.sessions = Sessions(
            Engines(endpoint, {}, dial=engine.dial),
            self.audio,
            self.hearing,
            feed=self._take,
            play=self.told.append,
            start=self._start,
        )

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        return self._group.create_task(work)

    def _take(self, event: EngineEvent) -> None:
        self.told.append(event)

    def hear(self, sound: bytes) -> None:
        for at in range(0, len(sound), 960):
            self.sessions.hear(base64.b64encode(sound[at : at + 960]).decode())

    async def heard(self, milliseconds: float, session: int = 0) -> None:
        """Wait until the engine was sent so much sound."""
        audio = self.engine.sessions[session].audio
        await self.engine.wait_until(lambda: audio.heard_ms >= milliseconds, f"{milliseconds} ms")


@asynccontextmanager
async def call() -> AsyncIterator[Call]:
    engine = ScriptedEngine(lambda _: says("Hello."), listen=False)
    async with engine, asyncio.TaskGroup() as group:
        made = Call(engine, group)
        yield made
        made.sessions.close_all("over")


async def test_a_session_that_hears_is_sent_all_sound() -> None:
    async with call() as made:
        made.sessions.open(c.OpenSession(1, config()))
        made.sessions.route((1,), 1)
        made.hear(silence(500))
        await made.engine.wait_for("session.update")
        await made.heard(500)
        assert any(isinstance(event, SessionReady) for event in made.told)


async def test_where_we_find_the_turns_an_engine_is_sent_those_it_is_let_hear_and_no_silence() -> None:
    async with call() as made:
        made.sessions.open(c.OpenSession(1, config(hearing=FINDS, **MANUAL)))
        made.sessions.route((1,), 1)
        made.hear(silence(5000) + loud(200))
        assert [event for event in made.told if isinstance(event, SpeechBegan)]
        made.sessions.let_hear()
        made.hear(loud(800))
        made.sessions.send(c.CommitAudio(1, "commit:"))
        made.hear(silence(400))
        await made.engine.wait_for("input_audio_buffer.commit")
        assert 1300 <= made.engine.session.audio.heard_ms <= 1520


async def test_a_session_that_joins_in_the_middle_of_a_turn_hears_it_from_its_beginning() -> None:
    async with call() as made:
        for epoch in (1, 2):
            made.sessions.open(c.OpenSession(epoch, config(hearing=FINDS, **MANUAL)))
        made.sessions.route((1,), 1)
        made.hear(silence(1000) + loud(200))
        made.sessions.let_hear()
        made.hear(loud(800))
        made.sessions.route((2,), 2)
        await made.engine.wait_for("session.update", count=1)
        await made.heard(1300, session=1)


async def test_a_session_that_joins_hears_also_what_the_other_was_given_a_moment_ago() -> None:
    async with call() as made:
        for epoch in (1, 2):
            made.sessions.open(c.OpenSession(epoch, config()))
        made.sessions.route((1,), 1)
        made.hear(silence(60))
        made.sessions.route((1, 2), 1)
        made.hear(silence(40))
        made.sessions.close(1, "over")
        made.sessions.route((2,), 2)
        made.hear(silence(20))
        await made.engine.wait_until(lambda: bool(made.engine.sessions), "a session")
        await made.heard(120)
        assert made.engine.session.audio.heard_ms == 120


async def test_a_session_that_joins_before_its_turn_hears_nothing_yet() -> None:
    async with call() as made:
        made.sessions.open(c.OpenSession(1, config(hearing=FINDS, **MANUAL)))
        made.hear(silence(1000))
        made.sessions.route((1,), 1)
        made.sessions.send(c.ClearAudio(1, "clear:"))
        await made.engine.wait_for("input_audio_buffer.clear")
        assert made.engine.session.audio.heard_ms == 0


async def test_a_session_that_is_being_opened_changes_nothing_for_the_one_that_hears() -> None:
    async with call() as made:
        made.sessions.open(c.OpenSession(1, config()))
        made.sessions.route((1,), 1)
        made.sessions.open(c.OpenSession(2, config(hearing=FINDS, **MANUAL)))
        made.hear(loud(500))
        await made.engine.wait_for("session.update")
        await made.heard(500)
        assert not [event for event in made.told if isinstance(event, SpeechBegan)]


async def test_who_speaks_while_another_engine_takes_over_is_heard_by_us_from_the_beginning() -> None:
    async with call() as made:
        made.sessions.open(c.OpenSession(1, config()))
        made.sessions.route((1,), 1)
        made.hear(silence(1000) + loud(500))
        made.sessions.open(c.OpenSession(2, config(hearing=FINDS, **MANUAL)))
        made.sessions.route((2,), 2)
        (began,) = [event for event in made.told if isinstance(event, SpeechBegan)]
        assert began.at_ms < 1000


async def test_sound_goes_on_as_a_frame_only_where_one_session_alone_hears_it() -> None:
    async with call() as made:
        made.sessions.open(c.OpenSession(1, config()))
        made.sessions.open(c.OpenSession(2, config(hearing=FINDS, **MANUAL)))
        written: list[bytes] = []
        for session in made.sessions.open_sessions.values():
            session.writer = lambda: written.append  # type: ignore[method-assign]
        passes = {}
        for hear in ((1,), (1, 2), (2,), ()):
            made.sessions.route(hear, 1)
            passes[hear] = made.sessions.forward(b"sound") is not None
        assert passes == {(1,): True, (1, 2): False, (2,): False, (): False}
        made.sessions.route((1,), 1)
        made.sessions.close(1, "over")
        assert made.sessions.forward(b"sound") is None


async def test_what_went_on_as_frames_is_heard_by_a_session_that_joins() -> None:
    async with call() as made:
        made.sessions.open(c.OpenSession(1, config()))
        made.sessions.open(c.OpenSession(2, config()))
        made.sessions.open_sessions[1].writer = lambda: lambda _: None  # type: ignore[method-assign]
        made.sessions.route((1,), 1)
        for _ in range(7):
            assert made.sessions.forward(silence(20)) is not None
        made.sessions.route((2,), 2)
        await made.engine.wait_until(lambda: len(made.engine.sessions) > 1, "two sessions")
        await made.engine.wait_until(
            lambda: {each.audio.heard_ms for each in made.engine.sessions} == {0, 140},
            "140 ms in one",
        )


async def test_an_engine_that_does_not_hear_is_sent_no_frames() -> None:
    async with call() as made:
        made.sessions.open(c.OpenSession(1, config()))
        session = made.sessions.open_sessions[1]
        session.writer = lambda: lambda _: None  # type: ignore[method-assign]
        deaf = replace(session.endpoint.capabilities, audio_in=False)
        session.endpoint = replace(session.endpoint, own_capabilities=deaf)
        made.sessions.route((1,), 1)
        assert made.sessions.forward(b"sound") is None


async def test_an_engine_that_is_not_set_up_is_told_as_a_session_that_failed() -> None:
    async with call() as made:
        made.sessions.open(c.OpenSession(1, config(engine="azure")))
        (failed,) = made.told
        assert isinstance(failed, SessionFailed)
        assert not failed.retryable
        made.sessions.close(1, "gone")
        made.sessions.send(c.CommitAudio(1, "commit:"))
