"""What fixtures of the store's tests hand out."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

from orchestrator.store.writer import ConversationWriter

Writing: TypeAlias = Callable[..., AbstractAsyncContextManager[ConversationWriter]]
"""Opens a writer that runs; it is closed, and has stored everything, at the end."""

RowsOf: TypeAlias = Callable[[str], Awaitable[list[tuple[Any, ...]]]]
"""Runs a query and gives its rows."""
