"""A call is recorded beside it: nothing waits for the disk, and nothing is lost on the way."""

import asyncio
import json
from pathlib import Path

import pytest

from orchestrator.media.recording import recorder as module
from orchestrator.media.recording.ogg import OggOpusWriter
from orchestrator.media.recording.recorder import Recorded, Recorder
from orchestrator.media.recording.tape import RATE, Samples, Side
from tests.media.recording.decoding import decoded, loud, tone
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recorder(tmp_path: Path, clock: Clock) -> Recorder:
    return Recorder(tmp_path / "new" / "rec_1.ogg", clock)


def say(recorder: Recorder, clock: Clock, side: Side, at: float, seconds: float) -> None:
    clock.seconds = 100.0 + at
    recorder.add(side, tone(seconds, 300).tobytes())


async def stopped(recorder: Recorder, clock: Clock, at: float) -> Recorded:
    clock.seconds = 100.0 + at
    recorder.stop()
    recorded = await recorder.run()
    assert recorded is not None
    return recorded


async def test_both_sides_are_on_one_clock(recorder: Recorder, clock: Clock) -> None:
    say(recorder, clock, Side.AGENT, 0.5, 1.0)
    say(recorder, clock, Side.CALLER, 2.0, 0.5)
    recorded = await stopped(recorder, clock, 3.0)
    assert (recorded.duration_ms, recorded.dropped_ms) == (3000, 0)
    caller, agent = decoded(recorded.sound)
    assert (loud(caller), loud(agent)) == ([(2.0, 2.5)], [(0.5, 1.5)])
    peaks = json.loads(recorded.peaks.read_text())
    assert peaks["per_second"] == 10
    assert [len(channel) for channel in peaks["channels"]] == [30, 30]
    assert max(peaks["channels"][0][:20]) == 0


async def test_an_interrupted_agent_is_heard_only_until_then(recorder: Recorder, clock: Clock) -> None:
    say(recorder, clock, Side.AGENT, 0.0, 3.0)
    clock.seconds = 101.0
    recorder.move("cut")
    recorded = await stopped(recorder, clock, 3.0)
    assert loud(decoded(recorded.sound)[1]) == [(0.0, 1.0)]


async def test_an_agent_that_leaves_late_is_on_the_clock_where_it_is_heard(
    recorder: Recorder, clock: Clock
) -> None:
    say(recorder, clock, Side.AGENT, 0.0, 1.0)
    clock.seconds = 100.6
    recorder.align(1000, 1000)
    recorded = await stopped(recorder, clock, 3.0)
    assert loud(decoded(recorded.sound)[1]) == [(0.6, 1.6)]


async def test_what_an_agent_still_had_to_say_at_the_end_was_heard_by_nobody(
    recorder: Recorder, clock: Clock
) -> None:
    say(recorder, clock, Side.AGENT, 0.0, 5.0)
    assert (await stopped(recorder, clock, 1.0)).duration_ms == 1000


async def test_a_call_without_time_leaves_no_file(recorder: Recorder) -> None:
    recorder.stop()
    assert await recorder.run() is None
    assert not recorder.sound.exists()


async def test_it_writes_while_the_call_goes_on(
    recorder: Recorder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, loop = asyncio.Event(), asyncio.get_running_loop()

    class Telling(OggOpusWriter):
        def write(self, sound: Samples) -> None:
            super().write(sound)
            loop.call_soon_threadsafe(written.set)

    monkeypatch.setattr(module, "OggOpusWriter", Telling)
    monkeypatch.setattr(module, "PERIOD", 0.001)
    say(recorder, clock, Side.CALLER, 0.0, 2.0)
    clock.seconds = 110.0
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        running = group.create_task(recorder.run())
        await written.wait()
        recorder.stop()
    assert running.result() is not None


async def test_a_disk_that_is_too_slow_costs_sound_and_no_memory(
    recorder: Recorder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITING_BYTES", RATE * 2)
    say(recorder, clock, Side.CALLER, 0.0, 1.0)
    say(recorder, clock, Side.CALLER, 1.0, 0.5)
    assert (await stopped(recorder, clock, 2.0)).dropped_ms == 500


async def test_a_disk_that_refuses_ends_the_recording_and_takes_no_more(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_text("in the way")
    recorder = Recorder(tmp_path / "file" / "rec_1.ogg", clock)
    say(recorder, clock, Side.CALLER, 0.0, 1.0)
    with pytest.raises(OSError, match="file"):
        await stopped(recorder, clock, 2.0)
    recorder.add(Side.CALLER, b"\0\0")
    assert not recorder._waiting
