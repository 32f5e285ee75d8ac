import pytest

from orchestrator.engine.demo.texts import (
    find_text,
    is_person,
    is_query,
    is_writing,
    remainder,
    takes_any_words,
    whole_answer,
)
from orchestrator.engine.demo.tools import Slot
from orchestrator.engine.demo.words import tokens

pytestmark = pytest.mark.unit


def slot(name: str, text_format: str = "") -> Slot:
    return Slot(name, (name,), "text", text_format=text_format)


def found(name: str, text: str) -> str | None:
    words = tokens(text)
    result = find_text(slot(name), words, [False] * len(words))
    return result.value if result else None


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("name", "my name is Grace Hopper, please", "Grace Hopper"),
        ("name", "under the name Ada", "Ada"),
        ("name", "it's for Bob", "Bob"),
        ("customer_name", "I'm Ada", "Ada"),
        ("name", "a table for two", None),
        ("name", "name Turing", "Turing"),
        ("recipient", "tell Bob I'm late", "Bob"),
        ("recipient", "send a message to Ada", "Ada"),
        ("recipient", "send Carol a note", "Carol"),
        ("recipient", "tell me", None),
        ("city", "the weather in New York today", "New York"),
        ("city", "in the morning", None),
        ("origin", "from Oslo to Rome", "Oslo"),
        ("destination", "from Oslo to Rome", "Rome"),
        ("time", "tomorrow at 7:30 pm", "7:30 pm"),
        ("time", "at seven", "seven"),
        ("time", "half past six", "half past six"),
        ("time", "noon would be fine", "noon"),
        ("time", "for seven people", None),
        ("date", "next Friday at eight", "next Friday"),
        ("date", "the 5th of May", "5 th of May"),
        ("date", "on 2026-12-24", "2026-12-24"),
        ("when", "tomorrow evening at 8 pm", "tomorrow evening at 8 pm"),
        ("email", "write to ada@example.com", "ada@example.com"),
        ("phone", "call +49 30 1234567", "+49 30 1234567"),
        ("order_number", "order A-17 please", "A-17"),
        ("message", "tell Bob that dinner is ready", "dinner is ready"),
        ("message", "send a message saying hi", "hi"),
        ("query", "look up the opening hours please", "opening hours"),
        ("query", "what is love?", "love"),
        ("subject", "the subject is lunch", "lunch"),
        ("colour", "something blue", None),
    ],
)
def test_a_text_is_found_by_how_it_is_said(name: str, text: str, value: str | None) -> None:
    assert found(name, text) == value


def test_a_format_says_what_a_slot_is() -> None:
    words = tokens("meet me tomorrow at noon")
    free = [False] * len(words)
    for text_format, value in (("date", "tomorrow"), ("time", "noon"), ("date-time", "tomorrow at noon")):
        result = find_text(slot("slot", text_format), words, free)
        assert result is not None
        assert result.value == value


def test_words_that_are_taken_are_not_found_again() -> None:
    words = tokens("in Paris")
    assert find_text(slot("city"), words, [False, True]) is None


def test_kinds_of_slots_are_told_by_their_names() -> None:
    assert is_person(slot("customer_name"))
    assert not is_person(slot("item_name"))
    assert is_writing(slot("message"))
    assert is_writing(slot("query"))
    assert is_query(slot("query"))
    assert not is_query(slot("message"))
    assert takes_any_words(slot("topping"))
    assert not takes_any_words(slot("time"))
    assert not takes_any_words(slot("name"))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("name", "it's Ada, please", "Ada"),
        ("name", "Ada", "Ada"),
        ("city", "in Paris", "Paris"),
        ("city", "Paris please", "Paris"),
        ("message", "I'm late", "I'm late"),
        ("time", "seven pm", "seven pm"),
        ("name", "please", ""),
    ],
)
def test_an_answer_is_read_without_its_courtesies(name: str, text: str, value: str) -> None:
    assert whole_answer(slot(name), tokens(text)) == value


def test_the_longest_stretch_that_is_left_is_the_remainder() -> None:
    words = tokens("add the wooden table, please")
    left = remainder(words, [False] * len(words), frozenset({"add"}))
    assert left is not None
    assert left.value == "wooden table"
    assert remainder(tokens("please"), [False], frozenset()) is None
