import pytest

from orchestrator.core.records import Effects, KeptRecord

pytestmark = pytest.mark.unit


def test_effects_are_any_of_states_records_and_statements() -> None:
    assert not Effects().any
    assert Effects(states={"cart": {}}).any
    assert Effects(records=(KeptRecord(kind="order", data={}),)).any
    assert Effects(statements=("insert",)).any
