"""A thousand conversations in which chance decides, against an engine that fails."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator

import pytest
import structlog

from orchestrator.call.loading import load
from orchestrator.testing.faults import Fault
from tests.databases import patient_database
from tests.end_to_end.random_conversation import RandomConversation
from tests.end_to_end.seeds import VARIABLE, chosen_seed

pytestmark = pytest.mark.scale

CONVERSATIONS = 1000
TIMES = int(os.environ.get("ORCHESTRATOR_TEST_TIMES", "1"))
"""How many times as many, where no run has looked before, on a machine that has the time."""
AT_ONCE = 32
MUST_HAPPEN = (
    *Fault,
    *("handoff committed", "handoff rolled_back", "handoff refused", "late transcript"),
    *("tool completed", "tool failed", "tool invalid", "response cancelled", "response failed"),
    *("session for resume", "session for reconnect", "session for rollover", "session for handoff"),
)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Twenty thousand log lines would bury the one failure."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    yield
    structlog.configure(wrapper_class=before)


async def test_a_thousand_conversations_lose_nothing(database_url: str) -> None:
    seed = chosen_seed()
    seeds = [seed] if seed else list(range(1, CONVERSATIONS * TIMES + 1))
    happened, failures = await run_all(database_url, seeds)
    if failures:
        first = next(iter(failures))
        listed = ", ".join(str(number) for number in failures)
        failures[first].add_note(f"Seeds that failed: {listed}. Run one again with {VARIABLE}={first}")
        raise failures[first]
    assert seed or not [what for what in MUST_HAPPEN if not happened[what]], "chance left something out"


async def run_all(database_url: str, seeds: list[int]) -> tuple[Counter[str], dict[int, Exception]]:
    """Run a conversation for each seed; what happened in all of them, and which failed."""
    database, definition = patient_database(database_url), load("tests.end_to_end.shop")
    happened: Counter[str] = Counter()
    failures: dict[int, Exception] = {}
    waiting = iter(seeds)

    async def work() -> None:
        for number in waiting:
            conversation = RandomConversation(database, definition, number)
            try:
                await conversation.run()
            except Exception as error:  # noqa: BLE001 - every seed that fails is told
                failures[number] = error
            happened.update(conversation.happened)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())
    await database.close()
    return happened, failures
