"""What this node owns: it claims conversations, holds on to them, and says so when it has lost one."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog

from orchestrator.core.errors import ConflictError, StoreUnavailableError

_log = structlog.get_logger(__name__)


class Leases(Protocol):
    """Where leases are kept; `orchestrator.store.leases.LeaseTable` is one."""

    async def claim(self, conversation_id: str, owner: str, seconds: float) -> int | None:
        """Take a conversation: the epoch, or None when another node holds it."""

    async def renew(self, owner: str, epochs: Mapping[str, int], seconds: float) -> frozenset[str]:
        """Hold conversations for longer: those that are still held."""

    async def release(self, conversation_id: str, owner: str, epoch: int) -> None:
        """Let go of a conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """That a node owns a conversation. Every write under it names its epoch."""

    conversation_id: str
    owner: str
    epoch: int


@dataclass(slots=True)
class _Held:
    lease: Lease
    on_lost: Callable[[], None]


class Ownership:
    """The conversations of this node.

    Args:
        leases: Where leases are kept.
        node: Name of this node. No two nodes that run have the same; one that starts again keeps its own, and
            so takes back at once what it held when it died.
        seconds: How long others wait for a word of this node before they take over.
    """

    def __init__(self, leases: Leases, node: str, *, seconds: float = 15.0) -> None:
        self.node = node
        self._leases = leases
        self._seconds = seconds
        self._held: dict[str, _Held] = {}

    @property
    def held(self) -> dict[str, Lease]:
        """What this node owns, by conversation."""
        return {conversation_id: held.lease for conversation_id, held in self._held.items()}

    def holds(self, conversation_id: str) -> bool:
        """Whether this node owns a conversation."""
        return conversation_id in self._held

    async def claim(self, conversation_id: str, on_lost: Callable[[], None]) -> Lease:
        """Take a conversation for this node, until `release`.

        Args:
            conversation_id: Which one.
            on_lost: Called from `run` when another node has taken it: stop at once, write nothing.

        Raises:
            ConflictError: It is live already, here or on another node.
            NotFoundError: There is no such conversation.
            StoreUnavailableError: Postgres cannot be used now.
        """
        if conversation_id in self._held:
            raise ConflictError(f"{conversation_id} is live on this node. Join its call.")
        placeholder = Lease(conversation_id=conversation_id, owner=self.node, epoch=0)
        self._held[conversation_id] = _Held(placeholder, on_lost)
        try:
            epoch = await self._leases.claim(conversation_id, self.node, self._seconds)
        except BaseException:
            del self._held[conversation_id]
            raise
        if epoch is None:
            del self._held[conversation_id]
            raise ConflictError(f"{conversation_id} is live on another node. Call there, or wait for it.")
        lease = Lease(conversation_id=conversation_id, owner=self.node, epoch=epoch)
        self._held[conversation_id].lease = lease
        return lease

    async def release(self, conversation_id: str) -> None:
        """Let go of a conversation; nothing happens where this node does not own it.

        When Postgres cannot be told, the lease ends by itself in time.
        """
        held = self._held.pop(conversation_id, None)
        if held is None:
            return
        try:
            await self._leases.release(conversation_id, self.node, held.lease.epoch)
        except StoreUnavailableError as error:
            _log.warning("lease not released", conversation_id=conversation_id, cause=error.code)

    async def run(self) -> None:
        """Hold on to what this node owns, until cancelled. Outages of Postgres are borne.

        While Postgres is away nobody else can take over either; what was taken meanwhile shows afterwards.
        """
        while True:
            await asyncio.sleep(self._seconds / 3)
            await self.renew()

    async def renew(self) -> None:
        """Say that this node lives, and find out what it has lost."""
        epochs = {key: held.lease.epoch for key, held in self._held.items() if held.lease.epoch}
        if not epochs:
            return
        try:
            kept = await self._leases.renew(self.node, epochs, self._seconds)
        except StoreUnavailableError as error:
            _log.warning("leases not renewed", conversations=len(epochs), cause=error.code)
            return
        for conversation_id in epochs.keys() - kept:
            self._lose(conversation_id, epochs[conversation_id])

    def _lose(self, conversation_id: str, epoch: int) -> None:
        """Forget a conversation, unless it was released, or claimed anew, while we asked."""
        held = self._held.get(conversation_id)
        if held is not None and held.lease.epoch == epoch:
            del self._held[conversation_id]
            _log.warning("conversation lost to another node", conversation_id=conversation_id)
            held.on_lost()
