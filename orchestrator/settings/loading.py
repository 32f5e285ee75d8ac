"""Reading the settings, and saying every wrong one in one line that names the variable and the mend."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz.distance import OSA

from orchestrator.core.errors import SettingsError
from orchestrator.settings.group import PREFIX
from orchestrator.settings.node import Settings, environment_name

ENV_FILE = Path(".env")


def load_settings(env_file: Path = ENV_FILE) -> Settings:
    """Read the settings from the environment and, where that is silent, from a `.env` file.

    Args:
        env_file: File with `NAME=value` lines; it need not exist.

    Raises:
        SettingsError: With one line per wrong setting; `param` is the first one's environment variable.
    """
    problems = list(_misspelt(env_file))
    settings = None
    try:
        settings = Settings(_env_file=env_file)
    except ValidationError as error:
        problems += [line for details in error.errors() for line in _lines(details)]
    if settings is None or problems:
        raise SettingsError("\n".join(problems), param=problems[0].partition(":")[0].partition("=")[0])
    return settings


def _lines(details: ErrorDetails) -> Iterable[str]:
    """Say one validation error in the words of the environment; secrets are never repeated."""
    if not details["loc"]:
        return details["msg"].splitlines()
    located = str(details["loc"][0])
    field = next(name for name in Settings.model_fields if located in {name, environment_name(name)})
    described = Settings.model_fields[field]
    shown = "" if "Secret" in str(described.annotation) else f"={details['input']}"
    problem = details["msg"].removeprefix("Value error, ")
    default = "" if described.default is None else f" for the default, {described.default}"
    mend = f"Mend: correct it, or remove it{default}. {described.description}"
    return [f"{environment_name(field)}{shown}: {problem}. {mend}"]


def _misspelt(env_file: Path) -> Iterator[str]:
    """Yield a line for each variable of ours that no setting has, but that is nearly one."""
    known = {environment_name(field) for field in Settings.model_fields}
    given = {
        name.upper() for name in (*os.environ, *dotenv_values(env_file)) if name.upper().startswith(PREFIX)
    }
    for name in sorted(given - known):
        nearest = min(known, key=lambda candidate: (OSA.distance(name, candidate), candidate))
        if OSA.distance(name, nearest) <= max(1, len(nearest.removeprefix(PREFIX)) // 4):
            yield f"{name}: there is no such setting. Mend: did you mean {nearest}?"
