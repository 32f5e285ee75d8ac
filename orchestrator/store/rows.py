"""Records of the core as rows: which table, under which key, in which JSON.

Rows travel to Postgres as one JSON array per table and are unpacked there, so that a statement is the same
whatever the number of rows, and no row is taken apart in Python.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from orchestrator.core.records import (
    CallRow,
    ConversationRow,
    HandoffRow,
    ItemRow,
    Record,
    ResponseRow,
    RevisionRow,
    SessionRow,
    SettlementRow,
    ToolRunRow,
)
from orchestrator.store import tables
from orchestrator.store.faults import RefusedError

TABLES: Final[Mapping[type, tuple[str, tuple[str, ...]]]] = {
    ConversationRow: (tables.Conversation.__tablename__, ()),
    ItemRow: (tables.Item.__tablename__, ("id",)),
    SessionRow: (tables.Session.__tablename__, ("epoch",)),
    ResponseRow: (tables.Response.__tablename__, ("id",)),
    ToolRunRow: (tables.ToolRun.__tablename__, ("tool_call_id", "attempt")),
    HandoffRow: (tables.Handoff.__tablename__, ("id",)),
    CallRow: (tables.Call.__tablename__, ("id",)),
    RevisionRow: (tables.StateRevision.__tablename__, ("state", "revision")),
}
"""Table of each kind of record, and what names a row of it within its conversation."""

Key = tuple[object, ...]

_ENCODER: Final = msgspec.json.Encoder()
_NUL: Final = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def key_of(record: Record) -> Key:
    """What names the row of a record: a later record of the same key takes its place."""
    if isinstance(record, SettlementRow):
        return ("settlements", record.tool_call_id)
    name, parts = TABLES[type(record)]
    row = body_of(record)
    return (name, *(getattr(row, part) for part in parts))


def body_of(record: Record) -> object:
    """The object whose fields are the columns."""
    return record.item if isinstance(record, ItemRow) else record


def encode(rows: Sequence[object]) -> str:
    """Write rows as a JSON array that Postgres accepts.

    Postgres has no NUL in a text, and UTF-8 no lone surrogate: both are replaced by U+FFFD, for the rest of
    what was said is worth keeping.

    Raises:
        RefusedError: A row holds what JSON cannot express.
    """
    try:
        encoded = _encoded(rows)
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        raise RefusedError(f"A row cannot be written as JSON ({type(error).__name__}).") from error
    if b"\\u0000" in encoded:
        encoded = _NUL.sub(rb"\1\\ufffd", encoded)
    return encoded.decode()


def _encoded(rows: Sequence[object]) -> bytes:
    try:
        return _ENCODER.encode(rows)
    except UnicodeEncodeError:
        return _ENCODER.encode(_without_surrogates(msgspec.to_builtins(rows)))


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_without_surrogates(key): _without_surrogates(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(inner) for inner in value]
    return value


def by_table(records: Sequence[Record]) -> dict[str, str]:
    """Sort records into the rows of their tables: JSON by table, in a stable order of tables.

    Raises:
        RefusedError: A row holds what JSON cannot express.
    """
    sorted_rows: dict[str, list[object]] = {}
    for record in records:
        name, _ = TABLES[type(record)]
        sorted_rows.setdefault(name, []).append(body_of(record))
    return {name: encode(sorted_rows[name]) for name in sorted(sorted_rows)}
