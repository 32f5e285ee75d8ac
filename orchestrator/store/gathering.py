"""The rows of one conversation, read as they are written (`rows.py`): as one JSON array of each table.

Postgres writes the array and msgspec makes objects of it. A conversation has a thousand rows, and one that is
taken apart in Python, column by column, and put together again takes five times as long.
"""

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec
from sqlalchemy import Executable, ScalarSelect, Text, bindparam, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.items import Item
from orchestrator.core.records import (
    CallRow,
    HandoffRow,
    ResponseRow,
    RevisionRow,
    SessionRow,
    ToolRunRow,
)
from orchestrator.store.reading import TABLES, Note, RecordingRow, StoredRecord, columns_of

Kind = TypeVar("Kind")

ORDERS: Final[Mapping[type, tuple[str, ...]]] = {
    Item: ("sequence",),
    SessionRow: ("epoch",),
    ResponseRow: ("created_at", "id"),
    ToolRunRow: ("started_at", "tool_call_id", "attempt"),
    HandoffRow: ("staged_at", "id"),
    CallRow: ("joined_at", "id"),
    RevisionRow: ("sequence", "state", "revision"),
    StoredRecord: ("number",),
    Note: ("number",),
    RecordingRow: ("started_at", "id"),
}
"""The classes of rows that a conversation has, each with the columns that its rows are sorted by."""


def _array(kind: type) -> ScalarSelect[str]:
    """The rows of a conversation as a JSON array, which has the order of the query within."""
    table = TABLES[kind]
    rows = (
        select(*columns_of(kind))
        .where(table.c.conversation_id == bindparam("conversation_id"))
        .order_by(*[table.c[name] for name in ORDERS[kind]])
        .subquery(table.name)
    )
    array = func.coalesce(func.json_agg(rows.table_valued()), literal_column("'[]'"))
    return select(cast(array, Text)).scalar_subquery()


def _query(*kinds: type) -> Executable:
    return select(*[_array(kind) for kind in kinds])


EACH: Final = {kind: _query(kind) for kind in ORDERS}
ALL: Final = _query(*ORDERS)
"""Made once: a query takes as long to make as to ask."""

DECODERS: Final = {kind: msgspec.json.Decoder(tuple[kind, ...]) for kind in ORDERS}  # type: ignore[valid-type]


def _read(kind: type[Kind], array: str) -> tuple[Kind, ...]:
    rows: tuple[Kind, ...] = DECODERS[kind].decode(array)
    return rows


class Rows:
    """The rows of one conversation.

    Args:
        arrays: As JSON, by class.
    """

    def __init__(self, arrays: Mapping[type, str]) -> None:
        self._arrays = arrays

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Those of one class, in its order."""
        return _read(kind, self._arrays[kind])


async def load_rows(connection: AsyncConnection, conversation_id: str, kind: type[Kind]) -> tuple[Kind, ...]:
    """Load the rows of one class of `ORDERS`, in their order; none where there is no such conversation."""
    found = await connection.execute(EACH[kind], {"conversation_id": conversation_id})
    return _read(kind, found.scalar_one())


async def load_all_rows(connection: AsyncConnection, conversation_id: str) -> Rows:
    """Load the rows of every class of `ORDERS` at once, as of one moment."""
    found = await connection.execute(ALL, {"conversation_id": conversation_id})
    return Rows(dict(zip(ORDERS, found.one(), strict=True)))
