import pytest

from orchestrator.engine.demo.grammar import article, counted, imperative, listed, money, plural, sentence

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("noun", "many"),
    [
        ("coke", "cokes"),
        ("glass", "glasses"),
        ("box", "boxes"),
        ("cherry", "cherries"),
        ("day", "days"),
        ("fries", "fries"),
        ("large margherita pizza", "large margherita pizzas"),
    ],
)
def test_nouns_have_plurals(noun: str, many: str) -> None:
    assert plural(noun) == many


@pytest.mark.parametrize(
    ("noun", "one"),
    [
        ("coke", "a coke"),
        ("order", "an order"),
        ("hour", "an hour"),
        ("umbrella", "an umbrella"),
        ("unicorn", "a unicorn"),
    ],
)
def test_articles_follow_the_sound(noun: str, one: str) -> None:
    assert article(noun) == one


def test_things_are_counted() -> None:
    assert counted(1, "olive") == "an olive"
    assert counted(2, "olive") == "two olives"
    assert counted(25, "olive") == "25 olives"


def test_lists_are_said_with_and() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"], "or") == "a, b or c"
    assert listed(["a", "b", "c", "d"], most=2) == "a, b and 2 more"


def test_sentences_begin_and_end_properly() -> None:
    assert sentence("it  is\nfine") == "It is fine."
    assert sentence("is it?") == "Is it?"
    assert sentence("") == ""


@pytest.mark.parametrize(
    ("description", "doing"),
    [
        ("Adds an item.", "add an item"),
        ("Empties the cart. Cannot be undone.", "empty the cart"),
        ("Searches recipes", "search recipes"),
        ("Get the weather", "get the weather"),
        ("Passes it on", "pass it on"),
        ("123", ""),
    ],
)
def test_a_description_becomes_an_imperative(description: str, doing: str) -> None:
    assert imperative(description) == doing


def test_money_is_said_in_its_currency() -> None:
    assert money(1234.5) == "$1,234.50"
    assert money(2, "EUR") == "€2.00"
    assert money(2, "CHF") == "2.00 CHF"
