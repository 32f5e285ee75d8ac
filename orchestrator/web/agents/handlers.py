"""Handlers of the list of agents and of the page of one: read, changed, restored."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response

from orchestrator.api.admin.changing import Revising, restore, revise
from orchestrator.api.services import Services
from orchestrator.core.errors import OrchestratorError
from orchestrator.store.agent_figures import load_agent_figures
from orchestrator.web.agents.changes import filled_in, read_changes, read_revision
from orchestrator.web.agents.differences import settings_of
from orchestrator.web.agents.view import agent_context, graph_of
from orchestrator.web.figures import RecentFigures
from orchestrator.web.period import read_period
from orchestrator.web.rendering import NO_STORE, AnyRequest, page, wording_of
from orchestrator.web.viewer import Viewer


@get("/agents")
async def list_agents(
    request: AnyRequest,
    services: NamedDependency[Services],
    recent: NamedDependency[RecentFigures],
    days: FromQuery[str] = "",
) -> Response[str]:
    """List agents with their figures, and draw who hands over to whom."""
    period = read_period(days, time.time())
    definition = services.switchboard.definition
    async with services.database.read() as connection:
        figures = await load_agent_figures(connection, period.since)
    return page(
        request,
        "agents/list.html",
        agents=list(definition.agents.values()),
        entry=definition.entry,
        figures=figures,
        costs=await recent.costs("agent", period.since),
        period=period,
        **graph_of(definition),
    )


@get("/agents/{name:str}")
async def show_agent(
    request: AnyRequest,
    name: FromPath[str],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
    recent: NamedDependency[RecentFigures],
    days: FromQuery[str] = "",
) -> Response[str]:
    """Show one agent whole."""
    period = read_period(days, time.time())
    context = await agent_context(services, recent, viewer, name, period, wording_of(request))
    return page(request, "agents/agent.html", **context)


@post("/agents/{name:str}")
async def change_agent(
    request: AnyRequest,
    name: FromPath[str],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
    recent: NamedDependency[RecentFigures],
) -> Response[Any]:
    """Change what the form changes; a form that cannot be taken is shown again as it was filled in."""
    settings = settings_of(services.switchboard.definition.agent(name))
    form = await form_of(request)
    try:
        wanted = read_changes(form, settings)
        revising = Revising(name, viewer.identity, wanted.note, wanted.expected)
        await revise(services, revising, wanted.merged)
    except OrchestratorError as error:
        if error.status >= 500:
            raise
        period = read_period("", time.time())
        context = await agent_context(services, recent, viewer, name, period, wording_of(request))
        given = {field: "\n".join(form.get(field, ())) for field in filled_in(settings)}
        context |= {"form": given, "note": "\n".join(form.get("note", ())), "problem": error.message}
        return page(request, "agents/agent.html", status_code=error.status, **context)
    return Redirect(f"/agents/{name}#revisions", status_code=303, headers=NO_STORE)


@post("/agents/{name:str}/restore")
async def restore_revision(
    request: AnyRequest,
    name: FromPath[str],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
) -> Redirect:
    """Let an agent be as it was."""
    form = await form_of(request)
    revision = read_revision("".join(form.get("revision", ())))
    await restore(services, Revising(name, viewer.identity), revision)
    return Redirect(f"/agents/{name}#revisions", status_code=303, headers=NO_STORE)


HANDLERS: Final = (list_agents, show_agent, change_agent, restore_revision)


async def form_of(request: AnyRequest) -> Mapping[str, Sequence[str]]:
    """A form that was sent, every value of every name; files are none of ours."""
    sent = await request.form()
    return {name: [value for value in sent.getall(name) if isinstance(value, str)] for name in sent}
