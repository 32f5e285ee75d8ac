"""Tool calls as rows."""

import json
from typing import Any

import pytest

from orchestrator.core.items import Item, ItemStatus
from orchestrator.web.formats import NOTHING
from orchestrator.web.review.clock import clock_of
from orchestrator.web.review.rows import ToolRow
from orchestrator.web.review.tool_cards import ToolCards, fields_of
from tests.web.review.sample_call import (
    EMPTY_CART,
    ITEMS,
    START,
    VIOLATION,
    details,
    output,
    run,
    tool_call,
)

pytestmark = pytest.mark.unit

LIVE = {"status": "live"}


def card(item: Item, **changes: Any) -> ToolRow:
    whole = details(**changes)
    return ToolCards(whole, clock_of(whole, now=START), {"cart": EMPTY_CART}).row(item)


def test_a_tool_that_worked_tells_arguments_result_and_what_it_changed() -> None:
    made = card(ITEMS[5])
    assert made.outcome == "completed"
    assert made.arguments == (("item", "margherita"), ("quantity", "2"), ("size", "large"))
    assert made.result == (("said", "Added 2 large margherita."),)
    assert made.duration_ms == 100
    assert made.changed[0].revision == 1
    assert "total" in [change.path for change in made.changed[0].changes]


def test_arguments_against_the_schema_tell_what_is_wrong() -> None:
    made = card(ITEMS[9])
    assert made.failed
    assert (made.outcome, made.violations, made.changed) == ("invalid", (VIOLATION,), ())
    assert made.error == "Nothing was done. Call the tool again with these mended."


def test_attempts_are_told_one_by_one() -> None:
    made = card(ITEMS[15])
    assert [attempt.outcome for attempt in made.attempts] == ["failed", "timed_out"]
    assert (made.outcome, made.duration_ms, made.error_code) == ("timed_out", 6000, "timed_out")


def test_a_tool_in_progress_is_running() -> None:
    call = tool_call(1, 1, "add_item", "c", {})
    made = card(
        call, items=(call,), tool_runs=(run("c", "add_item", 1, None, outcome="running"),), summary=LIVE
    )
    assert (made.outcome, made.live, made.duration_ms) == ("running", True, None)


def test_a_tool_without_a_run_waits() -> None:
    call = tool_call(1, 1, "refund", "c", {})
    assert card(call, items=(call,), tool_runs=(), summary=LIVE).outcome == "waiting"


def test_a_run_that_a_crash_cut_off_is_cancelled() -> None:
    call = tool_call(1, 1, "add_item", "c", {})
    cut_off = (run("c", "add_item", 1, None, outcome="running"),)
    assert card(call, items=(call,), tool_runs=cut_off).outcome == "cancelled"
    assert card(call, items=(call,), tool_runs=()).outcome == "cancelled"


def test_a_call_that_was_never_finished_is_cancelled() -> None:
    call = tool_call(1, 1, "add_item", "c", {}, status=ItemStatus.INCOMPLETE)
    assert card(call, items=(call,), tool_runs=()).outcome == "cancelled"


def test_a_tool_of_the_client_is_named_so() -> None:
    call = tool_call(1, 1, "show_map", "c", {}, data={"client_tool": True})
    waiting = card(call, items=(call,), tool_runs=(), summary=LIVE)
    assert (waiting.outcome, waiting.client) == ("client", True)
    answered = card(call, items=(call, output(2, 2, "show_map", "c", {"ok": True})), tool_runs=())
    assert (answered.outcome, answered.error) == ("completed", "")


def test_an_error_in_prose_is_told_as_it_is() -> None:
    call = tool_call(1, 1, "add_item", "c", {})
    failed = (run("c", "add_item", 1, 2, outcome="failed", error="The oven is cold."),)
    assert card(call, items=(call,), tool_runs=failed).error == "The oven is cold."


def test_an_output_without_a_call_is_a_row_of_its_own() -> None:
    alone = output(1, 1, "", "c", {"ok": True}, origin="client")
    whole = details(items=(alone,))
    made = ToolCards(whole, clock_of(whole, now=START), {}).output_row(alone)
    assert (made.name, made.orphan, made.client, made.result) == ("", True, True, (("ok", "true"),))


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (None, ()),
        ("", ()),
        ("[1]", (("", "[1]"),)),
        ("prose, not JSON", (("", "prose, not JSON"),)),
        ("null", (("", "null"),)),
        (json.dumps({"a": None}), (("a", NOTHING),)),
        ("[" * 100_000, (("", "[" * 100_000),)),
    ],
)
def test_fields_are_read_off_any_text(text: str | None, fields: tuple[tuple[str, str], ...]) -> None:
    assert fields_of(text) == fields
