"""A conversation in which chance says what happens: what is said, what fails, who leaves, who comes back."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from orchestrator.call.clock import wall_clock
from orchestrator.call.engines import Engines
from orchestrator.call.live import LiveConversation
from orchestrator.call.running import running
from orchestrator.call.switchboard import Switchboard
from orchestrator.cluster.ownership import Ownership
from orchestrator.core.configuration import SERVER_VAD, Wishes
from orchestrator.core.context import Timing
from orchestrator.core.definition import Definition
from orchestrator.core.events import OperatorHandedOff, OperatorReconnected, TimePassed
from orchestrator.store.database import Database
from orchestrator.store.leases import LeaseTable
from orchestrator.testing.faults import Fault, FaultPlan
from orchestrator.testing.scripted_engine import ScriptedEngine
from orchestrator.testing.turns import SessionView, Turn, calls, says
from orchestrator.testing.wire_session import WireSession
from tests.end_to_end.random_caller import RandomCaller
from tests.end_to_end.reckoning import (
    check_effects,
    check_handoffs,
    check_is_closed,
    check_responses,
    check_sequence,
    read_conversation,
)
from tests.patience import PATIENCE

HURRIED: Final = Timing(
    open=1.0, first_event=0.4, silence=0.4, stopping=0.3, speech=0.3, drain=0.1, filler=0.2, filler_again=0.3,
    tool_grace=0.5, summary=0.3, side=1.0, ask_again=0.05, retries=(0.0, 0.0, 0.01, 0.02, 0.02, 0.05, 0.05),
)  # fmt: skip
HOUR: Final = 3600.0
STEPS: Final = (3, 7)
RATE: Final = 0.06
EXCHANGES: Final = ("hello", "hours", "burn", "many", "take both", "cake", "bread")


def shopkeeper(view: SessionView) -> Turn:
    """Decide by the items alone, so that the same is said again after a lost connection."""
    if view.last_output is not None:
        return says(f"The answer was {view.last_output}")
    said = view.user_text
    if said.startswith("take both"):
        take, hours = ("add_loaves", {"count": 2}), ("look_up_hours", {"day": "Monday"})
        return Turn(calls=(take, hours) if "look_up_hours" in view.tool_names else (take, take))  # type: ignore[arg-type]
    if said.startswith("take "):
        return calls("add_loaves", count=int(said.removeprefix("take ")))
    if said == "hold on":
        return says("one two three four five", hold_after=2)
    for word, name, arguments in TOOLS:
        if word == said and name in view.tool_names:
            return calls(name, **arguments)
    return says(f"You said {said}")


TOOLS: Final[tuple[tuple[str, str, dict[str, object]], ...]] = (
    ("hours", "look_up_hours", {"day": "Monday"}),
    ("burn", "burn", {}),
    ("many", "add_loaves", {"count": "many"}),
    ("cake", "transfer_to_kitchen", {"reason": "a cake"}),
    ("bread", "transfer_back", {"reason": "bread"}),
)


class RandomConversation:
    """One conversation.

    Args:
        database: The store.
        definition: The shop.
        seed: Decides everything that chance decides; what the machine's speed decides, it cannot.

    Attributes:
        happened: How often what happened.
    """

    def __init__(self, database: Database, definition: Definition, seed: int) -> None:
        self._database = database
        self._luck = random.Random(seed)
        self._ahead = 0.0
        self._calls: list[RandomCaller] = []
        rate = RATE if self._luck.random() < 0.9 else 3 * RATE
        self.engine = ScriptedEngine(
            shopkeeper, faults=FaultPlan.seeded(seed, rate=rate), listen=False, clock=self.clock
        )
        engines = Engines(self.engine.endpoint(), {}, dial=self.engine.dial)
        ownership = Ownership(LeaseTable(database), f"node:{seed}", seconds=600)
        self._board = Switchboard(database, ownership, engines, definition, clock=self.clock, timing=HURRIED)
        self.voice = self._luck.random() < 0.4
        self.happened: Counter[str] = Counter()

    def clock(self) -> float:
        return round(wall_clock() + self._ahead, 6)

    async def run(self) -> None:
        """Live it through, then reckon up."""
        stop = partial(self._board.stop, PATIENCE)
        async with self.engine, running(self._board.run, stop):
            live = await self._board.begin("counter")
            last = await self._talk(live)
        await self._check(last)

    async def _talk(self, live: LiveConversation) -> LiveConversation:
        caller = self._join(live)
        for _ in range(self._luck.randint(*STEPS)):
            if caller.hung_up or self._luck.random() < 0.15:
                caller.leave()
                await asyncio.wait_for(live.closed.wait(), PATIENCE)
                live = await self._board.resume(live.id)
                caller = self._join(live)
            await self._luck.choices(self._steps, self._weights)[0](caller)
        if self._luck.random() < 0.8:
            await caller.until(lambda: not caller.answering)
        caller.leave()
        await asyncio.wait_for(live.closed.wait(), PATIENCE)
        return live

    def _join(self, live: LiveConversation) -> RandomCaller:
        wishes = (
            Wishes(modality="audio", turn_detection=dict(SERVER_VAD))
            if self.voice
            else Wishes(modality="text")
        )
        self._calls.append(RandomCaller(live, wishes))
        return self._calls[-1]

    # --- what may happen ----------------------------------------------------------------------------------

    @property
    def _steps(self) -> list[Callable[[RandomCaller], Awaitable[None]]]:
        return [self._order, self._chat, self._speak, self._interrupt, self._break, self._operate, self._wait]

    _weights = (6, 6, 6, 2, 3, 1, 3)

    async def _order(self, caller: RandomCaller) -> None:
        await caller.say(f"take {self._luck.randint(1, 9)}")

    async def _chat(self, caller: RandomCaller) -> None:
        await caller.say(self._luck.choice(EXCHANGES))

    async def _speak(self, caller: RandomCaller) -> None:
        """Say it aloud, where the engine listens."""
        session = self._on_duty(caller.live)
        if not self.voice or session is None or caller.answering:
            await self._chat(caller)
            return
        ended = len(caller.done)
        said = self._luck.choice(("take 1", "hours", "hello", "cake"))
        fault = self._luck.choice((None, Fault.LATE_TRANSCRIPT, Fault.LATE_TRANSCRIPT, Fault.NO_TRANSCRIPT))
        if fault is not None:
            self.engine.faults.soon(fault)
        session.audio.user_speaks(said, None if fault else self._luck.choice((None, "failed")))
        if session.is_open:
            await caller.until(lambda: len(caller.done) > ended or not session.is_open)
        session.audio.tell_late_transcripts()

    async def _interrupt(self, caller: RandomCaller) -> None:
        caller.write(self._luck.choice(("hold on", f"take {self._luck.randint(1, 9)}")))
        caller.send("response.create")
        for _ in range(self._luck.randint(0, 20)):
            await asyncio.sleep(0)
        cancelled = caller.send("response.cancel")
        await caller.until(lambda: not caller.answering)
        caller.refused.pop(cancelled, None)

    async def _break(self, caller: RandomCaller) -> None:
        """The engine goes away at any point of a turn."""
        end = self._luck.choice((WireSession.lose_connection, WireSession.expire))
        if self.engine.sessions:
            asyncio.get_running_loop().call_later(self._luck.random() * 0.02, end, self.engine.session)
        await self._order(caller)

    async def _operate(self, caller: RandomCaller) -> None:
        target = self._luck.choice(("kitchen", "counter"))
        caller.live.feed(self._luck.choice((OperatorHandedOff(target), OperatorReconnected())))
        await self._chat(caller)

    async def _wait(self, caller: RandomCaller) -> None:
        """An hour goes by: sessions have to be replaced before they expire."""
        await caller.until(lambda: not caller.answering)
        self._ahead += self._luck.uniform(0.5, 0.99) * HOUR
        caller.live.feed(TimePassed())
        await self._chat(caller)

    def _on_duty(self, live: LiveConversation) -> WireSession | None:
        """The engine's end of the session that hears the caller."""
        context = live.machine._context
        session = live._sessions.open_sessions.get(context.on_duty or 0)
        transport = getattr(session, "_transport", None)
        if transport is None or context.switch is not None or not transport._session.is_open:
            return None
        found: WireSession = transport._session
        return found

    # --- the reckoning ------------------------------------------------------------------------------------

    async def _check(self, live: LiveConversation) -> None:
        stored = await read_conversation(self._database, live.id)
        check_is_closed(stored)
        check_sequence(stored)
        check_effects(stored)
        check_handoffs(stored)
        check_responses(stored)
        self.happened.update(self.engine.faults.struck)
        self.happened["late transcript"] += sum(item.late for item in stored.items)
        self.happened.update(f"handoff {row['outcome']}" for row in stored.tables["handoffs"])
        self.happened.update(f"tool {row['outcome']}" for row in stored.tables["tool_runs"])
        self.happened.update(f"session for {row['purpose']}" for row in stored.tables["sessions"])
        self.happened.update(f"response {row['status']}" for row in stored.tables["responses"])
        assert stored.durable == live.machine.durable, "what is stored is not what was live"
        for caller in self._calls:
            caller.check({item.id: item for item in stored.items})
