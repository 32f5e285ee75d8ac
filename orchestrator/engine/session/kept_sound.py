"""The sound of the newest items, for `conversation.item.retrieve` alone (Realtime protocol, section 4)."""

from typing import Final

from orchestrator.speech.protocol import BYTES_PER_MS

KEPT_MS: Final = 120_000
"""Of a session. Two minutes are 6 MB, and hold the turn that a client wants to hear again."""


class KeptSound:
    """24 kHz PCM by item; beyond what is kept, the oldest item's is forgotten whole.

    Args:
        most_ms: Of all items together.
    """

    def __init__(self, most_ms: int = KEPT_MS) -> None:
        self._most = most_ms * BYTES_PER_MS
        self._size = 0
        self._sounds: dict[str, bytearray] = {}
        self._incomplete: set[str] = set()

    def add(self, item_id: str, pcm: bytes) -> None:
        """Add to the sound of an item; nothing is kept of one whose beginning was forgotten."""
        if item_id in self._incomplete:
            return
        self._sounds.setdefault(item_id, bytearray()).extend(pcm)
        self._size += len(pcm)
        while self._size > self._most:
            oldest = next(iter(self._sounds))
            self.forget(oldest)
            self._incomplete.add(oldest)

    def forget(self, item_id: str) -> None:
        """Forget the sound of an item, whose id is free again; nothing happens where there is none."""
        self._incomplete.discard(item_id)
        self._size -= len(self._sounds.pop(item_id, b""))

    def of(self, item_id: str, until_ms: int | None = None) -> bytes:
        """The sound of an item, or its beginning; empty where none is kept."""
        end = None if until_ms is None else until_ms * BYTES_PER_MS
        return bytes(self._sounds.get(item_id, b"")[:end])
