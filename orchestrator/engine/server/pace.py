"""How fast a reply comes: word by word, at a given number of tokens a second."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from orchestrator.engine.session.tokens import text_tokens

Sleep = Callable[[float], Awaitable[None]]
_WORD: Final = re.compile(r"\s*\S+(?:\s+$)?|\s+")


def words(text: str) -> list[str]:
    """Cut a text into deltas: each word with the space before it; joined they are the text again."""
    return _WORD.findall(text)


@dataclass(frozen=True, slots=True)
class Pace:
    """The delay before each delta.

    Args:
        tokens_per_second: None for as fast as the client reads.
        sleep: Waits that many seconds; tests pass virtual time.
    """

    tokens_per_second: float | None = None
    sleep: Sleep = asyncio.sleep

    async def before(self, text: str) -> None:
        """Wait as long as this text takes; always lets others run, so a cancel comes through in between."""
        if self.tokens_per_second is None:
            await self.sleep(0)
        else:
            await self.sleep(text_tokens(text) / self.tokens_per_second)
