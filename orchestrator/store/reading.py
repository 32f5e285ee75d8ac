"""Rows as objects of the core: the columns to ask for, and what to make of them.

Times leave Postgres as seconds since the Unix epoch, exact to the microsecond in which they are kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import Column, ColumnElement, DateTime, Double, RowMapping, Table, cast, extract

from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.records import (
    CallRow,
    HandoffRow,
    ResponseRow,
    RevisionRow,
    SessionRow,
    ToolRunRow,
)
from orchestrator.store import tables

TABLES: Final[Mapping[type, Table]] = {
    Item: tables.Base.metadata.tables["items"],
    SessionRow: tables.Base.metadata.tables["sessions"],
    ResponseRow: tables.Base.metadata.tables["responses"],
    ToolRunRow: tables.Base.metadata.tables["tool_runs"],
    HandoffRow: tables.Base.metadata.tables["handoffs"],
    CallRow: tables.Base.metadata.tables["calls"],
    RevisionRow: tables.Base.metadata.tables["state_revisions"],
}

Kind = TypeVar("Kind")


def seconds(column: ColumnElement[Any]) -> ColumnElement[float]:
    """A moment as seconds since the Unix epoch."""
    return cast(extract("epoch", column), Double)


@cache
def columns_of(kind: type) -> tuple[ColumnElement[Any], ...]:
    """What to select for objects of a class of the core."""
    table = TABLES[kind]
    return tuple(readable(table.c[field.name]) for field in fields(kind))


def readable(column: Column[Any]) -> ColumnElement[Any]:
    """A column under its own name, a moment as seconds."""
    return seconds(column).label(column.name) if isinstance(column.type, DateTime) else column


def to_item(row: RowMapping) -> Item:
    """An item from the columns of `columns_of(Item)`."""
    values = dict(row)
    values["status"] = ItemStatus(values["status"])
    values["content"] = tuple(
        Part(kind=part["kind"], text=part["text"], image_url=part.get("image_url"))
        for part in values["content"]
    )
    return Item(**values)


def to_record(kind: type[Kind], row: RowMapping) -> Kind:
    """A record from the columns of `columns_of(kind)`."""
    values = dict(row)
    if kind is ToolRunRow:
        values["violations"] = tuple(values["violations"])
    return kind(**values)


def to_items(rows: Sequence[RowMapping]) -> tuple[Item, ...]:
    """Items from rows, in their order."""
    return tuple(to_item(row) for row in rows)
