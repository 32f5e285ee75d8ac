"""A node of the service with a scripted engine behind it, for clients that know nothing of us."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest
from openai import AsyncOpenAI

from orchestrator.testing.local_service import LocalService, local_service
from orchestrator.testing.scripted_engine import ScriptedEngine

SHOP = "tests.end_to_end.shop"


@dataclass
class Node:
    """A running service, its engine, and a stock client that has nothing but its URL."""

    service: LocalService
    engine: ScriptedEngine
    openai: AsyncOpenAI

    @property
    def url(self) -> str:
        return self.service.url


NodeMaker = Callable[..., AbstractAsyncContextManager[Node]]


@pytest.fixture
def node(database_url: str) -> NodeMaker:
    """Make a node: `async with node(responder) as running`."""

    @asynccontextmanager
    async def make(
        *behaviour: object,
        agents: str = SHOP,
        settings: dict[str, object] | None = None,
        **options: object,
    ) -> AsyncIterator[Node]:
        async with (
            ScriptedEngine(*behaviour, **options) as engine,  # type: ignore[arg-type]
            local_service(agents, database_url=database_url, engine=engine, **settings or {}) as service,
        ):
            http = service.url.replace("ws://", "http://")
            client = AsyncOpenAI(
                api_key="sk-none",
                base_url=f"{http}/v1",
                websocket_base_url=f"{service.url}/v1",
                max_retries=0,
            )
            async with client:
                yield Node(service, engine, client)

    return make
