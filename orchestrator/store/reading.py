"""Rows as objects of the core: the columns to ask for, and what to make of them.

Times leave Postgres as seconds since the Unix epoch, exact to the microsecond in which they are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Double,
    RowMapping,
    SQLColumnExpression,
    Table,
    cast,
    extract,
)

from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import (
    CallRow,
    HandoffRow,
    ResponseRow,
    RevisionRow,
    SessionRow,
    ToolRunRow,
)
from orchestrator.store import tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a reviewer wrote. Times are seconds since the Unix epoch.

    Attributes:
        item_id: The item it is about, None for the whole conversation.
        author: Name of the key it was written with.
    """

    number: int
    conversation_id: str
    item_id: str | None
    author: str
    text: str
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """A row that a tool left behind, with its number."""

    number: int
    kind: str
    conversation_id: str
    tool_call_id: str
    data: JsonObject
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRow:
    """The sound of a call. Times are seconds since the Unix epoch."""

    id: str
    call_id: str
    location: str
    media_type: str
    channels: int
    size: int
    started_at: float
    duration_ms: int
    expires_at: float | None
    data: JsonObject


TABLES: Final[Mapping[type, Table]] = {
    Item: tables.Base.metadata.tables["items"],
    SessionRow: tables.Base.metadata.tables["sessions"],
    ResponseRow: tables.Base.metadata.tables["responses"],
    ToolRunRow: tables.Base.metadata.tables["tool_runs"],
    HandoffRow: tables.Base.metadata.tables["handoffs"],
    CallRow: tables.Base.metadata.tables["calls"],
    RevisionRow: tables.Base.metadata.tables["state_revisions"],
    Note: tables.Base.metadata.tables["notes"],
    StoredRecord: tables.Base.metadata.tables["records"],
    RecordingRow: tables.Base.metadata.tables["recordings"],
}
"""Where the objects of a class are kept: field and column have one name."""

Kind = TypeVar("Kind")


def seconds(column: SQLColumnExpression[Any]) -> ColumnElement[float]:
    """A moment as seconds since the Unix epoch."""
    return cast(extract("epoch", column), Double)


def columns_of(kind: type) -> tuple[ColumnElement[Any], ...]:
    """What to select for objects of a class of `TABLES`."""
    return COLUMNS[kind]


def readable(column: Column[Any]) -> ColumnElement[Any]:
    """A column under its own name, a moment as seconds."""
    return seconds(column).label(column.name) if isinstance(column.type, DateTime) else column


NAMES: Final = {kind: tuple(field.name for field in fields(kind)) for kind in TABLES}
COLUMNS: Final = {
    kind: tuple(readable(table.c[name]) for name in NAMES[kind]) for kind, table in TABLES.items()
}
STATUSES: Final = {status.value: status for status in ItemStatus}


def to_item(row: Mapping[str, Any] | RowMapping) -> Item:
    """An item from the columns of `columns_of(Item)`."""
    values = dict(row)
    values["status"] = STATUSES[values["status"]]
    values["content"] = tuple(
        [
            Part(kind=part["kind"], text=part["text"], image_url=part.get("image_url"))
            for part in values["content"]
        ]
    )
    return Item(**values)


def to_record(kind: type[Kind], row: Mapping[str, Any] | RowMapping) -> Kind:
    """A record from the columns of `columns_of(kind)`."""
    values = dict(row)
    if kind is ToolRunRow:
        values["violations"] = tuple(values["violations"])
    return kind(**values)
