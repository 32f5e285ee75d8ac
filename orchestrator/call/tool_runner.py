"""Runs one tool: with its deadline, its context, and every outcome as an event."""

import asyncio
from collections.abc import Callable, Mapping

import msgspec

from orchestrator.call import journal
from orchestrator.call.rehearsal import Rehearsal
from orchestrator.core.commands import RunTool
from orchestrator.core.definition import ToolSpec
from orchestrator.core.errors import ToolError
from orchestrator.core.events import ToolReturned
from orchestrator.core.json_value import JsonValue
from orchestrator.core.records import ToolOutcome
from orchestrator.core.tool_calls import failure
from orchestrator.core.tools import ToolContext


async def run_tool(
    command: RunTool,
    spec: ToolSpec,
    *,
    conversation_id: str,
    metadata: Mapping[str, JsonValue],
    speak: Callable[[str], None],
    rehearsal: Rehearsal | None = None,
) -> ToolReturned:
    """Run a tool once.

    Cancelling it answers `cancelled`: the outcome of a call that the caller interrupted. A sync tool that is
    cancelled or timed out goes on in its thread; its effects are dropped all the same.

    Args:
        command: Which call, with checked arguments.
        spec: The tool.
        conversation_id: Whose call.
        metadata: What the client said of the conversation.
        speak: Takes what the tool wants said while it runs.
        rehearsal: Of a replay: nothing that the tool does is to leave the conversation.
    """
    if rehearsal is None:
        return await _run(command, spec, _context(command, conversation_id, metadata, speak))
    if (answer := rehearsal.answer(command, spec)) is not None:
        return answer
    conversation_id, tool_call_id = rehearsal.identity(command)
    context = _context(command, conversation_id, metadata, speak)
    context.tool_call_id, context.replay = tool_call_id, True
    return rehearsal.kept(await _run(command, spec, context))


def _context(
    command: RunTool, conversation_id: str, metadata: Mapping[str, JsonValue], speak: Callable[[str], None]
) -> ToolContext:
    return ToolContext(
        conversation_id=conversation_id,
        agent=command.agent,
        tool_call_id=command.tool_call_id,
        attempt=command.attempt,
        states=command.states,
        metadata=metadata,
        speak=speak,
    )


async def _run(command: RunTool, spec: ToolSpec, context: ToolContext) -> ToolReturned:
    if spec.run is None:
        return _failed(command, "failed", "unknown_tool", f"{spec.name} is answered by the application.")
    deadline = asyncio.timeout(command.timeout)
    try:
        async with deadline:
            result = await spec.run(context, command.arguments)
        effects = context.effects(result)
    except ToolError as error:
        return _failed(command, "failed", error.code, error.message)
    except Exception as error:  # noqa: BLE001 - the tool's author is told by the log, the model by the output
        if deadline.expired():
            message = f"{spec.name} did not answer within {command.timeout:g} s."
            return _failed(command, "timed_out", "timed_out", message)
        journal.crash(context.conversation_id, f"tool {spec.name} failed", error)
        return _failed(command, "failed", "tool_defect", f"{spec.name} is out of order. Go on without it.")
    output = result.output if isinstance(result.output, str) else msgspec.json.encode(result.output).decode()
    return ToolReturned(
        command.tool_call_id, command.attempt, "completed", output, effects, end_call=context.end_reason
    )


def cancelled(command: RunTool) -> ToolReturned:
    """The outcome of a run that was stopped."""
    return _failed(command, "cancelled", "cancelled", "The caller interrupted, and this was stopped.")


def _failed(command: RunTool, outcome: ToolOutcome, code: str, message: str) -> ToolReturned:
    output = failure(code, message)
    return ToolReturned(command.tool_call_id, command.attempt, outcome, output, error_code=code)
