"""What is counted, and that it is counted once."""

from dataclasses import replace

import pytest

from orchestrator.call import metrics
from orchestrator.call.journal import note
from orchestrator.core.items import Item
from orchestrator.core.records import (
    CallRow,
    ConversationRow,
    HandoffRow,
    Record,
    ResponseRow,
    SessionRow,
    SettlementRow,
    ToolRunRow,
)

pytestmark = pytest.mark.unit

CALL = CallRow(id="rtc_1", transport="websocket", joined_at=1.0)
SESSION = SessionRow(
    epoch=1,
    agent="desk",
    purpose="start",
    modality="text",
    engine="embedded",
    model=None,
    voice=None,
    opened_at=1.0,
)
RESPONSE = ResponseRow(
    id="resp_1",
    epoch=1,
    agent="desk",
    model=None,
    status="in_progress",
    status_details=None,
    usage=None,
    turn_ended_at=None,
    requested_at=None,
    created_at=1.0,
)
HANDOFF = HandoffRow(
    id="handoff_1",
    source="desk",
    target="kitchen",
    reason="",
    payload={},
    history="full",
    cause="model",
    outcome="staged",
    from_epoch=1,
    to_epoch=2,
    staged_at=1.0,
)
RUN = ToolRunRow(
    tool_call_id="call_1",
    attempt=1,
    name="add_item",
    agent="desk",
    arguments="{}",
    outcome="running",
    started_at=1.0,
)
SETTLED = SettlementRow(
    tool_call_id="call_1",
    output=Item(id="item_1", kind="function_call_output"),
    run=replace(RUN, outcome="completed"),
    revisions=(),
    records=(),
    statements=(),
)


def figures() -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for metric in metrics.REGISTRY.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    }


@pytest.fixture
def before() -> dict[tuple[str, ...], float]:
    return figures()


def changed(before: dict[tuple[str, ...], float]) -> dict[tuple[str, ...], float]:
    return {
        key: value - before.get(key, 0) for key, value in figures().items() if value != before.get(key, 0)
    }


@pytest.mark.parametrize(
    ("records", "counted"),
    [
        ([CALL, replace(CALL, left_at=2.0)], ("orchestrator_calls_total", "websocket")),
        (
            [SESSION, replace(SESSION, ready_at=2.0), replace(SESSION, ready_at=2.0, closed_at=3.0)],
            ("orchestrator_sessions_total", "start", "served"),
        ),
        ([SESSION, replace(SESSION, closed_at=3.0)], ("orchestrator_sessions_total", "start", "failed")),
        (
            [RESPONSE, replace(RESPONSE, status="completed", done_at=2.0)],
            ("orchestrator_responses_total", "completed"),
        ),
        (
            [HANDOFF, replace(HANDOFF, outcome="committed", settled_at=2.0)],
            ("orchestrator_handoffs_total", "committed"),
        ),
        ([RUN, SETTLED], ("orchestrator_tool_runs_total", "completed")),
        ([RUN, replace(RUN, outcome="failed")], ("orchestrator_tool_runs_total", "failed")),
    ],
)
def test_what_happens_is_counted_once(
    before: dict[tuple[str, ...], float], records: list[Record], counted: tuple[str, ...]
) -> None:
    for record in records:
        note("conv_1", record)
    assert changed(before) == {counted: 1}


def test_what_is_no_event_is_not_counted(before: dict[tuple[str, ...], float]) -> None:
    note("conv_1", ConversationRow(agent="desk", status="live", updated_at=1.0))
    assert changed(before) == {}


def test_refusals_are_counted_by_their_code(before: dict[tuple[str, ...], float]) -> None:
    metrics.refused("http", "not_found")
    assert changed(before) == {("orchestrator_refusals_total", "http", "not_found"): 1}
