"""`/admin/calls`: what is live on this node, and what operators do to it."""

from typing import Annotated, Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from orchestrator.api.admission import Identity
from orchestrator.api.operating import Operator, live_call
from orchestrator.api.services import Services
from orchestrator.api.shapes import Body, Listing, Shown, Words
from orchestrator.call.live import LiveConversation

TAG: Final = ["live calls"]
ACCEPTED: Final = 202


class Approval(Shown):
    """A tool call that waits for an operator.

    Attributes:
        arguments: JSON text, as the model wrote it.
    """

    conversation_id: str
    tool_call_id: str
    name: str
    agent: str
    arguments: str


class LiveCall(Shown):
    """A conversation that is live on this node.

    Attributes:
        call_id: Of the client connection; null while the last effects are stored.
        turn: Whose turn it is: `idle`, `listening`, `waiting`, `responding`, `working`.
        authority: Who may speak: `settled` unless a session is being opened or was lost.
        switching: Whether a session is being opened that is to take over.
        waiting_rows: Rows that are not stored yet.
        store: How the store takes them: `ok`, `behind`, `away`.
    """

    conversation_id: str
    call_id: str | None
    transport: str | None
    joined_at: float | None
    agent: str
    turn: str
    authority: str
    switching: bool
    sidebands: int
    waiting_rows: int
    store: str
    metadata: dict[str, Any]
    approvals: list[Approval]


class Saying(Body):
    """What the agent shall say to the caller, word by word."""

    text: Words


class Injection(Body):
    """What the model shall know and the caller does not hear.

    Attributes:
        respond: Whether the agent shall speak upon it.
    """

    text: Words
    respond: bool = False


class Transfer(Body):
    """Who shall take over."""

    agent: Annotated[str, Meta(examples=["human"])]
    reason: Annotated[str, Meta(max_length=1000)] = ""


class HangUp(Body):
    """How the call shall end.

    Attributes:
        final: Whether the conversation is over as a whole and may not be resumed.
    """

    reason: Annotated[str, Meta(max_length=200)] = "hung up"
    final: bool = False


class Decision(Body):
    """Whether a tool may run.

    Attributes:
        reason: Told to the model where it may not.
    """

    approve: bool
    reason: Annotated[str, Meta(max_length=1000)] = ""


@get("/calls", tags=TAG, summary="List live calls")
async def list_calls(services: NamedDependency[Services]) -> Listing[LiveCall]:
    """List what is live on this node."""
    return Listing(data=[_shown(live) for live in services.switchboard.conversations.values()])


@get("/calls/{call_id:str}", tags=TAG, summary="Show a live call")
async def show_call(call_id: FromPath[str], services: NamedDependency[Services]) -> LiveCall:
    """Show a live call, named by its conversation `conv_…` or its own id `rtc_…`."""
    return _shown(live_call(services, call_id))


@get("/approvals", tags=TAG, summary="List tool calls that wait for approval")
async def list_approvals(services: NamedDependency[Services]) -> Listing[Approval]:
    """List the tool calls of every live call that wait for an operator."""
    live = services.switchboard.conversations.values()
    return Listing(data=[approval for each in live for approval in _approvals(each)])


@post("/calls/{call_id:str}/say", status_code=ACCEPTED, tags=TAG, summary="Have the agent say something")
async def say(
    call_id: FromPath[str],
    data: JSONBody[Saying],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
) -> LiveCall:
    """Have the agent say these words as soon as it is silent."""
    return _shown(await Operator(services, identity, call_id).say(data.text))


@post("/calls/{call_id:str}/inject", status_code=ACCEPTED, tags=TAG, summary="Tell the model something")
async def inject(
    call_id: FromPath[str],
    data: JSONBody[Injection],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
) -> LiveCall:
    """Tell the model something that the caller does not hear."""
    return _shown(await Operator(services, identity, call_id).inject(data.text, respond=data.respond))


@post("/calls/{call_id:str}/handoff", status_code=ACCEPTED, tags=TAG, summary="Put another agent on duty")
async def hand_off(
    call_id: FromPath[str],
    data: JSONBody[Transfer],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
) -> LiveCall:
    """Put another agent on duty as soon as the present one is silent."""
    return _shown(await Operator(services, identity, call_id).hand_off(data.agent, data.reason))


@post("/calls/{call_id:str}/reconnect", status_code=ACCEPTED, tags=TAG, summary="Open a fresh session")
async def reconnect(
    call_id: FromPath[str], services: NamedDependency[Services], identity: NamedDependency[Identity]
) -> LiveCall:
    """Let a fresh engine session take over from the one on duty."""
    return _shown(await Operator(services, identity, call_id).reconnect())


@post("/calls/{call_id:str}/hangup", status_code=ACCEPTED, tags=TAG, summary="Hang up")
async def hang_up(
    call_id: FromPath[str],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
    data: JSONBody[HangUp | None] = None,
) -> LiveCall:
    """End the call; the conversation can be resumed unless this is final."""
    wanted = data or HangUp()
    return _shown(await Operator(services, identity, call_id).hang_up(wanted.reason, final=wanted.final))


@post(
    "/calls/{call_id:str}/approvals/{tool_call_id:str}",
    status_code=ACCEPTED,
    tags=TAG,
    summary="Approve or decline a tool call",
)
async def decide(
    call_id: FromPath[str],
    tool_call_id: FromPath[str],
    data: JSONBody[Decision],
    services: NamedDependency[Services],
    identity: NamedDependency[Identity],
) -> LiveCall:
    """Let a tool run that waits for approval, or decline it."""
    operator = Operator(services, identity, call_id)
    return _shown(await operator.decide(tool_call_id, approve=data.approve, reason=data.reason))


HANDLERS: Final = (
    list_calls,
    show_call,
    list_approvals,
    say,
    inject,
    hand_off,
    reconnect,
    hang_up,
    decide,
)


def _shown(live: LiveConversation) -> LiveCall:
    machine, call = live.machine, live.machine.call
    return LiveCall(
        conversation_id=live.id,
        call_id=call.id if call else None,
        transport=call.transport if call else None,
        joined_at=call.joined_at if call else None,
        agent=machine.agent,
        turn=machine.turn.value,
        authority=machine.authority.value,
        switching=machine.switching,
        sidebands=len(live.line.sidebands),
        waiting_rows=live.writer.waiting,
        store=live.writer.state,
        metadata=dict(live.metadata),
        approvals=_approvals(live),
    )


def _approvals(live: LiveConversation) -> list[Approval]:
    return [
        Approval(
            conversation_id=live.id,
            tool_call_id=call.id,
            name=call.item.name or "",
            agent=call.item.agent,
            arguments=call.item.arguments or "{}",
        )
        for call in live.machine.approvals
    ]
