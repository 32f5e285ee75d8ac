"""Fixtures for tests of agents; pytest finds them by itself once this package is installed.

`local_database` is an empty database on a Postgres of the test session's own (`local_postgres`).
`virtual_time` is a clock on which waiting costs nothing. `scripted_engine` makes engines, and fails a test
that made one without leaving it: nothing of what that engine saw would have been checked.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from orchestrator.testing.scripted_engine import ScriptedEngine
    from orchestrator.testing.virtual_time import VirtualTime


@pytest.fixture
def virtual_time() -> "VirtualTime":
    """A clock that jumps: `virtual_time.run(scenario())`, `virtual_time.clock`."""
    from orchestrator.testing.virtual_time import VirtualTime  # noqa: PLC0415 - only where it is asked for

    return VirtualTime()


@pytest.fixture
def scripted_engine() -> Iterator[Callable[..., "ScriptedEngine"]]:
    """Makes an engine from a responder or scripts; enter what it answers with `async with`."""
    from orchestrator.testing.scripted_engine import ScriptedEngine  # noqa: PLC0415 - only where it is asked for

    made: list[ScriptedEngine] = []

    def make(*behaviour: Any, **options: Any) -> ScriptedEngine:
        made.append(ScriptedEngine(*behaviour, **options))
        return made[-1]

    yield make
    forgotten = [number for number, engine in enumerate(made, start=1) if not engine.was_left]
    if forgotten:
        raise AssertionError(f"Scripted engine {forgotten} was made and never left: use `async with`.")


@pytest.fixture(scope="session")
def local_postgres() -> Iterator[str]:
    """The URL of a Postgres server that runs for the whole test session."""
    from orchestrator.testing.local_service import local_postgres as running  # noqa: PLC0415 - as above

    with running() as url:
        yield url


@pytest.fixture
def local_database(local_postgres: str) -> str:
    """The URL of an empty database of the test's own."""
    from orchestrator.testing.local_service import fresh_database  # noqa: PLC0415 - as above

    return asyncio.run(fresh_database(local_postgres))
