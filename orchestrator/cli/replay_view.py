"""What a replay found, for a terminal: the first turn that differs of each conversation, and the sum."""

from typing import Final

import msgspec
from rich.text import Text

from orchestrator.cli.terminal import output
from orchestrator.cli.words import clipped
from orchestrator.core.comparison import Comparison, Difference, DifferenceKind
from orchestrator.core.json_value import JsonValue
from orchestrator.store.replays import ReplayCase, ReplayRun

WORDS: Final[dict[DifferenceKind, str]] = {
    "tool_missing": "tool no longer called",
    "tool_added": "tool called now",
    "arguments": "argument",
    "outcome": "outcome of the tool",
    "handoff_missing": "no longer handed over to",
    "handoff_added": "handed over now to",
    "payload": "payload",
    "state": "state",
    "unanswered": "not answered",
    "turn_missing": "on one side only",
}
COLUMNS: Final = 60
"""Of a value, or of what the caller said."""


def print_case(case: ReplayCase, found: Comparison | None) -> None:
    """Print one conversation that differs, or that could not be replayed."""
    output.print()
    output.print(Text.assemble((case.original_id, "name"), f"  {case.outcome}"), soft_wrap=True)
    if found is None:
        output.print(Text(f"  {clipped(case.error or '', 200)}", style="bad"), soft_wrap=True)
        return
    pair = next((pair for pair in found.turns if pair.differences), None)
    if pair is None:
        return
    said = clipped(pair.original.caller_text if pair.original else "", COLUMNS)
    output.print(Text.assemble((f"  turn {pair.number}  ", "faint"), said), soft_wrap=True)
    for each in pair.differences:
        output.print(_line(each), soft_wrap=True)


def print_outcome(run: ReplayRun) -> None:
    """Print the sum."""
    parts = [f"{run.same} the same", f"{run.different} different", f"{run.failed} failed"]
    rest = run.total - run.same - run.different - run.failed
    if rest:
        parts.append(f"{rest} not replayed")
    well = run.same == run.total
    output.print()
    output.print(
        Text.assemble((", ".join(parts), "good" if well else "bad"), (f"   {run.id}", "faint")),
        soft_wrap=True,
    )


def _line(found: Difference) -> Text:
    values = f"{_value(found.original)} → {_value(found.replayed)}"
    return Text.assemble((f"    {WORDS[found.kind]}  ", "warn"), (f"{found.where}  ", "name"), values)


def _value(value: JsonValue) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return clipped(text, COLUMNS)
