"""The offline demo brain as a brain: decides at once, says it as events."""

from collections.abc import AsyncIterator

import msgspec

from orchestrator.engine.brain import (
    BrainContext,
    BrainEvent,
    TextDelta,
    ToolCallArguments,
    ToolCallStarted,
)
from orchestrator.engine.demo.deciding import decide


class DemoBrain:
    """The offline demo brain: no model, no network, the same answer to the same conversation.

    It reads the session's tools, the transfers among them and the `hints`; instructions it does not
    understand, but for a quoted sentence that a response is told to say.
    """

    async def respond(self, context: BrainContext) -> AsyncIterator[BrainEvent]:
        """Answer one response."""
        reply = decide(context)
        if reply.text:
            yield TextDelta(reply.text)
        for call in reply.calls:
            yield ToolCallStarted(call.name)
            yield ToolCallArguments(msgspec.json.encode(call.arguments).decode())
