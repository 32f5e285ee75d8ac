import pytest

from orchestrator.core.items import Item, Part

pytestmark = pytest.mark.unit


def test_the_text_of_a_message_is_that_of_all_its_parts() -> None:
    item = Item(id="a", kind="message", content=(Part(text="Two "), Part(kind="audio", text="pizzas")))
    assert item.text == "Two pizzas"


def test_heard_is_the_prefix_that_is_known_else_everything() -> None:
    assert Item(id="a", kind="message", content=(Part(text="Two pizzas"),)).heard_text == "Two pizzas"
    assert Item(id="a", kind="message", content=(Part(text="Two pizzas"),), heard="Two").heard_text == "Two"
    assert Item(id="a", kind="message", content=(Part(text="Two pizzas"),), heard="").heard_text == ""


def test_markers_are_ours_alone() -> None:
    assert Item(id="a", kind="handoff").is_marker
    assert Item(id="a", kind="resumed").is_marker
    assert not Item(id="a", kind="function_call").is_marker
