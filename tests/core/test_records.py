import pytest

from orchestrator.core.records import Effects, KeptRecord, ToolOutcome, ToolRunRow

pytestmark = pytest.mark.unit


def test_effects_are_any_of_states_records_and_statements() -> None:
    assert not Effects().any
    assert Effects(states={"cart": {}}).any
    assert Effects(records=(KeptRecord(kind="order", data={}),)).any
    assert Effects(statements=("insert",)).any


@pytest.mark.parametrize(
    ("outcome", "failed"),
    [
        ("running", False),
        ("completed", False),
        ("failed", True),
        ("timed_out", True),
        ("cancelled", False),
        ("invalid", True),
        ("declined", False),
    ],
)
def test_a_tool_failed_when_it_did_not_do_what_was_asked(outcome: ToolOutcome, failed: bool) -> None:
    run = ToolRunRow(
        tool_call_id="call", attempt=1, name="add", agent="a", arguments="{}", outcome=outcome, started_at=0.0
    )
    assert run.failed is failed
