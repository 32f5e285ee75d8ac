"""Labels, verdicts and notes, without an interface before them."""

import pytest

from orchestrator.api.admission import Identity
from orchestrator.api.judging import judge, write_note
from orchestrator.core.errors import NotFoundError
from orchestrator.store.audit import list_audit
from tests.api.node import Node, calling

pytestmark = pytest.mark.db

ADA = Identity(role="reviewer", name="ada")


async def actions(node: Node) -> list[str]:
    async with node.services.database.read() as connection:
        return [entry.action for entry in reversed((await list_audit(connection)).rows)]


async def test_what_changes_is_written_down_and_what_stays_is_not(node: Node) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
    changed = await judge(node.services, ADA, caller.conversation_id, labels=["loud"], verdict="bad")
    assert (changed.labels, changed.verdict) == (["loud"], "bad")
    again = await judge(node.services, ADA, caller.conversation_id, verdict="bad")
    assert again.labels == ["loud"]
    note = await write_note(node.services, ADA, caller.conversation_id, text="Too loud.")
    assert (note.author, note.text) == ("ada", "Too loud.")
    assert await actions(node) == ["conversation.judge", "note.write"]


async def test_nothing_is_said_of_what_does_not_exist(node: Node) -> None:
    with pytest.raises(NotFoundError):
        await judge(node.services, ADA, "conv_none", verdict="bad")
    with pytest.raises(NotFoundError):
        await write_note(node.services, ADA, "conv_none", text="hello")
    assert await actions(node) == []
