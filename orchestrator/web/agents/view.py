"""What the pages of agents show, gathered."""

from typing import Any

from orchestrator.api.services import Services
from orchestrator.core.definition import AgentSpec, Definition
from orchestrator.core.describe import describe, describe_tool, graph
from orchestrator.core.errors import DeclarationError
from orchestrator.core.instructions import first_instructions
from orchestrator.store.agent_figures import load_agent_figures
from orchestrator.store.agent_revisions import list_agent_revisions
from orchestrator.web.agents.changes import filled_in
from orchestrator.web.agents.differences import changes_of, settings_of
from orchestrator.web.agents.drawing import Drawing, Edge, Node, draw
from orchestrator.web.agents.fields import fields_of
from orchestrator.web.figures import RecentFigures
from orchestrator.web.period import Period
from orchestrator.web.viewer import Viewer
from orchestrator.web.wording import Wording


def graph_of(definition: Definition) -> dict[str, Any]:
    """The handoffs as a drawing and as a list."""
    edges: Any = graph(definition)["edges"]
    return {"drawing": _drawing(definition, edges), "edges": edges}


async def agent_context(
    services: Services, recent: RecentFigures, viewer: Viewer, name: str, period: Period, word: Wording
) -> dict[str, Any]:
    """What the page of one agent shows, in a language.

    Raises:
        NotFoundError: There is no such agent.
    """
    definition = services.switchboard.definition
    agent, declared = definition.agent(name), services.declared.agent(name)
    async with services.database.read() as connection:
        figures = await load_agent_figures(connection, period.since)
        revisions = await list_agent_revisions(connection, name)
    settings = settings_of(agent)
    return {
        "agent": agent,
        "described": describe(agent),
        "computed": _computed(definition, agent) if viewer.may_change else None,
        "is_entry": name == definition.entry,
        "tools": [describe_tool(tool) | {"fields": fields_of(tool.parameters, word)} for tool in agent.tools],
        "edges": _edges_of(definition, agent),
        "figures": figures,
        "handed": {(each.source, each.target): each for each in figures.handoffs},
        "tool_figures": {each.name: each for each in figures.tools if each.agent == name},
        "costs": await recent.costs("agent", period.since),
        "period": period,
        "changes": changes_of(settings_of(declared), revisions, may_read_all=viewer.may_change, word=word),
        "overridden": sorted(revisions[0].overrides) if revisions else [],
        "form": filled_in(settings),
        "note": "",
        "problem": None,
    }


def _computed(definition: Definition, agent: AgentSpec) -> str | None:
    """Instructions that are written as a method, as a call that begins would have them; None for a text."""
    if isinstance(agent.instructions, str):
        return None
    try:
        return first_instructions(definition, agent)
    except DeclarationError as error:
        return error.message


def _edges_of(definition: Definition, agent: AgentSpec) -> list[Any]:
    edges: Any = graph(definition)["edges"]
    return [edge for edge in edges if agent.name in {edge["source"], edge["target"]}]


def _drawing(definition: Definition, edges: Any) -> Drawing:
    nodes = [
        Node(agent.name, entry=agent.name == definition.entry, enabled=agent.enabled)
        for agent in definition.agents.values()
    ]
    return draw(nodes, [Edge(edge["source"], edge["target"], edge["back"]) for edge in edges])
