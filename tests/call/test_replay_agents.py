"""Which agents a replay meets."""

from typing import Any

import pytest

from orchestrator.call.engines import Engines
from orchestrator.call.replay_agents import agents_for
from orchestrator.core.definition import Definition
from orchestrator.core.errors import InvalidRequestError, NotFoundError
from orchestrator.core.overrides import apply_overrides
from orchestrator.realtime.dialects import EngineEndpoint
from orchestrator.store.agent_revisions import append_agent_revision
from tests.api.agents_of_the_tests import definition
from tests.databases import patient_database

pytestmark = pytest.mark.db

EMBEDDED = EngineEndpoint(kind="embedded", url="ws://127.0.0.1:1")
ENGINES = Engines(EMBEDDED, {"embedded": EMBEDDED})


async def chosen(url: str, engine: str | None = None, **changes: Any) -> Definition:
    declared = definition()
    desk = apply_overrides(declared.agent("desk"), {"model": "gpt-x", "voice": "cedar"}, revision=1)
    present = Definition({**declared.agents, "desk": desk}, declared.entry)
    database = patient_database(url)
    try:
        async with database.transaction() as connection:
            await append_agent_revision(connection, "desk", {"voice": "ash"}, author="me")
            return await agents_for(connection, present, declared, ENGINES, engine=engine, changes=changes)
    finally:
        await database.close()


async def test_without_a_wish_they_are_as_they_are(database_url: str) -> None:
    found = await chosen(database_url)
    assert found.agent("desk").voice == "cedar"
    assert found.entry == "desk"


@pytest.mark.parametrize(("wish", "engine"), [("embedded", "embedded"), ("default", None)])
async def test_another_engine_is_for_all_of_them(database_url: str, wish: str, engine: str | None) -> None:
    found = await chosen(database_url, wish)
    assert {spec.engine for spec in found.agents.values()} == {engine}
    assert found.agent("desk").model == (None if engine else "gpt-x")


async def test_a_revision_or_overrides_stand_on_the_class(database_url: str) -> None:
    assert (await chosen(database_url, desk={"revision": 0})).agent("desk").voice == "marin"
    revised = (await chosen(database_url, desk={"revision": 1})).agent("desk")
    assert (revised.voice, revised.revision, revised.model) == ("ash", 1, None)
    assert (await chosen(database_url, desk={"overrides": {"voice": "coral"}})).agent("desk").voice == "coral"


@pytest.mark.parametrize(
    ("engine", "changes", "error"),
    [
        ("warp", {}, InvalidRequestError),
        (None, {"nobody": {"revision": 0}}, NotFoundError),
        (None, {"desk": {"revision": 9}}, NotFoundError),
        (None, {"desk": {"revision": 1, "overrides": {}}}, InvalidRequestError),
        (None, {"desk": "other"}, InvalidRequestError),
        (None, {"desk": {"overrides": {"voise": "ash"}}}, InvalidRequestError),
    ],
)
async def test_what_is_no_choice_is_refused(
    database_url: str, engine: str | None, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await chosen(database_url, engine, **changes)
