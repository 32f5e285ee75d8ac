"""The turns of a call, against a connection whose events the test feeds."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest

from orchestrator.cli.call_turns import CallTurns
from orchestrator.cli.door_client import DoorClient
from orchestrator.cli.exits import UnreachableError
from orchestrator.core.errors import EngineTimeoutError
from orchestrator.core.json_value import JsonObject
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit


class Wire:
    """Stands for a connection: keeps what is sent, tells what the test puts in."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[str] = asyncio.Queue()
        self.told: asyncio.Queue[JsonObject | None] = asyncio.Queue()
        self.close_code = 1000

    async def send(self, name: str, **_fields: object) -> None:
        self.sent.put_nowait(name)

    async def events(self) -> AsyncIterator[JsonObject]:
        while (event := await self.told.get()) is not None:
            yield event

    def tell(self, kind: str, **fields: object) -> None:
        event: JsonObject = {"type": kind, **fields}  # type: ignore[dict-item]
        self.told.put_nowait(event)

    def reply(self, status: str = "completed") -> None:
        self.tell("response.created", response={"conversation_id": "conv_1"})
        self.tell("response.done", response={"status": status, "conversation_id": "conv_1"})

    def refuse(self, code: str) -> None:
        self.tell("error", error={"code": code, "message": "refused"})

    async def expect(self, *names: str) -> None:
        async with asyncio.timeout(PATIENCE):
            assert [await self.sent.get() for _ in names] == list(names)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def shown() -> list[str]:
    return []


@pytest.fixture
async def turns(wire: Wire, shown: list[str]) -> AsyncIterator[CallTurns]:
    made = CallTurns(
        cast("DoorClient", wire), lambda event: shown.append(str(event["type"])), reply_seconds=PATIENCE
    )
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        group.create_task(made.read())
        yield made
        wire.told.put_nowait(None)


async def test_joining_asks_for_text_and_waits_for_the_greeting(wire: Wire, turns: CallTurns) -> None:
    wire.tell("session.created", session={"model": "restaurant"})
    wire.reply()
    wire.tell("session.updated", session={})
    await turns.join()
    await wire.expect("session.update")
    assert (turns.agent, turns.conversation, turns.busy) == ("restaurant", "conv_1", False)


async def test_saying_something_waits_for_the_end_of_the_reply(wire: Wire, turns: CallTurns) -> None:
    async with asyncio.TaskGroup() as group:
        saying = group.create_task(turns.say("hello"))
        await wire.expect("conversation.item.create", "response.create")
        assert turns.busy
        assert not saying.done()
        wire.reply()
    assert turns.well


async def test_what_is_said_while_the_agent_speaks_by_itself_is_answered_after_that(
    wire: Wire, turns: CallTurns, shown: list[str]
) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(turns.say("hello"))
        await wire.expect("conversation.item.create", "response.create")
        wire.refuse("conversation_already_has_active_response")
        wire.reply()
        await wire.expect("response.create")
        wire.reply()
    assert turns.well
    assert "error" not in shown


@pytest.mark.parametrize("status", ["failed", "incomplete"])
async def test_a_reply_that_is_not_whole_is_remembered(wire: Wire, turns: CallTurns, status: str) -> None:
    wire.reply(status)
    await turns.say("hello")
    assert not turns.well


async def test_a_refusal_is_shown_and_ends_the_turn(wire: Wire, turns: CallTurns, shown: list[str]) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(turns.say("hello"))
        await wire.expect("conversation.item.create", "response.create")
        wire.refuse("invalid_value")
    assert shown == ["error"]
    assert not turns.well


async def test_a_stop_that_comes_too_late_is_no_error(wire: Wire, turns: CallTurns, shown: list[str]) -> None:
    await turns.stop_reply()
    await wire.expect("response.cancel")
    wire.refuse("response_cancel_not_active")
    wire.tell("session.updated", session={})
    await turns.join()
    assert turns.well
    assert "error" not in shown


@pytest.mark.parametrize(("by", "finished"), [("agent", True), ("service", False)])
async def test_a_call_that_the_agent_ends_cannot_be_gone_on_with(
    wire: Wire, turns: CallTurns, by: str, finished: bool
) -> None:
    wire.tell("orchestrator.call.ended", by=by, reason="goodbye")
    wire.told.put_nowait(None)
    await turns.over.wait()
    assert turns.finished is finished
    assert not turns.busy


async def test_a_reply_that_does_not_end_is_given_up(wire: Wire) -> None:
    turns = CallTurns(cast("DoorClient", wire), lambda _event: None, reply_seconds=0)
    with pytest.raises(EngineTimeoutError, match="did not come to its end within 0 s"):
        await turns.say("hello")


@pytest.mark.parametrize("code", [1006, 1012, 4409])
async def test_a_connection_that_was_cut_off_says_why(wire: Wire, turns: CallTurns, code: int) -> None:
    wire.close_code = code
    with pytest.raises(UnreachableError, match="The call was cut off"):
        turns.check_ending()


async def test_an_ordinary_end_is_none(turns: CallTurns) -> None:
    turns.check_ending()
