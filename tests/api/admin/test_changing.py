"""Revisions that were stored elsewhere, and changes that meet."""

import asyncio

import pytest

from orchestrator.api.admin.changing import Revising, revise
from orchestrator.api.admission import Identity
from orchestrator.core.errors import NotFoundError
from orchestrator.core.json_value import JsonObject
from orchestrator.store.agent_revisions import append_agent_revision
from tests.api.node import Node

pytestmark = pytest.mark.db

OPERATOR = Revising("desk", Identity(role="admin", name="operator"))


def same(present: JsonObject) -> JsonObject:
    return present


async def test_a_revision_that_another_node_stored_comes_into_force_with_the_next_change(node: Node) -> None:
    async with node.services.database.transaction() as connection:
        await append_agent_revision(connection, "desk", {"voice": "ash"}, author="elsewhere")
    changed = await revise(node.services, OPERATOR, same)
    assert (changed.voice, changed.revision) == ("ash", 1)
    assert node.services.switchboard.definition.agent("desk").voice == "ash"


async def test_changes_that_meet_are_made_one_after_another(node: Node) -> None:
    def voice(name: str) -> asyncio.Task[object]:
        return group.create_task(revise(node.services, OPERATOR, lambda present: present | {"voice": name}))

    async with asyncio.TaskGroup() as group:
        tasks = [voice(name) for name in ("ash", "echo", "sage")]
    assert len(tasks) == 3
    present = node.services.switchboard.definition.agent("desk")
    assert (present.revision, present.voice) == (3, "sage")


async def test_an_agent_that_is_not_declared_cannot_be_changed(node: Node) -> None:
    with pytest.raises(NotFoundError):
        await revise(node.services, Revising("nobody", OPERATOR.identity), same)
