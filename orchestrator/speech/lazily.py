"""A resource that is acquired when it is first asked for, and released by whoever offered it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Generic, Self, TypeVar

from orchestrator.speech.errors import SpeechError, SpeechUnavailableError
from orchestrator.speech.scope import beside

Resource = TypeVar("Resource")


class Lazily(Generic[Resource]):
    """Acquires once, in a task of its own: who asks first need not be who releases. Open with `offer`.

    Args:
        acquire: Makes the context manager of the resource.
        what: Name for messages to people.
    """

    def __init__(self, acquire: Callable[[], AbstractAsyncContextManager[Resource]], what: str) -> None:
        self._acquire = acquire
        self._what = what
        self._wanted = asyncio.Event()
        self._settled = asyncio.Event()
        self._resource: Resource | None = None
        self._failure: SpeechError = SpeechUnavailableError(f"{what} is closed.")

    @classmethod
    @asynccontextmanager
    async def offer(
        cls, acquire: Callable[[], AbstractAsyncContextManager[Resource]], what: str
    ) -> AsyncIterator[Self]:
        """Offer the resource while the block runs."""
        lazily = cls(acquire, what)
        async with beside(lazily._run()):
            yield lazily

    def want(self) -> None:
        """Begin to acquire it, without waiting."""
        self._wanted.set()

    async def get(self) -> Resource:
        """The resource, acquired by now.

        Raises:
            SpeechError: It cannot be had, or the block that offered it has ended.
        """
        self.want()
        await self._settled.wait()
        if self._resource is None:
            raise self._failure
        return self._resource

    async def _run(self) -> None:
        try:
            await self._wanted.wait()
            async with self._acquire() as resource:
                self._resource = resource
                self._settled.set()
                await asyncio.Event().wait()
        except SpeechError as error:
            self._failure = error
        finally:
            self._resource = None
            self._settled.set()
