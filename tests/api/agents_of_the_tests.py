"""Two agents with a tool of every kind, and a brain that does what it is told in plain words."""

import asyncio
import json
from collections.abc import AsyncIterator

from orchestrator import Agent, Handoff, InstructionContext, State, Tool, ToolContext, ToolError, tool
from orchestrator.core.declare import compile_agents, require
from orchestrator.core.definition import Definition
from orchestrator.core.json_value import JsonObject
from orchestrator.engine.brain import (
    BrainContext,
    BrainEvent,
    TextDelta,
    TokensUsed,
    ToolCallArguments,
    ToolCallStarted,
)


class Cart(State):
    lines: list[str] = []


@tool
async def add_item(ctx: ToolContext, cart: Cart, item: str, quantity: int = 1) -> Cart:
    """Add something to the cart.

    Args:
        item: What.
        quantity: How many.
    """
    ctx.say_progress("One moment.")
    cart.lines += [item] * quantity
    ctx.record("order", {"item": item})
    return cart


@tool(needs_approval=True)
async def refund(ctx: ToolContext, amount: int) -> str:
    """Give money back."""
    return f"{amount} given back"


@tool
async def broken(ctx: ToolContext) -> str:
    """Fails."""
    raise ToolError("The oven is cold.")


show_map = Tool(name="show_map", description="Shows a map on the caller's screen.")


class Desk(Agent):
    """Welcomes callers."""

    instructions = "Be kind. The secret word is xyzzy."
    voice = "marin"
    state = Cart
    tools = [add_item, refund, broken, show_map]
    handoffs = [Handoff("kitchen", when="the caller is hungry")]


class Kitchen(Agent):
    """Cooks."""

    voice = "cedar"
    state = Cart
    tools = [add_item]
    handoffs = [Handoff("desk", when="anything else")]

    def instructions(self, context: InstructionContext) -> str:
        return f"Cook for whoever {context.previous_agent or 'calls'}."


def definition() -> Definition:
    return require(*compile_agents([Desk, Kitchen], "desk", package="tests"))


class ObedientBrain:
    """Answers `use NAME {…}` by that tool call, `go to NAME` by that handoff, and the rest by an echo.

    Attributes:
        may_go_on: While it is not set, an echo stops after its first words.
    """

    def __init__(self) -> None:
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.calls = 0
        self.contexts: list[BrainContext] = []

    async def respond(self, context: BrainContext) -> AsyncIterator[BrainEvent]:
        self.contexts.append(context)
        last = context.items[-1] if context.items else {}
        text = _text(last) if last.get("role") == "user" else ""
        if text.startswith("use "):
            _, name, arguments = text.split(" ", 2)
            yield self._call(name)
            yield ToolCallArguments(arguments)
        elif text.startswith("go to "):
            yield self._call(f"transfer_to_{text.removeprefix('go to ')}")
            yield ToolCallArguments(json.dumps({"reason": "the caller asked"}))
        else:
            yield TextDelta(f"{context.agent or 'agent'} heard: ")
            await self.may_go_on.wait()
            yield TextDelta(text or str(last.get("output") or "nothing"))
        yield TokensUsed(input_tokens=100, output_tokens=10, cached_tokens=20)

    def _call(self, name: str) -> ToolCallStarted:
        self.calls += 1
        return ToolCallStarted(name, f"call_{self.calls}")


def _text(item: JsonObject) -> str:
    content = item.get("content")
    parts = content if isinstance(content, list) else []
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))
