import pytest

from orchestrator.engine.demo.clauses import (
    clauses_of,
    read_clause,
    says_no,
    says_yes,
    sentences_of,
    without_answer,
)
from orchestrator.engine.demo.lexicon import Action
from orchestrator.engine.demo.schemas import read_tool
from orchestrator.engine.demo.words import joined, tokens
from tests.engine.demo.toolsets import PIZZERIA, tool

pytestmark = pytest.mark.unit

TOOLS = [read_tool(one) for one in PIZZERIA]


def cut(text: str) -> list[str]:
    return [clause.text for clause in clauses_of(tokens(text), TOOLS)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a coke and two pizzas", ["a coke", "two pizzas"]),
        ("remove the coke, then add a tiramisu", ["remove the coke", "add a tiramisu"]),
        ("an hour and a half", ["an hour and a half"]),
        ("yes, please", []),
        ("no, a small one", ["a small one"]),
        ("that's it", ["that's it"]),
        ("", []),
    ],
)
def test_words_are_cut_at_marks_and_joiners(text: str, parts: list[str]) -> None:
    assert cut(text) == parts


def test_a_choice_is_never_cut() -> None:
    dish = {"dish": {"type": "string", "enum": ["mac_and_cheese", "soup"]}}
    tools = [read_tool(tool("add_dish", "", dish, ("dish",)))]  # type: ignore[arg-type]
    said = clauses_of(tokens("mac and cheese and soup"), tools)
    assert [clause.text for clause in said] == ["mac and cheese", "soup"]


def test_sentences_are_cut_at_their_ends_only() -> None:
    assert [one.text for one in sentences_of(tokens("Hello, you. And me? Yes!"))] == [
        "Hello, you",
        "And me",
        "Yes",
    ]


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        ("add a coke", {Action.ADD}),
        ("I'd like a coke", {Action.ADD}),
        ("I'd like to cancel", {Action.CANCEL}),
        ("what's in my order", {Action.SHOW}),
        ("how do I cancel", {Action.CANCEL}),
        ("that's all", {Action.FINISH}),
        ("take the olives off", {Action.REMOVE}),
        ("let Ada know", {Action.SEND}),
        ("turn the light off", {Action.STOP}),
        ("the book", set()),
        ("tell Bob I am late", {Action.SHOW, Action.SEND}),
    ],
)
def test_a_clause_says_what_it_wants(text: str, actions: set[Action]) -> None:
    assert read_clause(tokens(text)).actions == actions


def test_a_clause_goes_on_with_what_the_one_before_wanted() -> None:
    first, second = clauses_of(tokens("remove the coke and the tiramisu"), TOOLS)
    assert not first.inherited
    assert second.inherited
    assert second.actions == {Action.REMOVE}


def test_a_negation_is_told() -> None:
    assert read_clause(tokens("don't check out")).negated
    assert not read_clause(tokens("check out")).negated


@pytest.mark.parametrize(
    ("text", "asks"), [("what is it", True), ("ok is it", True), ("it is", False), ("it is?", True)]
)
def test_questions_are_known(text: str, asks: bool) -> None:
    assert read_clause(tokens(text)).is_question is asks


@pytest.mark.parametrize("text", ["yes", "yes please", "oh sure", "go ahead", "that's right", "Ok, do it"])
def test_a_yes_is_a_yes(text: str) -> None:
    assert says_yes(tokens(text))
    assert not says_no(tokens(text))


@pytest.mark.parametrize("text", ["no", "no thanks", "never mind", "not yet", "nope, wait", "I'd rather not"])
def test_a_no_is_a_no(text: str) -> None:
    assert says_no(tokens(text))
    assert not says_yes(tokens(text))


@pytest.mark.parametrize("text", ["maybe", "yesterday", "nothing", "a coke", ""])
def test_anything_else_is_neither(text: str) -> None:
    assert not says_yes(tokens(text))
    assert not says_no(tokens(text))


def test_what_follows_an_answer_is_kept() -> None:
    assert joined(without_answer(tokens("no, thanks, but a small coke"))) == "a small coke"
    assert without_answer(tokens("yes, please")) == []
