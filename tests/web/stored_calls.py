"""Conversations as calls leave them in the store, in a few words."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, text

from orchestrator.core.items import Part
from orchestrator.store import tables
from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation
from orchestrator.store.items import insert_items
from tests.store import sample_rows as rows

START = 1_795_770_000.0
"""The morning of 2026-11-27 UTC: seconds since the Unix epoch."""


async def store_call(
    database: Database,
    name: str,
    *,
    at: float = START,
    said: str = "hello",
    seconds: float = 75.0,
    reason: str = "client disconnected",
    usage: int = 0,
    **figures: Any,
) -> str:
    """Store one conversation with one call; its id.

    Args:
        database: Where.
        name: Of the conversation, without `conv_`.
        at: When it began, in seconds since the Unix epoch.
        said: What the caller said.
        seconds: How long the call was.
        reason: Why it ended.
        usage: Text tokens that went in.
        figures: Columns of its row.
    """
    conversation_id = f"conv_{name}"
    async with database.transaction() as connection:
        await create_conversation(connection, conversation_id, agent="desk", created_at=at)
        item = rows.item(1, id=f"item_{name}", created_at=at, agent="desk", content=(Part(text=said),))
        await insert_items(connection, conversation_id, [item])
        live = figures.get("status") == "live"
        call = insert(tables.Call).values(
            conversation_id=conversation_id,
            id=f"rtc_{name}",
            transport="websocket",
            joined_at=_moment(at),
            left_at=None if live else _moment(at + seconds),
            leave_reason=None if live else reason,
            statistics={},
        )
        await connection.execute(call)
        if usage:
            made = insert(tables.Response).values(
                **_response(name, at, usage), conversation_id=conversation_id
            )
            await connection.execute(made)
        columns = {"status": "idle", "turns": 1, "agents": ["desk"]} | figures
        changes = ", ".join(f"{column} = :{column}" for column in columns)
        await connection.execute(
            text(f"UPDATE conversations SET {changes} WHERE id = :id"), columns | {"id": conversation_id}
        )
    return conversation_id


def _response(name: str, at: float, tokens: int) -> dict[str, Any]:
    return {
        "id": f"resp_{name}",
        "epoch": 1,
        "agent": "desk",
        "model": "gpt-realtime",
        "status": "completed",
        "usage": {"input_tokens": tokens, "input_token_details": {"text_tokens": tokens}},
        "created_at": _moment(at),
        "done_at": _moment(at),
        "interrupted": False,
    }


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
