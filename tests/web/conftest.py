"""A node with its pages, and a browser to look at them.

All tests of this folder run on one event loop, that of the session: so they can share one Chromium.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from orchestrator.api.admission import Role
from orchestrator.app import create_app
from orchestrator.store.keys import find_key
from orchestrator.store.page_sessions import PageSession, open_page_session
from orchestrator.web.viewer import session_cookie, session_secret
from tests.api.node import Node, running_node
from tests.web.chromium import PATIENCE_MS, Watch, executable, launched, serious_findings

HERE = Path(__file__).parent


class SignedIn(Protocol):
    """Opens a page for somebody: a role, None for nobody; further options are a browser context's."""

    async def __call__(self, role: Role | None = "admin", **options: Any) -> Page: ...


class Reader(Protocol):
    """Makes a client without a browser that asks for pages, signed in with a role, or not at all."""

    async def __call__(self, role: Role | None = "admin") -> httpx.AsyncClient: ...


Axe = Callable[[Page], Awaitable[None]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if executable() is None:
        pytest.skip("there is no Chromium here. Mend: apt-get install chromium")
    async with launched() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def node(database_url: str) -> AsyncIterator[Node]:
    async with running_node(database_url, build=create_app) as running:
        yield running


@pytest.fixture
def watch() -> Watch:
    """What goes wrong on the pages of a test; it is checked when the test ends."""
    return Watch()


@pytest_asyncio.fixture(loop_scope="session")
async def signed_in(browser: Browser, node: Node, watch: Watch) -> AsyncIterator[SignedIn]:
    contexts = []

    async def opened(role: Role | None = "admin", **options: Any) -> Page:
        context = await browser.new_context(base_url=node.url, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if role is not None:
            name, value = await session_of(node, role)
            await context.add_cookies([{"name": name, "value": value, "url": node.url}])
        page = await context.new_page()
        watch.over(page)
        return page

    yield opened
    for context in contexts:
        await context.close()
    watch.check()


@pytest_asyncio.fixture(loop_scope="session")
async def page(signed_in: SignedIn) -> Page:
    """A page of an administrator's."""
    return await signed_in("admin")


@pytest.fixture
def axe() -> Axe:
    """Checks that a page has no serious defect of accessibility."""

    async def check(page: Page) -> None:
        assert await serious_findings(page) == []

    return check


@pytest_asyncio.fixture(loop_scope="session")
async def reader(node: Node) -> Reader:

    async def made(role: Role | None = "admin") -> httpx.AsyncClient:
        client = node.http()
        client.headers["accept"] = "text/html"
        if role is not None:
            client.cookies.set(*await session_of(node, role))
        return client

    return made


async def session_of(node: Node, role: Role) -> tuple[str, str]:
    """A cookie that the key of a role is signed in by: its name and value."""
    admission = node.services.admission
    async with node.services.database.transaction() as connection:
        key = await find_key(connection, node.keys[role])
        assert key is not None
        session = PageSession(key_id=key.id, role=key.role, name=key.name)
        word = await open_page_session(connection, session_secret(admission), session, 3600)
    return session_cookie(node.services.settings, admission), word
