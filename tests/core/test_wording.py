import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.json_value import JsonValue
from orchestrator.core.wording import SHOWN_LENGTH, choices_near, clipped, listed, nearest, shown

pytestmark = pytest.mark.unit

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("two", '"two"'),
        ('a "b"', '"a \\"b\\""'),
        (2, "2"),
        (2.5, "2.5"),
        (True, "true"),
        (None, "null"),
        ([1, 2], "a list of 2"),
        ({"a": 1}, "an object of 1 fields"),
    ],
)
def test_a_value_is_shown_as_json(value: JsonValue, expected: str) -> None:
    assert shown(value) == expected


@given(JSON)
def test_a_shown_value_is_never_long(value: JsonValue) -> None:
    # Escapes make a text longer, at most six characters for one.
    assert len(shown(value)) <= 6 * SHOWN_LENGTH + 2


def test_a_long_text_is_cut_and_says_so() -> None:
    assert clipped("a" * 50) == "a" * 39 + "…"
    assert clipped("a" * 40) == "a" * 40
    assert shown(10**100) == "1" + "0" * 38 + "…"


@pytest.mark.parametrize(
    ("words", "expected"), [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_words_are_joined_as_in_a_sentence(words: list[str], expected: str) -> None:
    assert listed(words) == expected


def test_the_conjunction_can_be_chosen() -> None:
    assert listed(["a", "b"], "and") == "a and b"


@pytest.mark.parametrize(
    ("word", "expected"), [("voise", "voice"), ("Tools", "tools"), ("handoff", "handoffs"), ("xyz", None)]
)
def test_the_nearest_name_is_found(word: str, expected: str | None) -> None:
    assert nearest(word, ["voice", "tools", "handoffs"]) == expected


def test_nothing_is_near_where_there_is_no_choice() -> None:
    assert nearest("voice", []) is None


def test_few_choices_are_given_in_their_own_order() -> None:
    assert choices_near("c", ["b", "a", "c"]) == ["b", "a", "c"]


def test_of_many_choices_the_nearest_come_first() -> None:
    choices = [f"item {number}" for number in range(20)] + ["margherita"]
    near = choices_near("margarita", choices, 3)
    assert near[0] == "margherita"
    assert len(near) == 3
