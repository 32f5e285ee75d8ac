"""A model that says what it once said, turn by turn, and what a test asks about a reply to it.

`orchestrator conversations test` writes tests that use these; they serve tests written by hand as well.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

from orchestrator.core.definition import TRANSFER_PREFIX
from orchestrator.core.json_value import JsonValue
from orchestrator.testing.simulated_caller import CallerReply, SimulatedCaller
from orchestrator.testing.turns import SessionView, Turn, says

Step = tuple[str, JsonValue, str] | tuple[str, str]

SUMMARY: Final = "They spoke about what the caller wants."


class Recital:
    """A responder that gives prepared turns one after another, whatever it is shown.

    Args:
        turns: In the order in which they were given.
    """

    def __init__(self, *turns: Turn) -> None:
        self._left = list(turns)

    def __call__(self, view: SessionView) -> Turn:
        """The next turn.

        Raises:
            AssertionError: There is none: the agents asked the model more often than they did.
        """
        if view.options.get("conversation") == "none":
            return says(SUMMARY)
        if not self._left:
            raise AssertionError(f"The model was asked once more than it was, after: {view.user_text!r}")
        return self._left.pop(0)

    @property
    def left(self) -> int:
        """How many turns were not asked for."""
        return len(self._left)


def done(reply: CallerReply) -> list[Step]:
    """What was done for a reply: tools as `(name, arguments, outcome)`, handoffs as `("handoff", agent)`.

    Tools that run side by side end in any order, so those between two handoffs are sorted. The caller must
    have been connected with `include_events=True`.
    """
    steps: list[Step] = []
    tools: list[tuple[str, JsonValue, str]] = []
    for heard in reply.events:
        event = heard.event
        if heard.type == "orchestrator.tool.ended":
            name, outcome = str(event["name"]), str(event["outcome"])
            if not (name.startswith(TRANSFER_PREFIX) and outcome == "completed"):
                tools.append((name, _parsed(str(event["arguments"])), outcome))
        elif heard.type == "orchestrator.handoff.committed":
            steps += [*_sorted(tools), ("handoff", str(event["to"]))]
            tools = []
    return [*steps, *_sorted(tools)]


def states(caller: SimulatedCaller) -> dict[str, Any]:
    """The states that changed so far, as they are now, by name."""
    updates = (heard.event for heard in caller.events if heard.type == "orchestrator.state.updated")
    return {str(event["state"]): event["value"] for event in updates}


def _sorted(tools: Iterable[tuple[str, JsonValue, str]]) -> list[tuple[str, JsonValue, str]]:
    return sorted(tools, key=lambda tool: (tool[0], json.dumps(tool[1], sort_keys=True)))


def _parsed(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except ValueError:
        return text
    return value
