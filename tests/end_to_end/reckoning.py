"""What must hold of a stored conversation whatever happened to the service that wrote it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import text

from orchestrator.core.items import Item
from orchestrator.core.records import History
from orchestrator.core.timeline import Durable, fold
from orchestrator.store.database import Database
from orchestrator.store.history import load_history


@dataclass(frozen=True)
class Stored:
    """A conversation as it is stored, in one snapshot."""

    history: History
    tables: dict[str, list[dict[str, Any]]]

    @property
    def items(self) -> tuple[Item, ...]:
        return self.history.items

    @property
    def durable(self) -> Durable:
        return fold(self.history)

    def items_of(self, kind: str) -> list[Item]:
        return [item for item in self.items if item.kind == kind and not item.deleted]


TABLES = (
    "sessions",
    "responses",
    "tool_runs",
    "handoffs",
    "calls",
    "state_revisions",
    "records",
    "settlements",
)


async def read_conversation(database: Database, conversation_id: str) -> Stored:
    async with database.snapshot() as connection:
        history = await load_history(connection, conversation_id)
        tables = {}
        for table in TABLES:
            query = text(f"SELECT * FROM {table} WHERE conversation_id = :id")
            found = await connection.execute(query, {"id": conversation_id})
            tables[table] = [dict(row) for row in found.mappings()]
    return Stored(history, tables)


def check_effects(stored: Stored) -> None:
    """Every completed call had its effect once, every other had none, and the cart is their sum."""
    calls = {item.tool_call_id: item for item in stored.items_of("function_call")}
    outputs = Counter(item.tool_call_id for item in stored.items_of("function_call_output"))
    assert all(count == 1 for count in outputs.values()), f"answered more than once: {outputs}"
    assert set(outputs) <= set(calls), "an output answers a call that is not there"
    settled = [row["tool_call_id"] for row in stored.tables["settlements"]]
    kept = [row["tool_call_id"] for row in stored.tables["records"]]
    assert Counter(settled) == Counter(kept), "an effect without its record, or a record twice"
    assert all(count == 1 for count in Counter(kept).values()), f"an effect happened twice: {kept}"
    assert set(kept) <= set(outputs), "an effect without its output"
    completed = {
        row["tool_call_id"]
        for row in stored.tables["tool_runs"]
        if row["outcome"] == "completed" and row["name"] == "add_loaves"
    }
    assert completed == set(kept), "a completed run without its effect, or an effect without its run"
    check_revisions(stored, {item.tool_call_id: item for item in calls.values()})


def check_revisions(stored: Stored, calls: dict[str | None, Item]) -> None:
    """The cart is the fold of its revisions: each adds what its own call asked for, none is missing."""
    revisions = sorted(stored.tables["state_revisions"], key=lambda row: row["revision"])
    assert [row["revision"] for row in revisions] == list(range(1, len(revisions) + 1)), (
        "a revision is missing"
    )
    loaves = 0
    for row in revisions:
        call = calls[row["tool_call_id"]]
        loaves += msgspec.json.decode(call.arguments or "{}")["count"]
        assert row["value"]["loaves"] == loaves, f"revision {row['revision']} is no sum of what was asked for"
    present = stored.history.states.get("basket", {"loaves": 0})
    assert present["loaves"] == loaves == sum(row["data"]["loaves"] for row in stored.tables["records"])


def check_sequence(stored: Stored) -> None:
    """Sequence numbers are each there once; they may leave out what was reserved and never written."""
    numbers = [item.sequence for item in stored.items]
    assert len(set(numbers)) == len(numbers), "a sequence number was given twice"
    assert numbers == sorted(numbers)
    assert numbers == list(range(1, len(numbers) + 1)), "a sequence number was left out"


def check_is_closed(stored: Stored) -> None:
    """Nothing is left open in a conversation that nobody is connected to."""
    assert stored.history.status in {"idle", "ended"}
    assert not [row["id"] for row in stored.tables["calls"] if row["left_at"] is None], "a call never left"
    open_sessions = [row["epoch"] for row in stored.tables["sessions"] if row["closed_at"] is None]
    assert not open_sessions, f"sessions were never closed: {open_sessions}"
    staged = [row["id"] for row in stored.tables["handoffs"] if row["outcome"] == "staged"]
    assert not staged, f"handoffs came to no end: {staged}"


def check_handoffs(stored: Stored) -> None:
    """Every handoff that was committed is in the history, in order, and the last one says who is on duty."""
    committed = [row for row in stored.tables["handoffs"] if row["outcome"] == "committed"]
    committed.sort(key=lambda row: row["settled_at"])
    markers = [(item.data["from"], item.data["to"]) for item in stored.items_of("handoff")]
    assert [(row["source"], row["target"]) for row in committed] == markers, "a handoff was lost"
    assert stored.durable.agent == stored.history.agent
    told = [item.output or "" for item in stored.items_of("function_call_output")]
    answered = sum("handed_off_to" in output for output in told)
    assert answered == sum(row["cause"] == "model" for row in committed), (
        "a handoff was answered and not made"
    )


def check_responses(stored: Stored) -> None:
    """Every response that began has ended, and every call of a tool is answered."""
    open_ones = [row["id"] for row in stored.tables["responses"] if row["done_at"] is None]
    assert not open_ones, f"responses were left without an end: {open_ones}"
    running = [row["tool_call_id"] for row in stored.tables["tool_runs"] if row["outcome"] == "running"]
    assert not running, f"tool runs were left without an end: {running}"
    assert not stored.durable.unanswered, "tool calls were never answered"
    assert not [item.id for item in stored.items if item.status == "in_progress"], "items were left open"
