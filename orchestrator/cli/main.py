"""The command `orchestrator`."""

from importlib.metadata import version
from typing import Final

import rich_click as click

from orchestrator.cli.lazy import LazyGroup

HERE: Final = "orchestrator.cli"


class Commands(LazyGroup):
    """All commands, the most used first."""

    parts = {  # noqa: RUF012 - the declaration, which nothing changes
        "serve": (f"{HERE}.serving", "serve", "Serve agents until Ctrl-C."),
        "call": (f"{HERE}.calling", "call", "Talk to an agent from this terminal."),
        "agents": (f"{HERE}.agents", "agents", "Look at the agents of this folder, and check them."),
        "conversations": (f"{HERE}.conversations", "conversations", "Read what is stored of conversations."),
        "replay": (f"{HERE}.replay", "replay", "Live stored conversations again with today's agents."),
        "keys": (f"{HERE}.keys", "keys", "Make and revoke API keys."),
        "jobs": (f"{HERE}.jobs", "jobs", "Erase what was kept long enough, or what somebody names."),
        "engine": (f"{HERE}.engine", "engine", "Run the embedded engine on its own."),
        "database": (f"{HERE}.database", "database", "Bring the database up to date, and check it."),
        "doctor": (f"{HERE}.doctor", "doctor", "Find out what keeps the service from running well."),
    }


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("orchestrator"), "-V", "--version", message="%(version)s")
def orchestrator() -> None:
    """Voice and text conversations with several agents, kept in Postgres.

    Settings come from the environment and from `.env`. Exit codes: 0 well, 1 something failed or was found,
    2 wrong usage or settings, 3 something cannot be reached.
    """


def main() -> None:
    """Run the command line."""
    orchestrator(prog_name="orchestrator")
