"""What changes on the page of a live conversation, numbered, so that a reader who was away misses nothing.

A page consists of pieces: the rows of its transcript, and its other parts. Every change of one has a number,
one more than the change before. Who has all changes up to a number asks for those since, and puts each piece
into the place of the one with its key: nothing is missed, and nothing is there twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the page.

    Attributes:
        key: Names it.
        content: What it shows; pieces of equal content look the same.
        after: Of a row: the key of the row before it, empty for the first; None for what is no row.
    """

    key: str
    content: object
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A piece that is new, different or gone.

    Attributes:
        number: Of the change.
        piece: As it is now; None for one that is gone.
    """

    number: int
    key: str
    piece: Piece | None


class Feed:
    """The changes of one page.

    Args:
        name: Tells this count of changes from that of any other feed.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.number = 0
        self._changes: dict[str, Change] = {}
        self._order: list[str] = []

    @property
    def cursor(self) -> str:
        """What a reader has who has everything: `NAME.NUMBER`."""
        return f"{self.name}.{self.number}"

    def update(self, pieces: Sequence[Piece]) -> None:
        """Take the page as it is now."""
        present = {piece.key for piece in pieces}
        for key in [key for key in self._order if key not in present]:
            self._note(key, None)
        for piece in pieces:
            known = self._changes.get(piece.key)
            if known is None or known.piece != piece:
                self._note(piece.key, piece)
        self._order = [piece.key for piece in pieces]

    def _note(self, key: str, piece: Piece | None) -> None:
        self.number += 1
        self._changes[key] = Change(self.number, key, piece)

    def since(self, cursor: str) -> list[Change]:
        """What a reader lacks: what is gone, then what is new or different, in the order of the page.

        Args:
            cursor: What the reader has; one of another feed, or none, means nothing.
        """
        name, _, number = cursor.rpartition(".")
        seen = int(number) if name == self.name and number.isdecimal() and len(number) < 20 else 0
        gone = [change for change in self._changes.values() if change.piece is None and change.number > seen]
        present = (self._changes[key] for key in self._order)
        return [*gone, *(change for change in present if change.number > seen)]
