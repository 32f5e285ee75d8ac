"""The terminal: one look for all commands, plain text where nobody looks, JSON for scripts."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from shutil import which
from typing import Any, Final

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.theme import Theme

THEME: Final = Theme(
    {
        "accent": "cyan",
        "faint": "bright_black",
        "good": "green",
        "warn": "yellow",
        "bad": "bold red",
        "name": "bold",
    }
)
PIPED_WIDTH: Final = 110

output: Final = Console(theme=THEME, highlight=False)
"""Results."""

errors: Final = Console(theme=THEME, highlight=False, stderr=True)
"""Whatever is not the result: errors, warnings, progress."""

AGENT_COLOURS: Final = ("cyan", "magenta", "green", "blue", "yellow")
"""Beside the name, never instead of it."""


def print_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def table(*columns: str, numbers: Iterable[str] = ()) -> Table:
    """An empty table.

    Args:
        columns: Their headings.
        numbers: Those of them that hold numbers, which are set flush right.
    """
    made = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="faint", show_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in set(numbers) else "left", overflow="fold")
    return made


def print_table(made: Table) -> None:
    """Print a table; where nobody looks it is as wide as it needs to be, so that no cell is broken."""
    if output.is_terminal:
        output.print(made)
    else:
        wide = Console(theme=THEME, highlight=False, file=output.file, width=1000)
        wide.print(made)


def own_command() -> str:
    """How to start this program again from here: `orchestrator`, or its path when that is not on PATH."""
    program = Path(sys.argv[0])
    if program.name != "orchestrator":
        return "orchestrator"
    found = which("orchestrator")
    if found is not None and Path(found).resolve() == program.resolve():
        return "orchestrator"
    path = os.path.relpath(program)
    return str(program.absolute()) if path.startswith("..") else path
