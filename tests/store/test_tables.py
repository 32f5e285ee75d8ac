from dataclasses import fields
from typing import get_args

import pytest
from sqlalchemy import Computed

from orchestrator.core.items import Item
from orchestrator.core.records import (
    CallRow,
    HandoffRow,
    ResponseRow,
    RevisionRow,
    SessionRow,
    ToolRunRow,
)
from orchestrator.store import tables

pytestmark = pytest.mark.unit

RECORDS = {
    Item: tables.Item,
    SessionRow: tables.Session,
    ResponseRow: tables.Response,
    ToolRunRow: tables.ToolRun,
    HandoffRow: tables.Handoff,
    CallRow: tables.Call,
    RevisionRow: tables.StateRevision,
}


@pytest.mark.parametrize(("record", "table"), RECORDS.items(), ids=lambda kind: kind.__name__)
def test_a_table_has_the_fields_of_its_record_and_no_others(record: type, table: type[tables.Base]) -> None:
    columns = [
        column
        for column in table.__table__.columns
        if column.name != "conversation_id" and not isinstance(column.computed, Computed)
    ]
    given = {field.name: field.type for field in fields(record)}
    assert {column.name for column in columns} == set(given)
    for column in columns:
        optional = type(None) in get_args(given[column.name])
        assert column.nullable == optional, f"{table.__name__}.{column.name}"


def test_everything_of_a_conversation_goes_when_it_is_erased() -> None:
    of_a_conversation = {
        table.name: next(iter(table.c.conversation_id.foreign_keys)).ondelete
        for table in tables.Base.metadata.sorted_tables
        if "conversation_id" in table.c
    }
    assert len(of_a_conversation) == 12
    assert set(of_a_conversation.values()) == {"CASCADE"}


def test_every_constraint_and_index_has_a_name_to_drop_it_by() -> None:
    for table in tables.Base.metadata.sorted_tables:
        assert all(constraint.name for constraint in table.constraints)
        assert all(index.name for index in table.indexes)
