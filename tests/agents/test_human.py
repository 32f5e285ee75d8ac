import pytest

from orchestrator.call.loading import load
from orchestrator.core.definition import BACK

pytestmark = pytest.mark.unit


def test_whoever_takes_messages_hands_back() -> None:
    [handoff] = load("agents").agent("human").handoffs
    assert handoff.target == BACK
    assert handoff.function == "transfer_to_previous_agent"


def test_whoever_takes_messages_does_not_pretend_to_be_a_person() -> None:
    instructions = load("agents").agent("human").instructions
    assert isinstance(instructions, str)
    assert "never pretend to be a person" in instructions
