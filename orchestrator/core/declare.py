"""Classes in, a checked definition out: every problem of a package is found in one go."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from orchestrator.core.agent_specs import Workshop, class_path, compile_agent, description_of
from orchestrator.core.agents import Agent, agent_name
from orchestrator.core.definition import BACK, TRANSFER_PREFIX, AgentSpec, Definition
from orchestrator.core.errors import DeclarationError
from orchestrator.core.problems import Problem, errors_of
from orchestrator.core.wording import clipped, listed, nearest

AGENT_NAME: Final = re.compile(rf"[a-zA-Z0-9_-]{{1,{64 - len(TRANSFER_PREFIX)}}}")
"""What an agent may be called: the function that hands over to it has at most 64 characters."""


def compile_agents(
    classes: Iterable[type[Agent]], entry: str | None = None, *, package: str = "agents"
) -> tuple[Definition | None, list[Problem]]:
    """Compile the agents of an application.

    Args:
        classes: Subclasses of `Agent`; abstract ones are left out.
        entry: Name of the agent that takes calls which ask for none in particular. None: the one that says
            so (`class FrontDesk(Agent, entry=True)`), or the only one there is.
        package: Where they come from, for problems that belong to no class.

    Returns:
        The definition, None when there is an error; and everything that was found, warnings too.
    """
    concrete = [agent for agent in dict.fromkeys(classes) if not agent.__abstract__]
    if not concrete:
        mend = "Write a class that inherits from orchestrator.Agent"
        return None, [Problem(where=package, message="holds no agents", mend=mend)]
    problems: list[Problem] = []
    named = _named(concrete, problems)
    shop = Workshop({name: description_of(agent) for name, agent in named.items()}, problems)
    specs = {name: compile_agent(agent, name, shop) for name, agent in named.items()}
    for agent in concrete:
        if agent not in named.values():
            compile_agent(agent, "", shop)  # for its problems alone
    problems.extend(_undescribed(concrete))
    chosen = _entry(named, entry, package, problems)
    if chosen is None or errors_of(problems):
        return None, problems
    definition = Definition(specs, chosen)
    problems.extend(_unreachable(definition, named))
    return definition, problems


def define(classes: Iterable[type[Agent]], entry: str | None = None) -> Definition:
    """Compile classes that must be right, such as those of a test.

    Args:
        classes: Subclasses of `Agent`.
        entry: As in `compile_agents`.

    Raises:
        DeclarationError: Lists every error.
    """
    definition, problems = compile_agents(classes, entry)
    return require(definition, problems)


def require(definition: Definition | None, problems: Sequence[Problem]) -> Definition:
    """The definition, when nothing stands against it.

    Raises:
        DeclarationError: Lists every error.
    """
    errors = errors_of(problems)
    if definition is not None and not errors:
        return definition
    count = "One problem" if len(errors) == 1 else f"{len(errors)} problems"
    lines = "\n".join(f"  {problem}" for problem in errors)
    raise DeclarationError(f"{count} in the declaration of agents:\n{lines}")


def _named(classes: Sequence[type[Agent]], problems: list[Problem]) -> dict[str, type[Agent]]:
    named: dict[str, type[Agent]] = {}
    for agent in classes:
        name = agent_name(agent)
        where = class_path(agent)
        if not isinstance(name, str) or not AGENT_NAME.fullmatch(name):
            message = f"{clipped(repr(name), 60)} is no name for an agent"
            mend = "Use letters, digits, _ and -, at most 52 of them"
            problems.append(Problem(where=where, attribute="name", message=message, mend=mend))
        elif name in named:
            message = f"{class_path(named[name])} is named {name!r} too"
            mend = 'Give one another name: name = "…"'
            problems.append(Problem(where=where, attribute="name", message=message, mend=mend))
        else:
            named[name] = agent
    return named


def _undescribed(classes: Iterable[type[Agent]]) -> list[Problem]:
    return [
        Problem(
            where=class_path(agent),
            attribute="__doc__",
            message="has no docstring",
            mend="Say in a sentence what it does; other agents and the model are told so",
            severity="warning",
        )
        for agent in classes
        if not description_of(agent)
    ]


def _entry(
    named: dict[str, type[Agent]], entry: str | None, package: str, problems: list[Problem]
) -> str | None:
    names = listed(sorted(named))
    if entry is not None:
        if entry in named:
            return entry
        meant = nearest(entry, named)
        mend = f"Write {meant!r}" if meant else f"Write {names}"
        problem = Problem(where=package, message=f"there is no default agent {clipped(entry)!r}", mend=mend)
        problems.append(problem)
        return None
    marked = [name for name, agent in named.items() if agent.__entry__]
    chosen = marked or list(named)
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        message = "more than one agent says that it is the entry" if marked else "no agent is the entry"
        mend = f"Write entry=True on one class, class FrontDesk(Agent, entry=True): {listed(sorted(chosen))}"
        problems.append(Problem(where=package, message=message, mend=mend))
    return None


def _unreachable(definition: Definition, named: dict[str, type[Agent]]) -> list[Problem]:
    reached = {definition.entry}
    waiting = [definition.entry]
    while waiting:
        for target in _targets(definition.agents[waiting.pop()]) - reached:
            reached.add(target)
            waiting.append(target)
    return [
        Problem(
            where=class_path(agent),
            message=f"no handoff leads from {definition.entry!r} to it",
            mend="Hand over to it somewhere; until then only a client that asks for it by name gets there",
            severity="warning",
        )
        for name, agent in named.items()
        if name not in reached
    ]


def _targets(agent: AgentSpec) -> set[str]:
    return {handoff.target for handoff in agent.handoffs if handoff.target != BACK}
