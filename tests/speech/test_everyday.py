import re

import pytest

from orchestrator.speech.everyday import (
    ANSWERS,
    DAYS,
    DIGITS,
    HOURS,
    NAME_ANSWERS,
    NAMES,
    NUMBERS,
    PHRASES,
    SLOTS,
)

pytestmark = pytest.mark.unit


def test_every_phrase_is_plain_spoken_words_or_a_known_slot() -> None:
    for phrase in (*ANSWERS, *NAME_ANSWERS, *PHRASES, *NUMBERS, *DAYS, *DIGITS, *NAMES):
        for word in phrase.split():
            assert re.fullmatch(r"[a-z']+", word) or word.strip("{}") in SLOTS, phrase


def test_no_phrase_stands_twice() -> None:
    assert len(set(PHRASES)) == len(PHRASES)


def test_hours_are_the_twelve_of_the_clock() -> None:
    assert (HOURS[0], HOURS[-1], len(HOURS)) == ("one", "twelve", 12)


def test_names_are_many_and_none_stands_twice() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 60
    assert not set(NAMES) & set(NUMBERS)
