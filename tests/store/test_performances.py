"""What was done in a stored conversation."""

from dataclasses import replace

import pytest

from orchestrator.core.comparison import compare
from orchestrator.core.errors import NotFoundError
from orchestrator.core.records import ItemRow
from orchestrator.core.redaction import Redaction
from orchestrator.core.turns import Handover, ToolUse, Turn
from orchestrator.store.database import Database
from orchestrator.store.performances import load_performance, masked_comparison
from tests.store import sample_rows as rows
from tests.store.shapes import Writing

pytestmark = pytest.mark.db


async def test_a_conversation_is_loaded_as_what_was_done_in_it(database: Database, writing: Writing) -> None:
    call = rows.item(
        3, kind="function_call", role=None, content=(), name="add", arguments="{}", tool_call_id="call_1"
    )
    async with writing() as writer:
        writer.put(rows.item_row(1))
        writer.put(rows.item_row(2))
        writer.put(rows.item_row(5))
        writer.put(ItemRow(call))
        writer.put(ItemRow(rows.output(4, "call_1")))
    async with database.snapshot() as connection:
        found = await load_performance(connection, rows.CONVERSATION, {"cart": {"lines": []}})
    assert found.summary.id == rows.CONVERSATION
    assert [turn.caller_text for turn in found.turns] == ["", "text 1", "text 5"]
    assert [use.name for use in found.uses] == ["add"]
    assert isinstance(found.uses[0], ToolUse)
    assert found.turns[-1].states == {"cart": {"lines": []}}


def test_what_people_may_not_see_is_masked_on_both_sides_and_in_the_differences() -> None:
    mail = Redaction(kinds=frozenset({"emails"}))
    use = ToolUse(name="tell", arguments={"to": "ann@example.org"}, output="told ann@example.org")
    handed = Handover(source="a", target="b", payload={"to": "ann@example.org"})
    turn = Turn(number=0, steps=(use, handed), states={"guest": {"mail": "ann@example.org"}})
    other = replace(turn, steps=(replace(use, arguments={"to": "bob@example.org"}),), states={})
    found = compare([turn], [other])
    assert masked_comparison(found, Redaction()) is found
    shown = str(masked_comparison(found, mail))
    assert "@" in str(found)
    assert "@" not in shown
    assert len(masked_comparison(compare([turn, turn], [turn]), mail).turns) == 2


async def test_one_that_is_not_there_is_not_found(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(NotFoundError):
            await load_performance(connection, "conv_none", {})
