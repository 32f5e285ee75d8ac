"""The writer's statements: few, long, the same text every time, so that their plans stay cached.

Each is one statement and so one transaction. It begins with the fence: the lease's row, locked against change
until the end. Where the lease is another's, there is no row, and nothing after it has anything to write.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

from sqlalchemy import Column, DateTime, Table
from sqlalchemy.dialects import postgresql

from orchestrator.store import tables
from orchestrator.store.measures import TOOL_FAILED, WAIT, WAITED
from orchestrator.store.rows import TABLES

FENCE: Final = (
    "fence AS MATERIALIZED (SELECT conversation_id FROM leases "
    "WHERE conversation_id = $1 AND owner = $2 AND epoch = $3 FOR SHARE)"
)
DERIVED: Final = frozenset({"conversation_id", "search"})
"""Columns that no record brings."""

FIXED: Final = frozenset({"sequence"})
"""Columns that stay as they were first written."""

UPDATED: Final = ("agent", "status", "updated_at", "ended_by")
"""What a conversation's own record brings."""

OUTPUT: Final = """
SELECT s.token, i.output FROM settlements AS s
LEFT JOIN items AS i ON i.conversation_id = s.conversation_id AND i.id = s.item_id
WHERE s.conversation_id = $1 AND s.tool_call_id = $2
"""
"""How a tool call was settled. Parameters: conversation, tool call."""

FIGURES: Final = f"""
UPDATE conversations AS c SET
    last_sequence = coalesce((SELECT max(sequence) FROM items WHERE conversation_id = $1), 0),
    turns = (SELECT count(*) FROM items
             WHERE conversation_id = $1 AND kind = 'message' AND role = 'user' AND NOT deleted),
    tool_errors = t.errors,
    interruptions = (SELECT count(*) FROM items
                     WHERE conversation_id = $1 AND role = 'assistant' AND heard IS NOT NULL),
    slowest_turn_ms = r.slowest,
    has_error = t.errors > 0 OR r.failures > 0 OR h.failures > 0,
    agents = ARRAY[c.entry_agent] || h.targets
FROM
    (SELECT count(*) FILTER (WHERE {TOOL_FAILED}) AS errors
     FROM tool_runs WHERE conversation_id = $1) AS t,
    (SELECT count(*) FILTER (WHERE status = 'failed') AS failures,
            max(wait) FILTER (WHERE {WAITED}) * 1000 AS slowest
     FROM (SELECT status, {WAIT} AS wait
           FROM responses WHERE conversation_id = $1) AS waits) AS r,
    (SELECT count(*) FILTER (WHERE outcome = 'rolled_back') AS failures,
            coalesce(array_agg(target ORDER BY settled_at, id) FILTER (WHERE outcome = 'committed'), '{{}}')
                AS targets
     FROM handoffs WHERE conversation_id = $1) AS h
WHERE c.id = $1
"""  # noqa: S608 - no value is part of it
"""Bring a conversation's figures up to date with its rows. Parameter: conversation."""


@cache
def write_statement(names: tuple[str, ...]) -> str:
    """The statement that writes rows of these tables.

    Parameters: conversation, owner, epoch, then the rows of each table as JSON. It answers 1, or 0 when the
    fence did not hold.
    """
    parts = [FENCE, *(_write(name, f"${number}") for number, name in enumerate(names, start=4))]
    return f"WITH {', '.join(parts)} SELECT count(*) FROM fence"  # noqa: S608 - names of our own tables


@cache
def settle_statement() -> str:
    """The statement that writes a tool's output with its effects, unless the call is settled already.

    Parameters: conversation, owner, epoch, tool call, item, token, time of the records, then as JSON: the
    output item, the run, the revisions, the records. It answers whether the fence held, whether anything was
    applied, and the numbers of the records.
    """
    mark = (
        "mark AS (INSERT INTO settlements (conversation_id, tool_call_id, item_id, token) "
        "SELECT conversation_id, $4, $5, $6 FROM fence ON CONFLICT DO NOTHING RETURNING conversation_id)"
    )
    kept = (
        "kept AS (INSERT INTO records (conversation_id, tool_call_id, created_at, kind, data) "
        "SELECT mark.conversation_id, $4, to_timestamp($7), r.kind, r.data "
        "FROM mark, json_to_recordset($11::json) AS r(kind text, data jsonb) RETURNING number)"
    )
    parts = [
        FENCE,
        mark,
        _upsert("items", "$8", "mark"),
        _upsert("tool_runs", "$9", "mark"),
        _insert("state_revisions", "$10", "mark"),
        kept,
    ]
    answer = (
        "SELECT (SELECT count(*) FROM fence) AS owned, (SELECT count(*) FROM mark) AS applied, "
        "ARRAY(SELECT number FROM kept ORDER BY number) AS numbers"
    )
    return f"WITH {', '.join(parts)} {answer}"


def _write(name: str, parameter: str) -> str:
    if name == tables.Conversation.__tablename__:
        return _update_conversation(parameter)
    return _upsert(name, parameter, "fence")


def _upsert(name: str, parameter: str, source: str) -> str:
    key = next(key for table, key in TABLES.values() if table == name)
    changed = [column.name for column in _brought(name) if column.name not in (*key, *FIXED)]
    changes = ", ".join(f"{column} = excluded.{column}" for column in changed)
    conflict = f" ON CONFLICT (conversation_id, {', '.join(key)}) DO UPDATE SET {changes})"
    return _insert(name, parameter, source).removesuffix(")") + conflict


def _insert(name: str, parameter: str, source: str) -> str:
    columns = _brought(name)
    names = ", ".join(column.name for column in columns)
    values = ", ".join(_value(column) for column in columns)
    return (
        f"w_{name} AS (INSERT INTO {name} (conversation_id, {names}) "  # noqa: S608 - names of our own tables
        f"SELECT {source}.conversation_id, {values} FROM {source}, {_unpacked(parameter, columns)})"
    )


def _update_conversation(parameter: str) -> str:
    columns = [column for column in _table("conversations").columns if column.name in UPDATED]
    changes = ", ".join(f"{column.name} = {_value(column)}" for column in columns)
    return (
        f"w_conversations AS (UPDATE conversations SET {changes} "  # noqa: S608 - names of our own tables
        f"FROM fence, {_unpacked(parameter, columns)} WHERE conversations.id = fence.conversation_id)"
    )


def _table(name: str) -> Table:
    return tables.Base.metadata.tables[name]


def _brought(name: str) -> list["Column[object]"]:
    return [column for column in _table(name).columns if column.name not in DERIVED]


def _unpacked(parameter: str, columns: Iterable["Column[object]"]) -> str:
    fields = ", ".join(f"{column.name} {_wire_type(column)}" for column in columns)
    return f"json_to_recordset({parameter}::json) AS r({fields})"


def _value(column: "Column[object]") -> str:
    return f"to_timestamp(r.{column.name})" if isinstance(column.type, DateTime) else f"r.{column.name}"


def _wire_type(column: "Column[object]") -> str:
    """How a field is read from JSON: times travel as seconds."""
    if isinstance(column.type, DateTime):
        return "double precision"
    return column.type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
