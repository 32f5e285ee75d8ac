"""Settings for a command: those of the environment, with what options say on top."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.settings import Settings, environment_name, load_settings


def settings_with(**options: object) -> Settings:
    """Read the settings; an option counts more than the environment, and is checked in the same way.

    Args:
        options: Values by the names of fields of `Settings`; None leaves a setting as it is.

    Raises:
        SettingsError: With a line for each wrong value.
    """
    given = {environment_name(name): str(value) for name, value in options.items() if value is not None}
    with _environment(given):
        return load_settings()


@contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    kept = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in kept.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
