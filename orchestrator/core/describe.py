"""Specifications as JSON data and as drawings: for the admin interface, the command line, the documents."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from orchestrator.core.definition import BACK, AgentSpec, Definition, HandoffSpec, HistoryPolicy, ToolSpec
from orchestrator.core.json_value import JsonObject, JsonValue

COMPUTED: Final = "(computed)"
"""Stands for instructions that are written as a method."""


def describe(spec: AgentSpec) -> JsonObject:
    """One agent as JSON data, without anything that can be called."""
    limits: dict[str, JsonValue] = asdict(spec.limits)
    limits["cost"] = None if spec.limits.cost is None else str(spec.limits.cost)
    return {
        "name": spec.name,
        "description": spec.description,
        "instructions": spec.instructions if isinstance(spec.instructions, str) else COMPUTED,
        "voice": spec.voice,
        "greeting": spec.greeting,
        "engine": spec.engine,
        "model": spec.model,
        "turn_detection": spec.turn_detection,
        "reload": spec.reload,
        "tts": spec.tts,
        "recording": spec.recording,
        "limits": limits,
        "interruptions": {**asdict(spec.interruptions), "sounds": list(spec.interruptions.sounds)},
        "enabled": spec.enabled,
        "revision": spec.revision,
        "states": [{"name": state.name, "initial": state.initial} for state in spec.states],
        "tools": [describe_tool(tool) for tool in spec.tools],
        "handoffs": [describe_handoff(handoff) for handoff in spec.handoffs],
        "hints": {name: list(phrases) for name, phrases in spec.hints.items()},
    }


def describe_tool(tool: ToolSpec) -> JsonObject:
    """One tool as JSON data."""
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "client": tool.run is None,
        "states": list(tool.states),
        "timeout": tool.timeout,
        "cancel_on_interrupt": tool.cancel_on_interrupt,
        "needs_approval": tool.needs_approval,
        "confirm": tool.confirm,
        "filler": tool.filler,
        "rerun": tool.rerun,
    }


def describe_handoff(handoff: HandoffSpec) -> JsonObject:
    """One handoff as JSON data; the target of one that goes back is None."""
    return {
        "target": None if handoff.target == BACK else handoff.target,
        "back": handoff.target == BACK,
        "when": handoff.when,
        "function": handoff.function,
        "description": handoff.description,
        "parameters": handoff.parameters,
        "history": history_text(handoff.history),
    }


def history_text(history: HistoryPolicy) -> str:
    """A history policy as it is written in a declaration, e.g. `last:20`."""
    return f"last:{history.count}" if history.kind == "last" else history.kind


def graph(definition: Definition) -> JsonObject:
    """Who hands over to whom.

    Returns:
        `nodes` (`name`, `description`, `entry`, `enabled`, `voice`, `tools`) and `edges` (`source`, `target`,
        `when`, `function`, `history`, `back`). The edges of a handoff that goes back lead to every agent that
        hands over to its owner.
    """
    nodes: list[JsonValue] = [
        {
            "name": agent.name,
            "description": agent.description,
            "entry": agent.name == definition.entry,
            "enabled": agent.enabled,
            "voice": agent.voice,
            "tools": [tool.name for tool in agent.tools],
        }
        for agent in definition.agents.values()
    ]
    edges: list[JsonValue] = [
        {
            "source": source,
            "target": target,
            "when": handoff.when,
            "function": handoff.function,
            "history": history_text(handoff.history),
            "back": handoff.target == BACK,
        }
        for source, target, handoff in _edges(definition)
    ]
    return {"nodes": nodes, "edges": edges}


def _edges(definition: Definition) -> Iterator[tuple[str, str, HandoffSpec]]:
    for agent in definition.agents.values():
        for handoff in agent.handoffs:
            if handoff.target != BACK:
                yield agent.name, handoff.target, handoff
                continue
            for other in definition.agents.values():
                if any(each.target == agent.name for each in other.handoffs):
                    yield agent.name, other.name, handoff


def mermaid(definition: Definition) -> str:
    """The handoffs as a Mermaid flowchart; the entry is round, ways back are dashed."""
    lines = ["flowchart LR"]
    for agent in definition.agents.values():
        left, right = ("([", "])") if agent.name == definition.entry else ("[", "]")
        lines.append(f"    {_id(agent.name)}{left}{_quoted(agent.name)}{right}")
    for source, target, handoff in _edges(definition):
        line = "-." if handoff.target == BACK else "--"
        arrow = ".->" if handoff.target == BACK else "-->"
        lines.append(f"    {_id(source)} {line} {_quoted(handoff.when)} {arrow} {_id(target)}")
    return "\n".join(lines) + "\n"


def dot(definition: Definition) -> str:
    """The handoffs in the language of Graphviz; the entry has a double frame, ways back are dashed."""
    lines = ["digraph agents {", "    rankdir=LR;", "    node [shape=box];"]
    for agent in definition.agents.values():
        more = " [peripheries=2]" if agent.name == definition.entry else ""
        lines.append(f"    {_escaped(agent.name)}{more};")
    for source, target, handoff in _edges(definition):
        style = ", style=dashed" if handoff.target == BACK else ""
        label = _escaped(handoff.when)
        lines.append(f"    {_escaped(source)} -> {_escaped(target)} [label={label}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def _id(name: str) -> str:
    # Mermaid reads some words, such as `end`, as its own.
    return "agent_" + name.replace("-", "_dash_")


def _quoted(text: str) -> str:
    plain = " ".join(text.split()).replace("#", "#35;").replace('"', "#quot;")
    return f'"{plain}"'


def _escaped(text: str) -> str:
    plain = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'
