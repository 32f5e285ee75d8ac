"""`/admin/agents`: what agents there are, and what operators changed of them."""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, PathParameter
from litestar.response import Response
from msgspec import UNSET, Meta, UnsetType

from orchestrator.api.admin.changing import Revising, restore, revise
from orchestrator.api.admission import Identity
from orchestrator.api.services import Services
from orchestrator.api.shapes import Body, Listing, Shown, shown
from orchestrator.core.describe import describe, graph, mermaid
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.json_value import JsonObject
from orchestrator.store.agent_revisions import AgentRevision, list_agent_revisions

TAG: Final = ["agents"]

Number = Annotated[int, PathParameter(ge=0, le=2**31 - 1, description="0 is the class as it is written")]
Expected = Annotated[
    str | None, HeaderParameter(name="If-Match", description="The `ETag` that the change was made upon")
]


class Agent(Shown):
    """An agent as it is now.

    Attributes:
        instructions: Null for reviewers; `(computed)` where they are written as a method.
        revision: 0 for the class as it is written.
    """

    name: Annotated[str, Meta(examples=["triage"])]
    description: str
    instructions: str | None
    voice: str | None
    greeting: str | None
    engine: str | None
    model: str | None
    turn_detection: dict[str, Any] | None
    reload: str
    tts: str | None
    recording: str | None
    limits: dict[str, Any]
    interruptions: dict[str, Any]
    enabled: bool
    revision: int
    states: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    handoffs: list[dict[str, Any]]
    hints: dict[str, list[str]]


class AgentChange(Body):
    """What is to differ from the class from now on; what is not named stays as it is.

    Attributes:
        reset: Settings that are to be as the class says again.
        note: Why.
    """

    enabled: bool | UnsetType = UNSET
    instructions: Annotated[str, Meta(min_length=1, max_length=100_000)] | UnsetType = UNSET
    voice: str | None | UnsetType = UNSET
    greeting: str | None | UnsetType = UNSET
    model: str | None | UnsetType = UNSET
    turn_detection: dict[str, Any] | None | UnsetType = UNSET
    reload: Literal["tts", "native"] | UnsetType = UNSET
    reset: list[str] = msgspec.field(default_factory=list)
    note: Annotated[str, Meta(max_length=1000)] = ""


class Restoring(Body):
    """Why a revision is restored."""

    note: Annotated[str, Meta(max_length=1000)] = ""


class Revision(Shown):
    """What an agent differs in from its class, as of a revision.

    Attributes:
        overrides: By setting; instructions are null for reviewers.
    """

    agent: str
    revision: int
    overrides: dict[str, Any]
    author: str
    note: str
    created_at: float


class Graph(Shown):
    """Who hands over to whom.

    Attributes:
        mermaid: The same as a Mermaid flowchart.
    """

    nodes: list[dict[str, Any]]
    edges: list[dict[str, Any]]
    mermaid: str


@get("/agents", tags=TAG, summary="List agents")
async def list_agents(
    services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> Listing[Agent]:
    """List every agent, switched off ones too."""
    agents = services.switchboard.definition.agents
    return Listing(data=[_agent(services, name, identity) for name in agents])


@get("/agents/graph", tags=TAG, summary="Show who hands over to whom")
async def show_graph(services: NamedDependency[Services]) -> Graph:
    """Show the handoffs as data and as a drawing."""
    definition = services.switchboard.definition
    drawn: dict[str, Any] = {**graph(definition), "mermaid": mermaid(definition)}
    return msgspec.convert(drawn, Graph)


@get("/agents/{name:str}", tags=TAG, summary="Show an agent")
async def show_agent(
    name: FromPath[str], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> Response[Agent]:
    """Show an agent as it is now; `ETag` is its revision."""
    return _tagged(_agent(services, name, identity))


@patch("/agents/{name:str}", tags=TAG, summary="Change an agent")
async def change_agent(
    name: FromPath[str],
    data: JSONBody[AgentChange],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
    if_match: Expected = None,
) -> Response[Agent]:
    """Change an agent for calls to come and for those that are on. Every change is a revision."""
    changes: JsonObject = msgspec.to_builtins(data)
    for name_of_ours in ("note", "reset"):
        changes.pop(name_of_ours, None)
    wanted = Revising(name, identity, data.note, _expected(if_match))
    reset = frozenset(data.reset)

    def merged(present: JsonObject) -> JsonObject:
        return {key: value for key, value in present.items() if key not in reset} | changes

    await revise(services, wanted, merged)
    return _tagged(_agent(services, name, identity))


@get("/agents/{name:str}/revisions", tags=TAG, summary="List revisions")
async def list_revisions(
    name: FromPath[str], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> Listing[Revision]:
    """List what was changed of an agent, newest first; the class itself, revision 0, is not among them."""
    services.switchboard.definition.agent(name)
    async with services.database.read() as connection:
        found = await list_agent_revisions(connection, name)
    return Listing(data=[_revision(revision, identity) for revision in found])


@post(
    "/agents/{name:str}/revisions/{revision:int}/restore",
    status_code=200,
    tags=TAG,
    summary="Restore a revision",
)
async def restore_revision(
    name: FromPath[str],
    revision: Number,
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
    data: JSONBody[Restoring | None] = None,
) -> Response[Agent]:
    """Let an agent be as it was: a new revision with the content of an old one; 0 is the class itself."""
    await restore(services, Revising(name, identity, data.note if data else ""), revision)
    return _tagged(_agent(services, name, identity))


HANDLERS: Final = (list_agents, show_graph, show_agent, change_agent, list_revisions, restore_revision)


def _agent(services: Services, name: str, identity: Identity) -> Agent:
    agent = msgspec.convert(describe(services.switchboard.definition.agent(name)), Agent)
    if identity.role != "admin":
        agent.instructions = None
    return agent


def _tagged(agent: Agent) -> Response[Agent]:
    return Response(agent, headers={"etag": f'"{agent.revision}"'})


def _revision(revision: AgentRevision, identity: Identity) -> Revision:
    made = shown(revision, Revision)
    if identity.role != "admin" and "instructions" in made.overrides:
        made.overrides = made.overrides | {"instructions": None}
    return made


def _expected(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    number = if_match.strip().strip('"')
    if not number.isdecimal() or len(number) > 9:
        raise InvalidRequestError('If-Match takes the ETag of the agent, such as "3".', param="If-Match")
    return int(number)
