"""A model that says what it once said, and what is asked about replies to it."""

from types import SimpleNamespace
from typing import Any

import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.testing.recital import SUMMARY, Recital, done, states
from orchestrator.testing.simulated_caller import CallerReply, HeardEvent
from orchestrator.testing.turns import SessionView, says

pytestmark = pytest.mark.unit


def view(**options: Any) -> SessionView:
    return SessionView(number=1, model="desk", session={}, items=[], options=options)


def heard(kind: str, **fields: Any) -> HeardEvent:
    event: JsonObject = {"type": f"orchestrator.{kind}", **fields}
    return HeardEvent(0.0, event)


def tool(name: str, arguments: str = "{}", outcome: str = "completed") -> HeardEvent:
    return heard("tool.ended", name=name, arguments=arguments, outcome=outcome)


def test_turns_are_given_one_after_another_and_no_more() -> None:
    recital = Recital(says("one"), says("two"))
    assert recital(view()).text == "one"
    assert recital(view(conversation="none")).text == SUMMARY
    assert recital.left == 1
    assert recital(view()).text == "two"
    with pytest.raises(AssertionError, match="once more"):
        recital(view())


def test_what_was_done_is_told_tools_sorted_between_handoffs() -> None:
    events = [
        tool("b", '{"n": 2}'),
        tool("a", "{n"),
        tool("transfer_to_kitchen"),
        heard("handoff.committed", to="kitchen"),
        tool("transfer_to_bar", outcome="failed"),
        heard("state.updated", state="cart", value={}),
    ]
    assert done(CallerReply(status="completed", events=events)) == [
        ("a", "{n", "completed"),
        ("b", {"n": 2}, "completed"),
        ("handoff", "kitchen"),
        ("transfer_to_bar", {}, "failed"),
    ]


def test_states_are_those_told_last() -> None:
    events = [heard("state.updated", state="cart", value={"n": number}) for number in (1, 2)]
    caller: Any = SimpleNamespace(events=[*events, tool("a")])
    assert states(caller) == {"cart": {"n": 2}}
