"""The one ordered writer of a conversation: records in, transactions out, whatever Postgres does meanwhile.

`put` never waits, so that sound never waits for the database. `run` writes what has gathered, in order, one
transaction after another: rows up to the next settlement in one statement, a settlement in a transaction of
its own. Every one is fenced by the lease. While Postgres is away the rows stay where they are and the last
transaction is repeated; since each row is written by its key, and a settlement recognises its own mark,
repeating one whose outcome is unknown changes nothing.

| what fails | what happens |
|---|---|
| Postgres cannot be reached, is restarting, times out | state `away`; repeated with growing pauses |
| one row cannot be stored | it is refused and reported; the others are written without it |
| a statement of the application fails | that settlement is refused, nothing of it applied; the rest goes on |
| the lease is another node's, or the conversation was erased | `FencedError` out of `run` |
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Literal, TypeVar

import structlog

from orchestrator.core import records
from orchestrator.core.errors import CapacityError, FencedError, OrchestratorError, StoreUnavailableError
from orchestrator.core.records import Record, SettlementRow
from orchestrator.store.commit import Commit
from orchestrator.store.database import Database
from orchestrator.store.faults import DRIVER_ERRORS, RefusedError, describe, is_away, is_refused, origin
from orchestrator.store.write_queue import CommitResult, OnCommitted, Slot, WriteQueue
from orchestrator.store.writer_limits import WriterLimits

WriterState = Literal["ok", "behind", "away"]

WITHOUT_FIGURES: Final = (records.ConversationRow, records.SessionRow, records.CallRow, records.RevisionRow)
"""Records that change nothing of what lists show."""

_log: Final = structlog.get_logger(__name__)

Done = TypeVar("Done")


def _nobody_listens(_news: object) -> None:
    return


class ConversationWriter:
    """Writes the records of one conversation for as long as this node owns it.

    Args:
        database: Where to.
        conversation_id: Whose records.
        owner: This node, as the lease names it.
        lease_epoch: Of the lease.
        on_state: Called with every change of `state`.
        on_overload: Called with the number of waiting rows once their limit is reached: end the call.
        limits: See there.
    """

    def __init__(
        self,
        database: Database,
        conversation_id: str,
        *,
        owner: str,
        lease_epoch: int,
        on_state: Callable[[WriterState], None] = _nobody_listens,
        on_overload: Callable[[int], None] = _nobody_listens,
        limits: WriterLimits | None = None,
    ) -> None:
        self.state: WriterState = "ok"
        self.conversation_id = conversation_id
        self._commit = Commit(database, conversation_id, owner, lease_epoch)
        self._on_state = on_state
        self._on_overload = on_overload
        self._limits = limits or WriterLimits()
        self._queue = WriteQueue()
        self._taken: list[Slot] = []
        self._stored = 0
        self._lost: FencedError | None = None
        self._closing = False
        self._overloaded = False
        self._work = asyncio.Event()
        self._hurry = asyncio.Event()
        self._flushes: list[tuple[int, asyncio.Future[None]]] = []
        self._figures_due: float | None = None
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have somebody told after every transaction, who then may read what it wrote.

        Args:
            listener: Called from `run`; it must not block.

        Returns:
            Ends it.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def waiting(self) -> int:
        """Rows that are not stored yet."""
        return len(self._queue) + len(self._taken)

    def put(self, record: Record, on_committed: OnCommitted | None = None) -> None:
        """Have a record written, after everything that was put before it. Never waits.

        Args:
            record: A whole row; while it waits, a later one of the same key takes its place.
            on_committed: Called from `run` once it is stored or refused; at once when it cannot be taken.
        """
        refusal = self._lost or self._overload()
        if refusal is not None:
            self._refuse(Slot(0, (), record, [on_committed] if on_committed else []), refusal)
            return
        self._queue.put(record, on_committed)
        self._work.set()
        if isinstance(record, SettlementRow) or len(self._queue) >= self._limits.batch:
            self._hurry.set()

    def close(self) -> None:
        """Let `run` return once everything is stored."""
        self._closing = True
        self._wake()

    async def flush(self, deadline: float) -> None:
        """Wait until everything put so far is stored, and the figures of lists are up to date.

        Args:
            deadline: Seconds.

        Raises:
            StoreUnavailableError: The deadline passed; the rows still wait.
            FencedError: This node owns the conversation no more.
        """
        if self._lost is not None:
            raise self._lost
        if self._stored == self._queue.serial and self._figures_due is None:
            return
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._flushes.append((self._queue.serial, stored))
        self._wake()
        try:
            async with asyncio.timeout(deadline):
                await stored
        except TimeoutError:
            raise StoreUnavailableError(
                f"{self.waiting} rows were not stored within {deadline:g} s. They wait and are written later."
            ) from None

    async def run(self) -> None:
        """Write until `close`. After a cancellation, run it again to write what is left.

        Raises:
            FencedError: This node owns the conversation no more; nothing further is written.
        """
        try:
            while not (self._closing and self._is_idle()):
                await self._step()
                self._answer_flushes()
        except FencedError as error:
            self._lose(error)
            raise

    async def _step(self) -> None:
        if self._figures_are_due():
            await self._write_figures()
        elif self._taken or self._queue:
            await _passed(0 if self._taken else self._limits.linger, self._hurry)
            self._taken = self._taken or self._queue.take(self._limits.batch)
            await self._write(self._taken)
            self._enter("behind" if len(self._queue) > self._limits.rows // 4 else "ok")
        else:
            self._work.clear()
            self._hurry.clear()
            until = None if self._figures_due is None else max(0.0, self._figures_due - _now())
            await _passed(until, self._work)

    async def _write_figures(self) -> None:
        try:
            await self._persist(self._commit.figures)
        except RefusedError as error:
            _log.error(
                "figures not brought up to date", conversation_id=self.conversation_id, cause=error.message
            )
        self._figures_due = None

    async def _write(self, slots: list[Slot]) -> None:
        """Store rows, in halves where one of them is refused, and tell who waits for them."""
        try:
            result = await self._persist(lambda: self._attempt(slots))
        except RefusedError as error:
            if len(slots) > 1:
                middle = len(slots) // 2
                await self._write(slots[:middle])
                await self._write(slots[middle:])
                return
            self._finish(slots)
            self._refuse(slots[0], error)
            return
        self._finish(slots)
        for slot in slots:
            slot.settle(result)

    async def _attempt(self, slots: list[Slot]) -> CommitResult:
        first = slots[0].record
        if isinstance(first, SettlementRow):
            return await self._commit.settlement(slots[0], first)
        return await self._commit.rows([slot.record for slot in slots])

    async def _persist(self, attempt: Callable[[], Awaitable[Done]]) -> Done:
        """Repeat a transaction until it has an outcome."""
        pause = self._limits.first_pause
        while True:
            slow = asyncio.get_running_loop().call_later(self._limits.behind, self._enter, "behind")
            try:
                async with asyncio.timeout(self._limits.attempt):
                    return await attempt()
            except OrchestratorError:
                raise
            except Exception as error:  # noqa: BLE001 - sorted there, and raised again where it is a bug
                self._bear(error)
            finally:
                slow.cancel()
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._limits.last_pause)

    def _bear(self, error: Exception) -> None:
        """Take an error of the store for what it is: a refusal, an absence, or a bug of ours."""
        if is_refused(error):
            raise RefusedError(f"A row cannot be stored ({describe(error)}).") from error
        if not is_away(error) and not isinstance(origin(error), DRIVER_ERRORS):
            raise error
        if self.state != "away":
            _log.warning("store away", conversation_id=self.conversation_id, cause=describe(error))
        self._enter("away")

    def _finish(self, slots: list[Slot]) -> None:
        """Count rows as done, stored or refused, and plan the figures that follow from them."""
        self._taken = self._taken[len(slots) :]
        self._stored = slots[-1].serial
        for listener in list(self._listeners):
            listener()
        if self._figures_due is None and not all(isinstance(slot.record, WITHOUT_FIGURES) for slot in slots):
            self._figures_due = _now() + self._limits.figures

    def _figures_are_due(self) -> bool:
        if self._figures_due is None:
            return False
        if any(serial <= self._stored for serial, _ in self._flushes):
            return True
        return not self.waiting and (self._closing or self._figures_due <= _now())

    def _answer_flushes(self) -> None:
        if not self._flushes or self._figures_due is not None:
            return
        for serial, stored in self._flushes:
            if serial <= self._stored and not stored.done():
                stored.set_result(None)
        self._flushes = [flush for flush in self._flushes if not flush[1].done()]

    def _is_idle(self) -> bool:
        return not self.waiting and self._figures_due is None

    def _overload(self) -> CapacityError | None:
        waiting = self.waiting
        if waiting < self._limits.rows:
            self._overloaded = False
            return None
        if not self._overloaded:
            self._overloaded = True
            self._on_overload(waiting)
        if waiting < 2 * self._limits.rows:
            return None
        return CapacityError(f"{waiting} rows of this conversation wait for Postgres. End the call.")

    def _refuse(self, slot: Slot, error: OrchestratorError) -> None:
        kind = type(slot.record).__name__
        _log.error("row refused", conversation_id=self.conversation_id, kind=kind, cause=error.message)
        slot.settle(CommitResult(applied=False, error=error))

    def _lose(self, error: FencedError) -> None:
        self._lost = error
        slots, self._taken = [*self._taken, *self._queue.clear()], []
        for slot in slots:
            slot.settle(CommitResult(applied=False, error=error))
        for _, stored in self._flushes:
            if not stored.done():
                stored.set_exception(error)
        self._flushes = []

    def _enter(self, state: WriterState) -> None:
        if state != self.state:
            self.state = state
            self._on_state(state)

    def _wake(self) -> None:
        self._work.set()
        self._hurry.set()


async def _passed(seconds: float | None, event: asyncio.Event) -> None:
    """Wait for an event or for the time to pass, whichever is first."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _now() -> float:
    return asyncio.get_running_loop().time()
