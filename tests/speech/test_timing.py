import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.speech.protocol import WordTime
from orchestrator.speech.timing import TimedText, WordEstimate, WordFinder, heard_until
from tests.speech.speaking import clause_of

pytestmark = pytest.mark.unit

WORDS = [WordTime(0, 3, 0, 200), WordTime(4, 9, 200, 600), WordTime(10, 12, 700, 900)]


@pytest.mark.parametrize(
    ("played", "heard"), [(0, 0), (99, 0), (100, 3), (399, 3), (400, 9), (700, 9), (800, 12), (5000, 12)]
)
def test_a_word_is_heard_once_half_of_it_was_played(played: int, heard: int) -> None:
    assert heard_until(WORDS, played) == heard


def test_nothing_is_heard_of_a_reply_without_words() -> None:
    assert heard_until([], 1000) == 0


def test_a_clauses_time_is_shared_out_by_characters() -> None:
    estimate = WordEstimate(clause_of("ab cdef gh", start=100), begins_ms=500)
    words = estimate.rest(1000)
    assert [(word.start, word.end) for word in words] == [(100, 102), (103, 107), (108, 110)]
    assert [(word.start_ms, word.end_ms) for word in words] == [(500, 700), (800, 1200), (1300, 1500)]


def test_words_that_should_be_sounding_are_given_before_the_length_is_known() -> None:
    estimate = WordEstimate(clause_of("ab cdef gh"), begins_ms=0, per_second=10)
    assert [word.start for word in estimate.due(350)] == [0, 3]
    assert estimate.due(400) == ()
    (last,) = estimate.rest(900)
    assert (last.start_ms, last.end_ms) == (767, 900)


def test_signs_alone_are_no_words() -> None:
    words = WordEstimate(clause_of("one - two"), begins_ms=0).rest(900)
    assert [(word.start, word.end) for word in words] == [(0, 3), (6, 9)]


@given(
    st.lists(st.text(alphabet="abc", min_size=1, max_size=8), min_size=1, max_size=20),
    st.lists(st.integers(0, 20_000), max_size=5),
    st.integers(0, 20_000),
)
def test_estimates_are_in_order_and_give_every_word_once(
    parts: list[str], looks: list[int], length: int
) -> None:
    text = " ".join(parts)
    estimate = WordEstimate(clause_of(text), begins_ms=0)
    words = [word for elapsed in sorted(looks) for word in estimate.due(elapsed)]
    words += estimate.rest(length)
    assert [text[word.start : word.end] for word in words] == parts
    times = [moment for word in words for moment in (word.start_ms, word.end_ms)]
    assert times == sorted(times)


def test_reported_words_are_found_in_the_text_they_came_from() -> None:
    text = "The **big** pizza, the Coke"
    finder = WordFinder()
    finder.add(clause_of(text))
    names = ["the", "Big", "pizza", "the", "coke."]
    words = finder.find([TimedText(name, at * 100, at * 100 + 90) for at, name in enumerate(names)])
    assert [text[word.start : word.end] for word in words] == ["The", "big", "pizza", "the", "Coke"]
    assert words[2].start_ms == 200


def test_a_word_that_is_not_there_is_left_out_and_the_next_is_found() -> None:
    finder = WordFinder()
    finder.add(clause_of("costs $5 now"))
    found = finder.find([TimedText("five", 0, 1), TimedText(" ", 1, 2), TimedText("now", 2, 3)])
    assert [(word.start, word.end) for word in found] == [(9, 12)]


def test_letters_that_change_their_length_with_case_keep_their_place() -> None:
    finder = WordFinder()
    finder.add(clause_of("İstanbul Straße x"))
    (word,) = finder.find([TimedText("x", 0, 1)])
    assert (word.start, word.end) == (16, 17)
