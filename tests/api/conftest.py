"""A node that runs, and clients of every role."""

from collections.abc import AsyncIterator

import httpx
import pytest
from openai import AsyncOpenAI

from orchestrator.settings import Settings
from tests.api.node import ADMIN_KEY, Node, running_node


@pytest.fixture
async def node(database_url: str) -> AsyncIterator[Node]:
    async with running_node(database_url) as running:
        yield running


@pytest.fixture
async def closed_node(database_url: str) -> AsyncIterator[Node]:
    """A node that other machines could reach, so that everybody needs a key."""
    settings = Settings(port=0, host="0.0.0.0", admin_key=ADMIN_KEY)
    async with running_node(database_url, settings) as running:
        yield running


@pytest.fixture
async def admin(node: Node) -> httpx.AsyncClient:
    """Brings the operator's own key."""
    return node.http(ADMIN_KEY)


@pytest.fixture
async def reviewer(node: Node) -> httpx.AsyncClient:
    return node.http(node.keys["reviewer"])


@pytest.fixture
async def caller(node: Node) -> httpx.AsyncClient:
    return node.http(node.keys["caller"])


@pytest.fixture
async def stranger(node: Node) -> httpx.AsyncClient:
    """Brings no key."""
    return node.http()


@pytest.fixture
async def sdk(node: Node) -> AsyncIterator[AsyncOpenAI]:
    """OpenAI's own client, without a key of ours."""
    async with node.sdk() as client:
        yield client
