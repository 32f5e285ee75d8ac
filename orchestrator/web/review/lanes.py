"""The call as two lanes: when the caller spoke, when the agent did, and who was on duty."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from orchestrator.web.review.messages import speaking_ms
from orchestrator.web.review.rows import AnyRow, HandoffRow, MessageRow, ToolRow


class Segment(Struct, frozen=True, kw_only=True):
    """A stretch of a lane.

    Attributes:
        key: Of the row that it stands for.
        from_ms, until_ms: On the clock.
        cut: Whether it ended before all of it was heard.
        unheard_ms: How long the rest would have taken, roughly, as far as there is room before the next one.
        failed: Of a tool: whether it did not do what was asked.
    """

    key: str
    from_ms: int
    until_ms: int
    agent: str
    cut: bool = False
    unheard_ms: int = 0
    failed: bool = False


class Duty(Struct, frozen=True, kw_only=True):
    """Who was on duty, from when until when."""

    agent: str
    from_ms: int
    until_ms: int


class Lanes(Struct, frozen=True, kw_only=True):
    """What is drawn above the transcript, from times alone; a recording's peaks lie over it."""

    caller: tuple[Segment, ...]
    agent: tuple[Segment, ...]
    tools: tuple[Segment, ...]
    duty: tuple[Duty, ...]


def lanes_of(rows: Sequence[AnyRow], entry_agent: str, length_ms: int) -> Lanes:
    """The lanes of a conversation.

    Args:
        rows: Its transcript.
        entry_agent: On duty at the beginning.
        length_ms: Of its clock.
    """
    messages = [row for row in rows if isinstance(row, MessageRow)]
    said = sorted((row for row in messages if row.speaker == "caller"), key=lambda row: row.at_ms)
    spoken = sorted((row for row in messages if row.speaker == "agent"), key=lambda row: row.at_ms)
    starts = [row.at_ms for row in said]
    measured = {row.key for row in spoken if row.measured}
    return Lanes(
        caller=tuple(_bounded(said, length_ms)),
        agent=tuple(
            segment if segment.key in measured else _until_interrupted(segment, starts)
            for segment in _bounded(spoken, length_ms)
        ),
        tools=tuple(
            Segment(
                key=row.key,
                from_ms=row.at_ms,
                until_ms=min(max(row.end_ms, row.at_ms), max(length_ms, row.at_ms)),
                agent=row.agent,
                failed=row.failed,
            )
            for row in rows
            if isinstance(row, ToolRow)
        ),
        duty=tuple(_duty(rows, entry_agent, length_ms)),
    )


def _bounded(rows: Sequence[MessageRow], length_ms: int) -> Iterator[Segment]:
    """The stretches of one speaker, none of which goes on while the next one of theirs has begun."""
    ends = [after.at_ms for _, after in pairwise(rows)] + [max(length_ms, rows[-1].at_ms)] if rows else []
    for row, end in zip(rows, ends, strict=True):
        until = max(row.at_ms, min(row.end_ms, end))
        yield Segment(
            key=row.key,
            from_ms=row.at_ms,
            until_ms=until,
            agent=row.agent,
            cut=bool(row.unheard),
            unheard_ms=min(speaking_ms(row.unheard), end - until) if row.unheard and end > until else 0,
        )


def _until_interrupted(segment: Segment, starts: Sequence[int]) -> Segment:
    """A reply that was cut short ended, as far as anybody knows, when the caller began to speak."""
    if not segment.cut:
        return segment
    after = bisect_right(starts, segment.from_ms)
    if after == len(starts) or starts[after] >= segment.until_ms:
        return segment
    return replace(segment, until_ms=starts[after])


def _duty(rows: Sequence[AnyRow], entry_agent: str, length_ms: int) -> Iterator[Duty]:
    agent, since = entry_agent, 0
    for row in rows:
        if isinstance(row, HandoffRow) and row.outcome == "committed":
            if row.at_ms > since:
                yield Duty(agent=agent, from_ms=since, until_ms=row.at_ms)
            agent, since = row.target, max(since, row.at_ms)
    yield Duty(agent=agent, from_ms=since, until_ms=max(since, length_ms))
