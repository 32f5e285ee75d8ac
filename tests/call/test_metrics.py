"""What is counted, and that it is counted once."""

from dataclasses import replace

import pytest

from orchestrator.call import metrics
from orchestrator.call.journal import Journal
from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import (
    CallRow,
    ConversationRow,
    HandoffRow,
    ItemRow,
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
    journal = Journal("conv_1")
    for record in records:
        journal.note(record)
    assert changed(before) == {counted: 1}


def test_what_is_no_event_is_not_counted(before: dict[tuple[str, ...], float]) -> None:
    metrics.count(ConversationRow(agent="desk", status="live", updated_at=1.0))
    assert changed(before) == {}


def test_refusals_are_counted_by_their_code(before: dict[tuple[str, ...], float]) -> None:
    metrics.refused("http", "not_found")
    assert changed(before) == {("orchestrator_refusals_total", "http", "not_found"): 1}


def observed(name: str, **labels: str) -> tuple[float, float]:
    """How often a histogram was fed, and the sum of it."""
    count, total = (metrics.REGISTRY.get_sample_value(f"{name}_{end}", labels) for end in ("count", "sum"))
    return count or 0.0, total or 0.0


def fed(name: str, *records: Record, **labels: str) -> tuple[float, float]:
    """How often records feed a histogram, and with how much."""
    count, total = observed(name, **labels)
    journal = Journal("conv_1")
    for record in records:
        journal.note(record)
    count_after, total_after = observed(name, **labels)
    return count_after - count, round(total_after - total, 3)


ANSWERED = replace(
    RESPONSE,
    status="completed",
    turn_ended_at=0.5,
    first_output_at=1.25,
    first_audio_at=1.5,
    done_at=3.0,
    model="gpt-realtime",
    usage={"input_tokens": 100, "output_tokens": 20},
)


@pytest.mark.parametrize(
    ("name", "labels", "record", "seconds"),
    [
        ("orchestrator_call_seconds", {"transport": "websocket"}, replace(CALL, left_at=61.0), 60.0),
        ("orchestrator_reaction_seconds", {"agent": "desk"}, ANSWERED, 1.0),
        ("orchestrator_first_output_seconds", {"agent": "desk"}, ANSWERED, 0.25),
        ("orchestrator_session_opening_seconds", {"purpose": "start"}, replace(SESSION, ready_at=1.2), 0.2),
        (
            "orchestrator_handoff_seconds",
            {},
            replace(HANDOFF, outcome="committed", settled_at=1.4),
            0.4,
        ),
        (
            "orchestrator_tool_seconds",
            {"tool": "add_item"},
            replace(RUN, outcome="completed", finished_at=3.0),
            2.0,
        ),
    ],
)
def test_what_callers_wait_for_is_timed(
    name: str, labels: dict[str, str], record: Record, seconds: float
) -> None:
    assert fed(name, record, **labels) == (1, seconds)


def test_the_reaction_to_a_turn_is_timed_once_whatever_number_of_tools_it_takes() -> None:
    after_a_tool = replace(ANSWERED, id="resp_2", created_at=4.0, first_output_at=5.0, done_at=6.0)
    assert fed("orchestrator_reaction_seconds", ANSWERED, after_a_tool, agent="desk") == (1, 1.0)


def test_a_reply_that_said_nothing_leaves_the_reaction_to_the_next() -> None:
    silent = replace(ANSWERED, first_output_at=None, first_audio_at=None)
    assert fed("orchestrator_reaction_seconds", silent, ANSWERED, agent="desk") == (1, 1.0)


def test_a_tool_that_the_model_made_up_is_no_label() -> None:
    made_up = replace(RUN, name="conjure", outcome="invalid", finished_at=2.0)
    assert fed("orchestrator_tool_seconds", made_up, tool="conjure") == (0, 0)


def test_tokens_are_counted(before: dict[tuple[str, ...], float]) -> None:
    Journal("conv_1").note(ANSWERED)
    counted = changed(before)
    assert counted["orchestrator_tokens_total", "gpt-realtime", "input"] == 100
    assert counted["orchestrator_tokens_total", "gpt-realtime", "output"] == 20


def test_a_reply_that_was_cut_off_counts_once_however_often_it_is_cut(
    before: dict[tuple[str, ...], float],
) -> None:
    journal = Journal("conv_1")
    for heard in (None, "Good morning", "Good"):
        item = Item(id="item_1", kind="message", role="assistant", agent="desk", heard=heard)
        journal.note(ItemRow(item))
    assert changed(before)["orchestrator_interruptions_total", "desk"] == 1


def test_the_quality_of_a_line_is_measured_when_it_ends(before: dict[tuple[str, ...], float]) -> None:
    measured: JsonObject = {"packets_received": 95, "packets_lost": 5, "jitter_ms": 3.5, "underruns": 2}
    left = replace(CALL, left_at=2.0, statistics=measured)
    assert fed("orchestrator_call_lost_ratio", left) == (1, 0.05)
    assert fed("orchestrator_call_jitter_milliseconds", left) == (1, 3.5)
    assert changed(before)["orchestrator_underruns_total",] == 4


def test_a_line_without_packets_has_no_quality() -> None:
    assert fed("orchestrator_call_lost_ratio", replace(CALL, left_at=2.0)) == (0, 0)
