"""The list of conversations, in German."""

from collections.abc import Mapping
from typing import Final

CONVERSATIONS: Final[Mapping[str, str]] = {}
