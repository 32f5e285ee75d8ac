import asyncio
import os
import signal
from collections.abc import AsyncIterator

import msgspec
import pytest

from orchestrator.speech.errors import SpeechError, SpeechLostError, SpeechTimeoutError
from orchestrator.speech.worker import Channel, Worker
from tests.speech.echo_worker import Echo, Order, Replies

pytestmark = pytest.mark.edge

MODULE = "tests.speech.echo_worker"
DECODER = msgspec.msgpack.Decoder(Replies)


@pytest.fixture
async def worker() -> AsyncIterator[Worker[Replies]]:
    echo: Worker[Replies] = Worker(MODULE, DECODER, what="echo", pauses=(0.0,))
    async with echo.run():
        yield echo


async def ask(channel: Channel[Replies], what: str, text: str = "") -> Echo:
    await channel.send(Order(channel.number, what, text))
    reply = await channel.receive(20)
    assert isinstance(reply, Echo)
    return reply


async def text(channel: Channel[Replies]) -> str:
    reply = await channel.receive(20)
    assert isinstance(reply, Echo)
    return reply.text


async def test_channels_get_their_own_answers(worker: Worker[Replies]) -> None:
    async with worker.channel(20) as one, worker.channel(20) as two:
        await one.send(Order(one.number, "echo", "a b"))
        assert (await ask(two, "echo", "c")).text == "c"
        assert [await text(one) for _ in range(2)] == ["a", "b"]


async def test_answers_to_a_closed_channel_go_nowhere(worker: Worker[Replies]) -> None:
    async with worker.channel(20) as channel:
        await channel.send(Order(channel.number, "echo", "a b c"))
    async with worker.channel(20) as channel:
        assert (await ask(channel, "echo", "d")).text == "d"


async def test_a_failure_of_a_request_is_that_channels_alone(worker: Worker[Replies]) -> None:
    async with worker.channel(20) as channel:
        with pytest.raises(SpeechError, match="The echo process failed: ValueError"):
            await ask(channel, "fail", "a secret")
        assert (await ask(channel, "echo", "on")).text == "on"


async def test_a_process_that_dies_is_told_to_every_channel_and_replaced(worker: Worker[Replies]) -> None:
    async with worker.channel(20) as one, worker.channel(20) as two:
        first = (await ask(one, "echo", "a")).process_id
        await one.send(Order(one.number, "die"))
        for channel in (one, two, two):
            with pytest.raises(SpeechLostError, match="another one is being started"):
                await channel.receive(20)
        with pytest.raises(SpeechLostError):
            await one.send(Order(one.number, "echo", "a"))
    async with worker.channel(20) as channel:
        assert (await ask(channel, "echo", "a")).process_id != first


async def test_a_process_killed_from_outside_is_replaced(worker: Worker[Replies]) -> None:
    async with worker.channel(20) as channel:
        os.kill((await ask(channel, "echo", "a")).process_id, signal.SIGKILL)
        with pytest.raises(SpeechLostError):
            await channel.receive(20)
    async with worker.channel(20) as channel:
        await ask(channel, "echo", "a")


async def test_a_process_that_hangs_can_be_replaced(worker: Worker[Replies]) -> None:
    async with worker.channel(20) as channel:
        await channel.send(Order(channel.number, "hang"))
        with pytest.raises(SpeechTimeoutError, match="An answer of the echo process"):
            await channel.receive(0.05)
        worker.restart()
        with pytest.raises(SpeechLostError):
            await channel.receive(20)
    async with worker.channel(20) as channel:
        await ask(channel, "echo", "a")


async def test_a_process_that_talks_nonsense_is_replaced() -> None:
    strict: Worker[Echo] = Worker(MODULE, msgspec.msgpack.Decoder(Echo), what="echo", pauses=(0.0,))
    async with strict.run():
        with pytest.raises(SpeechTimeoutError, match="The echo process did not come"):
            async with strict.channel(0.5):
                pass


async def test_the_process_ends_with_the_block() -> None:
    worker: Worker[Replies] = Worker(MODULE, DECODER, what="echo")
    async with worker.run(), worker.channel(20) as channel:
        process_id = (await ask(channel, "echo", "a")).process_id
        assert worker.process_id == process_id
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)
    worker.restart()


async def test_nothing_can_be_sent_while_there_is_no_process() -> None:
    worker: Worker[Replies] = Worker(MODULE, DECODER, what="echo")
    with pytest.raises(SpeechLostError):
        await worker.send(Order(1, "echo"))
    async with worker.run(), asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(0))
