"""A hundred conversations are replayed against agents of which one was made worse: exactly that is found."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from orchestrator import ToolContext
from orchestrator.core.definition import Definition, ToolResult
from orchestrator.core.json_value import JsonObject
from orchestrator.store.replays import list_cases
from orchestrator.testing.simulated_caller import SimulatedCaller
from tests.api.node import Node, running_node
from tests.patience import PATIENCE

pytestmark = [pytest.mark.db, pytest.mark.scale]

CONVERSATIONS = 100
AT_ONCE = 10
KINDS: list[tuple[str, tuple[str, ...]]] = [
    ("talk", ("hello", "how are you")),
    ("one", ("hello", 'use add_item {"item": "pizza"}')),
    ("several", ("hello", 'use add_item {"item": "coke", "quantity": 3}', "thanks")),
    ("kitchen", ("go to kitchen", 'use add_item {"item": "soup", "quantity": 2}')),
    ("broken", ("use broken {}", 'use add_item {"item": "bread"}')),
]


@pytest.fixture
async def node(database_url: str) -> AsyncIterator[Node]:
    async with running_node(database_url) as running:
        yield running


async def hold(node: Node, says: tuple[str, ...], room: asyncio.Semaphore) -> str:
    url = node.url.replace("http", "ws", 1)
    async with room, SimulatedCaller(url, model="desk", text=True, seconds=PATIENCE) as caller:
        replies = [await caller.say(text) for text in says]
    assert replies[-1].conversation_id is not None
    return replies[-1].conversation_id


async def quiet(node: Node) -> None:
    for live in list(node.services.switchboard.conversations.values()):
        await live.closed.wait()


def worsened(definition: Definition) -> Definition:
    """The same agents, but that the desk takes one of a thing, however many are asked for."""
    desk = definition.agent("desk")
    add = desk.tool("add_item")
    assert add is not None

    async def add_one(ctx: ToolContext, arguments: JsonObject) -> ToolResult:
        assert add is not None
        assert add.run is not None
        return await add.run(ctx, arguments | {"quantity": 1})

    tools = tuple(replace(tool, run=add_one) if tool.name == "add_item" else tool for tool in desk.tools)
    return Definition({**definition.agents, "desk": replace(desk, tools=tools)}, definition.entry)


async def test_a_replay_of_a_hundred_conversations_reports_exactly_the_planted_regression(node: Node) -> None:
    room = asyncio.Semaphore(AT_ONCE)
    kinds = list(itertools.islice(itertools.cycle(KINDS), CONVERSATIONS))
    held = await asyncio.gather(*(hold(node, says, room) for _, says in kinds))
    await quiet(node)
    kind_of = dict(zip(held, (kind for kind, _ in kinds), strict=True))
    replays, board = node.services.replays, node.services.switchboard

    before = await replays.begin(held, author="test", concurrency=AT_ONCE)
    await replays.ended(before.id)
    board.change_definition(worsened(board.definition), "desk")
    after = await replays.begin(held, author="test", concurrency=AT_ONCE)
    await replays.ended(after.id)

    async with node.services.database.read() as connection:
        unchanged = (await list_cases(connection, before.id, limit=CONVERSATIONS)).rows
        changed = (await list_cases(connection, after.id, limit=CONVERSATIONS)).rows
    assert {case.outcome for case in unchanged} == {"same"}
    different = [case for case in changed if case.outcome != "same"]
    assert {kind_of[case.original_id] for case in different} == {"several"}
    assert len(different) == CONVERSATIONS // len(KINDS)
    told = {(case.outcome, case.first_turn, *case.kinds) for case in different}
    assert told == {("different", 2, "state")}
