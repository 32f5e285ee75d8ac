"""What the tools of a replay are told, and what of their doing is kept from the world.

A replay's tools run for real, so that a change of them is found. But nobody is to get a second pizza:

| what a tool does | in a replay |
|---|---|
| changes a state | the replay's own conversation has its own states |
| leaves a record, adds a statement | is left out: nothing is written |
| reaches outside (`rerun=False`), or needs an operator's approval | is not run: it answers as it did |
| asks which conversation and which call it answers | is told the original's, so what it derives is the same |
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from orchestrator.core.commands import RunTool
from orchestrator.core.comparison import canonical
from orchestrator.core.definition import ToolSpec
from orchestrator.core.events import ToolReturned
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.records import Effects, RevisionRow
from orchestrator.core.tool_calls import failure
from orchestrator.core.turns import ToolUse

NOT_REPLAYED: Final = "This tool is not run in a replay, and the original has no such call to go by."


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A call of the original.

    Attributes:
        states: What it changed, by name.
    """

    use: ToolUse
    states: JsonObject = field(default_factory=dict)


class Rehearsal:
    """The original's tool calls, for the replay of one conversation.

    Args:
        original: Id of the conversation that is replayed.
        uses: Its tool calls, in order.
        revisions: Of its states.
    """

    def __init__(
        self, original: str, uses: Iterable[ToolUse] = (), revisions: Iterable[RevisionRow] = ()
    ) -> None:
        self.original = original
        changed: dict[str, JsonObject] = {}
        for row in revisions:
            changed.setdefault(row.tool_call_id or "", {})[row.state] = row.value
        self._left = [Recorded(use=use, states=changed.get(use.tool_call_id, {})) for use in uses]
        self._given: dict[str, Recorded] = {}

    def recorded(self, tool_call_id: str, name: str, arguments: JsonValue) -> Recorded | None:
        """The original's call that this one repeats: the first of that name and arguments not yet repeated.

        Args:
            tool_call_id: In the replay; the same call gets the same answer however often it asks.
            name: Of the tool.
            arguments: As JSON data.
        """
        if tool_call_id not in self._given:
            wanted = canonical(arguments)
            for place, each in enumerate(self._left):
                if each.use.name == name and canonical(each.use.arguments) == wanted:
                    self._given[tool_call_id] = self._left.pop(place)
                    break
        return self._given.get(tool_call_id)

    def identity(self, command: RunTool) -> tuple[str, str]:
        """The conversation and the call that a tool is told it answers."""
        found = self.recorded(command.tool_call_id, command.name, command.arguments)
        return self.original, found.use.tool_call_id if found else command.tool_call_id

    def answer(self, command: RunTool, spec: ToolSpec) -> ToolReturned | None:
        """The answer of a tool that is not run again; None for one that is to run."""
        if spec.rerun and not spec.needs_approval:
            return None
        found = self.recorded(command.tool_call_id, command.name, command.arguments)
        if found is None or found.use.output is None:
            output = failure("not_replayed", NOT_REPLAYED)
            return ToolReturned(
                command.tool_call_id, command.attempt, "failed", output, error_code="not_replayed"
            )
        well = found.use.outcome == "completed"
        return ToolReturned(
            command.tool_call_id,
            command.attempt,
            found.use.outcome,
            found.use.output,
            Effects(states={name: value for name, value in found.states.items() if isinstance(value, dict)}),
            error_code=None if well else "replayed",
        )

    @staticmethod
    def kept(returned: ToolReturned) -> ToolReturned:
        """What a run is allowed to change: the replay's own states, and nothing else."""
        return replace(returned, effects=replace(returned.effects, records=(), statements=()))
