"""A caller for tests of the offline demo brain: says things, runs its calls, keeps the conversation."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.brain import BrainContext
from orchestrator.engine.demo.deciding import Call, Reply, decide
from tests.engine.session_probe import assistant_message, user_message

Run = Callable[[str, JsonObject], JsonValue]
MOST_ROUNDS = 6


def system_note(text: str) -> JsonObject:
    content: list[JsonValue] = [{"type": "input_text", "text": text}]
    return {"type": "message", "role": "system", "content": content}


def called(reply: Reply) -> list[tuple[str, JsonObject]]:
    return [(call.name, call.arguments) for call in reply.calls]


def context_of(items: Sequence[JsonObject], tools: Sequence[JsonObject], **more: object) -> BrainContext:
    return BrainContext(model="demo", instructions="", items=tuple(items), tools=tuple(tools), **more)  # type: ignore[arg-type]


def first_reply(
    text: str, tools: Sequence[JsonObject], hints: Mapping[str, tuple[str, ...]] | None = None
) -> Reply:
    """What the brain does about the first thing a caller says."""
    return decide(context_of([user_message(text)], tools, hints=hints or {}))


class Caller:
    """One conversation with the brain.

    Args:
        tools: The session's tools.
        run: Answers calls; what it returns becomes the output, text as it is, else as JSON.
        items: What the conversation begins with.
        more: Further fields of the brain's context.
    """

    def __init__(
        self,
        tools: Sequence[JsonObject],
        run: Run = lambda _name, _arguments: {},
        items: Sequence[JsonObject] = (),
        **more: object,
    ) -> None:
        self.tools = tools
        self.run = run
        self.items = list(items)
        self.more = more
        self.calls: list[tuple[str, JsonObject]] = []

    def say(self, text: str) -> str:
        """Say something; answer what the brain says once all of its calls are answered."""
        self.items.append(user_message(text))
        return self.listen()

    def listen(self) -> str:
        """Ask for responses until the brain speaks; it must not go on calling for ever."""
        for _ in range(MOST_ROUNDS):
            reply = decide(context_of(self.items, self.tools, **self.more))
            if reply.text:
                self.items.append(assistant_message(reply.text))
            if not reply.calls:
                return reply.text
            for call in reply.calls:
                self._answer(call)
        raise AssertionError(f"the brain goes on calling: {self.calls}")

    def take_calls(self) -> list[tuple[str, JsonObject]]:
        """The calls since this was last asked."""
        taken, self.calls = self.calls, []
        return taken

    def _answer(self, call: Call) -> None:
        tool_call_id = f"call_{len(self.items)}"
        self.calls.append((call.name, call.arguments))
        output = self.run(call.name, call.arguments)
        arguments = msgspec.json.encode(call.arguments).decode()
        self.items.append(
            {"type": "function_call", "name": call.name, "call_id": tool_call_id, "arguments": arguments}
        )
        written = output if isinstance(output, str) else msgspec.json.encode(output).decode()
        self.items.append({"type": "function_call_output", "call_id": tool_call_id, "output": written})


class Pizzeria:
    """Answers the pizzeria's tools, with a cart; tiramisu is sold out."""

    _PRICES = {"margherita": 950, "pepperoni": 1100, "coke": 250, "garlic_bread": 500}

    def __init__(self) -> None:
        self.cart: dict[str, int] = {}

    def __call__(self, name: str, arguments: JsonObject) -> JsonValue:
        item, quantity = str(arguments.get("item")), arguments.get("quantity", 1)
        if name == "show_menu":
            return {
                "pizzas": [{"name": "Margherita", "price": "9.50"}, {"name": "Pepperoni", "price": "11.00"}],
                "drinks": [{"name": "Coke", "price": "2.50"}],
            }
        if item == "tiramisu":
            return {"error": "tiramisu is sold out", "code": "sold_out"}
        if name == "add_item" and isinstance(quantity, int):
            self.cart[item] = self.cart.get(item, 0) + quantity
        elif name == "change_quantity" and isinstance(quantity, int):
            self.cart[item] = quantity
        elif name == "remove_item":
            self.cart.pop(item, None)
        elif name == "clear_cart":
            self.cart.clear()
        elif name == "checkout":
            return {"order_number": "A-17", "total": self.total, "ready_in_minutes": 20}
        lines: list[JsonValue] = [{"item": one, "quantity": many} for one, many in self.cart.items()]
        return {"lines": lines, "total": self.total}

    @property
    def total(self) -> str:
        return f"{sum(self._PRICES.get(item, 600) * many for item, many in self.cart.items()) / 100:.2f}"
