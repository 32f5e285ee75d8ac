"""What tools work with, as it is shown: without the personal data that the settings name.

What people say is redacted before it is stored, by the writer. Arguments, outputs and states are stored
whole, because a tool that a crash cut off is run again with them; everything that shows them to people goes
through here first.
"""

import json
from dataclasses import replace

from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import RevisionRow, ToolRunRow
from orchestrator.core.redaction import Redaction
from orchestrator.store.details import ConversationDetails
from orchestrator.store.reading import StoredRecord


def masked(details: ConversationDetails, redaction: Redaction) -> ConversationDetails:
    """A conversation as people may see it.

    Args:
        details: As it is stored.
        redaction: Of the settings.
    """
    if not redaction.does_anything:
        return details
    return replace(
        details,
        items=tuple(mask_item(item, redaction) for item in details.items),
        tool_runs=tuple(_run(run, redaction) for run in details.tool_runs),
        revisions=tuple(_revision(row, redaction) for row in details.revisions),
        records=tuple(mask_record(row, redaction) for row in details.records),
    )


def mask_item(item: Item, redaction: Redaction) -> Item:
    """An item as people may see it; what was said was redacted when it was stored."""
    if item.kind == "function_call" and item.arguments is not None:
        return replace(item, arguments=mask_json(item.arguments, redaction))
    if item.kind == "function_call_output" and item.output is not None:
        return replace(item, output=mask_json(item.output, redaction))
    return item


def mask_json(text: str, redaction: Redaction) -> str:
    """JSON text, or prose, as people may see it."""
    try:
        value = json.loads(text)
    except ValueError:
        return redaction.text(text).text
    if not isinstance(value, dict | list):
        return redaction.text(text).text
    found = redaction.value(value)
    return text if found == value else json.dumps(found, ensure_ascii=False)


def mask_states(states: dict[str, JsonObject], redaction: Redaction) -> dict[str, JsonObject]:
    """States by name, as people may see them."""
    return {name: redaction.object(value) for name, value in states.items()}


def mask_record(row: StoredRecord, redaction: Redaction) -> StoredRecord:
    """An order, a reservation, a message, as people may see it."""
    return replace(row, data=redaction.object(row.data))


def _run(run: ToolRunRow, redaction: Redaction) -> ToolRunRow:
    error = None if run.error is None else redaction.text(run.error).text
    violations = tuple(redaction.text(each).text for each in run.violations)
    return replace(run, arguments=mask_json(run.arguments, redaction), error=error, violations=violations)


def _revision(row: RevisionRow, redaction: Redaction) -> RevisionRow:
    return replace(row, value=redaction.object(row.value))
