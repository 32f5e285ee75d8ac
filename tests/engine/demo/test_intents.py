import pytest

from orchestrator.engine.demo.clauses import read_clause
from orchestrator.engine.demo.intents import ACT, best_match, hint_points, match_of, topic_points
from orchestrator.engine.demo.schemas import read_tool
from orchestrator.engine.demo.words import tokens
from tests.engine.demo.toolsets import ASSISTANT, PIZZERIA, tool

pytestmark = pytest.mark.unit

ADD, REMOVE = read_tool(PIZZERIA[1]), read_tool(PIZZERIA[2])
WEATHER = read_tool(ASSISTANT[0])


def test_the_tool_that_fits_best_wins() -> None:
    tools = [read_tool(one) for one in PIZZERIA]
    match = best_match(read_clause(tokens("remove the coke")), tools, {})
    assert match is not None
    assert match.tool.name == "remove_item"
    assert match.score >= ACT
    assert best_match(read_clause(tokens("hello")), [], {}) is None


def test_an_opposite_verb_counts_against_a_tool() -> None:
    clause = read_clause(tokens("remove the coke"))
    assert match_of(clause, REMOVE, {}).score > ACT > match_of(clause, ADD, {}).score


def test_a_bare_question_word_is_not_enough() -> None:
    assert match_of(read_clause(tokens("what is your name")), WEATHER, {}).score < ACT


def test_words_of_the_topic_count_also_related_ones() -> None:
    assert (
        topic_points(read_clause(tokens("weather")), WEATHER)
        > topic_points(read_clause(tokens("rain")), WEATHER)
        > 0
    )
    assert topic_points(read_clause(tokens("pizza")), WEATHER) == 0


def test_example_phrases_count_by_likeness() -> None:
    phrases = ["could you fetch me 2 cokes from the fridge"]
    same = hint_points(
        read_clause(tokens("could you fetch me three margheritas from the fridge")), phrases, ADD
    )
    part = hint_points(read_clause(tokens("from the fridge")), phrases)
    other = hint_points(read_clause(tokens("play some jazz")), phrases)
    assert same > part > other == 0
    assert hint_points(read_clause(tokens("anything")), ()) == 0


def test_hints_make_odd_wording_understood() -> None:
    odd = tool("frobnicate", "Does it.")
    clause = read_clause(tokens("do the usual thing"))
    assert match_of(clause, read_tool(odd), {}).score < ACT
    assert match_of(clause, read_tool(odd), {"frobnicate": ("do the usual thing",)}).score >= ACT
