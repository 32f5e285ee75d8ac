"""The replays of this node: stored conversations lived again, several at once, and what came of each."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from orchestrator.call import journal
from orchestrator.call.live import LiveConversation, new_id
from orchestrator.call.rehearsal import Rehearsal
from orchestrator.call.replay_agents import agents_for
from orchestrator.call.replay_caller import ReplayCaller
from orchestrator.call.switchboard import Switchboard
from orchestrator.core.comparison import Comparison, compare
from orchestrator.core.definition import Definition
from orchestrator.core.errors import (
    CapacityError,
    InvalidRequestError,
    OrchestratorError,
    StoreUnavailableError,
)
from orchestrator.core.json_value import JsonValue
from orchestrator.core.redaction import Redaction
from orchestrator.core.turns import Turn
from orchestrator.store.database import Database
from orchestrator.store.performances import Performance, load_performance, masked_comparison
from orchestrator.store.replays import (
    ReplayCase,
    ReplayRun,
    ReplayStatus,
    ask_to_cancel,
    beat,
    begin_case,
    create_replay,
    finish_case,
    finish_replay,
    name_case,
    settle_replays,
)

MOST: Final = 1000
"""Conversations of one replay."""

TURN_SECONDS: Final = 60.0
"""How long one reply may take."""

CLOSE_SECONDS: Final = 30.0
"""How long a replayed conversation may take to be stored."""

CAPACITY_PAUSE: Final = 0.5
CAPACITY_SECONDS: Final = 600.0
"""Callers come first: how long a replay waits for a node that is full, and between two attempts."""

BEAT_SECONDS: Final = 5.0

_log: Final = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Running:
    """A replay that this node runs.

    Attributes:
        stop: Set to end it before it is done; `ending` says as what.
    """

    run: ReplayRun
    definition: Definition
    left: deque[tuple[int, str]]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    ending: ReplayStatus = "done"
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, as_what: ReplayStatus) -> None:
        """Have it end before it is done."""
        if not self.stop.is_set():
            self.ending = as_what
            self.stop.set()


class Replays:
    """Runs replays. Their conversations are the switchboard's, and leave half of the node to callers.

    Args:
        database: The store.
        switchboard: Of this node.
        declared: The agents as their classes say, which revisions build upon.
        node: Name of this node.
        turn_seconds: How long one reply may take.
    """

    def __init__(
        self,
        database: Database,
        switchboard: Switchboard,
        declared: Definition,
        node: str,
        *,
        turn_seconds: float = TURN_SECONDS,
    ) -> None:
        self._database = database
        self._switchboard = switchboard
        self._declared = declared
        self._node = node
        self._turn_seconds = turn_seconds
        self._running: dict[str, _Running] = {}
        self._group: asyncio.TaskGroup | None = None
        self._stopped = asyncio.Event()

    # --- life ---------------------------------------------------------------------------------------------

    async def run(self, started: asyncio.Event) -> None:
        """Hold the node's replays until `stop`.

        Args:
            started: Set once replays may begin.

        Raises:
            StoreUnavailableError: Postgres cannot be used now.
        """
        async with self._database.transaction() as connection:
            if lost := await settle_replays(connection, self._node):
                _log.warning("replays left running by a dead node", replays=lost)
        async with asyncio.TaskGroup() as group:
            self._group = group
            started.set()
            await self._stopped.wait()

    async def stop(self) -> None:
        """End every replay where it stands."""
        self._stopped.set()
        for running in list(self._running.values()):
            running.end("interrupted")
        for running in list(self._running.values()):
            await running.over.wait()

    # --- for the interfaces -------------------------------------------------------------------------------

    async def begin(
        self,
        originals: Sequence[str],
        *,
        author: str,
        engine: str | None = None,
        agents: Mapping[str, JsonValue] | None = None,
        concurrency: int = 4,
        note: str = "",
    ) -> ReplayRun:
        """Replay conversations, in the background.

        Args:
            originals: Their ids; one that is named twice is replayed once.
            author: Who asks.
            engine, agents: See `agents_for`.
            concurrency: Conversations at once; at most half of what the node carries.
            note: Why.

        Raises:
            InvalidRequestError: Too many conversations or none, or what `agents_for` raises.
            NotFoundError: There is no such conversation, agent or revision.
            CapacityError: The node is about to stop.
        """
        chosen = list(dict.fromkeys(originals))
        if not 1 <= len(chosen) <= MOST:
            message = f"{len(chosen)} conversations were chosen. Choose 1 to {MOST}."
            raise InvalidRequestError(message, param="conversations")
        if self._group is None or self._stopped.is_set():
            raise CapacityError("This node is about to stop. Ask again in a moment.")
        async with self._database.transaction() as connection:
            definition = await agents_for(
                connection,
                self._switchboard.definition,
                self._declared,
                self._switchboard.engines,
                engine=engine,
                changes=agents or {},
            )
            run = await create_replay(
                connection,
                new_id("replay"),
                chosen,
                engine=engine,
                agents=dict(agents or {}),
                concurrency=max(1, min(concurrency, self._switchboard.max_calls // 2)),
                note=note,
                author=author,
                node=self._node,
            )
        running = _Running(run, definition, deque(enumerate(chosen, start=1)))
        self._running[run.id] = running
        self._group.create_task(self._drive(running))
        return run

    async def cancel(self, replay_id: str) -> ReplayRun:
        """Have a replay end, on whatever node it runs; one that is over stays as it is.

        Raises:
            NotFoundError: There is none of this id.
        """
        async with self._database.transaction() as connection:
            run = await ask_to_cancel(connection, replay_id)
        if (running := self._running.get(replay_id)) is not None:
            running.end("cancelled")
        return run

    async def ended(self, replay_id: str) -> None:
        """Wait until a replay of this node is over; how long that takes is bounded by its conversations."""
        if (running := self._running.get(replay_id)) is not None:
            await running.over.wait()

    # --- running ------------------------------------------------------------------------------------------

    async def _drive(self, running: _Running) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                beating = group.create_task(self._beat(running))
                stopping = group.create_task(running.stop.wait())
                working = group.create_task(self._work(running))
                await asyncio.wait({stopping, working}, return_when=asyncio.FIRST_COMPLETED)
                for task in (beating, stopping, working):
                    task.cancel()
            async with self._database.transaction() as connection:
                await finish_replay(connection, running.run.id, running.ending)
        except Exception as error:  # noqa: BLE001 - one replay may fail; its node must not
            # Its heartbeat has stopped, so that a node that starts closes it.
            journal.crash(running.run.id, "replay broke off", error)
        finally:
            self._running.pop(running.run.id, None)
            running.over.set()

    async def _beat(self, running: _Running) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            async with self._database.transaction() as connection:
                if not await beat(connection, running.run.id):
                    running.end("cancelled")

    async def _work(self, running: _Running) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(running.run.concurrency):
                group.create_task(self._worker(running))

    async def _worker(self, running: _Running) -> None:
        while running.left:
            number, original = running.left.popleft()
            await self._case(running, number, original)

    async def _case(self, running: _Running, number: int, original: str) -> None:
        replay_id = running.run.id
        async with self._database.transaction() as connection:
            await begin_case(connection, replay_id, number)
        try:
            found = await self._replay(running, number, original)
        except OrchestratorError as error:
            await self._finish(replay_id, number, error=f"{error.code}: {error.message}")
        except Exception as error:  # noqa: BLE001 - one conversation may fail; the others must not
            journal.crash(original, "replay failed", error)
            await self._finish(replay_id, number, error="internal_error: the log says more")
        else:
            await self._finish(replay_id, number, found)

    async def _finish(
        self, replay_id: str, number: int, found: Comparison | None = None, error: str | None = None
    ) -> None:
        async with self._database.transaction() as connection:
            if found is None:
                await finish_case(connection, replay_id, number, "failed", error=error)
                return
            await finish_case(
                connection,
                replay_id,
                number,
                "same" if found.same else "different",
                turns=len(found.turns),
                first_turn=found.first,
                kinds=[each.kind for each in found.differences],
            )

    async def _replay(self, running: _Running, number: int, original: str) -> Comparison:
        initial = {name: state.initial for name, state in running.definition.states.items()}
        async with self._database.snapshot() as connection:
            before = await load_performance(connection, original, initial)
        script = played_again(before.turns)
        live = await self._begin(running, before)
        async with self._database.transaction() as connection:
            await name_case(connection, running.run.id, number, live.id)
        caller = ReplayCaller(
            live, live.tools.rehearsal or Rehearsal(original), turn_seconds=self._turn_seconds
        )
        await caller.perform(script)
        await _closed(live)
        async with self._database.snapshot() as connection:
            after = await load_performance(connection, live.id, initial)
        return compare(script, after.turns)

    async def _begin(self, running: _Running, before: Performance) -> LiveConversation:
        """Begin the conversation, once the node has room for it."""
        deadline = asyncio.get_running_loop().time() + CAPACITY_SECONDS
        while True:
            try:
                return await self._switchboard.begin(
                    before.summary.entry_agent,
                    metadata={**before.summary.metadata, "replay": running.run.id},
                    rehearsal=Rehearsal(before.summary.id, before.uses, before.revisions),
                    definition=running.definition,
                )
            except CapacityError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
            await asyncio.sleep(CAPACITY_PAUSE)


async def _closed(live: LiveConversation) -> None:
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await live.closed.wait()
    except TimeoutError:
        raise StoreUnavailableError(f"The replay was not stored within {CLOSE_SECONDS:g} s.") from None


def played_again(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns that a replay says again: without those at the end that nobody stayed to hear answered."""
    kept = list(turns)
    while len(kept) > 1 and not kept[-1].answered:
        kept.pop()
    return tuple(kept)


async def side_by_side(
    database: Database, case: ReplayCase, definition: Definition, redaction: Redaction
) -> Comparison | None:
    """A conversation and its replay, turn by turn, as far as was compared; None where there is no replay yet.

    Args:
        database: The store.
        case: Which.
        definition: For the first values of states.
        redaction: What the reader is not shown.

    Raises:
        NotFoundError: One of them was erased meanwhile.
    """
    if case.replayed_id is None:
        return None
    initial = {name: state.initial for name, state in definition.states.items()}
    async with database.snapshot() as connection:
        before = await load_performance(connection, case.original_id, initial)
        after = await load_performance(connection, case.replayed_id, initial)
    reach = case.turns or None
    found = compare(played_again(before.turns)[:reach], after.turns[:reach])
    return masked_comparison(found, redaction)
