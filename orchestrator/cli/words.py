"""Words for a terminal: harmless, and broken at its edge while they are still coming."""

import unicodedata
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

LABEL: Final = 12
"""Columns for who speaks."""

INDENT: Final = LABEL + 2
WIDEST: Final = 100
"""Columns that text takes at most: longer lines are hard to read."""


def printable(text: str) -> str:
    """A text without anything that a terminal would obey; line breaks stay."""
    return "".join(
        letter if letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cf"} else " "
        for letter in text
    )


def clipped(text: str, columns: int) -> str:
    """A text on one line, not longer than so many columns."""
    line = " ".join(printable(text).split())
    return line if cell_len(line) <= columns else f"{line[: max(1, columns - 1)]}…"


class Paragraph:
    """Prints words as they come, each line behind a margin, and none broken in the middle.

    Args:
        console: Where to.
        label: Who speaks; it stands in the margin of the first line.
        style: Of that label.
    """

    def __init__(self, console: Console, label: str, style: str) -> None:
        self._console = console
        self._width = min(console.width, WIDEST) - 1
        name = clipped(label, LABEL)
        console.print(Text.assemble((f"  {name}", style)), end=" " * (INDENT - 2 - cell_len(name) + 2))
        self._column = INDENT + 2
        self._word = ""
        self._space = False

    def add(self, text: str) -> None:
        """Print what is whole of it by now."""
        for letter in printable(text):
            if letter.isspace():
                self._print_word()
                self._space = self._column > INDENT + 2
                if letter == "\n":
                    self._break()
            else:
                self._word += letter

    def flush(self) -> None:
        """Print the last word: no more of it comes."""
        self._print_word()

    def close(self, note: str = "") -> None:
        """Print what is left, and end the line.

        Args:
            note: Put behind it, such as that it was cut off.
        """
        self._print_word()
        self._console.print(Text(f" {note}" if note else "", style="faint"))

    def _print_word(self) -> None:
        if not self._word:
            return
        needed = cell_len(self._word) + self._space
        if self._column + needed > self._width and self._column > INDENT + 2:
            self._break()
        self._console.print(Text(f"{' ' if self._space else ''}{self._word}"), end="", soft_wrap=True)
        self._column += cell_len(self._word) + self._space
        self._word, self._space = "", False

    def _break(self) -> None:
        self._console.print()
        self._console.print(" " * (INDENT + 2), end="")
        self._column, self._space = INDENT + 2, False
