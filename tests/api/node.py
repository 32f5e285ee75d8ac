"""One node of the service in the test's own loop: real sockets, a real Postgres, the embedded engine."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import uvicorn
from litestar import Litestar
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection

import tests.api.parsed_handlers  # noqa: F401 - they are read now, so that no test does
from orchestrator.api.admission import Admission
from orchestrator.api.application import build_application
from orchestrator.api.direct_socket import DirectSocket
from orchestrator.api.services import Services
from orchestrator.call.engines import Engines
from orchestrator.call.replays import Replays
from orchestrator.call.running import running
from orchestrator.call.switchboard import Switchboard
from orchestrator.cluster.ownership import Ownership
from orchestrator.engine.embedded import EmbeddedEngine
from orchestrator.realtime.dialects import Capabilities, EngineEndpoint
from orchestrator.realtime.transport import ConnectionLimits, Transport, dial_websocket
from orchestrator.settings import Settings
from orchestrator.store.keys import KeyRole, create_key
from orchestrator.store.leases import LeaseTable
from tests.api.agents_of_the_tests import ObedientBrain, definition
from tests.databases import patient_database
from tests.patience import PATIENCE

ADMIN_KEY = "ok_admin_of_the_tests"

Build = Callable[[Settings, Services], Litestar]


@dataclass
class Node:
    """A node that runs.

    Attributes:
        port: Where it listens.
        reachable: While it is not set, nobody who dials the engine gets through.
        keys: Secrets by role.
    """

    services: Services
    brain: ObedientBrain
    port: int
    reachable: asyncio.Event
    keys: dict[str, str] = field(default_factory=dict)
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def http(self, key: str | None = None) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        client = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=PATIENCE)
        self.clients.append(client)
        return client

    def sdk(self, key: str = "sk-anything") -> AsyncOpenAI:
        return AsyncOpenAI(
            api_key=key,
            base_url=f"{self.url}/v1",
            websocket_base_url=f"ws://127.0.0.1:{self.port}/v1",
            max_retries=0,
            timeout=PATIENCE,
        )

    async def make_key(self, role: KeyRole, name: str = "") -> str:
        async with self.services.database.transaction() as connection:
            _, secret = await create_key(connection, name or role, role)
        return secret


@dataclass
class Caller:
    """A client that talks to the service through the stock SDK."""

    connection: AsyncRealtimeConnection
    conversation_id: str
    events: list[Any] = field(default_factory=list)

    async def say(self, text: str) -> str:
        """Say something and wait for the reply's end; the text of the reply."""
        content: list[Any] = [{"type": "input_text", "text": text}]
        await self.connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": content}
        )
        await self.connection.response.create()
        return await self.reply()

    async def reply(self) -> str:
        done = await self.until(lambda event: event.type in {"response.done", "error"})
        assert done.type == "response.done", done
        return "".join(
            part.text or "" for item in done.response.output for part in getattr(item, "content", None) or []
        )

    async def until(self, wanted: Callable[[Any], bool]) -> Any:
        async with asyncio.timeout(PATIENCE):
            while True:
                event = await self.connection.recv()
                self.events.append(event)
                if wanted(event):
                    return event


@asynccontextmanager
async def calling(
    node: Node, agent: str = "desk", *, key: str = "sk-anything", conversation: str | None = None
) -> AsyncIterator[Caller]:
    """A call to the node."""
    before = set(node.services.switchboard.conversations)
    query = {"include": "orchestrator.events"} | ({"conversation": conversation} if conversation else {})
    async with (
        node.sdk(key) as sdk,
        sdk.realtime.connect(model=agent, extra_query=query) as connection,
    ):
        caller = Caller(connection, "")
        await caller.until(lambda event: event.type == "session.created")
        # One that is resumed may be open still: its last call is let go in its own time.
        new = set(node.services.switchboard.conversations) - before
        (caller.conversation_id,) = {conversation} if conversation else new
        yield caller


@asynccontextmanager
async def running_node(
    database_url: str, settings: Settings | None = None, build: Build = build_application
) -> AsyncIterator[Node]:
    """A node with the tests' own agents, on a free port."""
    settings = settings or Settings(port=0)
    brain, reachable = ObedientBrain(), asyncio.Event()
    reachable.set()
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(opened(settings, database_url, brain, reachable))
        port = await stack.enter_async_context(serving(settings, services, build))
        node = Node(services, brain, port, reachable)
        for role in ("admin", "reviewer", "caller"):
            node.keys[role] = await node.make_key(role)
        try:
            yield node
        finally:
            for client in node.clients:
                await client.aclose()


@asynccontextmanager
async def opened(
    settings: Settings, database_url: str, brain: ObedientBrain, reachable: asyncio.Event
) -> AsyncIterator[Services]:
    async def dial(endpoint: EngineEndpoint, model: str | None, limits: ConnectionLimits) -> Transport:
        await reachable.wait()
        return await dial_websocket(endpoint, model, limits)

    async with AsyncExitStack() as stack:
        database = patient_database(database_url, redaction=settings.redaction)
        stack.push_async_callback(database.close)
        engine = await stack.enter_async_context(EmbeddedEngine(brain))
        abilities = Capabilities(
            audio_in=False, audio_out=False, accepts_hints=True, default_model="embedded"
        )
        endpoint = EngineEndpoint(kind="embedded", url=engine.url, own_capabilities=abilities)
        ownership = Ownership(LeaseTable(database), "node-of-the-tests")
        agents = definition()
        engines = Engines(endpoint, {"embedded": endpoint}, dial=dial)
        board = Switchboard(database, ownership, engines, agents)
        await stack.enter_async_context(running(board.run, partial(board.stop, PATIENCE)))
        admission = Admission(database, admin_key=ADMIN_KEY, open_door=settings.is_loopback)
        replays = Replays(database, board, agents, "node-of-the-tests")
        await stack.enter_async_context(running(replays.run, replays.stop))
        yield Services(settings, database, board, admission, agents, replays=replays)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@asynccontextmanager
async def serving(
    settings: Settings, services: Services, build: Build = build_application
) -> AsyncIterator[int]:
    """Serve the application; the port."""
    config = uvicorn.Config(
        build(settings, services),
        port=0,
        log_config=None,
        access_log=False,
        ws=DirectSocket,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve())
        async with asyncio.timeout(PATIENCE):
            await server.listening.wait()
        try:
            yield server.servers[0].sockets[0].getsockname()[1]
        finally:
            server.should_exit = True
