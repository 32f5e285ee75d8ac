"""`/admin/tools`: what tools there are, and what one would do."""

from typing import Annotated, Any, Final

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from orchestrator.api.admission import Identity
from orchestrator.api.services import Services
from orchestrator.api.shapes import Body, Listing, Shown, plain
from orchestrator.api.trail import write_down
from orchestrator.call.live import new_id
from orchestrator.call.tool_runner import run_tool
from orchestrator.core.commands import RunTool
from orchestrator.core.definition import AgentSpec, ToolSpec
from orchestrator.core.describe import describe_tool
from orchestrator.core.errors import ConflictError, InvalidRequestError, NotFoundError
from orchestrator.core.events import ToolReturned
from orchestrator.core.json_value import JsonObject

TAG: Final = ["tools"]

Owner = Annotated[str | None, QueryParameter(description="Of this agent, where several have one of the name")]


class Tool(Shown):
    """A tool.

    Attributes:
        agents: Who has it.
        client: Whether clients answer it.
        parameters: JSON Schema of its arguments.
        timeout: Seconds, null for the agent's limit.
    """

    name: Annotated[str, Meta(examples=["add_item"])]
    agents: list[str]
    description: str
    parameters: dict[str, Any]
    client: bool
    states: list[str]
    timeout: float | None
    cancel_on_interrupt: bool
    needs_approval: bool
    confirm: bool
    filler: str | None
    rerun: bool


class TryOut(Body):
    """What a tool is tried with.

    Attributes:
        agent: Whose tool, where several agents have one of the name.
        states: Values of the states it works on; their initial values where none are given.
    """

    arguments: Annotated[dict[str, Any], Meta(examples=[{"item": "margherita", "size": "large"}])] = (
        msgspec.field(default_factory=dict)
    )
    states: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    agent: str | None = None


class TriedOut(Shown):
    """What the tool answered, and what it would have changed.

    Attributes:
        outcome: `completed`, `failed`, `timed_out`, or `invalid` where the arguments do not fit.
        output: What the model would be told.
        violations: What is wrong with the arguments.
        states: Values that would be stored, by state.
        records: Rows that it would leave behind.
        statements: How many further statements it would have run.
        said: What it would have had spoken meanwhile.
    """

    outcome: str
    output: str
    violations: list[str] = msgspec.field(default_factory=list)
    states: dict[str, Any] = msgspec.field(default_factory=dict)
    records: list[dict[str, Any]] = msgspec.field(default_factory=list)
    statements: int = 0
    said: list[str] = msgspec.field(default_factory=list)
    end_call: str | None = None


@get("/tools", tags=TAG, summary="List tools")
async def list_tools(services: NamedDependency[Services]) -> Listing[Tool]:
    """List every tool of every agent, each name once."""
    names = {tool.name for agent in services.switchboard.definition.agents.values() for tool in agent.tools}
    return Listing(data=[_tool(services, name, None) for name in sorted(names)])


@get("/tools/{name:str}", tags=TAG, summary="Show a tool")
async def show_tool(name: FromPath[str], services: NamedDependency[Services], agent: Owner = None) -> Tool:
    """Show a tool with the schema of its arguments."""
    return _tool(services, name, agent)


@post("/tools/{name:str}/run", status_code=200, tags=TAG, summary="Try a tool out")
async def run(
    name: FromPath[str],
    data: JSONBody[TryOut],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
) -> TriedOut:
    """Run a tool with a context of its own. What it would change of a conversation is shown, never applied.

    What it does elsewhere, such as a request to another service, it does indeed.
    """
    return await try_out(services, identity, name, data)


HANDLERS: Final = (list_tools, show_tool, run)


async def try_out(services: Services, identity: Identity, name: str, data: TryOut) -> TriedOut:
    """Run a tool apart from any conversation, and leave an audit entry; the pages do so as well.

    Raises:
        NotFoundError: There is no such tool.
        ConflictError: It is answered by clients.
        InvalidRequestError: A state is given that it does not work on.
    """
    agent, spec = _found(services, name, data.agent)
    if spec.run is None:
        raise ConflictError(f"{name} is a client tool: clients answer it, there is nothing here to run.")
    states = _states(services, spec, data.states)
    async with services.database.transaction() as connection:
        await write_down(connection, identity, "tool.try", name, {"agent": agent.name})
    violations = [f"{found.path}: {found.message}" for found in spec.check(data.arguments)]
    if violations:
        return TriedOut(outcome="invalid", output="", violations=violations)
    command = RunTool(
        new_id("call"),
        1,
        agent.name,
        name,
        data.arguments,
        states,
        spec.timeout or agent.limits.tool_timeout,
    )
    said: list[str] = []
    returned = await run_tool(command, spec, conversation_id=new_id("conv"), metadata={}, speak=said.append)
    return _tried(returned, said)


def _tool(services: Services, name: str, agent: str | None) -> Tool:
    _, spec = _found(services, name, agent)
    agents = services.switchboard.definition.agents.values()
    owners = [owner.name for owner in agents if owner.tool(name) is not None]
    return msgspec.convert({**describe_tool(spec), "agents": owners}, Tool)


def _found(services: Services, name: str, agent: str | None) -> tuple[AgentSpec, ToolSpec]:
    definition = services.switchboard.definition
    owners = list(definition.agents.values()) if agent is None else [definition.agent(agent)]
    for owner in owners:
        if (spec := owner.tool(name)) is not None:
            return owner, spec
    raise NotFoundError(f"There is no tool {name!r}.", param="name")


def _states(services: Services, spec: ToolSpec, given: dict[str, dict[str, Any]]) -> dict[str, JsonObject]:
    if unknown := sorted(given.keys() - set(spec.states)):
        known = ", ".join(spec.states) or "none"
        raise InvalidRequestError(
            f"{spec.name} does not work on the state {', '.join(unknown)}. It works on: {known}.",
            param="states",
        )
    declared = services.switchboard.definition.states
    return {name: given.get(name, declared[name].initial) for name in spec.states}


def _tried(returned: ToolReturned, said: list[str]) -> TriedOut:
    return TriedOut(
        outcome=returned.outcome,
        output=returned.output,
        states=plain(returned.effects.states),
        records=plain(returned.effects.records),
        statements=len(returned.effects.statements),
        said=said,
        end_call=returned.end_call,
    )
