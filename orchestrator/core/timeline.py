"""The timeline: the items, the states and the agent on duty of one conversation, and how they are folded."""

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from operator import attrgetter
from typing import Final

from orchestrator.core.items import Item, ItemStatus
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import History

_EXACT: Final = Context(prec=1000)
"""Halving between two positions adds a digit each time; a thousand inserts at one place stay exact."""

_BY_SEQUENCE: Final[Callable[[Item], int]] = attrgetter("sequence")


@dataclass(frozen=True, slots=True)
class Durable:
    """What a conversation is, as far as it can be known from what is stored.

    Attributes:
        agent: On duty.
        trail: Agents that handed over and may be returned to, oldest first.
        items: In order of `sequence`.
        states: Changed states by name.
        revisions: Their revision numbers.
        unanswered: Tool calls without an output, in order.
    """

    agent: str
    trail: tuple[str, ...]
    items: tuple[Item, ...]
    states: Mapping[str, JsonObject]
    revisions: Mapping[str, int]
    unanswered: tuple[str, ...]


def fold(history: History) -> Durable:
    """What the stored history alone says of the conversation."""
    items = tuple(sorted(history.items, key=_BY_SEQUENCE))
    agent, trail = _duty(history.agent, items)
    return Durable(agent, trail, items, dict(history.states), dict(history.revisions), _unanswered(items))


def _duty(first: str, items: Iterable[Item]) -> tuple[str, tuple[str, ...]]:
    agent = first
    trail: list[str] = []
    for item in items:
        if item.kind == "handoff":
            _pass_on(trail, str(item.data.get("from")), back=bool(item.data.get("back")))
            agent = str(item.data.get("to"))
    return agent, tuple(trail)


def _pass_on(trail: list[str], source: str, *, back: bool) -> None:
    if back and trail:
        trail.pop()
    else:
        trail.append(source)


def _unanswered(items: Iterable[Item]) -> tuple[str, ...]:
    calls: dict[str, None] = {}
    for item in items:
        if item.deleted or item.tool_call_id is None:
            continue
        if item.kind == "function_call" and item.status == "completed" and item.origin == "model":
            calls[item.tool_call_id] = None
    for item in items:
        if item.kind == "function_call_output" and item.tool_call_id is not None:
            calls.pop(item.tool_call_id, None)
    return tuple(calls)


class Timeline:
    """The durable part of a live conversation.

    Items enter and change only here, and only in the breath in which they are persisted; so that folding
    what is stored gives what is live.

    Args:
        history: What is stored; empty for a new conversation.
    """

    def __init__(self, history: History) -> None:
        durable = fold(history)
        self.conversation_id = history.conversation_id
        self.agent = durable.agent
        self.trail = list(durable.trail)
        self.states: dict[str, JsonObject] = dict(durable.states)
        self.revisions: dict[str, int] = dict(durable.revisions)
        self._items: dict[str, Item] = {item.id: item for item in durable.items}
        self._calls: dict[str, str] = {}
        self._outputs: dict[str, list[str]] = {}
        for item in durable.items:
            self._note_tool(item)
        self._order = sorted((item.position, item.sequence, item.id) for item in durable.items)
        last = max((max(item.position, Decimal(item.sequence)) for item in durable.items), default=Decimal(0))
        self._sequence = math.ceil(last)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._items

    def __len__(self) -> int:
        return len(self._items)

    def get(self, item_id: str) -> Item | None:
        """The item of this id, None when there is none or it was deleted."""
        item = self._items.get(item_id)
        return None if item is None or item.deleted else item

    def was_removed(self, item_id: str) -> bool:
        """Whether there was an item of this id, final by now, which was deleted."""
        item = self._items.get(item_id)
        return item is not None and item.deleted and item.status is not ItemStatus.IN_PROGRESS

    @property
    def last_sequence(self) -> int:
        """The sequence number that was reserved last."""
        return self._sequence

    def sequence_of(self, item_id: str) -> int | None:
        """The sequence number of an item, deleted or not; None when there is none of this id."""
        item = self._items.get(item_id)
        return None if item is None else item.sequence

    def next_sequence(self) -> int:
        """Reserve the next sequence number."""
        self._sequence += 1
        return self._sequence

    def put(self, item: Item) -> Item:
        """Add an item, or put a changed one in its place."""
        known = self._items.get(item.id)
        if known is None or known.position != item.position:
            if known is not None:
                self._order.remove((known.position, known.sequence, known.id))
            insort(self._order, (item.position, item.sequence, item.id))
        if known is None:
            self._note_tool(item)
        self._items[item.id] = item
        return item

    def _note_tool(self, item: Item) -> None:
        if item.tool_call_id is None:
            return
        if item.kind == "function_call":
            self._calls[item.tool_call_id] = item.id
        else:
            self._outputs.setdefault(item.tool_call_id, []).append(item.id)

    def call(self, tool_call_id: str) -> Item | None:
        """The function call of this id, None when there is none or it was deleted."""
        return self.get(self._calls.get(tool_call_id, ""))

    def output(self, tool_call_id: str) -> Item | None:
        """The answer to a call, None when there is none."""
        outputs = (self.get(item_id) for item_id in self._outputs.get(tool_call_id, ()))
        return next((output for output in outputs if output is not None), None)

    def hand_over(self, source: str, target: str, *, back: bool) -> None:
        """Put another agent on duty; a marker that says the same must be put in the same breath."""
        _pass_on(self.trail, source, back=back)
        self.agent = target

    def change(self, item_id: str, change: Callable[[Item], Item]) -> Item:
        """Put a changed copy in the place of an item that exists."""
        return self.put(change(self._items[item_id]))

    def reading(self) -> list[Item]:
        """Items as they are read, deleted ones left out."""
        items = (self._items[item_id] for _, _, item_id in self._order)
        return [item for item in items if not item.deleted]

    def before(self, item: Item, fits: Callable[[Item], bool]) -> str | None:
        """The id of the nearest item that is read before this one and fits."""
        place = bisect_left(self._order, (item.position, item.sequence, item.id))
        for index in range(place - 1, -1, -1):
            other = self._items[self._order[index][2]]
            if not other.deleted and fits(other):
                return other.id
        return None

    def since(self, item: Item) -> list[Item]:
        """The items that are read after this one, deleted ones left out."""
        place = bisect_right(self._order, (item.position, item.sequence, item.id))
        following = (self._items[item_id] for _, _, item_id in self._order[place:])
        return [other for other in following if not other.deleted]

    def place(self, previous_item_id: str | None, sequence: int) -> Decimal | None:
        """The position right behind an item.

        Args:
            previous_item_id: None to append, `root` for the first place.
            sequence: The new item's own sequence number, which is its position when it is appended.

        Returns:
            The position, or None when the named item does not exist.
        """
        if previous_item_id is None or (previous_item_id == "root" and not self._order):
            return Decimal(sequence)
        if previous_item_id == "root":
            return _EXACT.divide(self._order[0][0], Decimal(2))
        previous = self.get(previous_item_id)
        if previous is None:
            return None
        following = bisect_right(self._order, (previous.position, previous.sequence, previous.id))
        if following == len(self._order):
            return Decimal(sequence)
        return _EXACT.divide(_EXACT.add(previous.position, self._order[following][0]), Decimal(2))

    def durable(self) -> Durable:
        """What `fold` would say once everything is stored."""
        items = tuple(sorted(self._items.values(), key=_BY_SEQUENCE))
        states, revisions = dict(self.states), dict(self.revisions)
        return Durable(self.agent, tuple(self.trail), items, states, revisions, _unanswered(items))

    def unanswered(self) -> tuple[str, ...]:
        """Tool calls without an output, in order."""
        return _unanswered(sorted(self._items.values(), key=_BY_SEQUENCE))
