"""Sound of what is said again and again (greetings, fillers), so that a voice makes it once."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, TypeAlias

from orchestrator.speech.protocol import Speech, Voice

MOST_BYTES: Final = 16_000_000
"""Of 24 kHz PCM: five and a half minutes."""

LONGEST_BYTES: Final = 1_000_000
"""Of one phrase: twenty seconds."""

_Key: TypeAlias = tuple[str, Voice, str]


class Phrases:
    """The phrases of a node, those said last kept longest. Nothing that a model wrote gets here.

    Args:
        limit: Bytes of sound kept.
    """

    def __init__(self, limit: int = MOST_BYTES) -> None:
        self._limit = limit
        self._bytes = 0
        self._phrases: OrderedDict[_Key, list[Speech]] = OrderedDict()

    def find(self, adapter: str, voice: Voice, text: str) -> list[Speech] | None:
        """What was made of this text in this voice; None when it has not been said yet."""
        key = (adapter, voice, text)
        if key in self._phrases:
            self._phrases.move_to_end(key)
        return self._phrases.get(key)

    def keep(self, adapter: str, voice: Voice, text: str, pieces: Sequence[Speech]) -> None:
        """Keep the whole sound of a text, unless it is long."""
        size, key = _size(pieces), (adapter, voice, text)
        if size > min(LONGEST_BYTES, self._limit) or key in self._phrases:
            return
        self._phrases[key] = list(pieces)
        self._bytes += size
        while self._bytes > self._limit:
            _, oldest = self._phrases.popitem(last=False)
            self._bytes -= _size(oldest)


def _size(pieces: Sequence[Speech]) -> int:
    return sum(len(piece.pcm) for piece in pieces)
