"""What runs for as long as a node does, around the block that needs it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager


@asynccontextmanager
async def running(
    run: Callable[[asyncio.Event], Coroutine[None, None, None]], stop: Callable[[], Awaitable[None]]
) -> AsyncIterator[None]:
    """Run something beside the block: the block begins once it has started, and its end stops it.

    Args:
        run: Sets the event once it has started, and returns once it was stopped.
        stop: Ends `run`; called however the block ends.

    Raises:
        ExceptionGroup: `run` failed; the block does not begin, or is cancelled.
    """
    started = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(run(started))
        await started.wait()
        try:
            yield
        finally:
            await stop()
