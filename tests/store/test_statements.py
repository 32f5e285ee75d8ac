import re
from itertools import combinations

import pytest

from orchestrator.store.database import Database
from orchestrator.store.rows import TABLES
from orchestrator.store.statements import FIGURES, OUTPUT, settle_statement, write_statement

pytestmark = pytest.mark.db

NAMES = sorted(name for name, _ in TABLES.values())


def test_a_statement_takes_the_fence_and_one_parameter_for_each_table() -> None:
    statement = write_statement(("items", "sessions"))
    assert set(re.findall(r"\$\d", statement)) == {"$1", "$2", "$3", "$4", "$5"}
    assert "FOR SHARE" in statement
    assert write_statement(("items", "sessions")) is statement


def test_a_sequence_number_is_never_written_over() -> None:
    changes = write_statement(("items",)).partition("DO UPDATE SET")[2]
    assert "position = excluded.position" in changes
    assert "sequence = " not in changes


async def test_postgres_understands_every_statement(database: Database) -> None:
    some = [combination for size in (1, 2) for combination in combinations(NAMES, size)]
    texts = [write_statement(names) for names in [*some, tuple(NAMES)]]
    async with database.driver() as driver:
        for statement in (*texts, settle_statement(), FIGURES, OUTPUT):
            await driver.prepare(statement)


async def test_a_statement_without_the_lease_writes_nothing(database: Database) -> None:
    async with database.driver() as driver:
        rows = ["[{}]"] * len(NAMES)
        assert await driver.fetchval(write_statement(tuple(NAMES)), "conv_1", "node_1", 1, *rows) == 0
