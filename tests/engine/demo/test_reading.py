import re

import pytest

from orchestrator.engine.demo.reading import Found, Reading
from orchestrator.engine.demo.words import tokens

pytestmark = pytest.mark.unit


def test_a_pattern_is_found_in_tokens_as_they_were_written() -> None:
    reading = Reading(tokens("Hello, my name is Grace Hopper."))
    found = reading.search(re.compile(r"name is (?P<value>\w+ \w+)"), "value")
    assert found == Found("Grace Hopper", 5, 7)


def test_what_is_not_there_is_none() -> None:
    reading = Reading(tokens("hello"))
    assert reading.search(re.compile("bye")) is None
    assert reading.search(re.compile("(bye)?hello"), 1) is None


def test_phrases_are_whole_words() -> None:
    reading = Reading(tokens("that's all, thanks"))
    assert reading.phrase_at("that is all") == 0
    assert reading.phrase_at("is all") == 1
    assert reading.phrase_at("thank") is None
