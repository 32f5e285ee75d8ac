"""The pages of the agents, in German."""

from collections.abc import Mapping
from typing import Final

AGENTS: Final[Mapping[str, str]] = {}
