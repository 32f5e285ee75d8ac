"""Words for a terminal."""

import io

import pytest
from rich.console import Console

from orchestrator.cli.words import Paragraph, clipped, printable

pytestmark = pytest.mark.unit


def written(*pieces: str, width: int = 40, note: str = "") -> list[str]:
    file = io.StringIO()
    paragraph = Paragraph(Console(file=file, width=width), "restaurant", "cyan")
    for piece in pieces:
        paragraph.add(piece)
    paragraph.close(note)
    return file.getvalue().splitlines()


def test_words_stand_behind_a_margin_and_are_never_broken() -> None:
    lines = written("I've added two large margherita pizzas and a coke.")
    assert lines[0] == "  restaurant    I've added two large"
    assert lines[1] == "                margherita pizzas and a"
    assert lines[2] == "                coke."


def test_it_makes_no_difference_in_which_pieces_words_come() -> None:
    text = "one two three four five six seven eight nine ten eleven"
    assert written(*text) == written(text)


def test_a_line_break_stays_and_a_note_ends_the_line() -> None:
    assert written("one\ntwo", note="(stopped)") == [
        "  restaurant    one",
        "                two (stopped)",
    ]


def test_a_word_longer_than_the_line_stands_on_a_line_of_its_own() -> None:
    lines = written(f"see {'x' * 60} there")
    assert [line.strip() for line in lines] == ["restaurant    see", "x" * 60, "there"]


def test_markup_is_text() -> None:
    assert written("[bold]a[/bold]") == ["  restaurant    [bold]a[/bold]"]


def test_nothing_that_a_terminal_would_obey_is_left() -> None:
    assert printable("a\x1b[31mb\x07c\u202ed\ne") == "a [31mb c d\ne"


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [("short", 10, "short"), ("one\n  two", 10, "one two"), ("0123456789", 5, "0123…"), ("", 5, "")],
)
def test_a_text_is_clipped_to_one_line(text: str, columns: int, expected: str) -> None:
    assert clipped(text, columns) == expected
