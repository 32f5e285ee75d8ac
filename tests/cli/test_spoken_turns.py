"""The turns of a call with sound, against a connection whose events the test feeds."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest

from orchestrator.cli import spoken_turns
from orchestrator.cli.spoken_turns import SpokenTurns
from orchestrator.cli.voice_client import VoiceClient
from orchestrator.core.errors import EngineTimeoutError
from orchestrator.core.json_value import JsonObject
from tests.cli.test_call_turns import Wire as WrittenWire
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit

AUDIO = [{"type": "message", "content": [{"type": "audio", "transcript": "Yes."}]}]


class Wire(WrittenWire):
    """A connection that takes sound as well."""

    def __init__(self) -> None:
        super().__init__()
        self.said: asyncio.Queue[bytes] = asyncio.Queue()

    async def say(self, sound: bytes) -> None:
        self.said.put_nowait(sound)

    def responds(self, name: str = "resp_1") -> None:
        self.tell("response.created", response={"id": name})

    def done(self, name: str = "resp_1", status: str = "completed", output: object = None) -> None:
        self.tell("response.done", response={"id": name, "status": status, "output": output or []})

    def buffer(self, stage: str, name: str = "resp_1") -> None:
        self.tell(f"output_audio_buffer.{stage}", response_id=name)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def turns(wire: Wire) -> AsyncIterator[SpokenTurns]:
    shown: list[JsonObject] = []
    made = SpokenTurns(cast("VoiceClient", wire), shown.append, reply_seconds=PATIENCE)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        group.create_task(made.read())
        yield made
        wire.told.put_nowait(None)


async def spoken(wire: Wire, turns: SpokenTurns, group: asyncio.TaskGroup) -> asyncio.Task[None]:
    task = group.create_task(turns.speak(b"sound"))
    assert await wire.said.get() == b"sound"
    wire.tell("input_audio_buffer.speech_started")
    return task


async def settled(wire: Wire) -> None:
    """Let everything that was told be taken in."""
    while not wire.told.empty():  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_the_next_turn_waits_until_the_reply_was_heard(wire: Wire, turns: SpokenTurns) -> None:
    async with asyncio.TaskGroup() as group:
        speaking = await spoken(wire, turns, group)
        wire.responds()
        wire.buffer("started")
        wire.done(output=AUDIO)
        await settled(wire)
        assert not speaking.done()
        wire.buffer("stopped")
    assert turns.well
    assert not turns.busy


async def test_sound_that_has_not_begun_when_the_reply_is_made_is_waited_for(
    wire: Wire, turns: SpokenTurns
) -> None:
    async with asyncio.TaskGroup() as group:
        speaking = await spoken(wire, turns, group)
        wire.responds()
        wire.done(output=AUDIO)
        await settled(wire)
        assert not speaking.done()
        wire.buffer("started")
        wire.buffer("stopped")


async def test_a_reply_without_sound_is_over_when_it_is_made(wire: Wire, turns: SpokenTurns) -> None:
    async with asyncio.TaskGroup() as group:
        await spoken(wire, turns, group)
        wire.responds()
        wire.done()


async def test_a_reply_that_was_cut_off_before_it_sounded_is_over(wire: Wire, turns: SpokenTurns) -> None:
    async with asyncio.TaskGroup() as group:
        await spoken(wire, turns, group)
        wire.responds()
        wire.done(status="cancelled", output=AUDIO)


async def test_an_engine_that_notices_nothing_is_told(
    wire: Wire, turns: SpokenTurns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spoken_turns, "NOTICE_SECONDS", 0.01)
    async with asyncio.TaskGroup() as group:
        group.create_task(turns.speak(b"sound"))
        await wire.expect("input_audio_buffer.commit", "response.create")
        wire.responds()
        wire.done()


async def test_a_reply_that_sounds_for_ever_is_given_up(
    wire: Wire, turns: SpokenTurns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_reply_seconds", 0.05)
    wire.tell("input_audio_buffer.speech_started")
    wire.responds()
    wire.buffer("started")
    wire.done(output=AUDIO)
    with pytest.raises(EngineTimeoutError):
        await turns.speak(b"sound")


async def test_the_session_is_left_as_it_is(turns: SpokenTurns) -> None:
    assert turns.session == {"type": "realtime"}
