"""Where the caller's words come from: options, lines of a pipe, or somebody who types."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable
from typing import Final

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.patch_stdout import patch_stdout

from orchestrator.cli.words import INDENT

GOODBYES: Final = frozenset({"/quit", "/exit", "/bye"})


async def given(texts: Iterable[str]) -> AsyncIterator[str]:
    """Texts of the command line."""
    for text in texts:
        yield text


async def piped() -> AsyncIterator[str]:
    """Lines of the standard input."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        if text := line.strip():
            yield text


async def typed(over: asyncio.Event) -> AsyncIterator[str]:
    """Lines that somebody types; what comes meanwhile is printed above. Ctrl-C and Ctrl-D end it.

    Args:
        over: Set once there is nobody to talk to any more.
    """
    margin = " " * (INDENT + 2 - len("  you"))
    message = FormattedText([("ansibrightblack", f"\n  you{margin}")])
    session: PromptSession[str] = PromptSession(message, erase_when_done=False)
    while not over.is_set():
        text = await _line(session, over)
        if text is None or text.strip() in GOODBYES:
            return
        if text.strip():
            yield text.strip()


async def _line(session: PromptSession[str], over: asyncio.Event) -> str | None:
    line: str | None = None
    try:
        with patch_stdout(raw=True):
            async with asyncio.TaskGroup() as group:
                ending = group.create_task(_close(session, over))
                line = await session.prompt_async(handle_sigint=False)
                ending.cancel()
    except* (KeyboardInterrupt, EOFError):
        line = None
    return line


async def _close(session: PromptSession[str], over: asyncio.Event) -> None:
    """Give up waiting for a line once the call is over."""
    await over.wait()
    if session.app.is_running:
        session.app.exit(exception=EOFError)
