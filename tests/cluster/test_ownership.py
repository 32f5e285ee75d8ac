import asyncio
from collections.abc import Mapping

import pytest

from orchestrator.cluster.ownership import Lease, Ownership
from orchestrator.core.errors import ConflictError, NotFoundError, StoreUnavailableError
from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation
from orchestrator.store.leases import LeaseTable
from tests.patience import PATIENCE

pytestmark = pytest.mark.db


class Table:
    """Leases in memory, which others may take and which may be away."""

    def __init__(self) -> None:
        self.owners: dict[str, tuple[str | None, int]] = {}
        self.away = False
        self.asked = asyncio.Event()
        self.renewals = 0

    async def claim(self, conversation_id: str, owner: str, seconds: float) -> int | None:
        self._answer()
        holder, epoch = self.owners.get(conversation_id, (owner, 0))
        if holder not in (owner, None):
            return None
        self.owners[conversation_id] = (owner, epoch + 1)
        return epoch + 1

    async def renew(self, owner: str, epochs: Mapping[str, int], seconds: float) -> frozenset[str]:
        self.asked.set()
        self.renewals += 1
        self._answer()
        return frozenset(key for key, epoch in epochs.items() if self.owners.get(key) == (owner, epoch))

    async def release(self, conversation_id: str, owner: str, epoch: int) -> None:
        self._answer()
        if self.owners.get(conversation_id) == (owner, epoch):
            self.owners[conversation_id] = (None, epoch)

    def _answer(self) -> None:
        if self.away:
            raise StoreUnavailableError("away")


def nothing() -> None: ...


async def test_what_is_claimed_is_held_until_it_is_released() -> None:
    table = Table()
    ownership = Ownership(table, "node_1")
    lease = await ownership.claim("conv_1", nothing)
    assert lease == Lease(conversation_id="conv_1", owner="node_1", epoch=1)
    assert ownership.held == {"conv_1": lease}
    assert ownership.holds("conv_1")
    await ownership.release("conv_1")
    await ownership.release("conv_1")
    assert not ownership.holds("conv_1")
    assert table.owners == {"conv_1": (None, 1)}


async def test_a_conversation_that_is_live_here_is_not_claimed_twice() -> None:
    ownership = Ownership(Table(), "node_1")
    await ownership.claim("conv_1", nothing)
    with pytest.raises(ConflictError, match="on this node"):
        await ownership.claim("conv_1", nothing)


async def test_a_conversation_of_another_node_is_refused_and_not_held() -> None:
    table = Table()
    table.owners["conv_1"] = ("node_2", 4)
    ownership = Ownership(table, "node_1")
    with pytest.raises(ConflictError, match="another node"):
        await ownership.claim("conv_1", nothing)
    assert not ownership.holds("conv_1")


async def test_a_claim_that_fails_leaves_nothing_behind() -> None:
    table = Table()
    table.away = True
    ownership = Ownership(table, "node_1")
    with pytest.raises(StoreUnavailableError):
        await ownership.claim("conv_1", nothing)
    assert not ownership.holds("conv_1")


async def test_what_another_node_took_is_reported_once() -> None:
    table, lost = Table(), list[str]()
    ownership = Ownership(table, "node_1")
    await ownership.claim("conv_1", lambda: lost.append("conv_1"))
    await ownership.claim("conv_2", lambda: lost.append("conv_2"))
    table.owners["conv_1"] = ("node_2", 2)
    await ownership.renew()
    await ownership.renew()
    assert lost == ["conv_1"]
    assert list(ownership.held) == ["conv_2"]


async def test_an_outage_loses_nothing() -> None:
    table, lost = Table(), list[str]()
    ownership = Ownership(table, "node_1")
    await ownership.claim("conv_1", lambda: lost.append("conv_1"))
    table.away = True
    await ownership.renew()
    assert ownership.holds("conv_1")
    await ownership.release("conv_1")
    assert not ownership.holds("conv_1")
    assert lost == []


async def test_a_conversation_claimed_anew_while_we_asked_is_not_lost() -> None:
    table, lost = Table(), list[str]()
    ownership = Ownership(table, "node_1")
    await ownership.claim("conv_1", lambda: lost.append("old"))
    renew = table.renew

    async def renew_slowly(owner: str, epochs: Mapping[str, int], seconds: float) -> frozenset[str]:
        await ownership.release("conv_1")
        await ownership.claim("conv_1", lambda: lost.append("new"))
        return await renew(owner, epochs, seconds)

    table.renew = renew_slowly  # type: ignore[method-assign]
    await ownership.renew()
    assert ownership.held["conv_1"].epoch == 2
    assert lost == []


async def test_a_claim_that_is_under_way_is_not_renewed() -> None:
    table = Table()
    ownership = Ownership(table, "node_1")
    await ownership.renew()
    assert table.renewals == 0


async def test_leases_are_renewed_again_and_again() -> None:
    table = Table()
    ownership = Ownership(table, "node_1", seconds=0.003)
    await ownership.claim("conv_1", nothing)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        running = group.create_task(ownership.run())
        while table.renewals < 3:
            table.asked.clear()
            await table.asked.wait()
        running.cancel()


async def test_two_nodes_share_conversations_on_a_real_postgres(database_url: str) -> None:
    database = Database(database_url)
    async with database.transaction() as connection:
        await create_conversation(connection, "conv_1", agent="triage", created_at=1.0)
    lost = list[str]()
    one = Ownership(LeaseTable(database), "node_1", seconds=0)
    other = Ownership(LeaseTable(database), "node_2", seconds=60)
    assert (await one.claim("conv_1", lambda: lost.append("conv_1"))).epoch == 1
    assert (await other.claim("conv_1", nothing)).epoch == 2
    await one.renew()
    assert lost == ["conv_1"]
    with pytest.raises(ConflictError):
        await one.claim("conv_1", nothing)
    await other.release("conv_1")
    assert (await one.claim("conv_1", nothing)).epoch == 3
    with pytest.raises(NotFoundError):
        await one.claim("conv_none", nothing)
    await database.close()
