"""What waits to be written, in order. No I/O: the call puts in at one end, the writer takes from the other.

Records of one key coalesce while they wait: each is a whole row, so the last one says it all. They never move
past a settlement, which is a transaction of its own and may touch the same rows.
"""

import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from orchestrator.core.errors import OrchestratorError
from orchestrator.core.records import Record, SettlementRow
from orchestrator.store.rows import Key, key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitResult:
    """What became of a record.

    Attributes:
        applied: Whether this wrote it. False for a settlement that was made before, and with an error.
        output: For a settlement that was made before: the stored output.
        numbers: For a settlement: the numbers of its records, in their order.
        error: Why it is not stored and never will be; None when it is, or was before.
    """

    applied: bool = True
    output: str | None = None
    numbers: tuple[int, ...] = ()
    error: OrchestratorError | None = None


OnCommitted = Callable[[CommitResult], None]


@dataclass(slots=True)
class Slot:
    """A row that waits, and who wants to know.

    Attributes:
        serial: Position in the whole of what was ever put in.
        key: What names the row.
        record: The row as it is to be written.
        listeners: Told once it is.
        token: Names this write of a settlement, whatever number of attempts it takes.
        failures: How often the application's statements of a settlement failed.
    """

    serial: int
    key: Key
    record: Record
    listeners: list[OnCommitted] = field(default_factory=list)
    token: str = ""
    failures: int = 0

    def settle(self, result: CommitResult) -> None:
        """Tell everyone who waits for this row."""
        for listener in self.listeners:
            listener(result)


class WriteQueue:
    """Rows in the order in which they are to be written."""

    def __init__(self) -> None:
        self._slots: deque[Slot] = deque()
        self._open: dict[Key, Slot] = {}
        self.serial = 0
        """Serial number of the newest slot."""

    def __len__(self) -> int:
        return len(self._slots)

    def put(self, record: Record, listener: OnCommitted | None = None) -> Slot:
        """Add a record, in the place of an earlier one of its key where that still waits."""
        key = key_of(record)
        slot = self._open.get(key)
        if slot is None:
            slot = self._append(key, record)
        else:
            slot.record = record
        if listener is not None:
            slot.listeners.append(listener)
        return slot

    def _append(self, key: Key, record: Record) -> Slot:
        self.serial += 1
        slot = Slot(self.serial, key, record)
        self._slots.append(slot)
        if isinstance(record, SettlementRow):
            slot.token = secrets.token_hex(8)
            self._open.clear()
        else:
            self._open[key] = slot
        return slot

    def take(self, most: int) -> list[Slot]:
        """Remove what one transaction writes: a settlement alone, or plain rows up to the next settlement.

        Args:
            most: Rows at most.
        """
        taken: list[Slot] = []
        while self._slots and len(taken) < most:
            settlement = isinstance(self._slots[0].record, SettlementRow)
            if settlement and taken:
                break
            slot = self._slots.popleft()
            taken.append(slot)
            if self._open.get(slot.key) is slot:
                del self._open[slot.key]
            if settlement:
                break
        return taken

    def clear(self) -> list[Slot]:
        """Remove everything."""
        slots = list(self._slots)
        self._slots.clear()
        self._open.clear()
        return slots
