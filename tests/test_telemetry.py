"""Traces reach a collector over HTTP, and only where one is set."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from orchestrator.call.traces import TRACING, ConversationTrace
from orchestrator.core.errors import SettingsError
from orchestrator.telemetry import open_traces
from tests.call.test_metrics import CALL

pytestmark = pytest.mark.unit


@asynccontextmanager
async def collector() -> AsyncIterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """An OTLP/HTTP collector: its base URL, and what it was sent."""
    received: list[ExportTraceServiceRequest] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert head.startswith("post /v1/traces ")
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        request = ExportTraceServiceRequest()
        request.ParseFromString(await reader.readexactly(length))
        received.append(request)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", received


async def test_what_was_traced_is_sent_at_the_latest_when_the_node_stops() -> None:
    async with collector() as (url, received):
        async with open_traces(url, node="node-1"):
            trace = ConversationTrace("conv_1")
            trace.note(CALL)
            trace.note(replace(CALL, left_at=2.0))
        (request,) = received
    (resource,) = request.resource_spans
    told = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
    assert (told["service.name"], told["service.instance.id"]) == ("orchestrator", "node-1")
    assert [span.name for span in resource.scope_spans[0].spans] == ["conversation"]


async def test_afterwards_nothing_is_traced_any_more() -> None:
    within = []
    async with collector() as (url, _), open_traces(url, node="node-1", text=True):
        within.append(TRACING.text)
    assert (within, TRACING.text) == ([True], False)
    assert not TRACING.tracer.start_span("x").is_recording()


async def test_without_a_collector_nothing_is_traced() -> None:
    async with open_traces(None, node="node-1"):
        assert not TRACING.tracer.start_span("x").is_recording()


async def test_the_missing_extra_is_told_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(SettingsError, match=r"ORCHESTRATOR_TRACES_URL.*orchestrator\[telemetry\]"):
        async with open_traces("http://127.0.0.1:1", node="node-1"):
            pass
