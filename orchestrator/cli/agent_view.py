"""Agents in a terminal: as a list, one whole, and as a tree of handoffs."""

from textwrap import dedent
from typing import Any

from rich.console import Group
from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from orchestrator.cli.terminal import output, print_table, table
from orchestrator.core.definition import BACK, AgentSpec, Definition, ToolSpec
from orchestrator.core.describe import graph, history_text
from orchestrator.core.json_value import JsonObject


def print_agents(definition: Definition) -> None:
    """Print all agents, a line each."""
    made = table("agent", "what it is for", "tools", "hands over to", numbers=["tools"])
    for agent in definition.agents.values():
        targets = [_target(handoff.target) for handoff in agent.handoffs]
        name = Text(agent.name, style="name")
        if agent.name == definition.entry:
            name.append("  takes calls", style="faint")
        made.add_row(name, agent.description, str(len(agent.tools)), ", ".join(targets))
    print_table(made)


def print_agent(agent: AgentSpec) -> None:
    """Print everything that an agent declares."""
    facts = {
        "voice": agent.voice,
        "greeting": agent.greeting,
        "engine": agent.engine,
        "model": agent.model,
        "state": ", ".join(state.name for state in agent.states),
    }
    output.print(Text(agent.name, style="name"))
    output.print(Text(agent.description), style="faint")
    output.print()
    for name, value in facts.items():
        if value:
            output.print(Text.assemble((f"{name:<10}", "faint"), str(value)))
    _heading("instructions")
    text = (
        dedent(agent.instructions).strip()
        if isinstance(agent.instructions, str)
        else "(computed by a method)"
    )
    output.print(Padding(Text(dedent(text).strip()), (0, 0, 0, 2), expand=False))
    _heading("tools")
    for tool in agent.tools:
        output.print(Padding(_tool(tool), (0, 0, 0, 2), expand=False))
    _heading("handoffs")
    for handoff in agent.handoffs:
        line = Text.assemble((_target(handoff.target), "name"), f"  when {handoff.when}")
        line.append(f"  (told: {history_text(handoff.history)})", style="faint")
        output.print(Padding(line, (0, 0, 0, 2), expand=False))


def _heading(words: str) -> None:
    output.print()
    output.print(Text(words, style="accent"))


def _tool(tool: ToolSpec) -> Group:
    marks = {
        "the client runs it": tool.run is None,
        "needs approval": tool.needs_approval,
        "asks before": tool.confirm,
    }
    head = Text.assemble(
        (tool.name, "name"), *((f"  {mark}", "warn") for mark, true in marks.items() if true)
    )
    lines = [head, Text(f"  {tool.description.splitlines()[0]}" if tool.description else "")]
    properties = tool.parameters.get("properties")
    required = tool.parameters.get("required")
    for name, schema in (properties if isinstance(properties, dict) else {}).items():
        needed = isinstance(required, list) and name in required
        shown = _kind(schema if isinstance(schema, dict) else {})
        lines.append(Text.assemble("  ", name, (f"  {shown}{'' if needed else ', optional'}", "faint")))
    return Group(*lines)


def _kind(schema: JsonObject) -> str:
    """A schema in a word or two: `integer`, `one of small, medium, large`."""
    values: Any = schema.get("enum")
    if isinstance(values, list):
        more = ", …" if len(values) > 4 else ""
        return f"one of {', '.join(str(value) for value in values[:4])}{more}"
    choices = schema.get("anyOf")
    if isinstance(choices, list):
        kinds = [_kind(each) for each in choices if isinstance(each, dict) and each.get("type") != "null"]
        return " or ".join(kinds)
    if schema.get("type") == "array":
        items = schema.get("items")
        return f"list of {_kind(items)}" if isinstance(items, dict) else "list"
    return str(schema.get("type", "anything"))


def _target(target: str) -> str:
    return "back to who called" if target == BACK else target


def tree(definition: Definition) -> Tree:
    """Who hands over to whom, from the entry agent on; what is drawn already is only named."""
    edges: dict[str, list[JsonObject]] = {name: [] for name in definition.agents}
    listed = graph(definition)["edges"]
    for edge in listed if isinstance(listed, list) else []:
        if isinstance(edge, dict):
            edges[str(edge["source"])].append(edge)
    root = Tree(Text.assemble((definition.entry, "name"), ("  takes calls", "faint")), guide_style="faint")
    drawn = {definition.entry}
    _branches(root, definition.entry, edges, drawn)
    for name in definition.agents:
        if name not in drawn:
            drawn.add(name)
            branch = root.add(Text.assemble((name, "name"), ("  nobody hands over to it", "warn")))
            _branches(branch, name, edges, drawn)
    return root


def _branches(branch: Tree, name: str, edges: dict[str, list[JsonObject]], drawn: set[str]) -> None:
    for edge in edges[name]:
        target = str(edge["target"])
        sign = "↩ " if edge["back"] else "→ "
        words = Text.assemble((sign, "faint"), (target, "name"), (f"  when {edge['when']}", "faint"))
        below = branch.add(words)
        if target not in drawn:
            drawn.add(target)
            _branches(below, target, edges, drawn)
