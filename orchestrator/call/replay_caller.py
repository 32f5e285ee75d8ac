"""The caller of a replay: says again what the caller of the original said, and waits for each reply."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from orchestrator.call.live import LiveConversation, new_id
from orchestrator.call.rehearsal import NOT_REPLAYED, Rehearsal
from orchestrator.call.sound import Sound
from orchestrator.core.arbiter import ACTIVE
from orchestrator.core.configuration import Wishes
from orchestrator.core.engine_events import EngineItem
from orchestrator.core.errors import EngineError, EngineTimeoutError
from orchestrator.core.events import CallerAskedResponse, CallerItem, OperatorHandedOff, ToolApproved
from orchestrator.core.items import Item, Part
from orchestrator.core.json_value import JsonObject
from orchestrator.core.notices import AudioRouteNotice, Notice, RefusalNotice, Reply, ReplyNotice, ToolNotice
from orchestrator.core.tool_calls import failure
from orchestrator.core.turns import Handover, Turn, parsed

TURN: Final = "replay_turn"
"""Under this name a reply tells which of our requests it answers."""

CLIENT_STEPS: Final = 16
"""How often one turn may ask the client for the answer of a tool."""


class ReplayFailedError(EngineError):
    """A turn was not answered as a turn is; the message says how, without a word of the caller's."""

    code = "replay_failed"


class ReplayCaller:
    """A client of one conversation that reads from a script.

    Args:
        live: The conversation, just begun.
        rehearsal: The tool calls of the original, for answering those of clients.
        turn_seconds: How long a reply may take.
    """

    transport = "replay"

    def __init__(self, live: LiveConversation, rehearsal: Rehearsal, *, turn_seconds: float) -> None:
        self.call_id = new_id("call")
        self._live = live
        self._rehearsal = rehearsal
        self._seconds = turn_seconds
        self._asked = 0
        self._news: asyncio.Queue[Reply | RefusalNotice | None] = asyncio.Queue()

    # --- what a client is told ----------------------------------------------------------------------------

    def tell(self, notice: Notice) -> None:
        """Take note of the ends of replies and of refusals; say yes where an operator is asked."""
        match notice:
            case ReplyNotice(stage="done", reply=reply):
                self._news.put_nowait(reply)
            case RefusalNotice():
                self._news.put_nowait(notice)
            case ToolNotice(stage="approval"):
                self._approve(notice)
            case _:
                return

    def play(self, sound: Sound, route: AudioRouteNotice) -> None:
        """Nobody listens."""

    def flush(self) -> None:
        """Nothing waits to be heard."""

    def pause(self) -> bool:
        """Nothing is heard."""
        return False

    def resume(self) -> None:
        """Nothing was held back."""

    def statistics(self) -> JsonObject:
        """Nothing is measured."""
        return {}

    def hang_up(self, reason: str) -> None:
        """The agents ended the call, or the node did."""
        del reason
        self._news.put_nowait(None)

    def _approve(self, notice: ToolNotice) -> None:
        found = self._rehearsal.recorded(notice.tool_call_id, notice.name, parsed(notice.arguments))
        declined = found is not None and found.use.outcome == "declined"
        self._live.feed(ToolApproved(notice.tool_call_id, approve=not declined))

    # --- what it does -------------------------------------------------------------------------------------

    async def perform(self, turns: Sequence[Turn]) -> None:
        """Say every turn, and leave; where the agents hang up before, that is the end.

        Args:
            turns: Of the original, from turn 0 on.

        Raises:
            ReplayFailedError: A reply failed, or was refused.
            EngineTimeoutError: A reply did not end in time.
        """
        greeted, *spoken = turns
        try:
            over = await self._answer_the_call(greeted)
            for turn in spoken:
                over = over or await self._say(turn)
        finally:
            self._live.leave(self, "replayed")

    async def _answer_the_call(self, greeted: Turn) -> bool:
        machine = self._live.machine
        greeting = machine.definition.agent(machine.agent).greeting
        self._live.join(self, wishes=Wishes(modality="text"), greet=greeted.answered)
        self._tell_agents(greeted)
        if not greeted.answered:
            return False
        return await self._reply(None) is None if greeting else await self._ask()

    async def _say(self, turn: Turn) -> bool:
        """Say one turn; whether the call is over then."""
        self._tell_agents(turn)
        over = await self._ask()
        for step in turn.steps:
            if isinstance(step, Handover) and step.by_operator and not over:
                self._live.feed(OperatorHandedOff(step.target, step.reason))
                over = await self._reply(None) is None
        return over

    def _tell_agents(self, turn: Turn) -> None:
        for said in turn.said:
            item = EngineItem(new_id("item"), "message", said.role, content=_as_text(said.content))
            self._live.feed(CallerItem(item))

    async def _ask(self) -> bool:
        """Have a turn answered, with the client's part in it; whether the call is over then."""
        for _ in range(CLIENT_STEPS):
            reply = await self._request()
            calls = [item for item in reply.output if item.kind == "function_call"] if reply else []
            if reply is None or not calls:
                return reply is None
            for call in calls:
                self._answer_call(call)
        raise ReplayFailedError(f"The agents asked for tools of the client {CLIENT_STEPS} times in one turn.")

    async def _request(self) -> Reply | None:
        while True:
            self._asked += 1
            mark = str(self._asked)
            self._live.feed(CallerAskedResponse({"metadata": {TURN: mark}}, event_id=mark))
            reply = await self._reply(mark)
            if reply is None or _mark(reply) == mark:
                return reply

    async def _reply(self, mark: str | None) -> Reply | None:
        """The end of the reply that was asked for; one that was in the way, where ours was refused for it."""
        refused = False
        while True:
            news = await self._next()
            if isinstance(news, RefusalNotice):
                if news.code != ACTIVE:
                    raise ReplayFailedError(f"A turn was refused: {news.code}.")
                refused = True
            elif news is None or refused or mark is None or _mark(news) == mark:
                return _checked(news)

    async def _next(self) -> Reply | RefusalNotice | None:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._news.get()
        except TimeoutError:
            raise EngineTimeoutError(f"A reply did not end within {self._seconds:g} s.") from None

    def _answer_call(self, call: Item) -> None:
        """Answer a tool of the client as the client did."""
        name, call_id = call.name or "", call.tool_call_id or ""
        found = self._rehearsal.recorded(call_id, name, parsed(call.arguments or "{}"))
        output = found.use.output if found is not None else None
        told = EngineItem(new_id("item"), "function_call_output", tool_call_id=call_id, output=output)
        if output is None:
            told = replace(told, output=failure("not_replayed", NOT_REPLAYED))
        self._live.feed(CallerItem(told))


def _mark(reply: Reply) -> str | None:
    mark = (reply.metadata or {}).get(TURN)
    return mark if isinstance(mark, str) else None


def _checked(reply: Reply | None) -> Reply | None:
    if reply is not None and reply.status == "failed":
        raise ReplayFailedError("A reply failed at the engine. Its response says why.")
    return reply


def _as_text(content: tuple[Part, ...]) -> tuple[Part, ...]:
    """What was spoken as what was understood."""
    return tuple(Part(text=part.text) if part.kind == "audio" else part for part in content)
