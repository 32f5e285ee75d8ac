"""Agents compiled, one class at a time: from what an author declared to an immutable specification."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, cast

from pydantic import ValidationError

from orchestrator.core.agents import Agent
from orchestrator.core.attributes import SETTINGS, read_setting, voice_doubt
from orchestrator.core.definition import (
    TRANSFER_PREFIX,
    AgentSpec,
    HandoffSpec,
    InstructionContext,
    Interruptions,
    Limits,
    StateSpec,
    ToolSpec,
)
from orchestrator.core.errors import DeclarationError
from orchestrator.core.handoffs import Handoff, compile_handoff
from orchestrator.core.json_value import JsonObject
from orchestrator.core.problems import Findings, Problem
from orchestrator.core.state import State, StateMismatchError
from orchestrator.core.tool_specs import FUNCTION_NAME, compile_tool
from orchestrator.core.tools import Tool
from orchestrator.core.wording import clipped, listed, nearest

KNOWN: Final = frozenset({*SETTINGS, "name", "instructions", "state", "tools", "handoffs", "hints"})
"""Everything that a class of agents may set."""

GENERAL: Final = "*"
"""Key of the hints that belong to no tool."""

_CompiledTool = tuple[ToolSpec, tuple[type[State], ...]]


@dataclass(slots=True)
class Workshop:
    """What the classes of one package share while they are compiled.

    Attributes:
        targets: Description by name of every agent.
        problems: What was found so far, in all classes.
        tools: Each tool once, so that a broken one is told once.
        states: Each state class by its name.
    """

    targets: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    tools: dict[int, _CompiledTool | None] = field(default_factory=dict)
    states: dict[str, type[State]] = field(default_factory=dict)

    def tool(self, tool: Tool, findings: Findings) -> _CompiledTool | None:
        """Compile a tool, unless it was before."""
        if id(tool) not in self.tools:
            self.tools[id(tool)] = compile_tool(tool, findings)
        return self.tools[id(tool)]


def compile_agent(agent: type[Agent], name: str, shop: Workshop) -> AgentSpec:
    """Compile one class; what is wrong is noted in the workshop, and then the result is of no use.

    Args:
        agent: The class.
        name: Its name, checked.
        shop: Shared by the classes of its package.
    """
    findings = Findings(class_path(agent), problems=shop.problems)
    _check_attributes(agent, findings)
    settings = {key: read_setting(key, getattr(agent, key), findings) for key in SETTINGS}
    tools, taken = _tools(agent, shop, findings)
    handoffs = _handoffs(agent, name, shop, findings)
    _check_functions(tools, handoffs, findings)
    _check_voice(settings, findings)
    return AgentSpec(
        name=name,
        description=description_of(agent),
        instructions=_instructions(agent, findings),
        states=_states([*_declared_states(agent, findings), *taken], shop, findings),
        tools=tools,
        handoffs=handoffs,
        hints=_hints(agent, tools, handoffs, findings),
        voice=cast("str | None", settings["voice"]),
        greeting=cast("str | None", settings["greeting"]),
        engine=cast("str | None", settings["engine"]),
        model=cast("str | None", settings["model"]),
        turn_detection=cast("JsonObject | None", settings["turn_detection"]),
        reload=cast("Literal['tts', 'native']", settings["reload"]),
        tts=cast("str | None", settings["tts"]),
        recording=cast("str | None", settings["recording"]),
        limits=cast("Limits", settings["limits"]),
        interruptions=cast("Interruptions", settings["interruptions"]),
        enabled=cast("bool", settings["enabled"]),
    )


def class_path(agent: type[Agent]) -> str:
    """The dotted name of a class, as problems tell it."""
    return f"{agent.__module__}.{agent.__qualname__}"


def description_of(agent: type[Agent]) -> str:
    """The docstring of a class, or else that of its nearest base that has one and is no `Agent` itself."""
    for kind in agent.__mro__:
        own = vars(kind).get("__doc__")
        if kind is not Agent and issubclass(kind, Agent) and isinstance(own, str) and own.strip():
            return inspect.cleandoc(own)
    return ""


def _check_attributes(agent: type[Agent], findings: Findings) -> None:
    seen: set[str] = set()
    for kind in agent.__mro__[: agent.__mro__.index(Agent)]:
        for name, value in vars(kind).items():
            if name in seen or name in KNOWN:
                continue
            seen.add(name)
            if isinstance(value, Tool):
                if not isinstance(agent.tools, list | tuple) or value not in agent.tools:
                    findings.error(name, "is a tool that no list names", f"Add it: tools = [{name}]")
            elif _looks_like_a_setting(name, value):
                meant = nearest(name, KNOWN)
                mend = f"Write {meant!r}" if meant else f"Known are {listed(sorted(KNOWN), 'and')}"
                findings.error(
                    name, "is no setting of an agent", f"{mend}; _{name} or {name.upper()} is left alone"
                )


def _looks_like_a_setting(name: str, value: object) -> bool:
    if name.startswith("_") or name.isupper():
        return False
    return not (
        callable(value) or inspect.isdatadescriptor(value) or isinstance(value, classmethod | staticmethod)
    )


def _instructions(agent: type[Agent], findings: Findings) -> str | Callable[[InstructionContext], str]:
    written: object = inspect.getattr_static(agent, "instructions")
    if isinstance(written, str):
        if not written.strip():
            findings.warning("instructions", "are missing", "Tell the model what the agent does, and how")
        return inspect.cleandoc(written)
    if not callable(written) and not isinstance(written, classmethod | staticmethod):
        mend = "Write text, or def instructions(self, context: InstructionContext) -> str"
        findings.error("instructions", f"{clipped(repr(written), 60)} is no text and no method", mend)
        return ""
    return _computed(agent, findings)


def _computed(agent: type[Agent], findings: Findings) -> str | Callable[[InstructionContext], str]:
    try:
        method = cast("Callable[..., object]", agent().instructions)
    except Exception as error:  # noqa: BLE001 - an author's __init__ may raise anything
        reason = f"{type(error).__name__}: {clipped(str(error), 120)}"
        findings.error("__init__", f"cannot be called without arguments ({reason})", "Leave __init__ out")
        return ""
    if inspect.iscoroutinefunction(method):
        findings.error("instructions", "are async", "Write a plain def; a tool can fetch what takes time")
        return ""
    try:
        inspect.signature(method).bind(None)
    except (TypeError, ValueError):
        mend = "Write def instructions(self, context: InstructionContext) -> str"
        findings.error("instructions", "cannot be called with the context alone", mend)
        return ""
    where = class_path(agent)

    def instructions(context: InstructionContext) -> str:
        text = method(context)
        if isinstance(text, str):
            return inspect.cleandoc(text)
        raise DeclarationError(f"{where}.instructions returned a {type(text).__name__}. Return text.")

    return instructions


def _items(value: object, kind: type, name: str, example: str, findings: Findings) -> list[object]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        findings.error(name, f"{clipped(repr(value), 60)} is no list", f"Write {name} = [{example}]")
        return []
    for item in value:
        if not isinstance(item, kind):
            plain = inspect.isroutine(item) and kind is Tool
            mend = (
                f"Decorate it with @tool: {name} = [{item.__name__}]"
                if plain
                else f"Write {name} = [{example}]"
            )
            findings.error(name, f"{clipped(repr(item), 60)} is no {kind.__name__}", mend)
    return [item for item in value if isinstance(item, kind)]


def _tools(
    agent: type[Agent], shop: Workshop, findings: Findings
) -> tuple[tuple[ToolSpec, ...], list[type[State]]]:
    declared = cast("list[Tool]", _items(agent.tools, Tool, "tools", "add_item, lookup", findings))
    compiled = [found for tool in declared if (found := shop.tool(tool, findings)) is not None]
    states = [state for _, taken in compiled for state in taken]
    return tuple(spec for spec, _ in compiled), states


def _handoffs(agent: type[Agent], name: str, shop: Workshop, findings: Findings) -> tuple[HandoffSpec, ...]:
    example = 'Handoff("triage", when="…")'
    declared = cast("list[Handoff]", _items(agent.handoffs, Handoff, "handoffs", example, findings))
    compiled = [
        compile_handoff(handoff, shop.targets, name, findings.within(f"handoffs.{handoff.target}"))
        for handoff in declared
    ]
    return tuple(spec for spec in compiled if spec is not None)


def _check_functions(tools: Iterable[ToolSpec], handoffs: Iterable[HandoffSpec], findings: Findings) -> None:
    names: dict[str, str] = {}
    for tool in tools:
        if tool.name in names:
            findings.error("tools", f"two tools are named {tool.name!r}", "Give one another name")
        if tool.name.startswith(TRANSFER_PREFIX):
            mend = f"Give it a name that does not begin with {TRANSFER_PREFIX}"
            findings.error(f"tools.{tool.name}", "has a name that only handoffs have", mend)
        names[tool.name] = "tool"
    for handoff in handoffs:
        taken = names.get(handoff.function)
        if taken is not None:
            mend = f'Give one another name: Handoff(…, name="{handoff.function}_2")'
            findings.error("handoffs", f"{handoff.function!r} is also the name of another {taken}", mend)
        names[handoff.function] = "handoff"


def _check_voice(settings: Mapping[str, object], findings: Findings) -> None:
    voice, engine = settings["voice"], settings["engine"]
    meant = voice_doubt(cast("str | None", voice), cast("str | None", engine))
    if meant is not None:
        findings.warning(
            "voice", f"{voice!r} is no voice of the Realtime protocol", f"Perhaps {meant!r} is meant"
        )


def _declared_states(agent: type[Agent], findings: Findings) -> list[type[State]]:
    value: object = agent.state
    kinds = value if isinstance(value, list | tuple) else [value]
    for kind in kinds:
        if not isinstance(kind, type) or not issubclass(kind, State):
            mend = "Write a State class, or a list of them"
            findings.error("state", f"{clipped(repr(kind), 60)} is no State class", mend)
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, State)]


def _states(kinds: list[type[State]], shop: Workshop, findings: Findings) -> tuple[StateSpec, ...]:
    specs: dict[str, StateSpec] = {}
    for kind in kinds:
        name = kind.state_name()
        known = shop.states.setdefault(name, kind)
        if known is not kind:
            path = f"{known.__module__}.{known.__qualname__}"
            mend = f'Rename one: class {kind.__name__}(State, name="…")'
            findings.error(
                f"state.{name}", f"{kind.__module__}.{kind.__qualname__} and {path} share a name", mend
            )
        elif name not in specs and (spec := _state(kind, findings)) is not None:
            specs[name] = spec
    return tuple(specs.values())


def _state(kind: type[State], findings: Findings) -> StateSpec | None:
    name = kind.state_name()
    if not FUNCTION_NAME.fullmatch(name):
        mend = "Use letters, digits, _ and -, at most 64 of them"
        findings.error(f"state.{clipped(name)}", "has a name that cannot be an identifier", mend)
        return None
    try:
        return StateSpec(name, kind, kind.initial_value())
    except ValidationError as error:
        fields = listed((".".join(map(str, entry["loc"])) for entry in error.errors()), "and")
        findings.error(f"state.{name}", f"cannot start without a value for {fields}", "Give each a default")
    except StateMismatchError as error:
        findings.error(f"state.{name}", error.message.rstrip("."), "Give its fields defaults of their types")
    return None


def _hints(
    agent: type[Agent],
    tools: Sequence[ToolSpec],
    handoffs: Sequence[HandoffSpec],
    findings: Findings,
) -> dict[str, tuple[str, ...]]:
    value: object = agent.hints
    groups = value if isinstance(value, Mapping) else {GENERAL: value}
    names = {tool.name: tool.name for tool in tools} | {GENERAL: GENERAL}
    for handoff in handoffs:
        names |= {handoff.target: handoff.function, handoff.function: handoff.function}
    hints: dict[str, tuple[str, ...]] = {}
    for key, phrases in groups.items():
        if not isinstance(phrases, list | tuple) or not all(isinstance(text, str) for text in phrases):
            findings.error("hints", f"{key!r} holds no list of phrases", "Write a list of texts")
        elif key not in names:
            meant = nearest(str(key), names)
            mend = (
                f"Write {meant!r}" if meant else f"Name a tool or a handoff's target: {listed(sorted(names))}"
            )
            findings.error("hints", f"{key!r} is no tool and no handoff of this agent", mend)
        elif phrases:
            hints[names[key]] = hints.get(names[key], ()) + tuple(phrases)
    return hints
