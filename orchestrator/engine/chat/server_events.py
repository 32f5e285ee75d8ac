"""The event stream of a chat completions endpoint (the `text/event-stream` format of the HTML standard)."""

from collections.abc import AsyncIterator
from typing import Final, Self

import msgspec

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.brain import BrainError

_END_MARK: Final = "[DONE]"


class Chunks:
    """The JSON objects of a stream, up to its end mark.

    Args:
        lines: The body, line by line.
    """

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines
        self.ended_by_mark = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> JsonObject:
        """The next object.

        Raises:
            BrainError: A line of data is not one JSON object.
            StopAsyncIteration: The stream is over; `ended_by_mark` tells how.
        """
        async for line in self._lines:
            if not line.startswith("data:"):
                continue  # comments keep the connection alive, blank lines end events
            data = line.removeprefix("data:").strip()
            if data != _END_MARK:
                return _chunk(data)
            self.ended_by_mark = True
            break
        raise StopAsyncIteration


def _chunk(data: str) -> JsonObject:
    try:
        chunk: JsonObject = msgspec.json.decode(data, type=dict)
    except msgspec.DecodeError as error:
        raise BrainError("server_error", "The model's endpoint sent something that is not JSON.") from error
    return chunk
