"""Work that goes on beside a `with` block and ends with it, and work that must not be broken off."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager


@asynccontextmanager
async def beside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run `work` while the block runs, and cancel it when the block ends.

    The block's own exception leaves as it is, not in a group. A failure of `work` cancels the block and
    leaves in an `ExceptionGroup`: work that may fail must tell whom it concerns, and return.
    """
    failure: Exception | None = None
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        try:
            yield
        except Exception as error:  # noqa: BLE001 - raised again below, outside the group
            failure = error
        finally:
            task.cancel()
    if failure is not None:
        raise failure


async def uninterrupted(work: Coroutine[None, None, None]) -> None:
    """Run `work` to its end even if the caller is cancelled meanwhile; the cancellation is raised then.

    For taking hold of a resource and for letting go of it; the work must be short by nature.
    """
    cancelled = False
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        while not task.done():
            try:
                await asyncio.shield(task)
            except asyncio.CancelledError:
                cancelled = True
    if cancelled:
        raise asyncio.CancelledError
