"""What waits to be sent to an engine: in order, bounded, filled without waiting."""

import asyncio
from collections import deque


class Outbox:
    """An ordered queue of frames with one reader.

    Args:
        frames: How many frames may wait.
        size: How many bytes of text may wait.
    """

    def __init__(self, frames: int, size: int) -> None:
        self._frames: deque[str | bytes] = deque()
        self._most_frames = frames
        self._most_bytes = size
        self._filled = asyncio.Event()
        self.queued_bytes = 0

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, frame: str | bytes) -> bool:
        """Queue a frame; False when the outbox is full and the frame was not taken."""
        size = self.queued_bytes + len(frame)
        if len(self._frames) >= self._most_frames or size > self._most_bytes:
            return False
        self.queued_bytes = size
        self._frames.append(frame)
        self._filled.set()
        return True

    async def take(self) -> str | bytes:
        """Wait for the next frame and take it."""
        while not self._frames:
            self._filled.clear()
            await self._filled.wait()
        frame = self._frames.popleft()
        self.queued_bytes -= len(frame)
        return frame

    def clear(self) -> None:
        """Forget everything that waits."""
        self._frames.clear()
        self.queued_bytes = 0
