"""The spans that the records of a call make."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracer

from orchestrator.call import trace_attributes as names
from orchestrator.call.traces import TRACING, ConversationTrace
from orchestrator.core.items import Item, Part
from orchestrator.core.records import CallRow, ItemRow, Record
from tests.call.test_metrics import ANSWERED, CALL, HANDOFF, RESPONSE, RUN, SESSION, SETTLED

pytestmark = pytest.mark.unit

SAID = Item(
    id="item_u", kind="message", role="user", created_at=0.25, content=(Part(text="my card is 4111"),)
)


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    provider, exporter = TracerProvider(shutdown_on_exit=False), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    TRACING.tracer = provider.get_tracer("tests")
    yield exporter
    TRACING.tracer, TRACING.text = NoOpTracer(), False


def traced(exporter: InMemorySpanExporter, *records: Record) -> dict[str, ReadableSpan]:
    """The spans of a call that holds these records, by name."""
    trace = ConversationTrace("conv_1")
    for record in (CALL, *records, replace(CALL, left_at=9.0, leave_reason="client disconnected")):
        trace.note(record)
    return {span.name: span for span in exporter.get_finished_spans()}


def seconds(span: ReadableSpan) -> tuple[float, float]:
    assert span.start_time is not None
    assert span.end_time is not None
    return span.start_time / 1e9, span.end_time / 1e9


def parent(spans: dict[str, ReadableSpan], name: str) -> str | None:
    """Name of the span that a span is part of."""
    found = spans[name].parent
    if found is None:
        return None
    return next(
        other.name for other in spans.values() if other.context and other.context.span_id == found.span_id
    )


def test_a_call_is_one_trace_of_its_conversation(exporter: InMemorySpanExporter) -> None:
    spans = traced(exporter, SESSION, ItemRow(SAID), RESPONSE, ANSWERED)
    assert len({span.context.trace_id for span in spans.values() if span.context}) == 1
    assert all((span.attributes or {})[names.CONVERSATION_ID] == "conv_1" for span in spans.values())
    assert seconds(spans["conversation"]) == (1.0, 9.0)
    assert spans["conversation"].attributes is not None
    assert spans["conversation"].attributes[names.LEAVE_REASON] == "client disconnected"


def test_a_turn_lasts_from_the_callers_first_word_to_the_end_of_the_reply(
    exporter: InMemorySpanExporter,
) -> None:
    spans = traced(exporter, ItemRow(SAID), RESPONSE, ANSWERED)
    assert seconds(spans["turn"]) == (0.25, 3.0)
    assert parent(spans, "turn") == "conversation"


def test_what_an_agent_says_first_is_a_turn_of_its_own(exporter: InMemorySpanExporter) -> None:
    greeting = replace(ANSWERED, turn_ended_at=None, requested_at=0.75)
    assert seconds(traced(exporter, greeting)["turn"]) == (0.75, 3.0)


def test_every_word_of_a_caller_begins_another_turn(exporter: InMemorySpanExporter) -> None:
    again = replace(SAID, id="item_v", created_at=4.0)
    traced(exporter, ItemRow(SAID), ANSWERED, ItemRow(again), ItemRow(replace(again, late=True)))
    turns = [seconds(span) for span in exporter.get_finished_spans() if span.name == "turn"]
    assert turns == [(0.25, 3.0), (4.0, 4.0)]


def test_a_response_is_told_by_the_conventions_for_generative_ai(exporter: InMemorySpanExporter) -> None:
    spans = traced(exporter, ItemRow(SAID), RESPONSE, ANSWERED)
    response = spans["chat desk"]
    assert parent(spans, "chat desk") == "turn"
    assert seconds(response) == (1.0, 3.0)
    told = dict(response.attributes or {})
    assert (told["gen_ai.operation.name"], told["gen_ai.agent.name"]) == ("chat", "desk")
    assert (told["gen_ai.usage.input_tokens"], told["gen_ai.usage.output_tokens"]) == (100, 20)
    assert told["gen_ai.response.finish_reasons"] == ("completed",)
    assert [(event.name, event.timestamp / 1e9) for event in response.events] == [
        ("first output", 1.25),
        ("first audio", 1.5),
    ]


def test_a_failed_response_is_an_error(exporter: InMemorySpanExporter) -> None:
    spans = traced(exporter, replace(RESPONSE, status="failed", done_at=2.0))
    assert spans["chat desk"].status.status_code.name == "ERROR"
    assert (spans["chat desk"].attributes or {})["error.type"] == "failed"


@pytest.mark.parametrize("ended", [SETTLED, replace(RUN, outcome="completed", finished_at=2.0)])
def test_a_tool_is_part_of_the_turn(exporter: InMemorySpanExporter, ended: Record) -> None:
    spans = traced(exporter, ItemRow(SAID), RUN, ended)
    tool = spans["execute_tool add_item"]
    assert parent(spans, tool.name) == "turn"
    assert (tool.attributes or {})[names.OUTCOME] == "completed"
    assert tool.status.status_code.name == "UNSET"


def test_a_tool_that_failed_tells_why(exporter: InMemorySpanExporter) -> None:
    failed = replace(RUN, outcome="failed", error_code="tool_failed", finished_at=2.0)
    tool = traced(exporter, RUN, failed)["execute_tool add_item"]
    assert ((tool.attributes or {})["error.type"], tool.status.status_code.name) == ("tool_failed", "ERROR")


@pytest.mark.parametrize(("outcome", "status"), [("committed", "UNSET"), ("rolled_back", "ERROR")])
def test_a_handoff_lasts_from_staging_to_its_end(
    exporter: InMemorySpanExporter, outcome: str, status: str
) -> None:
    settled = replace(HANDOFF, outcome=outcome, settled_at=1.5)  # type: ignore[arg-type]  # a parameter
    span = traced(exporter, HANDOFF, settled)["handoff kitchen"]
    assert (seconds(span), span.status.status_code.name) == ((1.0, 1.5), status)


@pytest.mark.parametrize(("ready_at", "status"), [(1.5, "UNSET"), (None, "ERROR")])
def test_a_session_lasts_beside_the_turns(
    exporter: InMemorySpanExporter, ready_at: float | None, status: str
) -> None:
    closed = replace(SESSION, ready_at=ready_at, closed_at=2.0, close_reason="handoff")
    spans = traced(exporter, SESSION, closed)
    span = spans["engine session desk"]
    assert (seconds(span), span.status.status_code.name) == ((1.0, 2.0), status)
    assert parent(spans, span.name) == "conversation"


def test_no_word_of_anybodys_is_in_a_trace(exporter: InMemorySpanExporter) -> None:
    spans = traced(exporter, ItemRow(SAID), replace(RUN, arguments='{"said": "my card"}'), SETTLED)
    # A word that no hexadecimal id can hold by chance.
    assert "card" not in "".join(span.to_json() for span in spans.values())


def test_words_are_traced_where_an_operator_asks_for_them(exporter: InMemorySpanExporter) -> None:
    TRACING.text = True
    said_late = replace(SAID, late=True)
    spans = traced(exporter, ItemRow(SAID), ItemRow(said_late), replace(RUN, arguments='{"n": 1}'), SETTLED)
    (event,) = spans["turn"].events
    assert dict(event.attributes or {}) == {names.ROLE: "user", names.TEXT: "my card is 4111"}
    assert (spans["execute_tool add_item"].attributes or {})[names.TOOL_ARGUMENTS] == '{"n": 1}'


def test_what_is_open_when_a_conversation_is_let_go_of_ends(exporter: InMemorySpanExporter) -> None:
    trace = ConversationTrace("conv_1")
    for record in (CALL, SESSION, ItemRow(SAID), RUN):
        trace.note(record)
    trace.close()
    ended = {span.name for span in exporter.get_finished_spans()}
    assert ended == {"conversation", "engine session desk", "turn", "execute_tool add_item"}


def test_a_second_call_is_a_second_trace(exporter: InMemorySpanExporter) -> None:
    trace = ConversationTrace("conv_1")
    trace.note(CALL)
    trace.note(CallRow(id="rtc_2", transport="webrtc", joined_at=5.0))
    trace.close()
    assert len({span.context.trace_id for span in exporter.get_finished_spans() if span.context}) == 2


def test_outside_a_call_nothing_is_traced(exporter: InMemorySpanExporter) -> None:
    trace = ConversationTrace("conv_1")
    trace.note(SESSION)
    trace.note(replace(CALL, left_at=2.0))
    trace.close()
    assert not exporter.get_finished_spans()


def test_where_nobody_set_up_tracing_no_span_is_made() -> None:
    trace = ConversationTrace("conv_1")
    for record in (CALL, SESSION, RESPONSE):
        trace.note(record)
    assert not trace._open
