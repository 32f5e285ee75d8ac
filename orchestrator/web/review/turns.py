"""Turns: from the caller beginning to speak to the end of the reply, with the idle time before each."""

from collections.abc import Sequence

from msgspec import Struct

from orchestrator.web.review.rows import AnyRow, MessageRow, ToolRow


class Turn(Struct, frozen=True, kw_only=True):
    """One turn.

    Attributes:
        number: 1, 2, 3 …; 0 for what was said before the caller said anything.
        key: Of its first row.
        text: The first words of it.
        idle_ms: How long nobody spoke and nothing ran before it.
        wait_ms: How long the caller waited for the reply; None where none came.
        interrupted: Whether the reply was cut short.
        failed: Whether a tool failed in it.
    """

    number: int
    key: str
    from_ms: int
    until_ms: int
    text: str
    idle_ms: int
    wait_ms: int | None
    agents: tuple[str, ...]
    interrupted: bool
    failed: bool


def turns_of(rows: Sequence[AnyRow]) -> tuple[Turn, ...]:
    """Every turn of a transcript."""
    groups: list[list[AnyRow]] = []
    for row in rows:
        begins = isinstance(row, MessageRow) and row.speaker == "caller"
        if begins or not groups:
            groups.append([row])
        else:
            groups[-1].append(row)
    turns: list[Turn] = []
    opened = not groups or _opens(groups[0][0])
    reached = groups[0][0].at_ms if groups else 0
    for place, group in enumerate(groups):
        turns.append(_turn(group, place + 1 if opened else place, reached))
        reached = max(reached, turns[-1].until_ms)
    return tuple(turns)


def _opens(row: AnyRow) -> bool:
    return isinstance(row, MessageRow) and row.speaker == "caller"


def _turn(rows: Sequence[AnyRow], number: int, reached: int) -> Turn:
    first = rows[0]
    messages = [row for row in rows if isinstance(row, MessageRow)]
    tools = [row for row in rows if isinstance(row, ToolRow)]
    return Turn(
        number=number,
        key=first.key,
        from_ms=first.at_ms,
        until_ms=max((row.end_ms for row in (*messages, *tools)), default=first.at_ms),
        text=next((row.heard for row in messages if row.heard), ""),
        idle_ms=max(0, first.at_ms - reached),
        wait_ms=next((row.reply.wait_ms for row in messages if row.reply and row.reply.answers), None),
        agents=tuple(dict.fromkeys(row.agent for row in rows if row.agent)),
        interrupted=any(row.unheard for row in messages),
        failed=any(row.failed for row in tools),
    )
