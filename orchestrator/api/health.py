"""Whether the process lives, whether it takes calls, and what it counted."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Final, Literal

from litestar import MediaType, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Response
from msgspec import Meta
from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from orchestrator.api.services import Services
from orchestrator.api.shapes import Shown
from orchestrator.call.metrics import REGISTRY
from orchestrator.call.switchboard import Switchboard
from orchestrator.core.errors import OrchestratorError

PING_SECONDS: Final = 2.0
STATES: Final = ("ok", "behind", "away")


class Health(Shown):
    """That the process lives."""

    status: Literal["ok"]


class Readiness(Shown):
    """Whether the node takes calls.

    Attributes:
        checks: Each thing that is needed, and how it is.
    """

    status: Literal["ready", "not ready"]
    checks: Annotated[dict[str, str], Meta(examples=[{"database": "ok", "calls": "ok", "engine": "openai"}])]


@get("/healthz", tags=["service"], summary="Whether the process lives", security=[{}])
async def healthz() -> Health:
    """Answers as long as the process does."""
    return Health(status="ok")


@get(
    "/readyz",
    tags=["service"],
    summary="Whether the node takes calls",
    security=[{}],
    responses={503: ResponseSpec(Readiness, description="It takes none now", generate_examples=False)},
)
async def readyz(services: NamedDependency[Services]) -> Response[Readiness]:
    """Answers 503 while Postgres cannot be used, or while the node drains."""
    database = await _database(services)
    calls = "draining" if services.switchboard.draining else "ok"
    ready = database == "ok" and calls == "ok"
    checks = {"database": database, "calls": calls, "engine": services.switchboard.engines.default.kind}
    return Response(
        Readiness(status="ready" if ready else "not ready", checks=checks), status_code=200 if ready else 503
    )


@get(
    "/metrics",
    tags=["service"],
    summary="Figures for Prometheus",
    media_type=MediaType.TEXT,
    opt={"role": "reviewer"},
)
async def metrics(services: NamedDependency[Services]) -> Response[str]:
    """Counters of this process, and what is live now."""
    live = CollectorRegistry()
    live.register(_Live(services.switchboard))
    text = generate_latest(REGISTRY).decode() + generate_latest(live).decode()
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


async def _database(services: Services) -> str:
    try:
        async with asyncio.timeout(PING_SECONDS):
            await services.database.ping()
    except OrchestratorError as error:
        return error.code
    except TimeoutError:
        return "timeout"
    return "ok"


class _Live(Collector):
    """Gauges, read off the switchboard at the moment they are asked for."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard

    def collect(self) -> Iterable[Metric]:
        """The gauges of this moment."""
        live = list(self._switchboard.conversations.values())
        yield GaugeMetricFamily("orchestrator_live_conversations", "Conversations that are live.", len(live))
        waiting = sum(conversation.writer.waiting for conversation in live)
        yield GaugeMetricFamily("orchestrator_waiting_rows", "Rows that wait to be stored.", waiting)
        writers = GaugeMetricFamily("orchestrator_writers", "Writers by state.", labels=["state"])
        for state in STATES:
            writers.add_metric([state], sum(conversation.writer.state == state for conversation in live))
        yield writers
