import asyncio

import pytest

from orchestrator.speech.errors import SpeechError, SpeechLostError
from orchestrator.speech.protocol import Speech
from orchestrator.speech.reply import Clauses, Emit, open_reply
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit


async def echo(clauses: Clauses, emit: Emit) -> None:
    async for clause in clauses:
        await emit(Speech(clause.spoken.text.encode()))


async def test_clauses_are_spoken_while_text_still_comes() -> None:
    async with open_reply(echo) as reply:
        await reply.feed("Yes. And t")
        assert (await anext(reply)).pcm == b"Yes."
        await reply.feed("hen some")
        await reply.finish()
        assert [piece.pcm async for piece in reply] == [b"And then some"]


async def test_what_cannot_be_said_reaches_no_voice() -> None:
    async with open_reply(echo) as reply:
        await reply.feed("Hello there. 😀")
        await reply.finish()
        assert [piece.pcm async for piece in reply] == [b"Hello there."]


async def test_a_finished_reply_takes_no_more_text() -> None:
    async with open_reply(echo) as reply:
        await reply.finish()
        await reply.finish()
        with pytest.raises(SpeechError, match="Open another reply"):
            await reply.feed("more")
        assert [piece async for piece in reply] == []
        assert [piece async for piece in reply] == []


async def test_cancel_ends_iteration_and_the_voice() -> None:
    stopped = asyncio.Event()

    async def endless(clauses: Clauses, emit: Emit) -> None:
        try:
            while True:
                await emit(Speech(b"\0\0"))
        finally:
            stopped.set()

    async with open_reply(endless) as reply:
        assert (await anext(reply)).pcm
        await reply.cancel()
        assert [piece async for piece in reply] == []
        await asyncio.wait_for(stopped.wait(), PATIENCE)


async def test_cancel_wakes_a_listener_that_waits() -> None:
    async with open_reply(echo) as reply, asyncio.TaskGroup() as group:
        waiting = group.create_task(anext(reply, None))
        await asyncio.sleep(0)
        await reply.cancel()
        assert await waiting is None


async def test_a_failure_is_raised_after_the_sound_that_was_good() -> None:
    async def failing(clauses: Clauses, emit: Emit) -> None:
        await emit(Speech(b"\0\0"))
        raise SpeechLostError("gone")

    async with open_reply(failing) as reply:
        assert (await anext(reply)).pcm
        with pytest.raises(SpeechLostError):
            await anext(reply)
        assert [piece async for piece in reply] == []


async def test_leaving_the_block_stops_the_voice() -> None:
    stopped = asyncio.Event()

    async def waiting(clauses: Clauses, emit: Emit) -> None:
        try:
            async for _ in clauses:
                pass
        finally:
            stopped.set()

    async with open_reply(waiting) as reply:
        await reply.feed("Hello there, ")
        await asyncio.sleep(0)
    assert stopped.is_set()


async def test_a_slow_listener_holds_the_voice_back() -> None:
    sent = 0

    async def fast(clauses: Clauses, emit: Emit) -> None:
        nonlocal sent
        for _ in range(1000):
            await emit(Speech(b"\0\0"))
            sent += 1

    async with open_reply(fast) as reply:
        await anext(reply)
        await asyncio.sleep(0)
        assert sent < 100
        assert len([piece async for piece in reply]) == 999
