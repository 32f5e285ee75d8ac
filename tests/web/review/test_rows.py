"""What all rows have."""

import pytest

from orchestrator.web.review.rows import HandoffRow, LinkRow, MessageRow, ToolRow

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("kind", "name"),
    [(MessageRow, "message"), (ToolRow, "tool"), (HandoffRow, "handoff"), (LinkRow, "link")],
)
def test_a_row_names_its_partial(kind: type, name: str) -> None:
    more: dict[type, dict[str, str]] = {
        MessageRow: {"speaker": "caller", "heard": ""},
        ToolRow: {"tool_call_id": "c", "name": "n", "outcome": "completed"},
        HandoffRow: {"source": "a", "target": "b", "reason": "", "outcome": "committed"},
        LinkRow: {"purpose": "call"},
    }
    row = kind(key="item-x", sequence=1, at_ms=0, end_ms=0, at=0.0, agent="a", **more[kind])
    assert row.kind == name


@pytest.mark.parametrize(
    ("outcome", "failed"), [("completed", False), ("timed_out", True), ("declined", False)]
)
def test_a_tool_failed_when_it_did_not_do_what_was_asked(outcome: str, failed: bool) -> None:
    row = ToolRow(
        key="item-x",
        sequence=1,
        at_ms=0,
        end_ms=0,
        at=0.0,
        agent="a",
        tool_call_id="c",
        name="n",
        outcome=outcome,
    )
    assert row.failed is failed
