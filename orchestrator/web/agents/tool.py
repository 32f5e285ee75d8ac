"""`/agents/{name}/tools/{tool}`: a tool's schema in words, and a form to try it out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from orchestrator.api.admin.tools import TriedOut, TryOut, try_out
from orchestrator.api.services import Services
from orchestrator.core.definition import AgentSpec, ToolSpec
from orchestrator.core.describe import describe_tool
from orchestrator.core.errors import InvalidRequestError, NotFoundError, OrchestratorError
from orchestrator.core.json_value import JsonObject
from orchestrator.web.agents.fields import fields_of, read_arguments
from orchestrator.web.agents.handlers import form_of
from orchestrator.web.rendering import AnyRequest, page, wording_of
from orchestrator.web.viewer import Viewer


@get("/agents/{name:str}/tools/{tool:str}")
async def show_tool(
    request: AnyRequest, name: FromPath[str], tool: FromPath[str], services: NamedDependency[Services]
) -> Response[str]:
    """Show a tool, and a form to try it out."""
    agent, spec = _found(services, name, tool)
    return _shown(request, services, agent, spec, {})


@post("/agents/{name:str}/tools/{tool:str}", status_code=200)
async def try_tool(
    request: AnyRequest,
    name: FromPath[str],
    tool: FromPath[str],
    services: NamedDependency[Services],
    viewer: NamedDependency[Viewer],
) -> Response[str]:
    """Run a tool with what was filled in: what it would change of a conversation is shown, never applied."""
    agent, spec = _found(services, name, tool)
    form = await form_of(request)
    arguments = read_arguments(fields_of(spec.parameters), form)
    try:
        tried = TryOut(arguments=arguments, states=_states(spec, form), agent=agent.name)
        result = await try_out(services, viewer.identity, tool, tried)
    except OrchestratorError as error:
        if error.status >= 500:
            raise
        shown = {"problem": error.message, "arguments": arguments}
        return _shown(request, services, agent, spec, form, status_code=error.status, **shown)
    return _shown(request, services, agent, spec, form, result=_written(result), arguments=arguments)


HANDLERS: Final = (show_tool, try_tool)


def _found(services: Services, name: str, tool: str) -> tuple[AgentSpec, ToolSpec]:
    agent = services.switchboard.definition.agent(name)
    spec = agent.tool(tool)
    if spec is None:
        raise NotFoundError(f"Agent {name} has no tool {tool!r}.", param="tool")
    return agent, spec


def _shown(
    request: AnyRequest,
    services: Services,
    agent: AgentSpec,
    spec: ToolSpec,
    form: Mapping[str, Sequence[str]],
    *,
    status_code: int = 200,
    **context: Any,
) -> Response[str]:
    declared = services.switchboard.definition.states
    initial = {state: _pretty(declared[state].initial) for state in spec.states}
    shown = {
        "agent": agent,
        "tool": describe_tool(spec),
        "fields": fields_of(spec.parameters, wording_of(request)),
        "states": {name: "".join(form.get(f"state.{name}", [initial[name]])) for name in initial},
        "form": form,
        "schema": _pretty(spec.parameters),
        "problem": None,
        "result": None,
        "arguments": {},
        **context,
    }
    return page(request, "agents/tool.html", status_code=status_code, **shown)


def _states(spec: ToolSpec, form: Mapping[str, Sequence[str]]) -> dict[str, JsonObject]:
    found = {}
    for name in spec.states:
        text = "".join(form.get(f"state.{name}", ()))
        if not text.strip():
            continue
        try:
            value = json.loads(text)
        except ValueError as error:
            raise InvalidRequestError(f"The state {name} is no JSON: {error}.", param=name) from None
        if not isinstance(value, dict):
            raise InvalidRequestError(f"The state {name} is no JSON object.", param=name)
        found[name] = value
    return found


def _written(result: TriedOut) -> dict[str, Any]:
    """A result in which everything is text."""
    return {
        "outcome": result.outcome,
        "output": _readable(result.output),
        "violations": result.violations,
        "states": {name: _pretty(value) for name, value in result.states.items()},
        "records": [_pretty(record) for record in result.records],
        "statements": result.statements,
        "said": result.said,
        "end_call": result.end_call,
    }


def _readable(text: str) -> str:
    try:
        return _pretty(json.loads(text))
    except ValueError:
        return text


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
