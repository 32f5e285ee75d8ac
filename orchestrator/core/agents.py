"""The base class of agents: what an author writes, and nothing that runs."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Literal

from orchestrator.core.definition import Interruptions, Limits
from orchestrator.core.handoffs import Handoff
from orchestrator.core.json_value import JsonValue
from orchestrator.core.state import State, snake_case
from orchestrator.core.tools import Tool


class Agent:
    """Base of every agent; a subclass is a declaration, read once when its package is loaded.

    The docstring of a subclass is what other agents and the model are told about it. Attributes are inherited
    as usual, apart from the name and the docstring: `tools = [*Base.tools, more]` adds to those of a base. A
    base that is no agent itself says so: `class Base(Agent, abstract=True)`. The agent that takes calls which
    ask for none in particular says so too: `class FrontDesk(Agent, entry=True)`.

    Attributes:
        name: Default: the class name in snake case.
        instructions: Text, or a method `def instructions(self, context: InstructionContext) -> str`, called
            before each session. `self` is one instance for all conversations: keep nothing in it.
        voice: Name of a voice, None for the engine's default.
        greeting: First words of a new call, None to wait for the caller.
        state: A `State` class or a list of them; those that its tools take are added.
        tools: What it may call.
        handoffs: Whom it may hand over to.
        engine: `embedded`, `openai`, `azure`, or a `ws://` or `wss://` URL; None for the service's setting.
        model: Of the engine; None for its default.
        turn_detection: `"server_vad"`, `"semantic_vad"`, `"none"` (manual turns), or an object as on the
            wire; None for the engine's default.
        reload: How a session with loaded history speaks: `"tts"`, or `"native"` for the engine's own audio.
        tts: Which text-to-speech, None for the service's setting.
        recording: Whether calls are recorded while this agent is on duty: True, or the words in which callers
            are told so.
        limits: What a conversation may spend while this agent is on duty.
        interruptions: What becomes of a reply when the caller coughs or says "mm-hm".
        hints: What callers say: a list of phrases, or phrases by tool name or handoff target. For the offline
            demo brain and the recogniser.
        enabled: Whether it takes part.
    """

    name: ClassVar[str | None] = None
    instructions: ClassVar[str | Callable[..., str]] = ""
    voice: ClassVar[str | None] = None
    greeting: ClassVar[str | None] = None
    state: ClassVar[type[State] | Sequence[type[State]]] = ()
    tools: ClassVar[Sequence[Tool]] = ()
    handoffs: ClassVar[Sequence[Handoff]] = ()
    engine: ClassVar[str | None] = None
    model: ClassVar[str | None] = None
    turn_detection: ClassVar[str | Mapping[str, JsonValue] | None] = None
    reload: ClassVar[Literal["tts", "native"]] = "tts"
    tts: ClassVar[str | None] = None
    recording: ClassVar[bool | str] = False
    limits: ClassVar[Limits] = Limits()
    interruptions: ClassVar[Interruptions] = Interruptions()
    hints: ClassVar[Mapping[str, Sequence[str]] | Sequence[str]] = ()
    enabled: ClassVar[bool] = True

    __abstract__: ClassVar[bool] = True
    __entry__: ClassVar[bool] = False

    def __init_subclass__(cls, *, abstract: bool = False, entry: bool = False, **options: object) -> None:
        super().__init_subclass__(**options)
        cls.__abstract__ = abstract
        cls.__entry__ = entry


def agent_name(agent: type[Agent]) -> object:
    """The name that a class gives itself: its own `name`, which is not inherited, or the class name."""
    own = vars(agent).get("name")
    return snake_case(agent.__name__) if own is None else own
