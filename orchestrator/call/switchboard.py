"""The conversations of this node: begun, resumed, found, and brought to an end together."""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from orchestrator.call import journal
from orchestrator.call.clock import wall_clock
from orchestrator.call.engines import Engines
from orchestrator.call.live import LiveConversation, new_id
from orchestrator.call.recording import RecordingShelf
from orchestrator.call.rehearsal import Rehearsal
from orchestrator.cluster.ownership import Lease, Ownership
from orchestrator.core.context import Timing
from orchestrator.core.definition import Definition
from orchestrator.core.errors import CapacityError, ConflictError, OrchestratorError
from orchestrator.core.events import OperatorEnded
from orchestrator.core.json_value import JsonValue
from orchestrator.core.records import History
from orchestrator.store.conversations import settle_orphan
from orchestrator.store.database import Database
from orchestrator.store.history import create_conversation, load_history
from orchestrator.store.writer import ConversationWriter

_log = structlog.get_logger(__name__)


class Switchboard:
    """Every live conversation of one node.

    Args:
        database: The store.
        ownership: What this node holds; its `run` is the switchboard's to start.
        engines: Where sessions go.
        definition: All agents.
        max_calls: Conversations that may be live at once.
        clock: Seconds since the Unix epoch, to the microsecond.
        timing: How long each machine waits for what.
        recordings: Where recordings go; None where calls cannot be recorded.

    Attributes:
        max_calls, recordings: As given.
    """

    def __init__(
        self,
        database: Database,
        ownership: Ownership,
        engines: Engines,
        definition: Definition,
        *,
        max_calls: int = 100,
        clock: Callable[[], float] = wall_clock,
        timing: Timing | None = None,
        recordings: RecordingShelf | None = None,
    ) -> None:
        self.engines = engines
        self.recordings = recordings
        self.draining = False
        self._database = database
        self._ownership = ownership
        self._definition = definition
        self.max_calls = max_calls
        self._clock = clock
        self._timing = timing
        self._live: dict[str, LiveConversation] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._group: asyncio.TaskGroup | None = None
        self._stopped = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    # --- life ---------------------------------------------------------------------------------------------

    async def run(self, started: asyncio.Event) -> None:
        """Hold the node's conversations until `stop`; every one of them runs in this task group.

        Args:
            started: Set once conversations may be opened.
        """
        async with asyncio.TaskGroup() as group:
            self._group = group
            renewing = group.create_task(self._ownership.run())
            started.set()
            await self._stopped.wait()
            renewing.cancel()

    async def stop(self, deadline: float) -> None:
        """End every call and store what is left.

        Args:
            deadline: Seconds to wait for the store; what it has not taken by then is lost with the process.
        """
        self.draining = True
        for live in list(self._live.values()):
            live.feed(OperatorEnded(by="service", reason="shutdown"))
        try:
            async with asyncio.timeout(deadline):
                await self._idle.wait()
        except TimeoutError:
            _log.error("conversations not stored in time", conversations=len(self._live))
            for task in list(self._tasks.values()):
                task.cancel()
        self._stopped.set()

    async def drained(self, deadline: float) -> bool:
        """Take no further calls, and wait for those there are to end by themselves.

        Args:
            deadline: Seconds.

        Returns:
            Whether all have ended.
        """
        self.draining = True
        try:
            async with asyncio.timeout(deadline):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    # --- conversations ------------------------------------------------------------------------------------

    @property
    def definition(self) -> Definition:
        """All agents, as they are now."""
        return self._definition

    def change_definition(self, definition: Definition, agent: str) -> None:
        """Let an administrator's change of an agent take effect, in live conversations too."""
        self._definition = definition
        for live in list(self._live.values()):
            if not live.pinned:
                live.set_definition(definition, agent)

    @property
    def conversations(self) -> Mapping[str, LiveConversation]:
        """What is live here, by conversation id."""
        return self._live

    def by_call(self, call_id: str) -> LiveConversation | None:
        """The live conversation that a client connection belongs to."""
        for live in self._live.values():
            if live.client is not None and live.client.call_id == call_id:
                return live
        return None

    async def begin(
        self,
        agent: str | None = None,
        *,
        metadata: Mapping[str, JsonValue] | None = None,
        created_by: str | None = None,
        rehearsal: Rehearsal | None = None,
        definition: Definition | None = None,
    ) -> LiveConversation:
        """Begin a conversation and make it live.

        Args:
            agent: Who takes the call; an unknown name means the entry agent.
            metadata: What the client says of it.
            created_by: Id of the API key.
            rehearsal: Makes it a replay, which places no orders and is not counted.
            definition: Agents of its own, which stay as they are; None for those of the node.

        Raises:
            CapacityError: The node carries as many as it may, or is about to stop.
            StoreUnavailableError: Postgres cannot be used now.
        """
        self._check_capacity()
        conversation_id, name = new_id("conv"), self.agent_for(agent, definition)
        replay_of = rehearsal.original if rehearsal is not None else None
        async with self._database.transaction() as connection:
            await create_conversation(
                connection,
                conversation_id,
                agent=name,
                created_at=self._clock(),
                metadata=metadata,
                status="live",
                created_by=created_by,
                replay_of=replay_of,
            )
        lease = await self._ownership.claim(conversation_id, lambda: self._lost(conversation_id))
        history = History(
            conversation_id=conversation_id, agent=name, metadata=dict(metadata or {}), replay_of=replay_of
        )
        live = await self._start(history, lease, definition)
        live.tools.rehearsal = rehearsal
        return live

    async def resume(self, conversation_id: str) -> LiveConversation:
        """Make a stored conversation live, or find it live already.

        Raises:
            NotFoundError: There is none of this id.
            ConflictError: It is over, or live on another node.
            CapacityError: The node carries as many as it may, or is about to stop.
            StoreUnavailableError: Postgres cannot be used now.
        """
        async with self._opening.setdefault(conversation_id, asyncio.Lock()):
            try:
                return await self._resume(conversation_id)
            finally:
                self._opening.pop(conversation_id, None)

    async def _resume(self, conversation_id: str) -> LiveConversation:
        live = self._live.get(conversation_id)
        if live is not None and live.open:
            return live
        if live is not None:
            await live.closed.wait()
        self._check_capacity()
        lease = await self._ownership.claim(conversation_id, lambda: self._lost(conversation_id))
        try:
            async with self._database.transaction() as connection:
                history = await load_history(connection, conversation_id)
                if history.status == "live":
                    # Its node died or lost it, and could not write down that the call and its sessions ended.
                    await settle_orphan(connection, conversation_id)
        except OrchestratorError:
            await self._ownership.release(conversation_id)
            raise
        if history.status == "ended":
            await self._ownership.release(conversation_id)
            raise ConflictError(
                f"{conversation_id} was ended and cannot be resumed. Begin a new conversation."
            )
        return await self._start(history, lease)

    def agent_for(self, name: str | None, definition: Definition | None = None) -> str:
        """The agent of this name, or the entry agent: a model name that is none of ours means that one."""
        known = definition or self._definition
        takes_calls = name is not None and name in known.agents and known.agents[name].enabled
        return name if name is not None and takes_calls else known.entry

    # --- inside -------------------------------------------------------------------------------------------

    def _check_capacity(self) -> None:
        if self.draining or self._group is None:
            raise CapacityError("This node is about to stop. Call again in a moment.")
        if len(self._live) >= self.max_calls:
            raise CapacityError(
                f"This node carries {self.max_calls} calls, as many as it may. Call again soon."
            )

    async def _start(
        self, history: History, lease: Lease, definition: Definition | None = None
    ) -> LiveConversation:
        if self._group is None:
            raise CapacityError("This node is about to stop. Call again in a moment.")
        live: LiveConversation
        writer = ConversationWriter(
            self._database,
            history.conversation_id,
            owner=lease.owner,
            lease_epoch=lease.epoch,
            on_overload=lambda _rows: live.feed(OperatorEnded(by="service", reason="store_unavailable")),
        )
        live = LiveConversation(
            definition or self._definition,
            history,
            engines=self.engines,
            writer=writer,
            clock=self._clock,
            timing=self._timing,
            recordings=self.recordings,
        )
        live.pinned = definition is not None
        self._live[live.id] = live
        self._idle.clear()
        self._tasks[live.id] = self._group.create_task(self._drive(live))
        await live.running.wait()
        return live

    async def _drive(self, live: LiveConversation) -> None:
        try:
            await live.run()
        except Exception as error:  # noqa: BLE001 - one conversation may fail; its node must not
            journal.crash(live.id, "conversation failed", error)
        finally:
            self._live.pop(live.id, None)
            self._tasks.pop(live.id, None)
            await self._ownership.release(live.id)
            live.closed.set()
            if not self._live:
                self._idle.set()

    def _lost(self, conversation_id: str) -> None:
        if (live := self._live.get(conversation_id)) is not None:
            live.abandon("moved")
