"""An engine session against a peer in the same process, with everything that it told."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from orchestrator.core.engine_events import EngineEvent
from orchestrator.realtime.codec import decode, encode
from orchestrator.realtime.connection import AudioDelta, EngineSession
from orchestrator.realtime.dialects import EngineEndpoint
from orchestrator.realtime.failures import Failure
from orchestrator.realtime.memory import MemoryTransport, connected_pair
from orchestrator.realtime.transport import ConnectionLimits, DialError, Transport
from orchestrator.testing.virtual_time import VirtualTime
from tests.realtime.commands import opening

ENDPOINT = EngineEndpoint(kind="openai", url="wss://engine.example/v1", api_key="sk-secret")


class Peer:
    """The engine's end of the connection."""

    def __init__(self, transport: MemoryTransport) -> None:
        self.transport = transport

    async def send(self, **event: Any) -> None:
        await self.transport.send(encode(event))

    async def receive(self) -> dict[str, Any]:
        return decode(await self.transport.receive())

    async def accept(self, **session: Any) -> dict[str, Any]:
        """Greet, take the configuration and confirm it."""
        await self.send(type="session.created", session={"id": "sess_1", **session})
        configuration = await self.receive()
        await self.send(type="session.updated", session={"id": "sess_1"})
        return configuration


class Recorded:
    """One session, the events and audio it told, and the other end."""

    def __init__(
        self,
        *,
        dial_failures: tuple[Failure, ...] = (),
        dial_seconds: float = 0.0,
        limits: ConnectionLimits | None = None,
        endpoint: EngineEndpoint = ENDPOINT,
        **configuration: Any,
    ) -> None:
        self.events: list[EngineEvent] = []
        self.audio: list[AudioDelta] = []
        self.told = asyncio.Event()
        self.dialled_at: list[float] = []
        self._failures = list(dial_failures)
        self._dial_seconds = dial_seconds
        ours, theirs = connected_pair()
        self.transport, self.peer = ours, Peer(theirs)
        self.session = EngineSession(
            endpoint,
            opening(**configuration),
            on_event=self._on_event,
            on_audio=self.audio.append,
            clock=lambda: 1000.0,
            limits=limits,
            dial=self._dial,
            jitter=lambda: 1.0,
        )

    def _on_event(self, event: EngineEvent) -> None:
        self.events.append(event)
        self.told.set()

    async def _dial(
        self, _endpoint: EngineEndpoint, _model: str | None, _limits: ConnectionLimits
    ) -> Transport:
        self.dialled_at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self._dial_seconds)
        if self._failures:
            raise DialError(self._failures.pop(0))
        return self.transport

    async def next_event(self) -> EngineEvent:
        """Wait for one more event and answer it."""
        self.told.clear()
        await self.told.wait()
        return self.events[-1]

    async def play(self, engine: Callable[[Peer], Awaitable[None]]) -> list[EngineEvent]:
        """Run the session against a script of the engine's side, until both are done."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.session.run())
            await engine(self.peer)
        return self.events


def played(script: Any, *, seconds: float = 60.0, **options: Any) -> Recorded:
    """Play a script `(peer, recorded)` in virtual time and answer what was recorded."""

    async def scenario() -> Recorded:
        recorded = Recorded(**options)

        async def engine(peer: Peer) -> None:
            await script(peer, recorded)

        await recorded.play(engine)
        return recorded

    return VirtualTime().run(scenario(), limit=seconds)
