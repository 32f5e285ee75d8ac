"""The pages of replays, in German."""

from collections.abc import Mapping
from typing import Final

REPLAYS: Final[Mapping[str, str]] = {}
