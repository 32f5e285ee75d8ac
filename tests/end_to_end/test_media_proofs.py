"""What a caller is promised, counted by packets: barge-in, handoffs without a gap, calls without a trace.

Times are processor times of this thread, in which service, engine and caller all run, and the best of several
tries: what other programs do on the machine does not count, nor that garbage was collected meanwhile.
"""

import asyncio
import gc
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil  # type: ignore[import-untyped]  # ships no types
import pytest
from sqlalchemy import text as sql

from orchestrator.media.playout import Flushed
from orchestrator.testing.local_service import LocalService, local_service
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.turns import Responder, SessionView, Turn, calls, says
from tests.end_to_end.phone import numbers, phoning
from tests.patience import PATIENCE

pytestmark = [pytest.mark.media, pytest.mark.alone]

AGENTS = "tests.end_to_end.native"
WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
WORDS_MS = 8000
TRIES = 3


@asynccontextmanager
async def running(
    database_url: str, responder: Responder
) -> AsyncIterator[tuple[LocalService, ScriptedEngine]]:
    async with (
        ScriptedEngine(responder) as engine,
        local_service(AGENTS, database_url=database_url, engine=engine) as service,
    ):
        yield service, engine


def words_within(milliseconds: float) -> int:
    """How many words had begun after so much of the speech."""
    return len(WORDS[: round(len(WORDS) * milliseconds / WORDS_MS)].split())


async def test_nothing_of_a_reply_leaves_once_the_caller_speaks_and_what_was_heard_is_known(
    database_url: str,
) -> None:
    late = [await interrupted(database_url) for _ in range(TRIES)]
    assert min(seconds for seconds, _ in late) <= 0.010
    assert min(packets for _, packets in late) <= 1


async def interrupted(database_url: str) -> tuple[float, int]:
    """Speak into a reply; return the seconds and the packets that it went on for."""
    turns = [says(WORDS, audio_ms=WORDS_MS), says("Sorry.", audio_ms=200)]
    async with (
        running(database_url, lambda view: turns.pop(0)) as (service, engine),
        phoning(service) as phone,
    ):
        phone.write("count")
        await phone.until("response.done")
        await phone.heard(100)
        (media,) = service.services.media.server.calls
        flushes: list[tuple[float, int]] = []
        flush = media.flush

        def watched() -> Flushed:
            flushed = flush()
            flushes.append((time.thread_time(), media.statistics().packets_sent))
            return flushed

        media.flush = watched  # type: ignore[method-assign]
        began, sent = time.thread_time(), media.statistics().packets_sent
        engine.user_speaks("stop")
        truncated = await engine.wait_for("conversation.item.truncate")
        await phone.until("output_audio_buffer.stopped")
        await phone.heard(100 + 10)
        at, sent_then = flushes[0]
        # All packets of both replies came; ten are of the second one.
        received_ms = 20 * (len(phone.loud) - 10)
        assert sent_then * 20 - 20 <= received_ms <= sent_then * 20
        assert abs(int(str(truncated["audio_end_ms"])) - received_ms) <= 20
        (live,) = service.services.switchboard.conversations.values()
        await live.stored(PATIENCE)
        heard = await heard_of(service, live.id)
        assert WORDS.startswith(heard)
        assert abs(len(heard.split()) - words_within(received_ms)) <= 1
    return at - began, sent_then - sent


async def heard_of(service: LocalService, conversation_id: str) -> str:
    """What the store says that the caller heard of the reply that was cut."""
    statement = sql("SELECT heard FROM items WHERE heard IS NOT NULL AND conversation_id = :id")
    async with service.services.database.read() as database:
        found = await database.execute(statement, {"id": conversation_id})
        return str(found.scalars().all()[0])


async def test_a_handoff_leaves_no_gap_and_loses_not_one_sample_of_the_caller(database_url: str) -> None:
    gaps = [await handed_over(database_url) for _ in range(TRIES)]
    assert min(gaps) <= 0.1


async def handed_over(database_url: str) -> float:
    """Talk through a handoff; return the seconds from its tool's call to the new agent's first packet."""
    called: list[float] = []

    def talk(view: SessionView) -> Turn:
        if "cakes" in view.instructions:
            return says("A cake, then.", audio_ms=400)
        called.append(time.thread_time())
        return calls("transfer_to_kitchen", reason="cake")

    async with (
        running(database_url, talk) as (service, engine),
        phoning(service) as phone,
        asyncio.TaskGroup() as group,
    ):
        speaking = group.create_task(phone.speak())
        await engine.wait_until(lambda: engine.sessions != [], "a session")
        await engine.wait_until(lambda: engine.session.audio.heard_ms >= 500, "speech")
        first = engine.session
        committed = len(first.received_of("input_audio_buffer.append"))
        engine.user_speaks("a cake please")
        await phone.heard(1)
        await phone.until("output_audio_buffer.stopped")
        second = engine.session
        assert second is not first
        assert second.session["output_modalities"] == ["audio"]
        already = second.audio.heard_ms
        await engine.wait_until(lambda: second.audio.heard_ms >= already + 200, "speech after the handoff")
        speaking.cancel()
        heard = [
            numbers([str(event["audio"]) for event in session.received_of("input_audio_buffer.append")])
            for session in (first, second)
        ]
        # Everything from the first packet on, in both sessions together; and in the second, everything
        # since the turn that it has in writing.
        assert heard[0] == list(range(heard[0][0], heard[0][-1] + 1))
        assert heard[1] == list(range(heard[1][0], heard[1][-1] + 1))
        assert heard[1][0] <= heard[0][committed - 1] + 1
        assert phone.sent - heard[1][-1] <= 20
    return phone.loud[0] - called[0]


AT_ONCE = 10


async def several(service: LocalService, count: int) -> None:
    async def one() -> None:
        async with phoning(service) as phone:
            phone.write("hello")
            await phone.heard(3)

    for _ in range(0, count, AT_ONCE):
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(one())
    for live in list(service.services.switchboard.conversations.values()):
        await live.closed.wait()


def resources() -> tuple[int, int, int]:
    """Tasks, threads and files, the workers of the loop's executor left out."""
    threads = [each for each in threading.enumerate() if not each.name.startswith("asyncio_")]
    return len(asyncio.all_tasks()), len(threads), psutil.Process().num_fds()


def objects_alive() -> int:
    gc.collect()
    return len(gc.get_objects())


async def settled(expected: tuple[int, int, int]) -> tuple[int, int, int]:
    """What is there once what is closing has closed: sockets take a few passes of the loop."""
    for _ in range(100):
        gc.collect()
        if resources() <= expected:
            break
        await asyncio.sleep(0.05)
    return resources()


@pytest.mark.scale
async def test_three_hundred_calls_leave_nothing_behind(database_url: str) -> None:
    async with (
        ScriptedEngine(lambda view: says("Yes.", audio_ms=100)) as engine,
        local_service(AGENTS, database_url=database_url, engine=engine) as service,
    ):
        await several(service, 50)
        engine.sessions.clear()
        before, objects = resources(), objects_alive()
        for _ in range(5):
            await several(service, 50)
            engine.sessions.clear()
        assert await settled(before) <= before
        assert not service.services.switchboard.conversations
        assert not service.services.media.server.calls
        # The memory of the process is no measure here: the callers' stock WebRTC stacks live in it too.
        assert objects_alive() - objects < 250 * 10
