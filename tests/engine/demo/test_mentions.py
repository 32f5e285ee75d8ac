import pytest

from orchestrator.engine.demo.mentions import mentions
from orchestrator.engine.demo.tools import Choice, Slot
from orchestrator.engine.demo.words import spoken, tokens

pytestmark = pytest.mark.unit


def slot(*values: str) -> Slot:
    choices = tuple(Choice(value, spoken(value)) for value in values)
    return Slot("item", ("item",), "choice", choices=choices)


MENU = slot("margherita", "quattro_formaggi", "coke", "coke_zero", "garlic_bread", "mac_and_cheese")


def said(text: str, where: Slot = MENU) -> list[object]:
    return [mention.choice.value for mention in mentions(tokens(text), where)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a coke and two margheritas", ["coke", "margherita"]),
        ("coke zero, not coke", ["coke_zero", "coke"]),
        ("formaggi quattro", ["quattro_formaggi"]),
        ("the garlic bread", ["garlic_bread"]),
        ("some bread", ["garlic_bread"]),
        ("mac and cheese", ["mac_and_cheese"]),
        ("a margarita", ["margherita"]),
        ("quatro formagi", ["quattro_formaggi"]),
        ("a cola", ["coke"]),
        ("something else", []),
        ("", []),
    ],
)
def test_choices_are_found_whole_in_part_and_misspelt(text: str, values: list[str]) -> None:
    assert said(text) == values


def test_how_sure_it_is_is_told() -> None:
    whole, part, spelt = (
        mentions(tokens(text), MENU)[0].certainty for text in ("garlic bread", "bread", "margarita")
    )
    assert whole == 1.0
    assert part < 1.0
    assert spelt < 1.0


@pytest.mark.parametrize(
    ("text", "value"), [("a big one", "large"), ("little", "small"), ("regular", "medium")]
)
def test_sizes_have_other_names(text: str, value: str) -> None:
    assert said(text, slot("small", "medium", "large")) == [value]


def test_verbs_are_not_taken_for_misspelt_choices() -> None:
    assert said("I like it", slot("lime")) == []


def test_a_slot_without_choices_has_no_mentions() -> None:
    assert said("anything", slot()) == []
