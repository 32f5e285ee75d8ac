import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.speech.language_model import BEGIN, END, Smoothing, build_arpa

pytestmark = pytest.mark.unit

Model = dict[tuple[str, ...], tuple[float, float]]

PHRASES = [(["two", "large", "pizzas"], 3.0), (["a", "large", "coke"], 1.0), (["yes"], 1.0)]
EVERYDAY = {"the": 2.0, "house": 1.0, "large": 1.0}


def read(arpa: str) -> Model:
    """Every gram's probability and what it leaves to shorter ones, back from the logarithms."""
    grams: Model = {}
    size = 0
    for line in arpa.splitlines():
        if line.endswith("-grams:"):
            size = int(line[1])
        elif size and line and not line.startswith("\\"):
            first, *words = line.split()
            left = float(words.pop()) if len(words) > size else 0.0
            grams[tuple(words)] = (10 ** float(first), 10**left)
    return grams


def chance(model: Model, word: str, before: Sequence[str]) -> float:
    """The probability that the format defines."""
    context = tuple(before)
    if (*context, word) in model:
        return model[*context, word][0]
    if not context:
        return 0.0
    return model.get(context, (0.0, 1.0))[1] * chance(model, word, context[1:])


def test_seen_phrases_are_likelier_than_their_words_in_another_order() -> None:
    model = read(build_arpa(PHRASES, EVERYDAY))
    assert chance(model, "pizzas", ["two", "large"]) > 0.6
    assert chance(model, "pizzas", ["two", "large"]) > chance(model, "coke", ["two", "large"]) * 5
    assert chance(model, "large", [BEGIN, "two"]) > chance(model, "two", [BEGIN, "large"])


def test_everyday_words_are_possible_anywhere() -> None:
    model = read(build_arpa(PHRASES, EVERYDAY))
    assert 0 < chance(model, "house", ["two", "large"]) < 0.05
    assert chance(model, "the", ["yes"]) == pytest.approx(2 * chance(model, "house", ["yes"]), rel=0.01)


def test_heavier_phrases_are_likelier() -> None:
    model = read(build_arpa(PHRASES, EVERYDAY))
    assert chance(model, "two", [BEGIN]) == pytest.approx(3 * chance(model, "a", [BEGIN]), rel=0.05)


def test_smoothing_gives_to_what_was_not_seen() -> None:
    little = read(build_arpa(PHRASES, EVERYDAY, Smoothing(pairs=0.1, triples=0.1)))
    much = read(build_arpa(PHRASES, EVERYDAY, Smoothing(pairs=0.7, triples=0.7)))
    assert chance(little, "coke", ["two", "large"]) < chance(much, "coke", ["two", "large"])


def test_a_model_of_everyday_words_alone_is_a_model() -> None:
    model = read(build_arpa([], EVERYDAY))
    assert chance(model, "the", []) == pytest.approx(0.5, rel=0.01)


def test_a_model_without_everyday_words_is_a_model() -> None:
    model = read(build_arpa(PHRASES, {}))
    assert sum(chance(model, word, []) for (word, *rest) in model if not rest) == pytest.approx(1, rel=0.01)


def test_the_header_counts_the_lines_of_each_size() -> None:
    arpa = build_arpa(PHRASES, EVERYDAY)
    grams = read(arpa)
    for size in (1, 2, 3):
        assert f"ngram {size}={sum(len(gram) == size for gram in grams)}" in arpa
    assert arpa.endswith("\\end\\\n")


WORD = st.sampled_from(["a", "b", "c", "d"])


@given(
    st.lists(st.tuples(st.lists(WORD, min_size=1, max_size=5), st.floats(0.1, 5)), min_size=1, max_size=8),
    st.dictionaries(st.sampled_from(["a", "x", "y"]), st.floats(0.1, 5), max_size=3),
)
def test_after_any_words_the_chances_of_all_words_add_up_to_one(
    phrases: list[tuple[list[str], float]], everyday: dict[str, float]
) -> None:
    model = read(build_arpa(phrases, everyday))
    words = {gram[0] for gram in model if len(gram) == 1} - {BEGIN}
    contexts: list[tuple[str, ...]] = [(), (BEGIN,), *((word,) for word in words - {END})]
    contexts += [gram for gram in model if len(gram) == 2 and gram[1] != END]
    for context in contexts:
        total = sum(chance(model, word, context) for word in words)
        assert math.isclose(total, 1, rel_tol=0.01), context
