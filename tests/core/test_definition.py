import dataclasses

import pytest

from orchestrator.core.definition import (
    AgentSpec,
    Definition,
    HandoffSpec,
    HistoryPolicy,
    StateSpec,
    ToolSpec,
    Violation,
)
from orchestrator.core.errors import NotFoundError
from orchestrator.core.state import State

pytestmark = pytest.mark.unit


class Cart(State):
    items: list[str] = []


TOOL = ToolSpec(name="add", description="d", parameters={}, run=None, check=lambda _: ())
HANDOFF = HandoffSpec(
    target="triage",
    when="w",
    function="transfer_to_triage",
    description="d",
    parameters={},
    check=lambda _: (),
)
CART = StateSpec("cart", Cart, {"items": []})
MENU = AgentSpec(
    name="menu", description="", instructions="", states=(CART,), tools=(TOOL,), handoffs=(HANDOFF,)
)
TRIAGE = AgentSpec(name="triage", description="", instructions="")
DEFINITION = Definition({"menu": MENU, "triage": TRIAGE}, "triage")


def test_a_tool_is_found_by_its_name() -> None:
    assert MENU.tool("add") is TOOL
    assert MENU.tool("gone") is None


def test_a_handoff_is_found_by_its_function() -> None:
    assert MENU.handoff("transfer_to_triage") is HANDOFF
    assert MENU.handoff("triage") is None


def test_an_agent_is_found_by_its_name() -> None:
    assert DEFINITION.agent("menu") is MENU


def test_an_unknown_agent_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match=r"no agent 'gone'\. Known agents: menu, triage") as caught:
        DEFINITION.agent("gone")
    assert caught.value.param == "agent"


def test_the_states_of_all_agents_are_known_by_name() -> None:
    assert DEFINITION.states == {"cart": CART}


@pytest.mark.parametrize(
    ("violation", "text"),
    [
        (Violation("lines.0", "is missing"), "lines.0: is missing"),
        (Violation("", "is no JSON"), "is no JSON"),
    ],
)
def test_a_violation_is_written_with_its_path(violation: Violation, text: str) -> None:
    assert str(violation) == text


def test_a_specification_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        MENU.name = "other"  # type: ignore[misc]


def test_the_whole_history_is_handed_over_unless_it_is_said_otherwise() -> None:
    assert HANDOFF.history == HistoryPolicy(kind="full", count=0)
