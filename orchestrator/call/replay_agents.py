"""Which agents a replay meets: those of the node, on another engine, or as another revision says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.call.engines import Engines
from orchestrator.core.definition import AgentSpec, Definition
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.overrides import apply_overrides
from orchestrator.core.wording import listed
from orchestrator.store.agent_revisions import get_agent_revision

DEFAULT: Final = "default"
"""Names the node's own engine, whatever an agent says."""


async def agents_for(
    connection: AsyncConnection,
    present: Definition,
    declared: Definition,
    engines: Engines,
    *,
    engine: str | None,
    changes: Mapping[str, JsonValue],
) -> Definition:
    """The agents of a replay.

    Args:
        connection: For reading revisions.
        present: The agents as they are now.
        declared: As their classes say.
        engines: That are set up here.
        engine: For all of them: a name, or `default`; None for each agent's own.
        changes: By agent: `{"revision": 3}` (0 for the class), or `{"overrides": {…}}` on top of the class.

    Raises:
        InvalidRequestError: The engine is not set up here, or a change is none.
        NotFoundError: There is no such agent, or it has no such revision.
    """
    agents = dict(present.agents)
    for name, change in changes.items():
        present.agent(name)
        agents[name] = await _changed(connection, declared.agent(name), change)
    if engine is not None:
        agents = {name: _moved(spec, engine, engines) for name, spec in agents.items()}
    return Definition(agents, present.entry)


async def _changed(connection: AsyncConnection, spec: AgentSpec, change: JsonValue) -> AgentSpec:
    given: JsonObject = change if isinstance(change, dict) else {}
    revision, overrides = given.get("revision"), given.get("overrides")
    if isinstance(overrides, dict) and revision is None:
        return apply_overrides(spec, overrides)
    if not isinstance(revision, int) or overrides is not None:
        raise InvalidRequestError(
            f"Of agent {spec.name}, give either a revision or overrides.", param=f"agents.{spec.name}"
        )
    if revision == 0:
        return spec
    found = await get_agent_revision(connection, spec.name, revision)
    return apply_overrides(spec, found.overrides, revision=revision)


def _moved(spec: AgentSpec, engine: str, engines: Engines) -> AgentSpec:
    """The agent on another engine, with that engine's own model: a model's name means nothing elsewhere."""
    if engine == DEFAULT:
        return replace(spec, engine=None)
    if engine not in engines.endpoints:
        known = listed([DEFAULT, *sorted(engines.endpoints)])
        raise InvalidRequestError(f"The engine {engine!r} is not set up here. Take {known}.", param="engine")
    return replace(spec, engine=engine, model=None)
