"""The timeline: the items, the states and the agent on duty of one conversation, and how they are folded."""

from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from itertools import takewhile
from typing import Final

from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import History

_EXACT: Final = Context(prec=1000)
"""Halving between two positions adds a digit each time; a thousand inserts at one place stay exact."""


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
    items = tuple(sorted(history.items, key=lambda item: item.sequence))
    agent, trail = _duty(history.agent, items)
    return Durable(agent, trail, items, dict(history.states), dict(history.revisions), _unanswered(items))


def _duty(first: str, items: Iterable[Item]) -> tuple[str, tuple[str, ...]]:
    agent = first
    trail: list[str] = []
    for item in items:
        if item.kind != "handoff":
            continue
        target = str(item.data.get("to"))
        if item.data.get("back") and trail:
            trail.pop()
        else:
            trail.append(str(item.data.get("from")))
        agent = target
    return agent, tuple(trail)


def _unanswered(items: Iterable[Item]) -> tuple[str, ...]:
    calls: dict[str, None] = {}
    for item in items:
        if item.deleted or item.tool_call_id is None:
            continue
        if item.kind == "function_call" and item.status == "completed":
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
        self._order = sorted((item.position, item.sequence, item.id) for item in durable.items)
        self._sequence = max((item.sequence for item in durable.items), default=0)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._items

    def __len__(self) -> int:
        return len(self._items)

    def get(self, item_id: str) -> Item | None:
        """The item of this id, None when there is none or it was deleted."""
        item = self._items.get(item_id)
        return None if item is None or item.deleted else item

    def next_sequence(self) -> int:
        """Reserve the next sequence number."""
        self._sequence += 1
        return self._sequence

    def put(self, item: Item) -> Item:
        """Add an item, or put a changed one in its place; an item keeps the position it was given first."""
        if item.id not in self._items:
            insort(self._order, (item.position, item.sequence, item.id))
        self._items[item.id] = item
        return item

    def change(self, item_id: str, change: Callable[[Item], Item]) -> Item:
        """Put a changed copy in the place of an item that exists."""
        return self.put(change(self._items[item_id]))

    def delete(self, item_id: str) -> Item:
        """Take an item out of the conversation; its row stays."""
        return self.change(item_id, lambda item: replace(item, deleted=True))

    def reading(self) -> list[Item]:
        """Items as they are read, deleted ones left out."""
        items = (self._items[item_id] for _, _, item_id in self._order)
        return [item for item in items if not item.deleted]

    def before(self, item: Item, visible: Callable[[Item], bool]) -> str | None:
        """The id of the nearest item that is read before this one and is visible."""
        here = (item.position, item.sequence)
        for position, sequence, item_id in reversed(self._order):
            if (
                (position, sequence) < here
                and not self._items[item_id].deleted
                and visible(self._items[item_id])
            ):
                return item_id
        return None

    def after(self, item: Item) -> list[Item]:
        """The items that were written after this one, latest first."""
        later = (self._items[item_id] for _, _, item_id in reversed(self._order))
        return list(takewhile(lambda other: other.sequence > item.sequence, later))

    def place(self, previous_item_id: str | None, sequence: int) -> Decimal | None:
        """The position right behind an item.

        Args:
            previous_item_id: None to append, `root` for the first place.
            sequence: The new item's own sequence number, which is its position when it is appended.

        Returns:
            The position, or None when the named item does not exist.
        """
        if previous_item_id is None or not self._order:
            return None if previous_item_id not in {None, "root"} else Decimal(sequence)
        if previous_item_id == "root":
            return _EXACT.divide(self._order[0][0], Decimal(2))
        if self.get(previous_item_id) is None:
            return None
        places = [item_id for _, _, item_id in self._order]
        following = places.index(previous_item_id) + 1
        if following == len(places):
            return Decimal(sequence)
        lower, upper = self._items[previous_item_id].position, self._order[following][0]
        return _EXACT.divide(_EXACT.add(lower, upper), Decimal(2))

    def durable(self) -> Durable:
        """What `fold` would say once everything is stored."""
        items = tuple(sorted(self._items.values(), key=lambda item: item.sequence))
        states, revisions = dict(self.states), dict(self.revisions)
        return Durable(self.agent, tuple(self.trail), items, states, revisions, _unanswered(items))

    def unanswered(self) -> tuple[str, ...]:
        """Tool calls without an output, in order."""
        return _unanswered(sorted(self._items.values(), key=lambda item: item.sequence))
