"""How long a caller waits for a reply, and for what: the turn's end, thinking, tools, the voice, playout.

A reply may take several inferences: each one that calls tools is followed by another. Its stages are read
off the stored times of the responses, in order, so that they add up to the whole.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Final, Literal

from msgspec import Struct

from orchestrator.core.items import Item
from orchestrator.core.records import ResponseRow
from orchestrator.store.details import ConversationDetails
from orchestrator.web.review.clock import Clock

StageName = Literal["turn end", "think", "tools", "voice", "playout"]

STAGES: Final[tuple[StageName, ...]] = ("turn end", "think", "tools", "voice", "playout")


class Stage(Struct, frozen=True, kw_only=True):
    """One part of the time that a reply takes; `from_ms` and `until_ms` are on the clock."""

    name: StageName
    from_ms: int
    until_ms: int

    @property
    def length_ms(self) -> int:
        """How long it took."""
        return self.until_ms - self.from_ms


class Reply(Struct, frozen=True, kw_only=True):
    """What followed a turn of the caller.

    Attributes:
        id: Of the first response.
        item_id: The first words of it, None where it has none.
        from_ms: When the caller's turn ended; where it answers none, when it was asked for.
        until_ms: When it was complete.
        wait_ms: Until its first sound, or its first word where it has no sound; None where nothing came.
        answers: Whether it answers a turn of the caller.
        stages: In order, without gaps.
        status: Of the last response.
    """

    id: str
    item_id: str | None
    agent: str
    from_ms: int
    until_ms: int
    wait_ms: int | None
    answers: bool
    stages: tuple[Stage, ...]
    status: str
    interrupted: bool


class Percentiles(Struct, frozen=True, kw_only=True):
    """Of the waits of a call, in milliseconds; None where there was none."""

    p50: int | None
    p95: int | None
    slowest: int | None
    count: int


def replies_of(details: ConversationDetails, clock: Clock) -> tuple[Reply, ...]:
    """Every reply of a conversation, in order of time."""
    responses = sorted(details.responses, key=lambda row: (row.created_at, row.id))
    by_epoch: dict[int, list[Item]] = {}
    for item in details.items:
        if item.origin == "model" and item.role != "user" and item.kind in {"message", "function_call"}:
            by_epoch.setdefault(item.epoch, []).append(item)
    for items in by_epoch.values():
        items.sort(key=_created)
    made = {row.id: _items_of(row, by_epoch.get(row.epoch, [])) for row in responses}
    return tuple(_reply(group, made, clock) for group in _groups(responses, made))


def percentiles(replies: Iterable[Reply]) -> Percentiles:
    """The middle and the slow end of how long the caller waited (nearest rank)."""
    waits = sorted(reply.wait_ms for reply in replies if reply.answers and reply.wait_ms is not None)
    return Percentiles(
        p50=_rank(waits, 50), p95=_rank(waits, 95), slowest=_rank(waits, 100), count=len(waits)
    )


def _rank(waits: Sequence[int], percent: int) -> int | None:
    return waits[max(0, ceil(len(waits) * percent / 100) - 1)] if waits else None


def _items_of(row: ResponseRow, items: Sequence[Item]) -> list[Item]:
    """What a response made: the items of its session, in order of time, that began while it ran."""
    first = bisect_left(items, row.created_at, key=_created)
    last = len(items) if row.done_at is None else bisect_right(items, row.done_at, key=_created)
    return list(items[first:last])


def _created(item: Item) -> float:
    return item.created_at


def _groups(responses: Sequence[ResponseRow], made: dict[str, list[Item]]) -> list[list[ResponseRow]]:
    """Responses by reply: one that follows tool calls of the same turn goes on with it."""
    groups: list[list[ResponseRow]] = []
    for row in responses:
        before = groups[-1][-1] if groups else None
        goes_on = (
            before is not None
            and before.turn_ended_at == row.turn_ended_at
            and any(item.kind == "function_call" for item in made[before.id])
        )
        if goes_on:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _reply(rows: Sequence[ResponseRow], made: dict[str, list[Item]], clock: Clock) -> Reply:
    first, last = rows[0], rows[-1]
    words = next((item for row in rows for item in made[row.id] if item.kind == "message"), None)
    answers = first.turn_ended_at is not None
    start, end = clock.ms(_start(first)), clock.ms(last.done_at or last.created_at)
    stages, sounded = _stages(rows, made, clock, start, end)
    return Reply(
        id=first.id,
        item_id=words.id if words else None,
        agent=first.agent,
        from_ms=start,
        until_ms=max(end, stages[-1].until_ms if stages else 0),
        wait_ms=None if sounded is None else sounded - start,
        answers=answers,
        stages=stages,
        status=last.status,
        interrupted=any(row.interrupted for row in rows),
    )


def _start(first: ResponseRow) -> float:
    known = first.turn_ended_at if first.turn_ended_at is not None else first.requested_at
    return min(first.created_at, first.created_at if known is None else known)


def _stages(
    rows: Sequence[ResponseRow], made: dict[str, list[Item]], clock: Clock, start_ms: int, end_ms: int
) -> tuple[tuple[Stage, ...], int | None]:
    """The stages of a reply and the place on the clock where it is first heard, None where it never is."""
    cut = _Cutter(start_ms)
    sounded: int | None = None
    for row in rows:
        between: StageName = "turn end" if row is rows[0] else "tools"
        cut.until(between if sounded is None else "playout", clock.ms(row.created_at))
        if sounded is not None:
            continue
        if row.first_output_at is not None:
            cut.until("think", clock.ms(row.first_output_at))
        if row.first_audio_at is not None:
            cut.until("voice", clock.ms(row.first_audio_at))
            sounded = cut.reached
        elif row.first_output_at is not None and any(item.kind == "message" for item in made[row.id]):
            sounded = cut.reached
    cut.until("playout" if sounded is not None else "think", end_ms)
    return tuple(cut.stages), sounded


class _Cutter:
    """Cuts time into stages that touch."""

    def __init__(self, start_ms: int) -> None:
        self.reached = start_ms
        self.stages: list[Stage] = []

    def until(self, name: StageName, ms: int) -> None:
        if ms <= self.reached:
            return
        if self.stages and self.stages[-1].name == name:
            last = self.stages.pop()
            self.stages.append(Stage(name=name, from_ms=last.from_ms, until_ms=ms))
        else:
            self.stages.append(Stage(name=name, from_ms=self.reached, until_ms=ms))
        self.reached = ms
