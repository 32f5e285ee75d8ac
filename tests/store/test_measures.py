import pytest

from orchestrator.store.database import Database
from orchestrator.store.measures import TOOL_FAILED, WAIT, WAIT_PERCENTILES, WAITED

pytestmark = pytest.mark.db

MOMENT = "'2026-11-27 12:00:0{}'::timestamptz"


def at(second: int | None) -> str:
    return "NULL::timestamptz" if second is None else MOMENT.format(second)


async def answer(database: Database, query: str) -> object:
    async with database.driver() as driver:
        return await driver.fetchval(query)


@pytest.mark.parametrize(
    ("audio", "output", "ended", "requested", "seconds"),
    [
        (5, 3, 1, 2, 4),
        (None, 3, 1, 2, 2),
        (5, None, 1, 2, 4),
        (5, 3, None, 2, 3),
        (None, None, 1, 2, None),
    ],
    ids=["from the turn's end to the sound", "to text without sound", "to sound", "from asking", "never"],
)
async def test_a_wait_is_from_the_turns_end_to_the_first_that_the_caller_has_of_the_reply(
    database: Database,
    audio: int | None,
    output: int | None,
    ended: int | None,
    requested: int,
    seconds: int | None,
) -> None:
    row = (
        f"SELECT {at(audio)} AS first_audio_at, {at(output)} AS first_output_at, "
        f"{at(ended)} AS turn_ended_at, {at(requested)} AS requested_at"
    )
    assert await answer(database, f"SELECT {WAIT} FROM ({row}) AS row") == seconds


@pytest.mark.parametrize(
    ("outcome", "failed"),
    [("completed", False), ("failed", True), ("timed_out", True), ("invalid", True), ("cancelled", False)],
)
async def test_tools_fail_by_their_outcome(database: Database, outcome: str, failed: bool) -> None:
    assert (
        await answer(database, f"SELECT {TOOL_FAILED} FROM (SELECT '{outcome}' AS outcome) AS row") is failed
    )


@pytest.mark.parametrize(
    ("wait", "counts"), [("0", True), ("2.5", True), ("-0.1", False), ("1000001", False)]
)
async def test_waits_that_clocks_cannot_mean_do_not_count(
    database: Database, wait: str, counts: bool
) -> None:
    assert await answer(database, f"SELECT {WAITED} FROM (SELECT {wait} AS wait) AS row") is counts


async def test_percentiles_are_milliseconds(database: Database) -> None:
    waits = "generate_series(1, 3) AS wait"
    async with database.driver() as driver:
        row = await driver.fetchrow(f"SELECT {WAIT_PERCENTILES} FROM {waits}")
    assert dict(row) == {"p50_ms": 2000, "p95_ms": 2900}
