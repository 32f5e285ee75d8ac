import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.errors import InvalidRequestError
from orchestrator.store.paging import (
    MOST,
    Page,
    checked_limit,
    decode_cursor,
    encode_cursor,
    microseconds,
    moment,
    page_of,
)

pytestmark = pytest.mark.unit

LARGE = 2**63 - 1


@given(st.integers(-LARGE, LARGE), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_cursor_comes_back_as_it_was_and_fits_a_url(number: int, word: str) -> None:
    cursor = encode_cursor(number, word)
    assert decode_cursor(cursor, int, str) == [number, word]
    assert all(letter.isalnum() or letter in "-_" for letter in cursor)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "nonsense",
        "ä",
        "====",
        encode_cursor(1),
        encode_cursor("a", 1),
        encode_cursor(1, "a", 2),
        encode_cursor(LARGE + 1, "a"),
        encode_cursor(1, "a\0"),
        encode_cursor(1, "a") + "!",
    ],
)
def test_what_is_no_cursor_of_this_list_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        decode_cursor(cursor, int, str)
    assert raised.value.param == "after"


@given(st.text())
def test_no_text_breaks_the_reading_of_cursors(text: str) -> None:
    try:
        decode_cursor(text, int)
    except InvalidRequestError:
        return


def test_a_page_names_the_next_one_only_where_there_is_one() -> None:
    assert page_of([1, 2, 3], 3, lambda row: (row,)) == Page((1, 2, 3), None)
    assert page_of([1, 2, 3], 2, lambda row: (row,)) == Page((1, 2), encode_cursor(2))
    assert page_of([], 2, lambda row: (row,)) == Page((), None)


@pytest.mark.parametrize("limit", [0, -1, MOST + 1])
def test_a_limit_out_of_bounds_is_refused(limit: int) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        checked_limit(limit)
    assert raised.value.param == "limit"


def test_limits_within_bounds_pass() -> None:
    assert (checked_limit(1), checked_limit(MOST)) == (1, MOST)


@given(st.integers(-(10**15), 4 * 10**15))
def test_a_moment_is_exact_to_the_microsecond(number: int) -> None:
    assert microseconds(moment(number).timestamp()) == number


def test_a_moment_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(InvalidRequestError):
        moment(LARGE)
