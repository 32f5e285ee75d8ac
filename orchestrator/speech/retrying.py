"""When something that failed is tried once more, while a caller waits."""

import asyncio
from typing import Final

from orchestrator.speech.errors import SpeechError, SpeechRateLimitError

LONGEST_WAIT: Final = 2.0
"""Seconds that a rate limit may ask to wait before one retry; a caller would not sit through more."""


async def worth_retrying(error: SpeechError) -> bool:
    """Wait as long as the error asks; False when another attempt does not help, or would come too late."""
    if not error.retryable:
        return False
    wait = (error.retry_after or 0.0) if isinstance(error, SpeechRateLimitError) else 0.0
    if wait > LONGEST_WAIT:
        return False
    await asyncio.sleep(wait)
    return True
