import json

import pytest

from orchestrator.core.events import ToolReturned
from orchestrator.core.items import Item
from orchestrator.core.tool_calls import Round, Stage, ToolCall, failure, parse, run_row
from tests.core.driving import handoff, tool

pytestmark = pytest.mark.unit


def call(arguments: str | None = "{}", tool_call_id: str | None = "call_1") -> ToolCall:
    item = Item(
        id="item_1", kind="function_call", agent="triage", name="lookup",
        arguments=arguments, tool_call_id=tool_call_id, created_at=1000.0,
    )  # fmt: skip
    return ToolCall(item, spec=tool("lookup"))


@pytest.mark.parametrize(
    ("arguments", "parsed", "problem"),
    [
        ('{"size": "large"}', {"size": "large"}, None),
        (None, {}, None),
        ("", {}, None),
        ('{"size": ', {}, "arguments: not valid JSON"),
        ("[]", {}, "arguments: not an object; send one JSON object"),
        ("null", {}, "arguments: not an object; send one JSON object"),
        ('{"bad": 1}', {"bad": 1}, "bad: is not allowed; leave it out"),
    ],
)
def test_arguments_are_parsed_and_what_is_wrong_is_told_in_words(
    arguments: str | None, parsed: dict[str, object], problem: str | None
) -> None:
    made = call(arguments)
    problems = parse(made)
    assert made.arguments == parsed
    assert len(problems) == (problem is not None)
    assert all(problem is not None and problem in each for each in problems)


def test_the_payload_of_a_handoff_is_checked_by_its_edge() -> None:
    made = call('{"bad": 1}')
    made.spec, made.handoff = None, (handoff("restaurant"), "restaurant")
    assert parse(made) == ("bad: no",)


def test_arguments_for_a_tool_that_nobody_knows_are_not_checked() -> None:
    made = call('{"bad": 1}')
    made.spec = None
    assert parse(made) == ()


def test_a_failure_tells_the_model_what_went_wrong_as_json() -> None:
    assert json.loads(failure("timed_out", "Zu spät.")) == {"error": "Zu spät.", "code": "timed_out"}
    assert "Zu spät." in failure("timed_out", "Zu spät.")
    assert json.loads(failure("invalid", "No.", ["a", "b"]))["problems"] == ["a", "b"]


def test_a_call_without_an_id_goes_by_that_of_its_item() -> None:
    assert (call().id, call(tool_call_id=None).id) == ("call_1", "item_1")


def test_a_run_that_never_started_began_with_its_call() -> None:
    assert run_row(call(), "invalid").started_at == 1000.0


def test_what_is_stored_of_a_run_says_how_it_ended_and_what_was_wrong() -> None:
    made = call('{"size": 1}')
    made.started_at, made.attempt = 1001.0, 2
    made.returned = ToolReturned("call_1", 2, "invalid", "", violations=("size: too small",))
    row = run_row(made, "invalid", finished_at=1002.0, error_code="invalid_arguments", error="No.")
    assert (row.tool_call_id, row.attempt, row.name, row.agent) == ("call_1", 2, "lookup", "triage")
    assert (row.arguments, row.outcome, row.violations) == ('{"size": 1}', "invalid", ("size: too small",))
    assert (row.started_at, row.finished_at) == (1001.0, 1002.0)
    assert (row.error_code, row.error) == ("invalid_arguments", "No.")


OURS, CLIENTS, HANDOFF = "ours", "the client's", "a handoff"


def round_of(*calls: tuple[str, Stage], done: bool = True) -> Round:
    this = Round(response_done=done)
    for number, (kind, stage) in enumerate(calls):
        made = call(tool_call_id=f"call_{number}")
        made.stage, made.client = stage, kind == CLIENTS
        if kind == HANDOFF:
            made.handoff = (handoff("restaurant"), "restaurant")
        this.calls[made.id] = made
    return this


@pytest.mark.parametrize(
    ("this", "complete", "waits_for_client"),
    [
        (round_of((OURS, "answered")), True, False),
        (round_of((OURS, "answered"), done=False), False, False),
        (round_of((OURS, "running")), False, False),
        (round_of((OURS, "answered"), (CLIENTS, "queued")), True, True),
        (round_of((OURS, "answered"), (CLIENTS, "queued"), done=False), False, False),
        (round_of((OURS, "settling"), (CLIENTS, "queued")), False, False),
        (round_of((OURS, "answered"), (HANDOFF, "queued")), True, False),
        (round_of((CLIENTS, "queued"), (HANDOFF, "queued")), True, False),
        (round_of((CLIENTS, "answered")), True, False),
    ],
)
def test_a_round_is_complete_once_all_of_ours_is_answered_and_no_call_can_come(
    this: Round, complete: bool, waits_for_client: bool
) -> None:
    assert (this.complete, this.waits_for_client) == (complete, waits_for_client)


def test_a_round_knows_what_is_open_and_that_the_client_had_a_part() -> None:
    this = round_of((OURS, "answered"), (CLIENTS, "queued"))
    assert [each.id for each in this.open_calls] == ["call_1"]
    assert this.has_client_calls
    assert not round_of((OURS, "queued")).has_client_calls
