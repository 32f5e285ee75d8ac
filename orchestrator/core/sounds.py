"""When messages sounded: from when to when the caller spoke, or heard the agent.

An item is written down once it is over, and an engine makes speech faster than anybody speaks; so when it was
heard is kept with the item, under `SOUNDED`. Moments are seconds since the Unix epoch, of the driver's clock.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from orchestrator.core.items import Item

SOUNDED: Final = "sounded"
"""In an item's data: `{"from": …, "until": …}`. Absent of what was written, or played where nobody saw it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time."""

    start: float
    end: float


def span_of(item: Item) -> Span | None:
    """When a message sounded, None where nobody knows."""
    match item.data.get(SOUNDED):
        case {"from": int() | float() as start, "until": int() | float() as end} if start <= end:
            return Span(float(start), float(end))
    return None


def with_span(item: Item, span: Span) -> Item:
    """The item with the time in which it sounded."""
    return replace(item, data={**item.data, SOUNDED: {"from": span.start, "until": span.end}})


@dataclass(slots=True)
class Sounds:
    """What sounds now, and what the caller said that is no item yet.

    Attributes:
        spoken: Of utterances that are over, by the id of the item that is to come.
    """

    spoken: dict[str, Span] = field(default_factory=dict)
    _began: float | None = None
    _playing: dict[str, float] = field(default_factory=dict)

    def caller_began(self, at: float) -> None:
        """The caller begins to speak."""
        self._began = at

    def caller_stopped(self, item_id: str, at: float) -> None:
        """The caller stops: that will be an item."""
        began, self._began = self._began, None
        if began is not None:
            self.spoken[item_id] = Span(min(began, at), at)

    def of_caller(self, item: Item) -> Item:
        """An item of the caller's, with when it was said if that is known."""
        span = self.spoken.pop(item.id, None)
        return item if span is None else with_span(item, span)

    def agent_began(self, item_id: str, at: float) -> None:
        """The first sound of an item leaves."""
        self._playing.setdefault(item_id, at)

    def of_agent(self, item_id: str, played_ms: int, at: float) -> Span | None:
        """The last sound of an item has left: when all of it did; None where there was none."""
        began = self._playing.pop(item_id, None)
        if played_ms <= 0:
            return None
        return Span(at - played_ms / 1000 if began is None else min(began, at), at)
