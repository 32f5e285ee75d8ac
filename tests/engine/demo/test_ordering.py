import pytest

from orchestrator.engine.demo.clauses import read_clause
from orchestrator.engine.demo.ordering import begun_order
from orchestrator.engine.demo.scene import Scene
from orchestrator.engine.demo.schemas import read_tool
from orchestrator.engine.demo.words import tokens
from tests.engine.demo.toolsets import ASSISTANT, PIZZERIA

pytestmark = pytest.mark.unit

AT = Scene(
    tools=tuple(read_tool(one) for one in PIZZERIA), hints={"add_item": ("i would like to order a pizza",)}
)


def about(text: str) -> str | None:
    """What is asked about; None where no order is begun."""
    outcome = begun_order(read_clause(tokens(text)), AT)
    if outcome is None:
        return None
    assert outcome.pending is not None
    assert outcome.pending.step is not None
    assert outcome.pending.slot is outcome.pending.step.tool.main
    return outcome.pending.step.filled.said


@pytest.mark.parametrize(
    "text",
    ["hi, can I order something", "I'd like to place an order for pickup", "I want to order some food"],
)
def test_whoever_wants_to_order_is_asked_what(text: str) -> None:
    assert about(text) == ""


def test_the_kind_that_was_named_is_asked_about() -> None:
    assert about("hello, I would like to order a pizza") == "pizza"
    assert about("to go I would like to order a pizza") == "pizza"


@pytest.mark.parametrize(
    "text", ["I'd like to order a coke", "what is in my order", "cancel the order", "can I order a sofa"]
)
def test_everything_else_begins_no_order(text: str) -> None:
    assert about(text) is None


def test_where_nothing_can_be_added_no_order_begins() -> None:
    nothing_to_add = Scene(tools=tuple(read_tool(one) for one in ASSISTANT))
    assert begun_order(read_clause(tokens("can I order something")), nothing_to_add) is None
