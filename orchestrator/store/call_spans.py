"""How long conversations were on the line, and how their last call ended: for lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.ext.asyncio import AsyncConnection

SPANS: Final = text("""
SELECT conversation_id, count(*) AS calls,
    extract(epoch FROM sum(greatest(coalesce(left_at, now()) - joined_at, interval '0')))::double precision
        AS seconds,
    (array_agg(leave_reason ORDER BY joined_at DESC, id DESC))[1] AS last_reason
FROM calls WHERE conversation_id = ANY(:ids) GROUP BY conversation_id
""").bindparams(bindparam("ids", type_=ARRAY(TEXT)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSpan:
    """The calls of one conversation.

    Attributes:
        seconds: Of all calls together; one that is on counts until now.
        last_reason: Why the last call ended, None while it is on.
    """

    calls: int
    seconds: float
    last_reason: str | None


async def load_call_spans(connection: AsyncConnection, conversations: Sequence[str]) -> dict[str, CallSpan]:
    """The calls of conversations, by conversation; one that nobody ever called is left out."""
    found: Any = await connection.execute(SPANS, {"ids": list(conversations)})
    return {
        row.conversation_id: CallSpan(calls=row.calls, seconds=row.seconds, last_reason=row.last_reason)
        for row in found
    }
