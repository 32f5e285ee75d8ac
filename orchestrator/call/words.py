"""What is being said on a live call, word by word: for whoever watches it: the store has items whole."""

from collections.abc import Callable

from orchestrator.core.notices import (
    DeltaNotice,
    ItemDeletedNotice,
    Notice,
    OutputItemNotice,
    TranscriptNotice,
)


class Words:
    """The words so far of every item whose words are still coming."""

    def __init__(self) -> None:
        self._pieces: dict[str, list[str]] = {}
        self._watchers: list[Callable[[], None]] = []

    def note(self, notice: Notice) -> None:
        """Take note of what a client is told. Never waits."""
        match notice:
            case DeltaNotice(item_id=item_id, kind="text" | "transcript", delta=delta):
                self._pieces.setdefault(item_id, []).append(delta)
            case TranscriptNotice(stage="delta", item_id=item_id, text=text):
                self._pieces.setdefault(item_id, []).append(text)
            case TranscriptNotice(item_id=item_id) | ItemDeletedNotice(item_id=item_id):
                self._pieces.pop(item_id, None)
                return
            case OutputItemNotice(stage="done", item=item):
                self._pieces.pop(item.id, None)
                return
            case _:
                return
        for watcher in self._watchers:
            watcher()

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Have somebody told of every new word.

        Args:
            watcher: Called on the event loop; it must not block.

        Returns:
            Ends it.
        """
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def so_far(self) -> dict[str, str]:
        """The words that came, by item; items that are final are told by the store."""
        return {item_id: "".join(pieces) for item_id, pieces in self._pieces.items()}
