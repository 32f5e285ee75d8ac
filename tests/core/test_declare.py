import pytest

from orchestrator.core.agents import Agent
from orchestrator.core.declare import compile_agents, define
from orchestrator.core.errors import DeclarationError
from orchestrator.core.handoffs import Handoff
from orchestrator.core.tools import Tool

pytestmark = pytest.mark.unit


class Triage(Agent, entry=True):
    """Answers the phone."""

    instructions = "Be quick."
    handoffs = [Handoff("restaurant", when="food")]


class Restaurant(Agent):
    """Takes orders."""

    instructions = "Be kind."
    handoffs = [Handoff.back(when="done")]


class Base(Agent, abstract=True):
    """Never loaded."""


ENTRY_MEND = "Write entry=True on one class, class FrontDesk(Agent, entry=True)"
UNREACHABLE_MEND = "Hand over to it somewhere; until then only a client that asks for it by name gets there."


def problems_of(*classes: type[Agent], entry: str | None = None) -> list[str]:
    return [str(problem) for problem in compile_agents(classes, entry)[1]]


def declared(name: str, /, **attributes: object) -> type[Agent]:
    given = {"__module__": "app", "__doc__": "Does it.", "instructions": "Be kind.", **attributes}
    return type(name, (Agent,), given)


def test_classes_become_a_definition() -> None:
    definition, problems = compile_agents([Triage, Base, Restaurant, Triage])
    assert problems == []
    assert definition is not None
    assert list(definition.agents) == ["triage", "restaurant"]
    assert definition.entry == "triage"
    assert (
        definition.agents["triage"]
        .handoffs[0]
        .description.startswith("Hand the caller over to restaurant. Takes orders.")
    )


def test_a_setting_chooses_another_entry() -> None:
    definition, problems = compile_agents([Triage, Restaurant], "restaurant")
    assert definition is not None
    assert definition.entry == "restaurant"
    assert [str(problem) for problem in problems] == [
        f"{__name__}.Triage: no handoff leads from 'restaurant' to it. {UNREACHABLE_MEND}"
    ]


def test_the_only_agent_is_the_entry() -> None:
    assert define([Restaurant]).entry == "restaurant"


def test_an_agent_that_is_reached_over_another_is_reachable() -> None:
    first = declared("First", handoffs=[Handoff("second", when="x")])
    second = declared("Second", handoffs=[Handoff("third", when="x"), Handoff("first", when="x")])
    assert problems_of(first, second, declared("Third"), entry="first") == []


@pytest.mark.parametrize(
    ("classes", "entry", "problem"),
    [
        ([], None, "agents: holds no agents. Write a class that inherits from orchestrator.Agent."),
        ([Base], None, "agents: holds no agents. Write a class that inherits from orchestrator.Agent."),
        ([Triage, Restaurant], "triag", "agents: there is no default agent 'triag'. Write 'triage'."),
        (
            [Triage, Restaurant],
            "xyz",
            "agents: there is no default agent 'xyz'. Write restaurant or triage.",
        ),
        (
            [declared("One"), declared("Two")],
            None,
            f"agents: no agent is the entry. {ENTRY_MEND}: one or two.",
        ),
        (
            [declared("One"), declared("Two", name="one")],
            None,
            "app.Two.name: app.One is named 'one' too. Give one another name: name = \"…\".",
        ),
        (
            [declared("One", name="front desk")],
            None,
            "app.One.name: 'front desk' is no name for an agent. Use letters, digits, _ and -",
        ),
        (
            [declared("One", name="x" * 53)],
            None,
            f"app.One.name: {'x' * 53!r} is no name for an agent. Use letters, digits, _ and -",
        ),
        (
            [declared("One", name=3)],
            None,
            "app.One.name: 3 is no name for an agent. Use letters, digits, _ and",
        ),
        (
            [declared("One", __doc__=None)],
            None,
            "app.One.__doc__: has no docstring. Say in a sentence what it does; other agents and the",
        ),
    ],
)
def test_what_is_wrong_with_the_whole_is_told(
    classes: list[type[Agent]], entry: str | None, problem: str
) -> None:
    [found] = problems_of(*classes, entry=entry)
    assert found.startswith(problem)


def test_two_entries_are_one_too_many() -> None:
    class Second(Agent, entry=True):
        """Answers, too."""

        instructions = "Be kind."
        handoffs = [Handoff("triage", when="x")]

    [problem] = problems_of(Triage, Restaurant, Second)
    assert problem.startswith(
        "agents: more than one agent says that it is the entry. Write entry=True on one "
    )


def test_a_longest_name_still_makes_a_function_that_can_be_called() -> None:
    name = "x" * 52
    first = declared("First", handoffs=[Handoff(name, when="x")])
    definition, problems = compile_agents([first, declared("Second", name=name)], "first")
    assert problems == []
    assert definition is not None
    assert len(definition.agents["first"].handoffs[0].function) == 64


def test_a_class_that_cannot_be_named_is_checked_all_the_same() -> None:
    agent = declared("One", name="a b", voice=3)
    assert [problem.partition(": ")[0] for problem in problems_of(agent)] == ["app.One.name", "app.One.voice"]


def test_problems_of_all_classes_are_told_at_once() -> None:
    one = declared("One", voise="x", tools=[Tool(name="a b", description="d")])
    two = declared("Two", handoffs=[Handoff("tree", when="x")])
    assert [problem.partition(": ")[0] for problem in problems_of(one, two)] == [
        "app.One.voise",
        "app.One.tools.a b.name",
        "app.Two.handoffs.tree.target",
        "agents",
    ]


def test_a_definition_of_wrong_classes_is_refused_with_every_error() -> None:
    agent = declared("One", voice=3, reload="x", __doc__=None)
    with pytest.raises(DeclarationError) as caught:
        define([agent])
    assert caught.value.code == "bad_declaration"
    lines = caught.value.message.splitlines()
    assert lines[0] == "2 problems in the declaration of agents:"
    assert lines[1].startswith("  app.One.voice: 3 is no text.")
    assert lines[2].startswith("  app.One.reload: 'x' is not known.")
    assert len(lines) == 3


def test_a_single_error_is_counted_as_one() -> None:
    with pytest.raises(
        DeclarationError, match=r"^One problem in the declaration of agents:\n  app\.One\.voice"
    ):
        define([declared("One", voice=3)])
