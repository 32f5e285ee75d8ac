"""What the demo brain decides with, and what it decides: scene, pending question, outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from orchestrator.engine.demo.dialogue import Done
from orchestrator.engine.demo.intents import Hints
from orchestrator.engine.demo.planning import Step
from orchestrator.engine.demo.tools import Slot, Tool
from orchestrator.engine.demo.words import stems


@dataclass(frozen=True)
class Scene:
    """All that bears on one utterance.

    Args:
        tools: The tools on offer, transfers left out.
        transfers: The transfers on offer.
        hints: Example phrases by tool.
        memory: The calls before this utterance that did not fail, oldest first.
        earlier: What the caller said before, oldest first.
        agent: The display name of the agent.
        knows_caller: The instructions tell the caller's name already.
        may_transfer: Whether the caller may be handed over; not again in the turn in which that happened.
    """

    tools: tuple[Tool, ...]
    transfers: tuple[Tool, ...] = ()
    hints: Hints = field(default_factory=dict)
    memory: Sequence[Done] = ()
    earlier: Sequence[str] = ()
    agent: str | None = None
    knows_caller: bool = False
    may_transfer: bool = True

    @property
    def all_tools(self) -> tuple[Tool, ...]:
        """Tools and transfers."""
        return (*self.tools, *self.transfers)

    @property
    def own_words(self) -> frozenset[str]:
        """The stems that the tools use in descriptions and choices."""
        said = [choice.said for tool in self.tools for slot in tool.slots for choice in slot.choices]
        return frozenset().union(*(tool.topic for tool in self.tools), stems(" ".join(said)))

    @property
    def vocabulary(self) -> frozenset[str]:
        """The tools' own words, and those of the example phrases."""
        return self.own_words | stems(
            " ".join(phrase for phrases in self.hints.values() for phrase in phrases)
        )

    @property
    def by_name(self) -> Mapping[str, Tool]:
        """Tools and transfers by name."""
        return {tool.name: tool for tool in self.all_tools}


@dataclass(frozen=True)
class Pending:
    """A question that was asked, and what its answer is for.

    Args:
        kind: `confirm` (may I?), `slot` (which?), `offer` (did you mean?), `more` (anything else?).
        step: What hangs on the answer.
        slot: Which slot was asked for.
        rest: What else was wanted, to be settled after this.
    """

    kind: Literal["confirm", "slot", "offer", "more"]
    step: Step | None = None
    slot: Slot | None = None
    rest: tuple[Step, ...] = ()


MORE = Pending("more")


@dataclass(frozen=True)
class Outcome:
    """What an utterance comes to.

    Args:
        calls: The calls to make now.
        remarks: What to say.
        pending: The question to end with, once the calls are answered.
        greets: The utterance asked for nothing that is known here.
    """

    calls: tuple[Step, ...] = ()
    remarks: tuple[str, ...] = ()
    pending: Pending | None = None
    greets: bool = False
