"""The one clock of a conversation: milliseconds of its calls, one after another, from the start of the first.

A conversation may be taken up again the next day. Time during which nobody was connected is no part of the
clock but for the first moments of it, in which late transcripts and the ends of tools are written; where one
call ends and the next begins, the page shows a divider with the wall clock.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.core.records import CallRow
from orchestrator.store.details import ConversationDetails
from orchestrator.web.formats import NOTATIONS
from orchestrator.web.wording import ENGLISH

AFTERMATH: Final = 2.0
"""Seconds of the time between two calls that are part of the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSpan:
    """One call on the clock.

    Attributes:
        id: Of the call; empty for a conversation that no call was ever on.
        joined_at, left_at: Seconds since the Unix epoch; of a call that is on, `left_at` is None.
        begins_ms, ends_ms: On the clock.
    """

    id: str
    transport: str
    joined_at: float
    left_at: float | None
    leave_reason: str | None
    begins_ms: int
    ends_ms: int


class Clock:
    """Where on the clock a moment is, and the other way round.

    Args:
        spans: Of the calls, in order, at least one.
        last: The latest moment that anything happened, in seconds since the Unix epoch.
    """

    def __init__(self, spans: Sequence[CallSpan], last: float) -> None:
        self.spans = tuple(spans)
        self._last = last
        self._begins = [span.joined_at for span in self.spans]

    @property
    def start(self) -> float:
        """The moment that is 0, in seconds since the Unix epoch."""
        return self._begins[0]

    @property
    def length_ms(self) -> int:
        """How long all of it takes."""
        return max(self.spans[-1].ends_ms, self.ms(self._last))

    def span_at(self, at: float) -> CallSpan:
        """The call that was on at a moment, or the last one before it."""
        return self.spans[max(0, bisect_right(self._begins, at) - 1)]

    def ms(self, at: float) -> int:
        """A moment on the clock, never before 0; later moments are never earlier on it.

        Args:
            at: Seconds since the Unix epoch.
        """
        span = self.span_at(at)
        passed = at - span.joined_at
        if span.left_at is not None and at > span.left_at:
            passed = span.left_at - span.joined_at + min(at - span.left_at, AFTERMATH)
        return span.begins_ms + max(0, round(passed * 1000))

    def wall(self, ms: int) -> float:
        """The moment that a place on the clock stands for, in seconds since the Unix epoch."""
        span = next(span for span in reversed(self.spans) if span.begins_ms <= max(ms, 0))
        return span.joined_at + (max(ms, 0) - span.begins_ms) / 1000


def clock_of(details: ConversationDetails, *, now: float) -> Clock:
    """The clock of a conversation.

    Args:
        details: All of it.
        now: Seconds since the Unix epoch: how far a call that is on has come.
    """
    last = _last_moment(details)
    calls = details.calls or (_no_call(details, last),)
    spans: list[CallSpan] = []
    for number, call in enumerate(calls):
        after = calls[number + 1].joined_at if number + 1 < len(calls) else None
        spans.append(_span(call, spans[-1] if spans else None, after, now if after is None else None))
    return Clock(spans, last)


def _span(call: CallRow, before: CallSpan | None, after: float | None, now: float | None) -> CallSpan:
    begins = 0 if before is None else _follows(before, call.joined_at)
    left = call.left_at
    if left is None and after is not None:
        left = after  # its node died before it could write down that the call ended
    if left is not None and after is not None:
        left = min(left, after)
    until = left if left is not None else max(now or call.joined_at, call.joined_at)
    return CallSpan(
        id=call.id,
        transport=call.transport,
        joined_at=call.joined_at,
        left_at=left,
        leave_reason=call.leave_reason,
        begins_ms=begins,
        ends_ms=begins + max(0, round((until - call.joined_at) * 1000)),
    )


def _follows(before: CallSpan, joined_at: float) -> int:
    """Where a call begins that follows another: behind what still happened after that one."""
    left = before.left_at if before.left_at is not None else joined_at
    return before.ends_ms + round(min(max(joined_at - left, 0.0), AFTERMATH) * 1000)


def _no_call(details: ConversationDetails, last: float) -> CallRow:
    """A conversation that was only written to: from its first item to its last."""
    begun = min([details.summary.created_at, *(item.created_at for item in details.items)])
    return CallRow(id="", transport="none", joined_at=begun, left_at=max(begun, last))


def _last_moment(details: ConversationDetails) -> float:
    moments = [details.summary.created_at]
    moments += [item.created_at for item in details.items]
    moments += [row.done_at or row.created_at for row in details.responses]
    moments += [run.finished_at or run.started_at for run in details.tool_runs]
    return max(moments)


def clock_text(ms: int, language: str = ENGLISH) -> str:
    """A place on the clock in words: `1:07.4`, `1:02:07.4`."""
    minutes, tenths = divmod(max(0, ms) // 100, 600)
    seconds = f"{tenths // 10:02d}{NOTATIONS[language].point}{tenths % 10}"
    if minutes < 60:
        return f"{minutes}:{seconds}"
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds}"


def length_text(ms: int, language: str = ENGLISH) -> str:
    """A length of time in words, as exact as it is worth: `340 ms`, `2.1 s`, `3 min 04 s`, `1 h 02 min`."""
    if ms < 1000:
        return f"{max(0, ms)} ms"
    if ms < 60_000:
        return f"{ms / 1000:.1f} s".replace(".", NOTATIONS[language].point) if ms < 59_950 else "1 min 00 s"
    minutes, seconds = divmod(round(ms / 1000), 60)
    if minutes < 60:
        return f"{minutes} min {seconds:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
