"""What operators do to live calls, without an interface before it."""

from collections.abc import Awaitable, Callable

import pytest

from orchestrator.api.admission import Identity
from orchestrator.api.operating import Operator, live_call
from orchestrator.core.errors import ConflictError, NotFoundError
from orchestrator.store.audit import list_audit
from tests.api.node import Node, calling

pytestmark = pytest.mark.db

ADA = Identity(role="admin", name="ada")


async def actions(node: Node) -> list[tuple[str, str]]:
    async with node.services.database.read() as connection:
        page = await list_audit(connection)
    return [(entry.key_name, entry.action) for entry in reversed(page.rows)]


async def test_every_action_is_done_and_written_down(node: Node) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        operator = Operator(node.services, ADA, caller.conversation_id)
        await operator.say("We close soon.")
        assert await caller.reply() == "We close soon."
        await operator.inject("A regular.", respond=False)
        await operator.hand_off("kitchen", "busy")
        await caller.until(lambda event: event.type == "orchestrator.handoff.committed")
        await caller.reply()
        live = await operator.hang_up("enough", final=False)
        assert live.id == caller.conversation_id
    assert await actions(node) == [
        ("ada", "call.say"),
        ("ada", "call.inject"),
        ("ada", "call.handoff"),
        ("ada", "call.hangup"),
    ]


@pytest.mark.parametrize(
    "act",
    [
        lambda operator: operator.hand_off("desk", ""),
        lambda operator: operator.decide("call_none", approve=True, reason=""),
        lambda operator: operator.hand_off("nobody", ""),
    ],
)
async def test_what_cannot_be_done_is_not_written_down(
    node: Node, act: Callable[[Operator], Awaitable[object]]
) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        with pytest.raises((ConflictError, NotFoundError)):
            await act(Operator(node.services, ADA, caller.conversation_id))
    assert await actions(node) == []


async def test_a_call_is_found_by_either_id(node: Node) -> None:
    async with calling(node) as caller:
        live = live_call(node.services, caller.conversation_id)
        assert live.client is not None
        assert live_call(node.services, live.client.call_id) is live
    with pytest.raises(NotFoundError):
        live_call(node.services, "rtc_none")


async def test_nobody_acts_on_a_call_that_is_over(node: Node) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        live = live_call(node.services, caller.conversation_id)
        live.client = None
        with pytest.raises(ConflictError):
            await Operator(node.services, ADA, live.id).say("hello?")
