"""Sending traces to an OpenTelemetry collector. The spans are made in `orchestrator.call.traces`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import structlog
from opentelemetry.trace import NoOpTracer

from orchestrator.call.traces import TRACING
from orchestrator.core.errors import SettingsError

SERVICE: Final = "orchestrator"
WAITING_SPANS: Final = 8192
"""Spans that wait for the collector; while it is away, newer ones than these are dropped."""

_log: Final = structlog.get_logger(__name__)


@asynccontextmanager
async def open_traces(url: str | None, *, node: str, text: bool = False) -> AsyncIterator[None]:
    """Trace conversations for as long as the block lasts; what waits is sent when it is left.

    Sending happens in a thread of its own and in batches: a collector that is slow or away delays no call.

    Args:
        url: Base URL of an OTLP/HTTP collector, such as `http://127.0.0.1:4318`; None for no traces.
        node: What this node is called.
        text: Whether what people said goes along.

    Raises:
        SettingsError: The extra `telemetry` is not installed.
    """
    if url is None:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - an extra
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - an extra
    except ImportError:
        raise SettingsError(
            "ORCHESTRATOR_TRACES_URL: the packages for traces are not installed. "
            "Mend: pip install 'orchestrator[telemetry]', or unset it.",
            param="ORCHESTRATOR_TRACES_URL",
        ) from None
    resource = Resource.create(
        {"service.name": SERVICE, "service.version": _version(), "service.instance.id": node}
    )
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{url}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=WAITING_SPANS))
    TRACING.tracer, TRACING.text = provider.get_tracer(SERVICE), text
    _log.info("traces are sent", text=text)
    try:
        yield
    finally:
        TRACING.tracer, TRACING.text = NoOpTracer(), False
        await asyncio.to_thread(provider.shutdown)


def _version() -> str:
    try:
        return version("orchestrator")
    except PackageNotFoundError:
        return "0"
