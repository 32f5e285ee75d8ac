"""The agent's sound on its way to the caller: a bounded queue by item, and a ledger of what really left.

Pure. A *flush* begins a new epoch: what was queued is gone, and sound that still comes for an item which was
flushed is refused, so that nothing of an older epoch is ever heard late.
"""

import collections
import dataclasses
from typing import Final, NamedTuple

from orchestrator.media.phrase import Phrase
from orchestrator.media.ticker import FRAME

QUEUE_LIMIT_MS: Final = 120_000
"""Engines make sound much faster than it is heard; two minutes is longer than any reply should be."""

_ITEMS_KEPT: Final = 1000


class Frame(NamedTuple):
    """20 ms to send.

    Attributes:
        audio: The sound, in the agent's format; shorter than a frame if it is the end of what there is.
        packet: Instead of `audio`, the packet of a phrase that is encoded already.
        started: Items of which this is the first sound.
        ended: Items of which this is the last sound.
    """

    audio: bytes
    packet: bytes | None
    started: list[str]
    ended: list[str]


class Flushed(NamedTuple):
    """What a flush found.

    Attributes:
        epoch: The new epoch.
        played_ms: Of each item that was cut short, how many milliseconds had left.
    """

    epoch: int
    played_ms: dict[str, int]


@dataclasses.dataclass(slots=True)
class _Item:
    epoch: int
    queued: int = 0
    sent: int = 0
    complete: bool = False
    closed: bool = False


@dataclasses.dataclass(slots=True)
class _Run:
    """Sound of one item that waits: bytes from `start` on, or a phrase from frame `start` on."""

    item_id: str
    audio: bytes
    phrase: Phrase | None = None
    start: int = 0


class Playout:
    """Queue and ledger of one call.

    Args:
        bytes_per_ms: Of the agent's sound.
        limit_ms: Longest queue; beyond it the oldest sound is dropped.
    """

    def __init__(self, bytes_per_ms: int, *, limit_ms: int = QUEUE_LIMIT_MS) -> None:
        self.epoch = 0
        self.dropped_bytes = 0
        self.stale_bytes = 0
        self._bytes_per_ms = bytes_per_ms
        self._frame_bytes = round(FRAME * 1000) * bytes_per_ms
        self._limit = limit_ms * bytes_per_ms
        self._runs: collections.deque[_Run] = collections.deque()
        self._queued = 0
        self._items: collections.OrderedDict[str, _Item] = collections.OrderedDict()
        self._epoch_bytes = 0
        self._ended_unheard: list[str] = []
        self._latest = ""

    @property
    def queued_ms(self) -> int:
        """How much sound waits."""
        return self._queued // self._bytes_per_ms

    @property
    def waiting(self) -> bool:
        """Whether any sound waits."""
        return bool(self._runs)

    @property
    def expecting(self) -> bool:
        """Whether more sound of the latest item may come."""
        item = self._items.get(self._latest)
        return item is not None and not item.complete and not item.closed

    @property
    def epoch_played_ms(self) -> int:
        """How much sound has left in the present epoch."""
        return self._epoch_bytes // self._bytes_per_ms

    @property
    def dropped_ms(self) -> int:
        """How much sound was dropped because the queue was full."""
        return self.dropped_bytes // self._bytes_per_ms

    @property
    def stale_ms(self) -> int:
        """How much sound was refused because its item was flushed, or its epoch is over."""
        return self.stale_bytes // self._bytes_per_ms

    def played_ms(self, item_id: str) -> int:
        """Return how many milliseconds of an item have left, rounded down; 0 for one not known."""
        item = self._items.get(item_id)
        return item.sent // self._bytes_per_ms if item is not None else 0

    def add(self, item_id: str, sound: bytes | Phrase, epoch: int | None = None) -> bool:
        """Queue sound of an item; return whether it was taken.

        Args:
            item_id: Whose sound it is.
            sound: In the agent's format, of any length; or a phrase made for this call's codec.
            epoch: When given, the sound is refused unless this is still the epoch.
        """
        size = self._size(sound)
        item = self._items.get(item_id)
        if (epoch is not None and epoch != self.epoch) or (item is not None and item.closed):
            self.stale_bytes += size
            return False
        if not size:
            return True
        self._item(item_id).queued += size
        self._latest = item_id
        self._queued += size
        if isinstance(sound, Phrase):
            self._runs.append(_Run(item_id, b"", sound))
        else:
            self._runs.append(_Run(item_id, sound))
        while self._queued > self._limit and len(self._runs) > 1:
            self._drop_oldest()
        return True

    def complete(self, item_id: str) -> bool:
        """Note that no more sound of an item will come; return whether all of it has left already."""
        item = self._item(item_id)
        item.complete = True
        return item.queued == 0 and not item.closed

    def take(self, *, partial: bool) -> Frame | None:
        """Take the next frame and book it as played; None if there is none, or not enough of one.

        Args:
            partial: Take less than a frame even if more of the item may come.
        """
        if not self._runs:
            return None
        run = self._runs[0]
        if run.phrase is not None:
            return self._take_phrase(run, run.phrase)
        end = run.start + self._frame_bytes
        if end > len(run.audio) and not partial and not self._enough():
            return None
        return self._take_audio() if end >= len(run.audio) else self._take_amid(run, end)

    def ahead(self, most: int) -> bytes:
        """Return the sound of frames that need no decision, and leave it queued until `book_ahead`.

        No item begins or ends in it, and more of its item follows: whatever is queued, completed or asked
        for meanwhile, `take` would give these frames one after the other. Only a flush, and sound that is
        dropped from a full queue, can prevent that.

        Args:
            most: How many frames are wanted.
        """
        item_id = self._runs[0].item_id if self._runs else ""
        item = self._items.get(item_id)
        if item is None or not item.sent or self._ended_unheard:
            return b""
        parts, size, wanted = [], 0, most * self._frame_bytes + 1
        for run in self._runs:
            if run.phrase is not None or run.item_id != item_id or size >= wanted:
                break
            parts.append(run.audio[run.start : run.start + wanted - size])
            size += len(parts[-1])
        return b"".join(parts)[: (size - 1) // self._frame_bytes * self._frame_bytes]

    def book_ahead(self, frames: int) -> None:
        """Enter the first so many frames of what `ahead` returned as played; their sound waits no more."""
        size = frames * self._frame_bytes
        if not size:
            return
        self._book(self._runs[0].item_id, size, [], [])
        while size:
            run = self._runs[0]
            part = min(size, len(run.audio) - run.start)
            run.start += part
            size -= part
            if run.start >= len(run.audio):
                self._runs.popleft()

    def has_room(self, sound: bytes | Phrase) -> bool:
        """Return whether sound can be queued without dropping what waits."""
        return self._queued + self._size(sound) <= self._limit

    def flush(self) -> Flushed:
        """Drop what is queued and begin a new epoch; see the module's text."""
        cut = {}
        for item_id, item in self._items.items():
            if not item.closed and (item.queued or not item.complete):
                item.closed, item.queued = True, 0
                cut[item_id] = item.sent // self._bytes_per_ms
        self._runs.clear()
        self._ended_unheard.clear()
        self._queued = self._epoch_bytes = 0
        self.epoch += 1
        return Flushed(self.epoch, cut)

    def _size(self, sound: bytes | Phrase) -> int:
        return sound.milliseconds * self._bytes_per_ms if isinstance(sound, Phrase) else len(sound)

    def _item(self, item_id: str) -> _Item:
        item = self._items.get(item_id)
        if item is None:
            item = self._items[item_id] = _Item(self.epoch)
            if len(self._items) > _ITEMS_KEPT:
                self._items.popitem(last=False)
        return item

    def _enough(self) -> bool:
        """Whether a full frame waits, or the last sound of a complete item, or sound before a phrase."""
        size = 0
        for run in self._runs:
            if run.phrase is not None:
                return True
            size += len(run.audio) - run.start
            if size >= self._frame_bytes:
                return True
        return not self.expecting

    def _take_audio(self) -> Frame:
        wanted, parts = self._frame_bytes, []
        started: list[str] = []
        ended = self._overdue()
        while wanted and self._runs and self._runs[0].phrase is None:
            run = self._runs[0]
            part = run.audio[run.start : run.start + wanted]
            parts.append(part)
            wanted -= len(part)
            run.start += len(part)
            if run.start >= len(run.audio):
                self._runs.popleft()
            self._book(run.item_id, len(part), started, ended)
        return Frame(parts[0] if len(parts) == 1 else b"".join(parts), None, started, ended)

    def _take_amid(self, run: _Run, end: int) -> Frame:
        """Take a frame that is not the last of its run, as nearly all are."""
        started: list[str] = []
        ended = self._overdue() if self._ended_unheard else []
        audio = run.audio[run.start : end]
        run.start = end
        self._book(run.item_id, self._frame_bytes, started, ended)
        return Frame(audio, None, started, ended)

    def _take_phrase(self, run: _Run, phrase: Phrase) -> Frame:
        started: list[str] = []
        ended = self._overdue()
        packet, size = phrase.packet(run.start), phrase.frame_ms(run.start) * self._bytes_per_ms
        run.start += 1
        if run.start >= phrase.frames:
            self._runs.popleft()
        self._book(run.item_id, size, started, ended)
        return Frame(b"", packet, started, ended)

    def _book(self, item_id: str, size: int, started: list[str], ended: list[str]) -> None:
        """Enter sound as played."""
        self._queued -= size
        self._epoch_bytes += size
        item = self._items.get(item_id)
        if item is None:
            return
        if not item.sent:
            started.append(item_id)
        item.sent += size
        item.queued -= size
        if item.complete and not item.queued:
            ended.append(item_id)

    def _overdue(self) -> list[str]:
        """Return the items whose last sound was dropped since the last frame."""
        overdue, self._ended_unheard = self._ended_unheard, []
        return overdue

    def _drop_oldest(self) -> None:
        run = self._runs.popleft()
        if run.phrase is None:
            size = len(run.audio) - run.start
        else:
            left = run.phrase.milliseconds - run.start * round(FRAME * 1000)
            size = left * self._bytes_per_ms
        self._queued -= size
        self.dropped_bytes += size
        item = self._items.get(run.item_id)
        if item is not None:
            item.queued -= size
            if item.complete and not item.queued:
                self._ended_unheard.append(run.item_id)
