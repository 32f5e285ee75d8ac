"""Tool calls as rows: arguments, attempts, the result, and what they changed."""

import json
from collections.abc import Iterable, Mapping
from typing import Final

from orchestrator.core.items import Item, ItemStatus
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.records import RevisionRow, ToolRunRow
from orchestrator.store.details import ConversationDetails
from orchestrator.web.review.clock import Clock
from orchestrator.web.review.difference import differences
from orchestrator.web.review.orders import KnownLines
from orchestrator.web.review.rows import Attempt, NoteView, StateChange, ToolRow
from orchestrator.web.review.wording import brief

HANDOFF_PREFIX: Final = "transfer_to_"
"""How the functions of handoffs are named: `orchestrator.core.handoffs` allows no other."""


class ToolCards:
    """Makes the rows of tool calls.

    Args:
        details: All of the conversation.
        clock: Of it.
        initial: Values of the states that the agents declare.
        lines: Lines of orders that were read before, to which these are added.
    """

    def __init__(
        self,
        details: ConversationDetails,
        clock: Clock,
        initial: Mapping[str, JsonObject],
        lines: KnownLines | None = None,
    ) -> None:
        self._clock = clock
        self._live = details.summary.status == "live"
        self._runs: dict[str, list[ToolRunRow]] = {}
        for run in sorted(details.tool_runs, key=lambda run: run.attempt):
            self._runs.setdefault(run.tool_call_id, []).append(run)
        self._outputs = {
            item.tool_call_id: item
            for item in details.items
            if item.kind == "function_call_output" and not item.deleted
        }
        self._changes = _changes(details.revisions, initial, {} if lines is None else lines)

    def row(self, item: Item, notes: tuple[NoteView, ...] = ()) -> ToolRow:
        """The row of a function call."""
        name = item.tool_call_id or ""
        runs, output = self._runs.get(name, []), self._outputs.get(item.tool_call_id)
        last = runs[-1] if runs else None
        outcome = self._outcome(item, last, output)
        at = self._clock.ms(item.created_at)
        return ToolRow(
            key=f"item-{item.id}",
            sequence=item.sequence,
            at_ms=at,
            end_ms=max(at, self._end(last, output, at)),
            at=item.created_at,
            agent=item.agent,
            live=self._live and output is None,
            notes=notes,
            tool_call_id=name,
            name=item.name or "",
            outcome=outcome,
            client=item.data.get("client_tool") is True or item.origin == "client",
            arguments=fields_of(item.arguments),
            result=fields_of(output.output if output else None),
            raw_arguments=item.arguments or "",
            raw_result=(output.output if output else None) or "",
            violations=last.violations if last else (),
            error=_error(last, output) if outcome not in {"completed", "running", "waiting"} else "",
            error_code=last.error_code if last else None,
            attempts=tuple(_attempt(run) for run in runs),
            duration_ms=_duration(runs),
            changed=self._changes.get(name, ()),
        )

    def output_row(self, item: Item, notes: tuple[NoteView, ...] = ()) -> ToolRow:
        """The row of an output whose call is no part of the conversation: a client wrote it."""
        at = self._clock.ms(item.created_at)
        return ToolRow(
            key=f"item-{item.id}",
            sequence=item.sequence,
            at_ms=at,
            end_ms=at,
            at=item.created_at,
            agent=item.agent,
            notes=notes,
            tool_call_id=item.tool_call_id or "",
            name=item.name or "",
            outcome="completed",
            orphan=True,
            client=item.origin == "client",
            result=fields_of(item.output),
            raw_result=item.output or "",
        )

    def _outcome(self, item: Item, last: ToolRunRow | None, output: Item | None) -> str:
        if last is not None and (last.outcome != "running" or output is None):
            return last.outcome if self._live or last.outcome != "running" else "cancelled"
        if output is not None:
            return "completed"
        if item.status is not ItemStatus.COMPLETED and not self._live:
            return "cancelled"
        if item.data.get("client_tool") is True:
            return "client"
        return "waiting" if self._live else "cancelled"

    def _end(self, last: ToolRunRow | None, output: Item | None, at: int) -> int:
        if last is not None and last.finished_at is not None:
            return self._clock.ms(last.finished_at)
        return self._clock.ms(output.created_at) if output is not None else at


def _changes(
    revisions: Iterable[RevisionRow], initial: Mapping[str, JsonObject], lines: KnownLines
) -> dict[str, tuple[StateChange, ...]]:
    """What each tool call changed, by `tool_call_id`."""
    before: dict[str, JsonObject] = dict(initial)
    found: dict[str, tuple[StateChange, ...]] = {}
    for row in sorted(revisions, key=lambda row: row.revision):
        if row.tool_call_id is not None:
            made = StateChange(
                state=row.state,
                revision=row.revision,
                changes=differences(before.get(row.state), row.value, lines),
            )
            found[row.tool_call_id] = (*found.get(row.tool_call_id, ()), made)
        before[row.state] = row.value
    return found


def _attempt(run: ToolRunRow) -> Attempt:
    return Attempt(
        number=run.attempt, outcome=run.outcome, duration_ms=_duration([run]), error_code=run.error_code
    )


def _duration(runs: list[ToolRunRow]) -> int | None:
    """From the start of the first run to the end of the last."""
    if not runs or runs[-1].finished_at is None:
        return None
    return max(0, round((runs[-1].finished_at - runs[0].started_at) * 1000))


def _error(last: ToolRunRow | None, output: Item | None) -> str:
    """Why a tool failed: the words that the model was told, without the JSON around them."""
    told = (last.error if last else None) or (output.output if output else None) or ""
    read = read_json(told)
    if isinstance(read, dict) and isinstance(read.get("error"), str):
        return str(read["error"])
    return told


def fields_of(text: str | None) -> tuple[tuple[str, str], ...]:
    """The fields of a JSON object as names and values; of anything else the value, without a name."""
    if not text:
        return ()
    read = read_json(text)
    if isinstance(read, dict):
        return tuple((name, brief(value)) for name, value in read.items())
    return (("", text if read is None else brief(read)),)


def read_json(text: str) -> JsonValue:
    """What a text says as JSON; None where it is none, which may be prose."""
    try:
        read: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return read
