import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.speech.clauses import FIRST_MAX, HARD_MAX, LATER_MAX, Clause, ClauseSplitter

pytestmark = pytest.mark.unit


def split(pieces: list[str] | str) -> list[Clause]:
    splitter = ClauseSplitter()
    clauses = [clause for piece in pieces for clause in splitter.feed(piece)]
    return clauses + splitter.finish()


TABLE = [
    ("", []),
    ("Yes. I have added it.", ["Yes.", "I have added it."]),
    ("No problem! Anything else?", ["No problem!", "Anything else?"]),
    ("It is $12.50. Fine?", ["It is $12.50.", "Fine?"]),
    ("That is 3.5 stars. Good.", ["That is 3.5 stars.", "Good."]),
    ("Dr. Smith lives on Main St. in St. Louis. OK?", ["Dr. Smith lives on Main St. in St. Louis.", "OK?"]),
    ("See you at 7 p.m. on Monday. Bye.", ["See you at 7 p.m. on Monday.", "Bye."]),
    ("Hi. Olives, e.g. green, cost $1,250.00. Ok.", ["Hi.", "Olives, e.g. green, cost $1,250.00.", "Ok."]),
    ("Wait... what? Fine.", ["Wait... what?", "Fine."]),
    ("1. First\n2. Second", ["1. First", "2. Second"]),
    ("Menu:\n- *Coke*: $2\n- Tea", ["Menu:", "Coke: $2", "Tea"]),
    ("## Drinks\n\nCoke and tea.", ["Drinks", "Coke and tea."]),
    ("All set! 🎉 Bye now.", ["All set!", "Bye now."]),
    ('"Really?" he said. Yes.', ['"Really?" he said.', "Yes."]),
    ("A. B", ["A. B"]),
]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(("text", "said"), TABLE)
def test_replies_are_cut_where_a_speaker_would_pause(text: str, said: list[str], size: int) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert [clause.spoken.text for clause in split(pieces)] == said


def test_the_first_clause_may_end_at_a_comma_before_its_sentence_does() -> None:
    splitter = ClauseSplitter()
    assert splitter.feed("Of course I can, ") == []
    (clause,) = splitter.feed("y")
    assert clause.spoken.text == "Of course I can,"


def test_a_first_clause_of_one_short_word_waits_for_more() -> None:
    splitter = ClauseSplitter()
    assert splitter.feed("Sure, let me ") == []


def test_later_clauses_wait_for_the_end_of_their_sentence() -> None:
    splitter = ClauseSplitter()
    splitter.feed("Yes. ")
    assert [c.spoken.text for c in splitter.feed("I have two large pizzas, a coke, and ")] == ["Yes."]
    assert [c.spoken.text for c in splitter.feed("a tea. O")] == [
        "I have two large pizzas, a coke, and a tea."
    ]


def test_a_full_stop_ends_nothing_until_a_word_has_followed() -> None:
    splitter = ClauseSplitter()
    assert splitter.feed("It is $12.") == []
    assert splitter.feed("50 in all.") == []
    assert splitter.feed(" ") == []
    assert [clause.spoken.text for clause in splitter.feed("T")] == ["It is $12.50 in all."]


def test_a_first_clause_without_punctuation_is_cut_between_words() -> None:
    first, *later = split("word " * 100)
    assert FIRST_MAX * 0.8 <= len(first.source) <= FIRST_MAX
    assert all(LATER_MAX * 0.8 <= len(clause.source) <= LATER_MAX for clause in later[:-1])
    assert all(clause.source.endswith(" ") for clause in (first, *later))


def test_text_without_any_gap_is_cut_all_the_same() -> None:
    clauses = split(["x" * 50] * 60)
    assert all(len(clause.source) <= HARD_MAX for clause in clauses)


def test_other_writing_systems_have_pauses_too() -> None:
    clauses = split("我想要两个大号的玛格丽特披萨还要一杯可乐\uff0c谢谢你。请问多少钱。好的。")
    assert [clause.spoken.text[-1] for clause in clauses] == ["\uff0c", "。", "。", "。"]


def test_what_cannot_be_said_stays_in_the_source_of_the_last_clause() -> None:
    (clause,) = split("😀 ")
    assert clause.source == "😀 "
    assert clause.spoken.text == ""


def test_more_text_may_follow_a_finished_part() -> None:
    splitter = ClauseSplitter()
    splitter.feed("One moment")
    (first,) = splitter.finish()
    (second,) = (*splitter.feed(" please"), *splitter.finish())
    assert (first.start, second.start) == (0, 10)


def test_a_clause_places_its_words_in_the_reply() -> None:
    text = "Yes. Two **large** pizzas."
    clause = split(text)[1]
    at = clause.spoken.text.index("large")
    first, last = clause.span(at, at + 5)
    assert text[first:last] == "large"


@given(st.lists(st.text(alphabet=st.sampled_from("aB1 .,!?\n*-$:😀é。"), max_size=40), max_size=20))
def test_the_clauses_sources_joined_are_the_reply(pieces: list[str]) -> None:
    clauses = split(pieces)
    text = "".join(pieces)
    assert "".join(clause.source for clause in clauses) == text
    assert all(text[c.start : c.start + len(c.source)] == c.source for c in clauses)
    assert all(clause.spoken.text for clause in clauses[:-1])


@given(st.lists(st.text(max_size=30), max_size=20))
def test_any_text_at_all_is_kept(pieces: list[str]) -> None:
    assert "".join(clause.source for clause in split(pieces)) == "".join(pieces)
