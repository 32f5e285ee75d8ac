"""A state as a table: whatever it is, lists of things become rows and single values a line below."""

from collections.abc import Mapping
from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from orchestrator.cli.terminal import table
from orchestrator.cli.words import clipped
from orchestrator.core.json_value import JsonObject, JsonValue

CELL: Final = 40
MOST_ROWS: Final = 20


def state_table(name: str, revision: int | None, value: JsonObject, *, margin: int) -> RenderableType:
    """A state, ready to be printed.

    Args:
        name: Of the state.
        revision: Its number, where it is known.
        value: As it is stored.
        margin: Columns to leave free on the left.
    """
    numbered = "" if revision is None else f"  revision {revision}"
    parts: list[RenderableType] = [Text.assemble((name, "name"), (numbered, "faint"))]
    for field, content in value.items():
        rows = _rows(content)
        if rows:
            parts.append(_rows_table(rows))
            if len(rows) > MOST_ROWS:
                parts.append(Text(f"and {len(rows) - MOST_ROWS} more in {field}", style="faint"))
    single = _single_values(value)
    if single:
        parts.append(single)
    elif len(parts) == 1:
        parts.append(Text("empty", style="faint"))
    return Padding(Group(*parts), (0, 0, 0, margin), expand=False)


def _rows(content: JsonValue) -> list[JsonObject]:
    rows = [row for row in content if isinstance(row, dict)] if isinstance(content, list) else []
    return rows if isinstance(content, list) and len(rows) == len(content) else []


def _rows_table(rows: list[JsonObject]) -> RenderableType:
    columns = [name for name in _names(rows) if any(_is_something(row.get(name)) for row in rows)]
    numbers = [name for name in columns if all(_is_number(row.get(name)) for row in rows)]
    made = table(*columns, numbers=numbers)
    for row in rows[:MOST_ROWS]:
        made.add_row(*(_shown(row.get(name)) for name in columns))
    return made


def _single_values(value: JsonObject) -> Text | None:
    pieces: list[tuple[str, str] | str] = []
    for name, content in value.items():
        if _rows(content) or not _is_something(content):
            continue
        pieces += [(" · " if pieces else "", "faint"), (f"{name} ", "faint"), _shown(content)]
    return Text.assemble(*pieces) if pieces else None


def _names(rows: list[JsonObject]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _is_something(value: JsonValue) -> bool:
    return value is not None and value not in ("", [], {})


def _is_number(value: JsonValue) -> bool:
    if isinstance(value, str):
        return value.replace(".", "", 1).removeprefix("-").isdigit()
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _shown(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    if isinstance(value, list) and not any(isinstance(each, list | dict) for each in value):
        return clipped(", ".join(_shown(each) for each in value), CELL)
    if isinstance(value, Mapping | list):
        return clipped(msgspec.json.encode(value).decode(), CELL)
    return clipped(str(value), CELL)
