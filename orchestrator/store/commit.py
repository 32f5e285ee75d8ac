"""One attempt to write: each function is one transaction, fenced by the lease, safe to repeat."""

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Executable, TextClause
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.errors import FencedError
from orchestrator.core.records import Record, SettlementRow
from orchestrator.store.database import Database
from orchestrator.store.faults import RefusedError, describe, is_away
from orchestrator.store.rows import by_table, encode
from orchestrator.store.statements import FIGURES, OUTPUT, settle_statement, write_statement
from orchestrator.store.write_queue import CommitResult, Slot

STATEMENT_ATTEMPTS: Final = 8
"""How often statements of the application may fail as if the server were away, before they are the cause."""


TRANSACTION_CONTROL: Final = re.compile(
    r"\s*(abort|begin|commit|end|prepare|release|rollback|savepoint|start)\b", re.IGNORECASE
)


class Commit:
    """The transactions of one conversation under one lease.

    Args:
        database: Where to.
        conversation_id: Whose records.
        owner: This node, as the lease names it.
        lease_epoch: Of the lease.
    """

    def __init__(self, database: Database, conversation_id: str, owner: str, lease_epoch: int) -> None:
        self._database = database
        self._conversation_id = conversation_id
        self._fence = (conversation_id, owner, lease_epoch)

    async def rows(self, records: Sequence[Record]) -> CommitResult:
        """Write plain records, no two of one key.

        Raises:
            FencedError: The lease is not ours.
            RefusedError: A row holds what JSON cannot express.
        """
        redaction = self._database.redaction
        rows = by_table([redaction.record(record) for record in records])
        statement = write_statement(tuple(rows))
        async with self._database.driver() as driver:
            self._demand(await driver.fetchval(statement, *self._fence, *rows.values()))
        return CommitResult()

    async def settlement(self, slot: Slot, record: SettlementRow) -> CommitResult:
        """Write a tool's output with its effects, unless that tool call is settled.

        Raises:
            FencedError: The lease is not ours.
            RefusedError: An effect cannot be stored; nothing of the settlement is.
        """
        statements = _executables(record)
        parameters = self._settlement(slot, record)
        try:
            async with self._database.engine.begin() as connection:
                answer = await connection.exec_driver_sql(settle_statement(), parameters)
                row = answer.one()
                self._demand(row.owned)
                if not row.applied:
                    return await self._settled(connection, slot, record)
                await self._apply(connection, slot, statements)
                return CommitResult(numbers=tuple(row.numbers))
        except FencedError:
            raise
        except Exception as error:
            if is_away(error) and slot.failures < STATEMENT_ATTEMPTS:
                raise
            raise RefusedError(f"The effects of the tool cannot be stored ({describe(error)}).") from error

    async def figures(self) -> None:
        """Bring the figures of lists up to date. They follow from the rows alone, so no fence is needed."""
        async with self._database.driver() as driver:
            await driver.execute(FIGURES, self._conversation_id)

    def _settlement(self, slot: Slot, record: SettlementRow) -> tuple[object, ...]:
        return (
            *self._fence,
            record.tool_call_id,
            record.output.id,
            slot.token,
            record.output.created_at,
            encode([record.output]),
            encode([record.run]),
            encode(record.revisions),
            encode(record.records),
        )

    async def _apply(self, connection: AsyncConnection, slot: Slot, statements: Sequence[Executable]) -> None:
        try:
            for statement in statements:
                await connection.execute(statement)
        except Exception:
            slot.failures += 1
            raise

    async def _settled(self, connection: AsyncConnection, slot: Slot, record: SettlementRow) -> CommitResult:
        """Say how the tool call was settled; by ourselves, where an earlier attempt got through after all."""
        found = await connection.exec_driver_sql(OUTPUT, (self._conversation_id, record.tool_call_id))
        row = found.one()
        if row.token != slot.token:
            return CommitResult(applied=False, output=row.output)
        query = "SELECT number FROM records WHERE conversation_id = $1 AND tool_call_id = $2 ORDER BY number"
        kept = await connection.exec_driver_sql(query, (self._conversation_id, record.tool_call_id))
        return CommitResult(numbers=tuple(kept.scalars()))

    def _demand(self, owned: object) -> None:
        if not owned:
            conversation_id, owner, epoch = self._fence
            raise FencedError(
                f"{conversation_id} is not {owner}'s under epoch {epoch} any more: another node owns it, "
                "or it was erased. Let go of it."
            )


def _executables(record: SettlementRow) -> list[Executable]:
    """The statements of the application, none of which may end the transaction that they are part of."""
    statements = [statement for statement in record.statements if isinstance(statement, Executable)]
    if len(statements) < len(record.statements):
        raise RefusedError("An effect is not an SQLAlchemy statement, such as insert(…) or update(…).")
    for statement in statements:
        if isinstance(statement, TextClause) and TRANSACTION_CONTROL.match(statement.text):
            raise RefusedError("An effect begins or ends a transaction. Its own is begun and ended for it.")
    return statements
