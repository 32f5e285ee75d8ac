"""How a command ends: its exit code, and the lines that say why."""

from enum import IntEnum
from typing import Final

from rich.text import Text

from orchestrator.cli.terminal import errors
from orchestrator.core.errors import (
    EngineLostError,
    EngineTimeoutError,
    OrchestratorError,
    SettingsError,
    StoreUnavailableError,
)


class Exit(IntEnum):
    """Exit codes; scripts may count on them."""

    OK = 0
    FAILED = 1
    """A check failed, something was found, or something that was named does not exist."""
    USAGE = 2
    """The command or a setting cannot be used as it was given."""
    UNREACHABLE = 3
    """The service, the database or the engine cannot be reached."""
    INTERRUPTED = 130
    """Ctrl-C, as shells report it."""


UNREACHABLE: Final = (StoreUnavailableError, EngineLostError, EngineTimeoutError)


class UnreachableError(OrchestratorError):
    """Nothing answers where the service should be."""

    code = "unreachable"
    retryable = True


def exit_code(error: OrchestratorError) -> Exit:
    """The exit code that stands for an error."""
    if isinstance(error, SettingsError):
        return Exit.USAGE
    return Exit.UNREACHABLE if isinstance(error, (UnreachableError, *UNREACHABLE)) else Exit.FAILED


def explain(error: OrchestratorError) -> None:
    """Print an error, one line for each problem that its message lists."""
    for line in error.message.splitlines():
        errors.print(Text.assemble(("error  ", "bold red"), line), soft_wrap=True)
