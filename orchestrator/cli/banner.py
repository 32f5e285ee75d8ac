"""What `serve` prints once it listens: where things are, and what to do first."""

import os
from pathlib import Path
from typing import Final

from rich.table import Table
from rich.text import Text

from orchestrator.cli.engines import engine_hint, engine_words
from orchestrator.cli.terminal import output, own_command
from orchestrator.core.definition import Definition
from orchestrator.settings import Settings

ADDRESSES: Final = (
    ("pages", "/"),
    ("talk", "/talk"),
    ("door", "/v1/realtime"),
    ("admin API", "/admin/agents"),
    ("its schema", "/schema"),
    ("health", "/healthz"),
)
"""What there is to see, and where; a test asks each of them."""


def announce(
    settings: Settings, definition: Definition, address: str, *, key: str | None, sign_in: str | None = None
) -> None:
    """Print where the service is.

    Args:
        settings: Of the node.
        definition: The agents.
        address: Where it listens.
        key: The admin key, when it was made just now; shown on a terminal only.
        sign_in: A link that signs in, once; shown on a terminal only.
    """
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="faint", no_wrap=True)
    lines.add_column(overflow="fold")
    for name, path in ADDRESSES:
        shown = address.replace("http", "ws", 1) if path == "/v1/realtime" else address
        lines.add_row(name, f"{shown}{path}")
    lines.add_row("admin key", _key(settings, key))
    lines.add_row("engine", _engine(settings))
    lines.add_row("agents", _agents(definition))
    lines.add_row("data", _data(settings))
    lines.add_row("", "")
    lines.add_row("first call", Text(first_call(settings, definition, address), style="name"))
    lines.add_row("", Text("in another terminal; Ctrl-C here stops the service", style="faint"))
    output.print()
    output.print(Text("  orchestrator", style="name"), Text("is ready", style="good"))
    output.print()
    output.print(_indented(lines))
    output.print()
    if sign_in is not None and output.is_terminal:
        output.print(Text("  This link signs you in, once, within 15 minutes:", style="faint"))
        # A link that is broken into two lines can be neither clicked nor copied.
        output.print(Text(f"  {sign_in}", style="accent"), soft_wrap=True)
        output.print()


def first_call(settings: Settings, definition: Definition, address: str) -> str:
    """The command that calls the entry agent."""
    del settings
    elsewhere = "" if address == "http://127.0.0.1:8000" else f" --url {address}"
    return f"{own_command()} call {definition.entry}{elsewhere}"


def _key(settings: Settings, key: str | None) -> Text:
    if settings.admin_key is not None:
        return Text("as ORCHESTRATOR_ADMIN_KEY says")
    kept = f"in {_short(settings.data_dir / 'admin-key')}"
    if key is None or not output.is_terminal:
        return Text(kept)
    return Text.assemble((key, "accent"), (f"   kept {kept}", "faint"))


def _engine(settings: Settings) -> Text:
    hint = engine_hint(settings)
    return Text.assemble(engine_words(settings), (f"\n{hint}" if hint else "", "faint"))


def _agents(definition: Definition) -> Text:
    others = [name for name in definition.agents if name != definition.entry]
    return Text.assemble(definition.entry, (" takes calls", "faint"), *(f" · {name}" for name in others))


def _data(settings: Settings) -> str:
    if settings.database_url is not None:
        return f"your Postgres; files in {_short(settings.data_dir)}"
    return f"{_short(settings.data_dir)}, with a Postgres of its own"


def _short(path: Path) -> str:
    """A path as it is written from here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _indented(lines: Table) -> Table:
    frame = Table.grid()
    frame.add_column(width=2)
    frame.add_column()
    frame.add_row("", lines)
    return frame
