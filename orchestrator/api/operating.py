"""What operators do to live calls, whether over the interfaces or on a page: checked, audited, then done."""

from orchestrator.api.admission import Identity
from orchestrator.api.services import Services
from orchestrator.api.trail import write_down
from orchestrator.call.live import LiveConversation
from orchestrator.core.errors import ConflictError, NotFoundError
from orchestrator.core.events import (
    Event,
    OperatorEnded,
    OperatorHandedOff,
    OperatorInjected,
    OperatorReconnected,
    OperatorSaid,
    ToolApproved,
)
from orchestrator.core.json_value import JsonObject
from orchestrator.core.transitions import Authority


class Operator:
    """Acts on one live call in somebody's name. Every method leaves an audit entry.

    Args:
        services: Of this node.
        identity: Who acts.
        call_id: A conversation `conv_…` or a call `rtc_…`.
    """

    def __init__(self, services: Services, identity: Identity, call_id: str) -> None:
        self._services = services
        self._identity = identity
        self._call_id = call_id

    async def say(self, text: str) -> LiveConversation:
        """Have the agent say these words as soon as it is silent."""
        return await self._act(self._on_line(), "call.say", OperatorSaid(text))

    async def inject(self, text: str, *, respond: bool) -> LiveConversation:
        """Tell the model something that the caller does not hear.

        Args:
            text: What.
            respond: Whether the agent shall speak upon it.
        """
        event = OperatorInjected(text, respond)
        return await self._act(self._on_line(), "call.inject", event, {"respond": respond})

    async def hand_off(self, agent: str, reason: str) -> LiveConversation:
        """Put another agent on duty as soon as the present one is silent.

        Raises:
            NotFoundError: There is no such agent.
            ConflictError: It cannot take over now.
        """
        live = self._on_line()
        target = self._services.switchboard.definition.agent(agent)
        if not target.enabled:
            raise ConflictError(f"{target.name} is switched off. Enable it first.", param="agent")
        if target.name == live.machine.agent:
            raise ConflictError(f"{target.name} is on duty already.", param="agent")
        _demand_settled(live)
        event = OperatorHandedOff(target.name, reason)
        return await self._act(live, "call.handoff", event, {"agent": target.name})

    async def reconnect(self) -> LiveConversation:
        """Let a fresh engine session take over from the one on duty."""
        live = self._on_line()
        _demand_settled(live)
        return await self._act(live, "call.reconnect", OperatorReconnected())

    async def hang_up(self, reason: str, *, final: bool) -> LiveConversation:
        """End the call; the conversation can be resumed unless this is final."""
        event = OperatorEnded(by="operator", reason=reason, final=final)
        return await self._act(self._on_line(), "call.hangup", event, {"final": final})

    async def decide(self, tool_call_id: str, *, approve: bool, reason: str) -> LiveConversation:
        """Let a tool run that waits for approval, or decline it.

        Raises:
            NotFoundError: No such call waits.
        """
        live = self._on_line()
        if tool_call_id not in {call.id for call in live.machine.approvals}:
            raise NotFoundError(f"No tool call {tool_call_id!r} waits for approval.", param="tool_call_id")
        detail: JsonObject = {"tool_call_id": tool_call_id, "approve": approve}
        return await self._act(live, "tool.decide", ToolApproved(tool_call_id, approve, reason), detail)

    def _on_line(self) -> LiveConversation:
        live = live_call(self._services, self._call_id)
        if live.client is None or not live.open:
            raise ConflictError(f"Nobody is connected to {live.id} any more.")
        return live

    async def _act(
        self, live: LiveConversation, action: str, event: Event, detail: JsonObject | None = None
    ) -> LiveConversation:
        async with self._services.database.transaction() as connection:
            await write_down(connection, self._identity, action, live.id, detail)
        live.feed(event)
        return live


def live_call(services: Services, call_id: str) -> LiveConversation:
    """What is live on this node under the id of a conversation or of a call.

    Raises:
        NotFoundError: Nothing is.
    """
    board = services.switchboard
    live = board.conversations.get(call_id) or board.by_call(call_id)
    if live is None:
        raise NotFoundError(f"Nothing of the id {call_id!r} is live on this node.", param="call_id")
    return live


def _demand_settled(live: LiveConversation) -> None:
    if live.machine.switching or live.machine.authority is not Authority.SETTLED:
        raise ConflictError("A session is being opened for this call just now. Try again in a moment.")
