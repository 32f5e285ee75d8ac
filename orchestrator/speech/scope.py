"""Work that goes on beside a `with` block, and ends with it."""

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
