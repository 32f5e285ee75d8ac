"""Groups of commands that import a command's module only when that command is used."""

import importlib
from collections.abc import Mapping
from typing import Any

import rich_click as click

from orchestrator.cli.exits import Exit, exit_code, explain
from orchestrator.core.errors import OrchestratorError


class LazyGroup(click.RichGroup):
    """A group whose commands are named by module.

    Attributes:
        parts: Of each command its module, its name there, and its sentence in the list of commands.
    """

    parts: Mapping[str, tuple[str, str, str]] = {}
    _listing = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order in which they were named."""
        del ctx
        return list(self.parts)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name; while commands are listed, only what the list shows of it."""
        if cmd_name not in self.parts:
            return super().get_command(ctx, cmd_name)
        module, name, sentence = self.parts[cmd_name]
        if self._listing:
            return click.RichCommand(name=cmd_name, help=sentence)
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help page."""
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours is told in its own words and ends with its exit code."""
        try:
            return super().invoke(ctx)
        except OrchestratorError as error:
            explain(error)
            ctx.exit(exit_code(error))
        except KeyboardInterrupt:
            ctx.exit(Exit.INTERRUPTED)
