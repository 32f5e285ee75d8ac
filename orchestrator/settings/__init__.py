"""Every setting of the service, read from the environment and from `.env`: one module for each group.

A wrong value stops the start with one line per setting that names the variable, what is wrong, and the mend.
The table in `docs/reference/settings.md` is checked against this package.
"""

from orchestrator.settings.engines import EngineKind
from orchestrator.settings.loading import ENV_FILE, load_settings
from orchestrator.settings.node import Settings, environment_name

__all__ = ["ENV_FILE", "EngineKind", "Settings", "environment_name", "load_settings"]
