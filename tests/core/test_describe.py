import json
from decimal import Decimal

import pytest

from orchestrator.core.agents import Agent
from orchestrator.core.declare import define
from orchestrator.core.definition import Definition, InstructionContext, Limits
from orchestrator.core.describe import COMPUTED, describe, dot, graph, mermaid
from orchestrator.core.handoffs import Handoff
from orchestrator.core.state import State
from orchestrator.core.tools import Tool, tool
from tests.core.json_paths import at

pytestmark = pytest.mark.unit


class Cart(State):
    items: list[str] = []


@tool(confirm=True, timeout=3)
def add(cart: Cart, item: str) -> None:
    """Add it."""
    cart.items.append(item)


class Triage(Agent, entry=True):
    """Answers "the" phone."""

    instructions = "Be quick."
    limits = Limits(cost=Decimal("0.50"))
    handoffs = [
        Handoff("restaurant", when='food, "tables" #1'),
        Handoff("night-desk", when="it is late", history="last:3"),
    ]


class Restaurant(Agent):
    """Takes orders."""

    voice = "marin"
    tools = [add, Tool(name="show_map", description="Show a map.")]
    handoffs = [Handoff.back(when="done")]
    hints = {"add": ["a coke"]}

    def instructions(self, context: InstructionContext) -> str:
        return context.agent


class NightDesk(Agent):
    """Nobody is here."""

    name = "night-desk"
    instructions = "Be calm."


@pytest.fixture
def definition() -> Definition:
    return define([Triage, Restaurant, NightDesk])


def test_an_agent_is_described_as_json(definition: Definition) -> None:
    described = describe(definition.agents["restaurant"])
    assert json.loads(json.dumps(described)) == described
    assert described["instructions"] == COMPUTED
    assert described["states"] == [{"name": "cart", "initial": {"items": []}}]
    assert described["hints"] == {"add": ["a coke"]}
    assert at(described, "tools", 0) == {
        "name": "add",
        "description": "Add it.",
        "parameters": {
            "type": "object",
            "properties": {"item": {"type": "string"}},
            "required": ["item"],
            "additionalProperties": False,
            "x-confirm": True,
        },
        "client": False,
        "states": ["cart"],
        "timeout": 3,
        "cancel_on_interrupt": False,
        "needs_approval": False,
        "confirm": True,
        "filler": None,
        "rerun": True,
    }
    assert at(described, "tools", 1, "client") is True
    assert at(described, "handoffs", 0, "target") is None
    assert at(described, "handoffs", 0, "back") is True
    assert at(described, "limits", "cost") is None


def test_money_and_texts_are_described_as_they_are_written(definition: Definition) -> None:
    described = describe(definition.agents["triage"])
    assert described["instructions"] == "Be quick."
    assert at(described, "limits", "cost") == "0.50"
    assert [at(described, "handoffs", each, "history") for each in (0, 1)] == ["full", "last:3"]
    assert at(described, "handoffs", 1, "function") == "transfer_to_night-desk"


def test_the_graph_has_a_node_for_each_agent_and_an_edge_for_each_handoff(definition: Definition) -> None:
    drawn = graph(definition)
    assert at(drawn, "nodes", 1) == {
        "name": "restaurant",
        "description": "Takes orders.",
        "entry": False,
        "enabled": True,
        "voice": "marin",
        "tools": ["add", "show_map"],
    }
    assert at(drawn, "nodes", 0, "entry") is True
    edges = drawn["edges"]
    assert isinstance(edges, list)
    assert [(at(edge, "source"), at(edge, "target"), at(edge, "back")) for edge in edges] == [
        ("triage", "restaurant", False),
        ("triage", "night-desk", False),
        ("restaurant", "triage", True),
    ]


def test_the_graph_is_drawn_for_mermaid(definition: Definition) -> None:
    assert mermaid(definition).splitlines() == [
        "flowchart LR",
        '    agent_triage(["triage"])',
        '    agent_restaurant["restaurant"]',
        '    agent_night_dash_desk["night-desk"]',
        '    agent_triage -- "food, #quot;tables#quot; #35;1" --> agent_restaurant',
        '    agent_triage -- "it is late" --> agent_night_dash_desk',
        '    agent_restaurant -. "done" .-> agent_triage',
    ]


def test_the_graph_is_drawn_for_graphviz(definition: Definition) -> None:
    assert dot(definition).splitlines() == [
        "digraph agents {",
        "    rankdir=LR;",
        "    node [shape=box];",
        '    "triage" [peripheries=2];',
        '    "restaurant";',
        '    "night-desk";',
        '    "triage" -> "restaurant" [label="food, \\"tables\\" #1"];',
        '    "triage" -> "night-desk" [label="it is late"];',
        '    "restaurant" -> "triage" [label="done", style=dashed];',
        "}",
    ]
