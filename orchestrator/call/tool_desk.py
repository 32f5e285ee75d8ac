"""The tool runs of one conversation that are under way."""

import asyncio
from collections.abc import Callable, Mapping

from orchestrator.call.rehearsal import Rehearsal
from orchestrator.call.tool_runner import cancelled, run_tool
from orchestrator.core.commands import RunTool
from orchestrator.core.definition import ToolSpec
from orchestrator.core.events import ToolProgressed, ToolReturned
from orchestrator.core.json_value import JsonValue


class ToolDesk:
    """Starts tools, and stops them; whatever becomes of a run is told as an event.

    Args:
        conversation_id: Whose calls.
        metadata: What the client said of the conversation.
        feed: Takes the events.
        rehearsal: Of a replay: what its tools may do; None for a conversation that counts.
    """

    def __init__(
        self,
        conversation_id: str,
        metadata: Mapping[str, JsonValue],
        feed: Callable[[ToolReturned | ToolProgressed], None],
        rehearsal: Rehearsal | None,
    ) -> None:
        self.rehearsal = rehearsal
        self._conversation_id = conversation_id
        self._metadata = metadata
        self._feed = feed
        self._running: dict[str, asyncio.Task[None]] = {}
        self._over = False

    def run(self, group: asyncio.TaskGroup, command: RunTool, spec: ToolSpec | None) -> None:
        """Run a tool, in the conversation's own group of tasks; one that is gone meanwhile is cancelled."""
        self._running[command.tool_call_id] = group.create_task(self._run(command, spec))

    def cancel(self, tool_call_id: str) -> None:
        """Stop a run; it answers that it was stopped."""
        if (task := self._running.get(tool_call_id)) is not None:
            task.cancel()

    def stop(self) -> None:
        """Stop all of them; none answers any more."""
        self._over = True
        for task in self._running.values():
            task.cancel()

    async def _run(self, command: RunTool, spec: ToolSpec | None) -> None:
        if spec is None:
            self._feed(cancelled(command))
            return
        try:
            returned = await run_tool(
                command,
                spec,
                conversation_id=self._conversation_id,
                metadata=self._metadata,
                speak=lambda text: self._feed(ToolProgressed(command.tool_call_id, text)),
                rehearsal=self.rehearsal,
            )
        except asyncio.CancelledError:
            if self._over:
                raise
            returned = cancelled(command)
        finally:
            self._running.pop(command.tool_call_id, None)
        self._feed(returned)
