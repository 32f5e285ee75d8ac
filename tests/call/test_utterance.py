import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.call.utterance import Utterance
from orchestrator.core.notices import SoundingWord
from orchestrator.speech.protocol import Speech, Voice
from tests.call.scripted_voice import said, sound

pytestmark = pytest.mark.unit

TEXT = "One two three four."


def utterance(text: str = TEXT) -> Utterance:
    return Utterance("item_1", Voice(), text=text)


def whole() -> Utterance:
    made = utterance()
    made.add(said(TEXT))
    made.all_made = True
    return made


def test_words_are_told_as_they_sound() -> None:
    made = utterance()
    words = made.add(said("One two", ms=600))
    assert words == (SoundingWord(0, 3, 0, 300), SoundingWord(4, 7, 300, 600))
    assert made.made_ms == 600


def test_a_voice_that_took_over_counts_from_where_it_began() -> None:
    made = utterance()
    made.add(said("One two", ms=600))
    words = made.add(said("three four.", ms=400), after=8, after_ms=600)
    assert words == (SoundingWord(8, 13, 600, 800), SoundingWord(14, 19, 800, 1000))
    assert made.reached == len(TEXT)


def test_a_word_was_heard_once_half_of_it_was_played() -> None:
    made = whole()
    assert [made.heard(ms) for ms in (0, 124, 126, 374, 376, 999)] == [0, 0, 3, 3, 7, len(TEXT)]


def test_what_was_played_to_its_end_was_heard_with_all_that_has_no_sound() -> None:
    made = utterance("Hello there. \u2728")
    made.add(said("Hello there."))
    made.all_made = True
    assert made.heard(1000) == made.heard(990) == len("Hello there. \u2728")
    assert made.heard(400) == 5


def test_of_a_text_that_was_not_spoken_to_its_end_only_what_has_sound_can_be_heard() -> None:
    made = utterance()
    made.add(said("One two", ms=600))
    assert made.reached == 7
    assert made.heard(600) == made.heard(5000) == 7


def test_where_no_times_are_known_the_pace_of_an_ordinary_voice_is_taken() -> None:
    made = utterance()
    made.add(Speech(sound(600)))
    assert made.reached == 7
    assert made.heard(300) == 3
    assert made.heard(100) == 0


def test_before_any_sound_nothing_was_heard() -> None:
    assert utterance().reached == utterance().heard(1000) == 0


@given(st.integers(0, 2000), st.integers(0, 2000), st.booleans())
def test_who_hears_longer_hears_no_less(first: int, more: int, complete: bool) -> None:
    made = utterance()
    made.add(said("One two three", ms=800))
    made.all_made = complete
    assert 0 <= made.heard(first) <= made.heard(first + more) <= len(TEXT)
