import pytest

from orchestrator.engine.demo.schemas import read_tool
from orchestrator.engine.demo.tools import doing_of
from tests.engine.demo.toolsets import PIZZERIA, tool, transfer

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("name", "doing"),
    [
        ("checkout", "check out"),
        ("check_out", "check out"),
        ("clear_cart", "clear the cart"),
        ("set_timer", "set a timer"),
        ("add_item", "add an item"),
        ("place_order", "place the order"),
        ("remove_all", "remove all"),
        ("lookup", "look up"),
        ("show_orders", "show the orders"),
        ("turn_on_lights", "turn on the lights"),
        ("ping", "ping"),
    ],
)
def test_a_name_is_said_as_an_imperative(name: str, doing: str) -> None:
    assert doing_of(name) == doing


def test_a_short_description_says_what_is_done() -> None:
    assert read_tool(tool("lookup", "Looks something up.")).doing == "look something up"
    long = "Shows what is in the cart of the caller and what it costs."
    assert read_tool(tool("show_cart", long)).doing == "show the cart"
    assert read_tool(tool("show_cart", "Cart of the caller.")).doing == "show the cart"


def test_the_main_slot_says_which_thing() -> None:
    add = read_tool(PIZZERIA[1])
    assert add.main is add.slot("item")
    assert add.quantity is add.slot("quantity")
    lookup = read_tool(tool("lookup", "", {"query": {"type": "string"}}, ("query",)))
    assert lookup.main is lookup.slot("query")
    assert read_tool(tool("ping", "")).main is None
    assert lookup.quantity is None


def test_transfers_are_known_by_their_name() -> None:
    assert read_tool(transfer("human", "", "ever")).is_transfer
    assert not read_tool(PIZZERIA[0]).is_transfer
