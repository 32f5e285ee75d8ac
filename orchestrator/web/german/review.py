"""The page of one conversation, in German."""

from collections.abc import Mapping
from typing import Final

REVIEW: Final[Mapping[str, str]] = {}
