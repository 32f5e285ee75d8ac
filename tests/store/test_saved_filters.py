import pytest

from orchestrator.core.errors import ConflictError, NotFoundError
from orchestrator.store.database import Database
from orchestrator.store.saved_filters import MOST, SavedFilter, list_filters, remove_filter, save_filter

pytestmark = pytest.mark.db


async def test_a_filter_is_kept_replaced_and_forgotten_for_its_owner_alone(database: Database) -> None:
    async with database.transaction() as connection:
        await save_filter(connection, "key_1", SavedFilter("slow", "slow=2"))
        await save_filter(connection, "key_1", SavedFilter("failed", "error=any"))
        await save_filter(connection, "key_2", SavedFilter("slow", "slow=9"))
        await save_filter(connection, "key_1", SavedFilter("slow", "slow=3"))
        kept = [SavedFilter("failed", "error=any"), SavedFilter("slow", "slow=3")]
        assert await list_filters(connection, "key_1") == kept
        await remove_filter(connection, "key_1", "slow")
        assert await list_filters(connection, "key_1") == kept[:1]
        assert await list_filters(connection, "key_2") == [SavedFilter("slow", "slow=9")]
        with pytest.raises(NotFoundError, match="no saved filter 'slow'"):
            await remove_filter(connection, "key_1", "slow")


async def test_an_owner_has_so_many_at_most_and_may_still_replace_one(database: Database) -> None:
    async with database.transaction() as connection:
        for number in range(MOST):
            await save_filter(connection, "key_1", SavedFilter(f"filter {number}", "slow=1"))
        with pytest.raises(ConflictError, match="Remove one first"):
            await save_filter(connection, "key_1", SavedFilter("one more", "slow=1"))
        await save_filter(connection, "key_1", SavedFilter("filter 0", "slow=2"))
        assert SavedFilter("filter 0", "slow=2") in await list_filters(connection, "key_1")
