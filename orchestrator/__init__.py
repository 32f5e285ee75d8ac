"""What an agent author imports, and nothing else."""

from orchestrator.core.agents import Agent
from orchestrator.core.definition import HistoryPolicy, InstructionContext, Interruptions, Limits
from orchestrator.core.errors import ToolError
from orchestrator.core.handoffs import Handoff
from orchestrator.core.state import State
from orchestrator.core.tools import Tool, ToolContext, tool

__all__ = [
    "Agent",
    "Handoff",
    "HistoryPolicy",
    "InstructionContext",
    "Interruptions",
    "Limits",
    "State",
    "Tool",
    "ToolContext",
    "ToolError",
    "tool",
]
