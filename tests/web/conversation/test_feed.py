"""Changes of a page, numbered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.web.conversation.feed import Feed, Piece

pytestmark = pytest.mark.unit


def rows(*contents: tuple[str, object]) -> list[Piece]:
    made, before = [], ""
    for key, content in contents:
        made.append(Piece(key, content, before))
        before = key
    return made


class Reader:
    """Puts changes into their places, as the page's script does."""

    def __init__(self) -> None:
        self.cursor = ""
        self.page: list[Piece] = []

    def read(self, feed: Feed) -> None:
        for change in feed.since(self.cursor):
            self.page = [piece for piece in self.page if piece.key != change.key]
            if change.piece is not None:
                self._put(change.piece)
        self.cursor = feed.cursor

    def _put(self, piece: Piece) -> None:
        keys = [each.key for each in self.page]
        place = 0 if piece.after == "" else len(keys)
        if piece.after in keys:
            place = keys.index(piece.after) + 1
        self.page.insert(place, piece)


def test_a_new_reader_is_told_everything() -> None:
    feed = Feed("a")
    feed.update(rows(("one", 1), ("two", 2)))
    assert [change.key for change in feed.since("")] == ["one", "two"]


def test_a_reader_is_told_what_changed_since() -> None:
    feed = Feed("a")
    feed.update(rows(("one", 1), ("two", 2)))
    cursor = feed.cursor
    feed.update(rows(("one", 1), ("two", "other"), ("three", 3)))
    assert [change.key for change in feed.since(cursor)] == ["two", "three"]
    assert feed.since(feed.cursor) == []


def test_what_is_gone_is_told_first() -> None:
    feed = Feed("a")
    feed.update(rows(("one", 1), ("two", 2)))
    cursor = feed.cursor
    feed.update(rows(("two", 2)))
    gone, moved = feed.since(cursor)
    assert (gone.key, gone.piece) == ("one", None)
    assert moved.piece == Piece("two", 2, "")


@pytest.mark.parametrize("cursor", ["b.2", "a.", "a.x", "2", "a.²", "a.-1", "a." + "9" * 5000])
def test_a_cursor_that_means_nothing_here_is_told_everything(cursor: str) -> None:
    feed = Feed("a")
    feed.update(rows(("one", 1), ("two", 2)))
    assert len(feed.since(cursor)) == 2


pages = st.lists(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.integers(0, 2)), max_size=6, unique_by=lambda row: row[0]
    ),
    max_size=8,
)


@given(pages, st.sets(st.integers(0, 8)))
def test_a_reader_who_is_away_now_and_then_has_the_page_as_it_is(
    history: list[list[tuple[str, int]]], away: set[int]
) -> None:
    feed, reader = Feed("a"), Reader()
    for number, page in enumerate(history):
        feed.update(rows(*page))
        if number not in away:
            reader.read(feed)
    reader.read(feed)
    assert {piece.key: piece.content for piece in reader.page} == dict(history[-1] if history else [])


@given(pages)
def test_a_reader_who_is_told_twice_has_nothing_twice(history: list[list[tuple[str, int]]]) -> None:
    feed, reader = Feed("a"), Reader()
    for page in history:
        feed.update(rows(*page))
        reader.cursor = ""
        reader.read(feed)
        assert reader.page == rows(*page)
