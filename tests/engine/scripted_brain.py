"""A brain that says what a test wrote, and waits where the test says."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from orchestrator.engine.brain import BrainContext, BrainEvent, TextDelta


class ScriptedBrain:
    """Answers each response with the next script.

    An `asyncio.Event` in a script is waited for, an error is raised. A response beyond the
    scripts is answered with "Hello there."
    """

    def __init__(self, *scripts: Sequence[BrainEvent | asyncio.Event | Exception]) -> None:
        self.scripts = list(scripts)
        self.contexts: list[BrainContext] = []
        self.asked = asyncio.Event()
        self.closed = asyncio.Event()

    async def respond(self, context: BrainContext) -> AsyncIterator[BrainEvent]:
        self.contexts.append(context)
        self.asked.set()
        script = self.scripts.pop(0) if self.scripts else [TextDelta("Hello there.")]
        try:
            for step in script:
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        finally:
            self.closed.set()
