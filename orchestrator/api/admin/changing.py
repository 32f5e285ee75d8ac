"""Puts another revision of an agent in force: stored first, then for every call of this node."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from orchestrator.api.admission import Identity
from orchestrator.api.services import Services
from orchestrator.api.trail import write_down
from orchestrator.core.definition import AgentSpec, Definition
from orchestrator.core.errors import ConflictError
from orchestrator.core.json_value import JsonObject
from orchestrator.core.overrides import apply_overrides
from orchestrator.store.agent_revisions import (
    append_agent_revision,
    current_agent_revisions,
    get_agent_revision,
)


@dataclass(frozen=True, slots=True)
class Revising:
    """Who changes which agent, and why.

    Attributes:
        expected: The revision that the change was made upon, None not to care.
    """

    agent: str
    identity: Identity
    note: str = ""
    expected: int | None = None


async def revise(
    services: Services, wanted: Revising, change: Callable[[JsonObject], JsonObject]
) -> AgentSpec:
    """Change an agent; a change that changes nothing makes no revision.

    Args:
        services: Of the node.
        wanted: Who changes which agent.
        change: From what differs from the class now to what shall differ from it.

    Raises:
        NotFoundError: There is no such agent.
        InvalidRequestError: A setting is unknown or has a value it cannot have.
        ConflictError: Somebody else changed it since, or the entry agent would be switched off.
    """
    present = services.switchboard.definition.agent(wanted.agent)
    declared = services.declared.agent(wanted.agent)
    async with services.agent_changes:
        async with services.database.transaction() as connection:
            stored = (await current_agent_revisions(connection)).get(wanted.agent)
            number = 0 if stored is None else stored.revision
            before: JsonObject = {} if stored is None else stored.overrides
            overrides = change(before)
            changed = apply_overrides(declared, overrides, revision=number + 1)
            _check(services, changed, wanted, number)
            if overrides == before and number == present.revision:
                return present
            if overrides == before:
                changed = apply_overrides(declared, overrides, revision=number)
            else:
                await append_agent_revision(
                    connection,
                    wanted.agent,
                    overrides,
                    author=wanted.identity.name,
                    note=wanted.note,
                    expected=number,
                )
                detail: dict[str, object] = {"revision": number + 1, "settings": sorted(overrides)}
                await write_down(connection, wanted.identity, "agent.change", wanted.agent, detail)
        _put_in_force(services, changed)
    return changed


async def restore(services: Services, wanted: Revising, revision: int) -> AgentSpec:
    """Let an agent be as it was: a new revision with the content of an old one; 0 is the class itself.

    Raises:
        NotFoundError: There is no such agent, or no such revision.
        InvalidRequestError: What it says fits the class no longer.
        ConflictError: The entry agent would be switched off.
    """
    services.switchboard.definition.agent(wanted.agent)
    overrides: JsonObject = {}
    if revision:
        async with services.database.read() as connection:
            overrides = (await get_agent_revision(connection, wanted.agent, revision)).overrides
    noted = replace(wanted, note=wanted.note or f"revision {revision} restored")
    return await revise(services, noted, lambda _present: overrides)


def _check(services: Services, changed: AgentSpec, wanted: Revising, number: int) -> None:
    if wanted.expected is not None and wanted.expected != number:
        raise ConflictError(
            f"Agent {wanted.agent} is at revision {number} now, not {wanted.expected}. "
            "Look again and repeat the change."
        )
    if not changed.enabled and changed.name == services.switchboard.definition.entry:
        raise ConflictError(
            f"{changed.name} takes the calls that ask for nobody in particular and cannot be switched off. "
            "Set ORCHESTRATOR_DEFAULT_AGENT to another agent first.",
            param="enabled",
        )


def _put_in_force(services: Services, changed: AgentSpec) -> None:
    definition = services.switchboard.definition
    agents = {**definition.agents, changed.name: changed}
    services.switchboard.change_definition(Definition(agents, definition.entry), changed.name)
