"""What the classes of a package of agents compile to: plain, checked, immutable specifications.

The conversation machine, the driver, the admin interface and the command line read these and never the
classes. `orchestrator.core.declare` makes them.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

from orchestrator.core.errors import NotFoundError
from orchestrator.core.json_value import JsonObject, JsonValue

if TYPE_CHECKING:
    from orchestrator.core.state import State
    from orchestrator.core.tools import ToolContext

BACK: Final = "<back>"
"""The target of a handoff that returns to whoever handed over."""

TRANSFER_PREFIX: Final = "transfer_to_"
"""A handoff is offered to the model as a function whose name begins like this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one conversation may spend.

    Attributes:
        tool_steps: Rounds of tool calls within one turn, before the agent must speak.
        tool_timeout: Seconds that a tool may run, unless it says otherwise.
        handoffs: Handoffs in a row without a word of the caller between them.
        duration: Seconds that one call may last, None for no limit.
        cost: Money in US dollars that one conversation may cost, None for no limit.
    """

    tool_steps: int = 8
    tool_timeout: float = 15.0
    handoffs: int = 4
    duration: float | None = None
    cost: Decimal | None = None


LISTENING_SOUNDS: Final = (
    "mm-hm", "mm", "mmm", "mhm", "hm", "hmm", "uh-huh", "uh", "huh", "um", "ah", "oh", "eh", "er",
)  # fmt: skip
"""What people say while they listen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruptions:
    """What becomes of a reply when the caller makes a sound that may mean nothing.

    Attributes:
        resume: Whether a reply goes on where it stopped after a sound without words. True: this service finds
            the caller's turns for that, whatever the engine could do. None: where it finds them anyway.
        wait: Seconds that such a sound may last, and that its words may take to be known.
        sounds: Words that are none, such as "mm-hm"; case and punctuation make no difference.
    """

    resume: bool | None = None
    wait: float = 2.0
    sounds: tuple[str, ...] = LISTENING_SOUNDS


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with a tool's arguments, in words that a model can act on.

    Attributes:
        path: Where, with dots (`lines.0.size`); empty for the arguments as a whole.
        message: What is wrong, and what to send instead.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool function answered.

    Attributes:
        output: JSON data or text for the model.
        states: The states it was given, as they are after the run, by name.
    """

    output: JsonValue
    states: Mapping[str, JsonObject] = field(default_factory=dict)


ToolRun = Callable[["ToolContext", JsonObject], Awaitable[ToolResult]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool as the model and the runner see it.

    Attributes:
        name: Unique within an agent.
        description: For the model.
        parameters: JSON Schema (Draft 2020-12) of its arguments, an object.
        run: The function, None for a client tool.
        check: Lists what is wrong with arguments; an empty tuple lets the tool run.
        states: Names of the states it is given and may change; such tools run one at a time.
        timeout: Seconds, None for the agent's limit.
        cancel_on_interrupt: Whether an interruption by the caller cancels it.
        needs_approval: Whether an operator must approve each run.
        confirm: Whether the model should have the caller's word first (destructive or costly).
        filler: Said to the caller when it is slow.
        rerun: Whether it may be run again when a crash left it unanswered. Effects on the conversation's own
            data are applied once in any case; False is for tools that reach outside.
    """

    name: str
    description: str
    parameters: JsonObject
    run: ToolRun | None
    check: Callable[[JsonObject], tuple[Violation, ...]]
    states: tuple[str, ...] = ()
    timeout: float | None = None
    cancel_on_interrupt: bool = False
    needs_approval: bool = False
    confirm: bool = False
    filler: str | None = None
    rerun: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPolicy:
    """What of the conversation the next agent is told.

    Attributes:
        kind: `full`, `last` (`count` items), `summary` (a paragraph by the agent that leaves) or `none`.
        count: For `last`.
    """

    kind: Literal["full", "last", "summary", "none"] = "full"
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffSpec:
    """A declared edge from one agent to another.

    Attributes:
        target: Name of an agent, or `BACK`.
        when: When the model should take it, in words.
        function: Name under which the model calls it, `transfer_to_…`.
        description: What the model is told: who the target is, and when.
        parameters: JSON Schema of its arguments: a `reason`, and the payload's fields.
        check: Lists what is wrong with arguments.
        history: What the target is told of the conversation.
    """

    target: str
    when: str
    function: str
    description: str
    parameters: JsonObject
    check: Callable[[JsonObject], tuple[Violation, ...]]
    history: HistoryPolicy = HistoryPolicy()


@dataclass(frozen=True, slots=True)
class StateSpec:
    """Typed data that a conversation carries.

    Attributes:
        name: Class name in snake case, e.g. `cart`.
        type: The class.
        initial: Its value before any revision, as JSON data.
    """

    name: str
    type: "type[State]"
    initial: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionContext:
    """What instructions written as a method may look at.

    Attributes:
        conversation_id: Which conversation.
        agent: Name of the agent.
        states: Present value of every state, by name.
        previous_agent: Who handed over, None at the start.
        payload: The arguments of the handoff that led here.
    """

    conversation_id: str
    agent: str
    states: "Mapping[str, State]"
    previous_agent: str | None = None
    payload: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpec:
    """One agent, compiled.

    Attributes:
        name: Unique.
        description: The class's docstring: what other agents, and the model, are told about it.
        instructions: Text, or a function of the context.
        voice: Name of a voice, None for the engine's default.
        greeting: First words of a new call, None to wait for the caller.
        states, tools, handoffs: What it works with.
        engine: `embedded`, `openai`, `azure` or a URL; None for the service's setting.
        model: Of the engine; None for its default.
        turn_detection: As on the wire (`audio.input.turn_detection`), empty for manual turns; None for the
            engine's default.
        reload: How a session with loaded history speaks: text plus TTS, or the engine's own audio.
        tts: Which text-to-speech, None for the service's setting.
        recording: Words in which callers are told that they are recorded; None where they are not.
        limits: What a conversation may spend while this agent is on duty.
        interruptions: What becomes of its replies when the caller makes a sound that may mean nothing.
        hints: Example phrases by name of a tool or of a handoff's function, `*` for those of neither; for the
            offline demo brain and recogniser.
        enabled: Whether it takes part; an operator may switch an agent off.
        revision: 0 for the class as written, else the stored revision in force.
    """

    name: str
    description: str
    instructions: str | Callable[[InstructionContext], str]
    voice: str | None = None
    greeting: str | None = None
    states: tuple[StateSpec, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    handoffs: tuple[HandoffSpec, ...] = ()
    engine: str | None = None
    model: str | None = None
    turn_detection: JsonObject | None = None
    reload: Literal["tts", "native"] = "tts"
    tts: str | None = None
    recording: str | None = None
    limits: Limits = Limits()
    interruptions: Interruptions = Interruptions()
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    enabled: bool = True
    revision: int = 0

    def tool(self, name: str) -> ToolSpec | None:
        """The tool of this name, None when the agent has none."""
        return next((tool for tool in self.tools if tool.name == name), None)

    def handoff(self, function: str) -> HandoffSpec | None:
        """The handoff that the model calls by this function name, None when there is none."""
        return next((handoff for handoff in self.handoffs if handoff.function == function), None)


@dataclass(frozen=True, slots=True)
class Definition:
    """All agents of an application.

    Attributes:
        agents: By name.
        entry: The agent that takes a call which asks for none in particular.
    """

    agents: Mapping[str, AgentSpec]
    entry: str

    def agent(self, name: str) -> AgentSpec:
        """The agent of this name.

        Raises:
            NotFoundError: There is none; the message lists those there are.
        """
        try:
            return self.agents[name]
        except KeyError:
            known = ", ".join(sorted(self.agents))
            raise NotFoundError(
                f"There is no agent {name!r}. Known agents: {known}.", param="agent"
            ) from None

    @property
    def states(self) -> dict[str, StateSpec]:
        """Every state of every agent, by name."""
        return {state.name: state for agent in self.agents.values() for state in agent.states}
