"""Whether the process lives, whether it takes calls, and its figures."""

import asyncio
from typing import Any

import httpx
import pytest

from orchestrator.api import health
from tests.api.node import Node, calling

pytestmark = pytest.mark.db


async def test_a_process_that_answers_lives(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/healthz")).json() == {"status": "ok"}


async def test_a_node_that_takes_calls_is_ready(stranger: httpx.AsyncClient) -> None:
    told = await stranger.get("/readyz")
    assert told.status_code == 200
    assert told.json() == {
        "status": "ready",
        "checks": {"database": "ok", "calls": "ok", "engine": "embedded"},
    }


async def test_a_node_that_drains_is_not_ready(node: Node, stranger: httpx.AsyncClient) -> None:
    node.services.switchboard.draining = True
    told = await stranger.get("/readyz")
    assert (told.status_code, told.json()["checks"]["calls"]) == (503, "draining")
    assert (await stranger.get("/healthz")).status_code == 200


async def test_a_store_that_is_away_makes_a_node_not_ready(
    node: Node, stranger: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node.services.database, "ping", Away())
    told = await stranger.get("/readyz")
    assert (told.status_code, told.json()["checks"]["database"]) == (503, "store_unavailable")


async def test_a_store_that_does_not_answer_is_not_waited_for(
    node: Node, stranger: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PING_SECONDS", 0.01)
    monkeypatch.setattr(node.services.database, "ping", asyncio.Event().wait)
    told = await stranger.get("/readyz")
    assert (told.status_code, told.json()["checks"]["database"]) == (503, "timeout")


async def test_figures_tell_what_is_live_and_what_happened(node: Node, stranger: httpx.AsyncClient) -> None:
    async with calling(node) as caller:
        await caller.say("hello")
        told = await stranger.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "orchestrator_live_conversations 1.0" in told.text
    assert 'orchestrator_writers{state="ok"} 1.0' in told.text
    assert 'orchestrator_calls_total{transport="websocket"}' in told.text


class Away:
    async def __call__(self) -> Any:
        from orchestrator.core.errors import StoreUnavailableError  # noqa: PLC0415

        raise StoreUnavailableError("Postgres cannot be used now.")
