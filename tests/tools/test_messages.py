import pytest

from orchestrator import ToolError
from tests.tools.running import Caller

pytestmark = pytest.mark.unit


async def test_a_message_is_written_down() -> None:
    caller = Caller("human")
    answer = await caller.use("take_message", message="The pizza was cold.", name="Anna", phone="555 0123")
    assert answer["said"] == "The message of Anna is written down. The team will call 555 0123 back."
    [record] = caller.records
    assert record.kind == "message"
    assert record.data == {"name": "Anna", "phone": "555 0123", "message": "The pizza was cold."}
    assert caller.states["guest"] == {"name": "Anna", "phone": "555 0123"}


async def test_a_phone_number_may_be_left_out() -> None:
    answer = await Caller("human").use("take_message", message="Hello.", name="Anna")
    assert answer["said"] == "The message of Anna is written down."


async def test_a_message_needs_a_name() -> None:
    with pytest.raises(ToolError, match="Who is calling"):
        await Caller("human").use("take_message", message="Hello.")


async def test_a_card_number_in_a_message_is_refused() -> None:
    caller = Caller("human")
    with pytest.raises(ToolError, match="Never take one"):
        await caller.use("take_message", message="charge 4111 1111 1111 1111", name="Anna")
    assert caller.records == []


@pytest.mark.parametrize("agent", ["triage", "restaurant", "human"])
async def test_every_agent_can_end_the_call(agent: str) -> None:
    caller = Caller(agent)
    assert (await caller.use("end_call"))["said"] == "Goodbye."
    assert caller.end_reason == "the caller said goodbye"
    await caller.use("end_call", reason="nothing more to do")
    assert caller.end_reason == "nothing more to do"
