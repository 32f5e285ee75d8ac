"""Runs a shipped tool the way the service does: arguments checked, then run, then effects collected."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator.call.loading import load
from orchestrator.core.definition import Definition
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.records import KeptRecord
from orchestrator.core.tools import ToolContext

DEFINITION: Definition = load("agents")


@dataclass
class Caller:
    """One conversation's states and records, changed by every tool that is run."""

    agent: str = "restaurant"
    conversation_id: str = "conv_1"
    states: dict[str, JsonObject] = field(default_factory=dict)
    records: list[KeptRecord] = field(default_factory=list)
    calls: int = 0
    end_reason: str | None = None

    async def use(self, tool: str, **arguments: JsonValue) -> Mapping[str, JsonValue]:
        """Run a tool; violations fail the test, and what it raises is passed on."""
        spec = DEFINITION.agent(self.agent).tool(tool)
        assert spec is not None
        assert spec.run is not None
        assert [str(violation) for violation in spec.check(arguments)] == []
        self.calls += 1
        context = ToolContext(
            conversation_id=self.conversation_id,
            agent=self.agent,
            tool_call_id=f"call_{self.calls}",
            states=self.states,
        )
        result = await spec.run(context, arguments)
        effects = context.effects(result)
        self.states |= effects.states
        self.records.extend(effects.records)
        self.end_reason = context.end_reason
        assert isinstance(result.output, dict)
        return result.output

    def violations(self, tool: str, **arguments: JsonValue) -> list[str]:
        """What the check of a tool says to arguments."""
        spec = DEFINITION.agent(self.agent).tool(tool)
        assert spec is not None
        return [str(violation) for violation in spec.check(arguments)]

    @property
    def cart(self) -> JsonObject:
        """The stored cart."""
        return self.states["cart"]
