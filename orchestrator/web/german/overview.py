"""The first page, in German."""

from collections.abc import Mapping
from typing import Final

OVERVIEW: Final[Mapping[str, str]] = {}
