"""Coming back: after a hang-up, after a restart of the service, with a long history."""

import pytest
from websockets.exceptions import ConnectionClosed

from orchestrator.core.items import Item, Part, Role
from orchestrator.store.items import insert_items
from orchestrator.testing.faults import Fault, FaultPlan
from tests.databases import patient_database
from tests.end_to_end.baker import baker
from tests.end_to_end.conftest import Node, NodeMaker
from tests.end_to_end.sdk_talk import as_text, say, text_of, until

pytestmark = pytest.mark.db


async def talk(running: Node, *texts: str, conversation: str | None = None) -> tuple[list[str], str]:
    """Say texts in one call; what was answered, and which conversation it was."""
    query = {"conversation": conversation} if conversation else {}
    said: list[str] = []
    async with running.openai.realtime.connect(model="counter", extra_query=query) as connection:
        await as_text(connection)
        for text in texts:
            events = await say(connection, text)
            said.append(text_of(events))
            conversation = events[-1].response.conversation_id
    assert conversation is not None
    return said, conversation


async def test_a_restarted_service_goes_on_with_agent_state_and_history(node: NodeMaker) -> None:
    async with node(baker) as running:
        said, conversation = await talk(running, "loaves", "a cake please")
        assert said == ["The answer was 2 loaves", "You said: a cake please"]
    async with node(baker) as running:
        said, _ = await talk(running, "a loaf", conversation=conversation)
        assert said == ["The answer was 3 loaves"]
        (session,) = running.engine.sessions
        assert session.session["instructions"] == "You bake cakes."
        assert session.session["output_modalities"] == ["text"]
        kinds = [item["type"] for item in session.conversation.items[:6]]
        assert kinds == ["message", "function_call", "function_call_output", "message", "message", "message"]


async def test_a_thousand_items_load_without_a_wait_for_any(node: NodeMaker, database_url: str) -> None:
    faults = FaultPlan().add(Fault.SLOW_ACKNOWLEDGEMENT)
    async with node(baker) as running:
        _, conversation = await talk(running, "good morning")
    database = patient_database(database_url)
    async with database.transaction() as connection:
        await insert_items(connection, conversation, [written(number) for number in range(1000)])
    await database.close()
    async with node(baker, faults=faults) as running:
        said, _ = await talk(running, "still there?", conversation=conversation)
        assert said == ["You said: still there?"]
        (session,) = running.engine.sessions
        assert len(session.conversation.items) >= 1002


def written(number: int) -> Item:
    """One message of a long history."""
    role: Role = "user" if number % 2 else "assistant"
    return Item(id=f"item_{number:04}", kind="message", role=role, content=(Part(text=f"Number {number}."),))


async def test_the_whole_conversation_is_read_back_over_rest(node: NodeMaker) -> None:
    async with node(baker) as running:
        _, conversation = await talk(running, "loaves", "a cake please")
        items = await running.openai.conversations.items.list(conversation, order="asc")
        kinds = [item.type async for item in items]
    assert kinds == [
        "message",
        "function_call",
        "function_call_output",
        "message",
        "message",
        "function_call",
        "function_call_output",
        "message",
    ]


async def test_another_client_takes_the_line_of_a_live_conversation(node: NodeMaker) -> None:
    async with node(baker) as running:
        _, conversation = await talk(running, "loaves")
        query = {"conversation": conversation}
        async with running.openai.realtime.connect(model="counter", extra_query=query) as first:
            await as_text(first)
            said, _ = await talk(running, "a loaf", conversation=conversation)
            assert said == ["The answer was 3 loaves"]
            with pytest.raises(ConnectionClosed) as closed:
                await until(first, "never")
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4409, "replaced")
