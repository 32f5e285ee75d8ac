"""Python source for values."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.json_value import JsonValue
from orchestrator.core.python_source import (
    WIDTH,
    Invocation,
    Raw,
    is_keyword,
    listing,
    literal,
    pair,
    quoted,
    written,
)

pytestmark = pytest.mark.unit

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_the_value(value: JsonValue) -> None:
    assert ast.literal_eval(written(literal(value))) == value


@given(st.text())
def test_a_text_is_written_in_one_line_of_printable_letters(text: str) -> None:
    assert quoted(text).isprintable()
    assert ast.literal_eval(quoted(text)) == text


@pytest.mark.parametrize(
    ("text", "source"),
    [("plain", '"plain"'), ('say "hi"', "'say \"hi\"'"), ("it's", '"it\'s"'), ("a\nb", '"a\\nb"')],
)
def test_the_quotes_are_those_that_need_fewer_escapes(text: str, source: str) -> None:
    assert quoted(text) == source


def test_what_fits_stays_on_its_line() -> None:
    call = Invocation("calls", (Raw('"add"'),), (("count", literal(2)), ("pair", pair(literal(1)))))
    assert written(call, before="x = ") == 'x = calls("add", count=2, pair=(1,))'


def test_what_is_too_wide_is_broken_with_an_element_a_line() -> None:
    words = ["word" * 6] * 3
    source = written(listing([literal({"words": list(words)}), literal(1)]), indent="    ", before="x = ")
    assert source.splitlines() == [
        "    x = [",
        "        {",
        '            "words": [',
        *[f'                "{word}",' for word in words],
        "            ],",
        "        },",
        "        1,",
        "    ]",
    ]
    assert all(len(line) <= WIDTH for line in source.splitlines())


def test_known_texts_are_written_as_names() -> None:
    assert written(literal({"number": "R123"}, {"R123": "ANY"})) == '{"number": ANY}'


@pytest.mark.parametrize(("name", "can"), [("count", True), ("name", True), ("class", False), ("a-b", False)])
def test_only_names_stand_before_an_equals_sign(name: str, can: bool) -> None:
    assert is_keyword(name) is can
