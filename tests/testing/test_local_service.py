import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.core.errors import EngineTimeoutError
from orchestrator.testing.faults import Fault
from orchestrator.testing.local_service import fresh_database, local_service
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.turns import SessionView, Turn, calls, says

pytestmark = pytest.mark.db

AGENTS = '''
from orchestrator import Agent, State, tool


class Count(State):
    total: int = 0


@tool
async def add(count: Count, number: int) -> str:
    """Add to what was counted."""
    count.total += number
    return f"It is {count.total}."


class Counter(Agent, entry=True):
    """Counts."""

    instructions = "You count."
    state = Count
    tools = [add]
'''


def respond(view: SessionView) -> Turn:
    return says(view.last_output) if view.last_output is not None else calls("add", number=2)


@pytest.fixture
def counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package of agents in the working directory."""
    (tmp_path / "counting").mkdir()
    (tmp_path / "counting" / "__init__.py").write_text(AGENTS)
    monkeypatch.chdir(tmp_path)
    path = list(sys.path)
    yield
    sys.path[:] = path
    sys.modules.pop("counting", None)


async def test_a_conversation_goes_on_after_a_restart(
    counting: None, scripted_engine: Callable[..., ScriptedEngine], database_url: str
) -> None:
    options: Any = {"database_url": database_url, "default_agent": "counter"}
    async with scripted_engine(respond) as engine:
        async with (
            local_service("counting", engine=engine, **options) as service,
            service.call("counter") as caller,
        ):
            first = await caller.say("Two")
        async with (
            local_service("counting", engine=engine, **options) as service,
            service.call("counter", conversation=first.conversation_id) as caller,
        ):
            second = await caller.say("Two more")
    assert (first.text, second.text) == ("It is 2.", "It is 4.")


async def test_the_engine_of_the_house_answers_where_none_is_given(counting: None, database_url: str) -> None:
    async with (
        local_service("counting", database_url=database_url) as service,
        service.call("counter") as caller,
    ):
        assert (await caller.say("Hello")).text


async def test_a_lost_engine_is_replaced_behind_the_door(
    counting: None, scripted_engine: Callable[..., ScriptedEngine], database_url: str
) -> None:
    async with scripted_engine(respond) as engine:
        engine.strike(Fault.DROP_AFTER_OUTPUT)
        async with (
            local_service("counting", engine=engine, database_url=database_url) as service,
            service.call("counter") as caller,
        ):
            assert (await caller.say("Two")).text == "It is 2."
        assert len(engine.sessions) == 2


async def test_a_postgres_of_the_test_sessions_own_serves_too(counting: None, local_database: str) -> None:
    async with (
        local_service("counting", database_url=local_database) as service,
        service.call("counter") as caller,
    ):
        assert (await caller.say("Hello")).status == "completed"


async def test_a_service_that_does_not_come_up_is_given_up(
    counting: None, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.testing.local_service.START_SECONDS", 0)
    with pytest.raises(EngineTimeoutError, match="did not listen"):
        await local_service("counting", database_url=database_url).__aenter__()


async def test_a_failure_of_the_test_is_raised_as_it_is(counting: None, database_url: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with local_service("counting", database_url=database_url):
            raise ZeroDivisionError


async def test_a_fresh_database_is_a_new_one_every_time(postgres_url: str) -> None:
    one, other = await fresh_database(postgres_url), await fresh_database(postgres_url)
    assert one != other
    assert one.rpartition("/")[0] == postgres_url.rpartition("/")[0]
