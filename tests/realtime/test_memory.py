import asyncio

import pytest

from orchestrator.realtime.memory import connected_pair
from orchestrator.realtime.transport import TransportClosedError

pytestmark = pytest.mark.unit


async def test_what_one_end_sends_the_other_receives_in_order() -> None:
    left, right = connected_pair()
    await left.send("1")
    await left.send("2")
    await right.send("back")
    assert [await right.receive(), await right.receive(), await left.receive()] == ["1", "2", "back"]


async def test_a_close_reaches_both_ends_after_what_was_sent_before() -> None:
    left, right = connected_pair()
    await left.send("last")
    await left.close(1001, "going")
    await left.close(1000, "again")
    assert await right.receive() == "last"
    for end in (right, right, left):
        with pytest.raises(TransportClosedError) as caught:
            await end.receive()
        assert (caught.value.close_code, caught.value.reason) == (1001, "going")
    with pytest.raises(TransportClosedError):
        await right.send("too late")


async def test_a_waiting_receiver_learns_of_its_own_close() -> None:
    left, _right = connected_pair()
    waiting = asyncio.ensure_future(left.receive())
    await asyncio.sleep(0)
    left.abort()
    with pytest.raises(TransportClosedError) as caught:
        await waiting
    assert caught.value.close_code is None
