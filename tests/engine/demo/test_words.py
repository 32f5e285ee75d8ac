import pytest

from orchestrator.engine.demo.words import joined, name_words, spoken, stem, stems, tokens

pytestmark = pytest.mark.unit


def texts(text: str) -> list[str]:
    return [token.text for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two pizzas, please!", ["two", "pizzas", ",", "please", "!"]),
        ("I'd like", ["i", "would", "like"]),
        ("that's what they're saying", ["that", "is", "what", "they", "are", "saying"]),
        ("I don\u2019t, can't and won't", ["i", "do", "not", ",", "can", "not", "and", "will", "not"]),
        ("let's go", ["let", "us", "go"]),
        ("O'Brien", ["obrien"]),
        ("at 7:30 pm or 19.45", ["at", "7:30", "pm", "or", "19.45"]),
        ("7pm, 2x", ["7", "pm", ",", "2", "x"]),
        ("order A-17 and B12", ["order", "a-17", "and", "b12"]),
        ("ada@example.com", ["ada@example.com"]),
        ("call +49 30 1234567", ["call", "+49 30 1234567"]),
        ("$5 for 50%", ["$", "5", "for", "50", "%"]),
        ("", []),
    ],
)
def test_a_text_becomes_words_and_marks(text: str, words: list[str]) -> None:
    assert texts(text) == words


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Pizzas", "pizza"),
        ("glasses", "glass"),
        ("boxes", "box"),
        ("cherries", "cherry"),
        ("bus", "bus"),
        ("this", "this"),
        ("raining", "rain"),
        ("running", "run"),
        ("calling", "call"),
        ("evening", "evening"),
        ("ring", "ring"),
        ("4711", "4711"),
    ],
)
def test_words_are_compared_by_their_stems(word: str, expected: str) -> None:
    assert stem(word) == expected


def test_stems_leave_marks_out() -> None:
    assert stems("Cokes, cokes!") == {"coke"}


@pytest.mark.parametrize(
    ("identifier", "said"),
    [
        ("coke_zero", "coke zero"),
        ("cokeZero", "coke zero"),
        ("coke-zero", "coke zero"),
        ("BBQ_wings", "BBQ wings"),
        ("Margherita", "margherita"),
    ],
)
def test_identifiers_are_said_as_words(identifier: str, said: str) -> None:
    assert spoken(identifier) == said


def test_the_words_of_a_name_are_stems() -> None:
    assert name_words("add_items") == ("add", "item")


@pytest.mark.parametrize("text", ["I'm late, and sorry", "see you at 7:30"])
def test_tokens_are_written_as_they_were(text: str) -> None:
    assert joined(tokens(text)) == text


def test_marks_at_the_edges_are_left_out() -> None:
    assert joined(tokens(", hello there!")) == "hello there"
