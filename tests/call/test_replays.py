"""Replays of a node: how they end, whatever happens to the node, the store or one conversation."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from orchestrator.call.replays import MOST, Replays, played_again, side_by_side
from orchestrator.core.errors import CapacityError, InvalidRequestError, StoreUnavailableError
from orchestrator.core.items import Part
from orchestrator.core.redaction import Redaction
from orchestrator.core.turns import Said, Turn
from orchestrator.store.replays import ReplayCase, ReplayRun, get_case, get_replay
from tests.api.node import Node, calling, running_node
from tests.patience import PATIENCE

pytestmark = pytest.mark.db


@pytest.fixture
async def node(database_url: str) -> AsyncIterator[Node]:
    async with running_node(database_url) as running:
        yield running


async def talked(node: Node, *says: str) -> str:
    async with calling(node) as caller:
        for text in says:
            await caller.say(text)
        conversation = caller.conversation_id
    for live in list(node.services.switchboard.conversations.values()):
        await live.closed.wait()
    return conversation


async def shown(node: Node, replay_id: str) -> tuple[ReplayRun, ReplayCase]:
    async with node.services.database.read() as connection:
        return await get_replay(connection, replay_id), await get_case(connection, replay_id, 1)


async def replayed(node: Node, *originals: str, **options: Any) -> tuple[ReplayRun, ReplayCase]:
    run = await node.services.replays.begin(originals, author="test", **options)
    await node.services.replays.ended(run.id)
    return await shown(node, run.id)


async def test_a_conversation_named_twice_is_replayed_once_and_callers_keep_half_the_node(node: Node) -> None:
    original = await talked(node, "hello")
    node.services.switchboard.max_calls = 4
    run, case = await replayed(node, original, original, concurrency=32)
    assert (run.total, run.same, run.concurrency) == (1, 1, 2)
    assert case.finished_at is not None


async def test_too_many_or_none_are_refused(node: Node) -> None:
    for originals in ([], [f"conv_{number}" for number in range(MOST + 1)]):
        with pytest.raises(InvalidRequestError):
            await node.services.replays.begin(originals, author="test")


async def test_a_node_that_does_not_run_takes_none(node: Node) -> None:
    services = node.services
    stopped = Replays(services.database, services.switchboard, services.declared, "node:2")
    with pytest.raises(CapacityError):
        await stopped.begin(["conv_1"], author="test")


async def test_a_replay_waits_for_a_node_that_is_full(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    original, board = await talked(node, "hello"), node.services.switchboard
    begin, attempts = board.begin, 0

    async def full_at_first(*given: Any, **options: Any) -> Any:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise CapacityError("full")
        return await begin(*given, **options)

    monkeypatch.setattr("orchestrator.call.replays.CAPACITY_PAUSE", 0.0)
    monkeypatch.setattr(board, "begin", full_at_first)
    assert (await replayed(node, original))[1].outcome == "same"
    assert attempts == 2


async def test_but_not_for_ever(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    original = await talked(node, "hello")
    monkeypatch.setattr("orchestrator.call.replays.CAPACITY_SECONDS", -1.0)
    node.services.switchboard.draining = True
    _, case = await replayed(node, original)
    assert (case.outcome, case.error) == ("failed", "too_many_calls: " + (case.error or "")[16:])


async def test_a_conversation_that_fails_is_told_and_the_others_go_on(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, other = await talked(node, "hello"), await talked(node, "hello")
    begin, broken = node.services.switchboard.begin, True

    async def breaking(*given: Any, **options: Any) -> Any:
        nonlocal broken
        if broken:
            broken = False
            raise RuntimeError("the caller's secret")
        return await begin(*given, **options)

    monkeypatch.setattr(node.services.switchboard, "begin", breaking)
    with capture_logs() as logs:
        run, case = await replayed(node, original, other, concurrency=1)
    assert (run.status, run.failed, run.same) == ("done", 1, 1)
    assert case.error == "internal_error: the log says more"
    assert "secret" not in str(logs)


async def test_a_replay_that_cannot_be_stored_leaves_the_node_well(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = await talked(node, "hello")

    async def away(*_given: Any, **_options: Any) -> None:
        raise StoreUnavailableError("away")

    with monkeypatch.context() as patched:
        patched.setattr("orchestrator.call.replays.begin_case", away)
        run, case = await replayed(node, original)
    assert (run.status, case.outcome) == ("running", "waiting")
    assert (await replayed(node, original))[1].outcome == "same"


async def test_a_cancellation_on_another_node_is_noticed(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    original, begun = await talked(node, "hello"), asyncio.Event()

    async def silent(_context: Any) -> AsyncIterator[Any]:
        begun.set()
        await asyncio.Event().wait()
        yield None

    monkeypatch.setattr("orchestrator.call.replays.BEAT_SECONDS", 0.01)
    monkeypatch.setattr(node.brain, "respond", silent)
    run = await node.services.replays.begin([original], author="test")
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
    services = node.services
    elsewhere = Replays(services.database, services.switchboard, services.declared, "node:2")
    await elsewhere.cancel(run.id)
    await node.services.replays.ended(run.id)
    assert (await shown(node, run.id))[0].status == "cancelled"


async def test_a_node_that_stops_interrupts_its_replays(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_node(database_url) as node:
        original, begun = await talked(node, "hello"), asyncio.Event()

        async def silent(_context: Any) -> AsyncIterator[Any]:
            begun.set()
            await asyncio.Event().wait()
            yield None

        monkeypatch.setattr(node.brain, "respond", silent)
        run = await node.services.replays.begin([original], author="test")
        async with asyncio.timeout(PATIENCE):
            await begun.wait()
        await node.services.replays.stop()
        found, case = await shown(node, run.id)
        assert (found.status, case.outcome) == ("interrupted", "cancelled")


async def test_a_replay_that_has_not_begun_is_beside_nothing(node: Node) -> None:
    original = await talked(node, "hello")
    _, case = await replayed(node, original)
    definition = node.services.switchboard.definition
    assert (
        await side_by_side(node.services.database, replace(case, replayed_id=None), definition, Redaction())
        is None
    )
    found = await side_by_side(node.services.database, case, definition, Redaction())
    assert found is not None
    assert found.same


async def test_what_was_said_after_the_replay_is_left_out_of_the_comparison(node: Node) -> None:
    original = await talked(node, "hello")
    _, case = await replayed(node, original)
    async with calling(node, conversation=original) as caller:
        await caller.say("me again")
    for live in list(node.services.switchboard.conversations.values()):
        await live.closed.wait()
    definition = node.services.switchboard.definition
    found = await side_by_side(node.services.database, case, definition, Redaction())
    assert found is not None
    assert found.same


def test_turns_that_nobody_stayed_to_hear_answered_are_not_played_again() -> None:
    said = (Said(role="user", content=(Part(text="Hello?"),)),)
    answered, alone = Turn(number=1, said=said, replies=("Yes?",)), Turn(number=2, said=said)
    assert played_again([Turn(number=0), answered, alone]) == (Turn(number=0), answered)
    assert played_again([Turn(number=0)]) == (Turn(number=0),)
