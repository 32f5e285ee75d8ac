from __future__ import annotations

import asyncio
from decimal import Decimal

from orchestrator import Agent, Handoff, State, Tool, ToolContext, ToolError, tool


class Basket(State):
    """What the customer takes."""

    loaves: int = 0
    total: Decimal = Decimal(0)


@tool
async def add_loaves(ctx: ToolContext, basket: Basket, count: int) -> str:
    """Put loaves into the basket.

    Args:
        count: How many.
    """
    basket.loaves += count
    basket.total += Decimal("3.10") * count
    ctx.record("sale", {"loaves": count})
    return f"{basket.loaves} loaves"


@tool
def look_up_hours(day: str) -> str:
    """Tell when the bakery is open.

    Args:
        day: Of the week.
    """
    return f"open on {day} from 7 to 18"


@tool
def burn() -> str:
    """Fail on purpose."""
    raise ToolError("The oven is cold.")


@tool
def break_down() -> str:
    """Fail by accident, with a secret in the message."""
    raise RuntimeError("password hunter2")


@tool(timeout=0.05)
async def wait_for_ever() -> None:
    """Never answer."""
    await asyncio.Event().wait()


class Counter(Agent, entry=True):
    """Sells bread."""

    instructions = "You sell bread. SECRET-INSTRUCTIONS"
    voice = "marin"
    state = Basket
    tools = [
        add_loaves,
        look_up_hours,
        burn,
        break_down,
        wait_for_ever,
        Tool(
            name="show_map",
            description="Show the way, on the customer's own screen.",
            parameters={"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]},
        ),
    ]
    handoffs = [Handoff("kitchen", when="anything about cakes")]


class Kitchen(Agent):
    """Bakes cakes."""

    instructions = "You bake cakes."
    voice = "cedar"
    state = Basket
    tools = [add_loaves]
    handoffs = [Handoff.back(when="the cake is settled")]
