"""What goes wrong, in German."""

from collections.abc import Mapping
from typing import Final

ERRORS: Final[Mapping[str, str]] = {}
