"""`orchestrator replay`, on a real Postgres and the embedded engine, with the agents that ship."""

import asyncio
import json
from pathlib import Path

import pytest

from orchestrator.store.agent_revisions import append_agent_revision
from orchestrator.store.database import Database
from orchestrator.testing.local_service import local_service
from tests.cli.conftest import Run
from tests.cli.programs import ROOT
from tests.patience import PATIENCE

pytestmark = pytest.mark.db

SAYS = ("two large margherita pizzas please", "and a coke")


async def hold(url: str) -> str:
    """Order something; the conversation's id."""
    async with (
        local_service("agents", database_url=url) as service,
        service.call("restaurant", seconds=PATIENCE) as caller,
    ):
        replies = [await caller.say(text) for text in SAYS]
    assert replies[-1].conversation_id is not None
    return replies[-1].conversation_id


async def switch_the_restaurant_off(url: str) -> None:
    database = Database(url)
    async with database.transaction() as connection:
        await append_agent_revision(connection, "restaurant", {"enabled": False}, author="test")
    await database.close()


@pytest.fixture
def replay(run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Run, str]:
    """Run commands in the checkout, on a database that holds one order."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("DATABASE_URL", database_url)
    return run, asyncio.run(hold(database_url))


def test_a_replay_that_finds_nothing_ends_well(replay: tuple[Run, str]) -> None:
    run, conversation = replay
    told = run("replay", conversation)
    assert told.exit_code == 0, told.output
    assert "1 the same, 0 different, 0 failed" in told.stdout


def test_one_that_finds_a_difference_tells_its_turn_and_ends_with_one(
    replay: tuple[Run, str], database_url: str
) -> None:
    run, conversation = replay
    asyncio.run(switch_the_restaurant_off(database_url))
    told = run("replay", "--filter", "agent=restaurant", "--revision", "restaurant=1")
    assert told.exit_code == 1, told.output
    assert f"{conversation}  different" in told.stdout
    assert f"turn 1  {SAYS[0]}" in told.stdout
    assert "tool no longer called  add_item" in told.stdout
    told = run("replay", conversation, "--revision", "restaurant=0", "--json")
    shown = json.loads(told.stdout)
    assert (told.exit_code, shown["replay"]["same"]) == (0, 1)
    assert [case["original_id"] for case in shown["cases"]] == [conversation]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("conv_1", "--filter", "agent=x"),
        ("--filter", "agent"),
        ("--filter", "colour=red"),
        ("conv_1", "--revision", "desk=x"),
    ],
)
def test_wrong_usage_is_told(run: Run, words: tuple[str, ...], home: Path) -> None:
    assert run("replay", *words).exit_code == 2
