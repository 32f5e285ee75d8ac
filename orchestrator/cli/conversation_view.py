"""Stored conversations in a terminal: lists, and one whole, in the dress of a call."""

import time
from collections.abc import Mapping
from datetime import datetime

from rich.text import Text

from orchestrator.cli.call_view import CallView
from orchestrator.cli.state_table import state_table
from orchestrator.cli.terminal import errors, output, print_table, table
from orchestrator.cli.words import INDENT
from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.store.conversations import ConversationSummary
from orchestrator.store.details import ConversationDetails
from orchestrator.store.paging import Page


def print_list(page: Page[ConversationSummary]) -> None:
    """Print one page of conversations."""
    if not page.rows:
        errors.print("No conversations. `orchestrator call AGENT` begins one.", style="faint")
        return
    made = table("id", "begun", "lasted", "agents", "turns", "status", "remarks", numbers=["turns", "lasted"])
    for row in page.rows:
        made.add_row(
            row.id,
            moment(row.created_at),
            _duration(row.updated_at - row.created_at),
            " → ".join(row.agents or [row.agent]),
            str(row.turns),
            row.status,
            _remarks(row),
        )
    print_table(made)
    if page.next is not None:
        errors.print(Text(f"There are more: --after {page.next}", style="faint"), soft_wrap=True)


def print_conversation(details: ConversationDetails, states: Mapping[str, object]) -> None:
    """Print what was said and done, and the states at the end."""
    summary = details.summary
    output.print()
    output.print(Text.assemble(("  ", ""), (summary.id, "name"), (f"  {summary.status}", "faint")))
    begun = f"begun {moment(summary.created_at)}, lasted {_duration(summary.updated_at - summary.created_at)}"
    output.print(Text(f"  {begun}", style="faint"))
    output.print()
    view = CallView(output, summary.entry_agent)
    seconds = {
        run.tool_call_id: (run.finished_at or run.started_at) - run.started_at for run in details.tool_runs
    }
    outcomes = {run.tool_call_id: run.outcome for run in details.tool_runs}
    outputs = {
        item.tool_call_id: item.output for item in details.items if item.kind == "function_call_output"
    }
    for item in sorted(details.items, key=lambda each: each.position):
        if item.deleted:
            continue
        if item.kind == "function_call":
            key = item.tool_call_id or ""
            view.show(_tool_event(item, outcomes.get(key, "completed"), outputs.get(key), seconds.get(key)))
        else:
            _print_item(view, item)
    for name, value in states.items():
        output.print()
        if isinstance(value, dict):
            output.print(state_table(name, None, value, margin=INDENT + 2))
    output.print()


def _print_item(view: CallView, item: Item) -> None:
    if item.kind == "message" and item.role == "user":
        view.caller(item.text or "(no words)")
    elif item.kind == "message" and item.role == "assistant":
        unheard = item.heard is not None and item.heard != item.text
        view.agent = item.agent or view.agent
        view.spoken(item.heard_text, "(interrupted)" if unheard else "")
    elif item.kind == "message":
        view.note(item.text)
    elif item.kind == "handoff":
        data = item.data
        view.handoff(
            str(data.get("from", "")), str(data.get("to", "")), _seconds(data), str(data.get("reason", ""))
        )
    elif item.kind == "resumed":
        view.divider(Text(f"the caller is back, {moment(item.created_at)}"))


def _tool_event(item: Item, outcome: str, told: str | None, seconds: float | None) -> JsonObject:
    return {
        "type": "orchestrator.tool.ended",
        "name": item.name,
        "arguments": item.arguments,
        "outcome": outcome,
        "output": told,
        "seconds": seconds,
    }


def _seconds(data: JsonObject) -> float:
    seconds = data.get("seconds")
    return float(seconds) if isinstance(seconds, int | float) else 0.0


def moment(seconds: float) -> str:
    """A time of the clock here; the day only where it is not today."""
    then = datetime.fromtimestamp(seconds).astimezone()
    today = datetime.fromtimestamp(time.time()).astimezone()
    return f"{then:%H:%M:%S}" if then.date() == today.date() else f"{then:%Y-%m-%d %H:%M}"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def _remarks(row: ConversationSummary) -> str:
    figures = {"tool error": row.tool_errors, "interruption": row.interruptions}
    told = [f"{count} {name}{'s' if count > 1 else ''}" for name, count in figures.items() if count]
    return ", ".join([*told, *row.labels])
