"""The conversations of a node: let in, found, and brought to an end."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from orchestrator.call.live import LiveConversation
from orchestrator.call.loading import load
from orchestrator.call.switchboard import Switchboard
from orchestrator.core.errors import CapacityError, ConflictError, NotFoundError
from orchestrator.core.events import OperatorEnded
from tests.call.boards import a_board, join
from tests.patience import PATIENCE

pytestmark = pytest.mark.db


@pytest.fixture
async def board(database_url: str) -> AsyncIterator[Switchboard]:
    async with a_board(database_url, max_calls=2) as found:
        yield found


async def over(live: LiveConversation) -> None:
    await asyncio.wait_for(live.closed.wait(), PATIENCE)


async def test_a_conversation_begins_with_the_agent_that_was_asked_for(board: Switchboard) -> None:
    live = await board.begin("kitchen", metadata={"table": "4"})
    assert (live.machine.agent, live.metadata) == ("kitchen", {"table": "4"})
    assert board.conversations == {live.id: live}


async def test_a_name_that_is_none_of_ours_means_the_entry_agent(board: Switchboard) -> None:
    assert board.agent_for("gpt-realtime") == board.agent_for(None) == "counter"


async def test_a_call_is_found_by_its_id(board: Switchboard) -> None:
    live = await board.begin()
    join(live, "rtc_mine")
    assert board.by_call("rtc_mine") is live
    assert board.by_call("rtc_other") is None


async def test_a_conversation_that_is_live_is_joined_and_one_that_is_not_is_loaded(
    board: Switchboard,
) -> None:
    live = await board.begin()
    client = join(live)
    assert await board.resume(live.id) is live
    live.leave(client, "gone")
    again = await board.resume(live.id)
    assert again is not live
    assert live.closed.is_set()


async def test_two_who_come_back_at_once_share_one_conversation(board: Switchboard) -> None:
    live = await board.begin()
    client = join(live)
    live.leave(client, "gone")
    first, second = await asyncio.gather(board.resume(live.id), board.resume(live.id))
    assert first is second


async def test_what_does_not_exist_or_has_ended_cannot_be_resumed(board: Switchboard) -> None:
    with pytest.raises(NotFoundError):
        await board.resume("conv_none")
    live = await board.begin()
    join(live)
    live.feed(OperatorEnded(by="operator", final=True))
    await over(live)
    with pytest.raises(ConflictError, match="was ended"):
        await board.resume(live.id)


async def test_a_node_takes_no_more_than_it_may(board: Switchboard) -> None:
    await board.begin()
    await board.begin()
    with pytest.raises(CapacityError, match="carries 2 calls"):
        await board.begin()


async def test_a_node_that_drains_takes_nobody_and_waits_for_who_is_there(board: Switchboard) -> None:
    live = await board.begin()
    client = join(live)
    assert not await board.drained(0.0)
    with pytest.raises(CapacityError, match="about to stop"):
        await board.begin()
    live.leave(client, "gone")
    assert await board.drained(PATIENCE)


async def test_a_node_that_stops_hangs_up(database_url: str) -> None:
    async with a_board(database_url) as board:
        client = join(await board.begin())
        await board.stop(PATIENCE)
        assert client.hung_up == "shutdown"
        assert not board.conversations


async def test_a_changed_agent_is_told_to_live_conversations(board: Switchboard) -> None:
    live = await board.begin()
    definition = load("tests.end_to_end.shop")
    board.change_definition(definition, "counter")
    assert board.definition is definition
    assert live.machine.definition is definition
