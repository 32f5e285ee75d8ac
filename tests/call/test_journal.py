"""What is logged of a conversation, and what never is."""

from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from orchestrator.call import journal
from orchestrator.core.items import Item, Part
from orchestrator.core.records import ItemRow, Record
from tests.call.test_metrics import CALL, HANDOFF, RESPONSE, RUN, SESSION

pytestmark = pytest.mark.unit


def logged(record: Record) -> list[Any]:
    with capture_logs() as lines:
        journal.Journal("conv_1").note(record)
    return lines


@pytest.mark.parametrize(
    ("record", "event"),
    [
        (CALL, "call joined"),
        (replace(CALL, left_at=3.0, leave_reason="gone"), "call left"),
        (replace(SESSION, ready_at=2.0), "session ready"),
        (replace(SESSION, closed_at=3.0, close_reason="call ended"), "session closed"),
        (replace(HANDOFF, outcome="committed"), "handoff"),
        (replace(RUN, outcome="failed", error_code="tool_defect"), "tool not completed"),
        (replace(RESPONSE, status="failed"), "response not completed"),
    ],
)
def test_a_turn_of_fate_is_one_line_with_the_conversation_in_it(record: Record, event: str) -> None:
    (line,) = logged(record)
    assert (line["event"], line["conversation_id"]) == (event, "conv_1")


@pytest.mark.parametrize(
    "record",
    [
        SESSION,
        HANDOFF,
        RUN,
        RESPONSE,
        ItemRow(Item(id="item_1", kind="message", content=(Part(text="hush"),))),
    ],
)
def test_what_goes_on_as_it_should_is_not_logged(record: Record) -> None:
    assert logged(record) == []


def test_a_crash_is_logged_with_its_lines_and_without_its_message() -> None:
    def fail() -> None:
        raise ValueError("my number is 555")

    with capture_logs() as lines:
        try:
            fail()
        except ValueError as error:
            journal.crash("conv_1", "conversation crashed", error)
    (line,) = lines
    assert (line["event"], line["error"], line["log_level"]) == (
        "conversation crashed",
        "ValueError",
        "error",
    )
    assert any("in fail" in place for place in line["trace"])
    assert "555" not in str(line)
