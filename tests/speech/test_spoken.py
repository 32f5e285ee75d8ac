import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.speech.spoken import Spoken, speakable

pytestmark = pytest.mark.unit

TABLE = [
    ("plain words", "plain words"),
    ("  single   spaces\n here ", "single spaces here"),
    ("**bold**, __bold__, *it* and _it_ and ***both***", "bold, bold, it and it and both"),
    ("2 * 3 is 6, and so is 2*3", "2 * 3 is 6, and so is 2*3"),
    ("snake_case_name stays", "snake_case_name stays"),
    ("`code` and ```python\nprint()\n```", "code and print()"),
    ("see [our menu](https://example.com/a_(b)) now", "see our menu now"),
    ("see [our menu](https://example.com/menu) now", "see our menu now"),
    ("![a pizza](pizza.png)", "a pizza"),
    ("here](https://example.com) it is", "here it is"),
    ("~~old~~ new <b>bold</b><br/> 3 < 4", "old new bold 3 < 4"),
    ("done 👍🏽 now ✅ ok 👨‍👩‍👧 and 1️⃣", "done now ok and 1"),
    ("| a | b |", "a b"),
    ("-5 degrees at 7\u20138 o'clock", "-5 degrees at 7\u20138 o'clock"),
    ("naïve jalapeño costs €3", "naïve jalapeño costs €3"),
]
AT_LINE_START = [
    ("# Menu", "Menu"),
    ("- Coke", "Coke"),
    ("* *Coke*", "Coke"),
    ("> quoted", "quoted"),
    ("1. First", "1. First"),
    ("-5 degrees", "-5 degrees"),
    ("one\n- two\n  * three\n## four", "one two three four"),
    ("above\n---\nbelow", "above below"),
]


@pytest.mark.parametrize(("source", "said"), TABLE)
def test_marks_and_emoji_are_not_said(source: str, said: str) -> None:
    assert speakable(source).text == said


@pytest.mark.parametrize(("source", "said"), AT_LINE_START)
def test_marks_at_the_start_of_a_line_are_not_said(source: str, said: str) -> None:
    assert speakable(source, at_line_start=True).text == said


def test_a_dash_in_the_middle_of_a_line_is_no_bullet() -> None:
    assert speakable("- or not").text == "- or not"


def test_every_character_knows_where_it_came_from() -> None:
    source = "The **big** [one](https://example.com)!"
    spoken = speakable(source)
    start = spoken.text.index("one")
    first, last = spoken.span(start, start + 3)
    assert source[first:last] == "one"


def test_replaced_words_stand_for_all_that_they_replace() -> None:
    spoken = Spoken.of("pay $5 now").replace(re.compile(r"\$5"), lambda _: "five dollars")
    assert spoken.text == "pay five dollars now"
    assert spoken.span(9, 16) == (4, 6)
    assert spoken.span(17, 20) == (7, 10)


@given(st.text(alphabet=st.sampled_from("ab1 \n*_`[]()#->~|😀$.,")), st.booleans())
def test_places_never_go_back_and_stay_inside_the_source(source: str, at_line_start: bool) -> None:
    spoken = speakable(source, at_line_start=at_line_start)
    assert len(spoken.text) == len(spoken.starts) == len(spoken.ends)
    assert list(spoken.starts) == sorted(spoken.starts)
    assert list(spoken.ends) == sorted(spoken.ends)
    assert all(0 <= a < b <= len(source) for a, b in zip(spoken.starts, spoken.ends, strict=True))


@given(st.text())
def test_no_letter_or_figure_of_plain_text_is_lost(source: str) -> None:
    plain = "".join(letter for letter in source if letter.isalpha() or letter.isspace())
    letters = [letter for letter in speakable(plain).text if not letter.isspace()]
    assert letters == [letter for letter in plain if not letter.isspace()]
