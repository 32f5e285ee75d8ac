import asyncio

import pytest

from orchestrator.core.errors import NotFoundError
from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation
from orchestrator.store.leases import Holder, LeaseTable
from tests.store.shapes import RowsOf

pytestmark = pytest.mark.db

HOUR = 3600.0


@pytest.fixture
async def leases(database: Database) -> LeaseTable:
    async with database.transaction() as connection:
        for number in (1, 2, 3):
            await create_conversation(
                connection, f"conv_{number}", agent="triage", created_at=1.0, status="live"
            )
    return LeaseTable(database)


async def test_a_free_conversation_is_claimed_and_then_nobody_elses(leases: LeaseTable) -> None:
    assert await leases.holder("conv_1") is None
    assert await leases.claim("conv_1", "node_1", HOUR) == 1
    assert await leases.claim("conv_1", "node_2", HOUR) is None
    assert await leases.holder("conv_1") == Holder(owner="node_1", epoch=1, expired=False)


async def test_of_many_that_claim_at_once_one_succeeds(leases: LeaseTable) -> None:
    claims = [leases.claim("conv_1", f"node_{number}", HOUR) for number in range(8)]
    epochs = await asyncio.gather(*claims)
    assert sorted(epoch for epoch in epochs if epoch) == [1]


async def test_the_epoch_rises_with_every_claim_even_after_a_release(leases: LeaseTable) -> None:
    assert await leases.claim("conv_1", "node_1", HOUR) == 1
    await leases.release("conv_1", "node_1", 1)
    assert await leases.holder("conv_1") == Holder(owner="node_1", epoch=1, expired=True)
    assert await leases.claim("conv_1", "node_2", HOUR) == 2


async def test_a_node_that_starts_again_takes_back_its_own(leases: LeaseTable) -> None:
    assert await leases.claim("conv_1", "node_1", HOUR) == 1
    assert await leases.claim("conv_1", "node_1", HOUR) == 2


async def test_a_lease_whose_time_is_over_may_be_taken(leases: LeaseTable) -> None:
    assert await leases.claim("conv_1", "node_1", 0) == 1
    assert await leases.claim("conv_1", "node_2", HOUR) == 2


async def test_only_the_holder_can_release(leases: LeaseTable) -> None:
    assert await leases.claim("conv_1", "node_1", HOUR) == 1
    await leases.release("conv_1", "node_2", 1)
    await leases.release("conv_1", "node_1", 7)
    assert await leases.claim("conv_1", "node_2", HOUR) is None


async def test_a_conversation_that_does_not_exist_cannot_be_claimed(leases: LeaseTable) -> None:
    with pytest.raises(NotFoundError, match="conv_none") as raised:
        await leases.claim("conv_none", "node_1", HOUR)
    assert raised.value.param == "conversation"


async def test_renewing_tells_what_is_still_held(leases: LeaseTable, rows_of: RowsOf) -> None:
    for number in (1, 2, 3):
        assert await leases.claim(f"conv_{number}", "node_1", 0) == 1
    assert await leases.claim("conv_2", "node_2", HOUR) == 2
    epochs = {"conv_1": 1, "conv_2": 1, "conv_3": 1, "conv_gone": 1}
    assert await leases.renew("node_1", epochs, HOUR) == {"conv_1", "conv_3"}
    assert await leases.claim("conv_3", "node_2", HOUR) is None
    left = await rows_of("SELECT expires_at > now() + interval '59 minutes' FROM leases")
    assert left == [(True,)] * 3


async def test_a_renewed_lease_of_another_epoch_is_not_held(leases: LeaseTable) -> None:
    assert await leases.claim("conv_1", "node_1", HOUR) == 1
    assert await leases.claim("conv_1", "node_1", HOUR) == 2
    assert await leases.renew("node_1", {"conv_1": 1}, HOUR) == frozenset()


async def test_orphans_are_live_and_held_by_nobody(leases: LeaseTable, rows_of: RowsOf) -> None:
    await leases.claim("conv_1", "node_1", HOUR)
    await leases.claim("conv_2", "node_2", 0)
    assert await leases.orphans() == ["conv_2", "conv_3"]
    assert await leases.orphans("node_1") == ["conv_1", "conv_2", "conv_3"]
    assert await leases.orphans("node_1", limit=1) == ["conv_1"]
    await rows_of("UPDATE conversations SET status = 'idle' WHERE id = 'conv_2' RETURNING id")
    assert await leases.orphans() == ["conv_3"]
