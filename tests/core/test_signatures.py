import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from orchestrator.core.json_value import JsonObject
from orchestrator.core.problems import Findings
from orchestrator.core.signatures import Signature, read_documentation, read_signature
from orchestrator.core.state import State
from orchestrator.core.tools import ToolContext
from tests.core.json_paths import at

pytestmark = pytest.mark.unit


class Cart(State):
    items: list[str] = []


class Guest(State):
    name: str = ""


class Colour(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


class Line(BaseModel):
    item: str
    price: Decimal = Decimal("1.10")


def read(function: Callable[..., object]) -> Signature:
    findings = Findings("test")
    signature = read_signature(function, read_documentation(function), findings)
    assert findings.problems == []
    assert signature is not None
    return signature


def refused(function: Callable[..., object]) -> str:
    findings = Findings("test")
    assert read_signature(function, read_documentation(function), findings) is None
    [problem] = findings.problems
    return str(problem)


def called(function: Callable[..., object], arguments: JsonObject) -> object:
    context = ToolContext(conversation_id="conv", agent="a", tool_call_id="call")
    return read(function).bind(context, arguments)()


def everything(
    ctx: ToolContext,
    cart: Cart,
    item: str,
    colour: Colour,
    size: Literal["small", "large"] = "small",
    quantity: Annotated[int, Field(ge=1, description="From the annotation.")] = 1,
    line: Line | None = None,
    extras: Sequence[str] = (),
    price: Decimal = Field(Decimal("2.50"), description="From the default."),  # noqa: B008
) -> object:
    """Add an item.

    And say so.

    Args:
        item: What
            to add.
        quantity: From the docstring.
        price: From the docstring.
        ctx: Never told.

    Returns:
        Everything.
    """
    return (ctx.agent, cart, item, colour, size, quantity, line, extras, price)


def test_a_docstring_is_taken_apart() -> None:
    documentation = read_documentation(everything)
    assert documentation.description == "Add an item.\n\nAnd say so."
    assert documentation.parameters["item"] == "What to add."


def test_a_function_without_a_docstring_has_no_description() -> None:
    def bare() -> None: ...

    assert read_documentation(bare).description == ""


def test_a_docstring_that_cannot_be_parsed_is_all_description() -> None:
    def odd() -> None:
        """Do it.

        Raises:
            nothing at all
            x:
        """

    assert read_documentation(odd).description.startswith("Do it.")


def test_the_schema_has_what_the_model_fills_in_and_nothing_that_is_injected() -> None:
    parameters = read(everything).parameters
    assert parameters["type"] == "object"
    assert parameters["additionalProperties"] is False
    assert parameters["required"] == ["item", "colour"]
    properties = parameters["properties"]
    assert isinstance(properties, dict)
    line, price = properties.pop("line"), properties.pop("price")
    assert properties == {
        "item": {"type": "string", "description": "What to add."},
        "colour": {"type": "string", "enum": ["red", "blue"]},
        "size": {"type": "string", "enum": ["small", "large"], "default": "small"},
        "quantity": {"type": "integer", "minimum": 1, "default": 1, "description": "From the annotation."},
        "extras": {"type": "array", "items": {"type": "string"}, "default": []},
    }
    assert at(line, "anyOf", 0, "properties", "item") == {"type": "string"}
    assert at(line, "anyOf", 0, "additionalProperties") is False
    assert at(line, "anyOf", 1) == {"type": "null"}
    assert at(line, "default") is None
    assert at(price, "description") == "From the default."
    assert at(price, "default") == "2.50"


def test_arguments_are_coerced_and_defaults_filled_in() -> None:
    result = called(everything, {"item": "pizza", "colour": "red", "line": {"item": "coke"}, "price": 2.5})
    assert result == (
        "a",
        Cart(),
        "pizza",
        Colour.RED,
        "small",
        1,
        Line(item="coke"),
        (),
        Decimal("2.5"),
    )


def test_the_states_are_those_of_the_parameters_and_of_the_return_type() -> None:
    def change(guest: Guest) -> Cart:
        return Cart(items=[guest.name])

    assert read(everything).states == (Cart,)
    assert read(change).states == (Guest, Cart)


def test_a_state_that_is_taken_and_returned_is_named_once() -> None:
    def change(cart: Cart) -> Cart:
        return cart

    assert read(change).states == (Cart,)


def test_an_annotated_state_is_injected_too() -> None:
    def change(cart: Annotated[Cart, "the order"], context: Annotated[ToolContext, "x"]) -> object:
        return cart, context.agent

    assert read(change).parameters["properties"] == {}
    assert called(change, {}) == (Cart(), "a")


def test_parameters_may_be_called_what_attributes_of_models_are_called() -> None:
    def odd(schema: str, copy: int, model_config: str, _private: str, self_: int = 2) -> object:
        return schema, copy, model_config, _private, self_

    arguments: JsonObject = {"schema": "a", "copy": 1, "model_config": "b", "_private": "c"}
    assert called(odd, arguments) == ("a", 1, "b", "c", 2)


def test_parameters_by_position_or_by_name_alone_are_filled_in() -> None:
    def mixed(first: int, /, second: int, *, third: int = 3) -> object:
        return first, second, third

    assert called(mixed, {"first": 1, "second": 2}) == (1, 2, 3)


def test_annotations_that_are_written_as_text_are_read() -> None:
    def later(line: "Line", cart: "Cart") -> object:
        return line, cart

    assert called(later, {"line": {"item": "a"}}) == (Line(item="a"), Cart())


def test_a_default_is_not_shared_between_calls() -> None:
    def keep(names: list[str] = []) -> list[str]:  # noqa: B006 - the point of the test
        names.append("x")
        return names

    signature = read(keep)
    context = ToolContext(conversation_id="conv", agent="a", tool_call_id="call")
    assert [signature.bind(context, {})() for _ in range(2)] == [["x"], ["x"]]


def test_fields_of_nested_types_keep_their_names() -> None:
    @dataclass
    class Item:
        argument_0: int
        name: str = "x"

    def nested(item: Item, other: Item | None = None) -> object:
        return item, other

    assert called(nested, {"item": {"argument_0": 1}, "other": {"argument_0": 2, "name": "y"}}) == (
        Item(1),
        Item(2, "y"),
    )


def star(*names: str) -> None: ...


def double_star(**names: str) -> None: ...


def bare(x) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001


def bare_context(ctx) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001


def method(self) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001


def unknown(x: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821


def optional_state(cart: Cart | None) -> None: ...


def listed_state(carts: list[Cart]) -> None: ...


def twice(one: Cart, other: Cart) -> None: ...


def unspeakable(x: object = object()) -> None: ...


class Plain: ...


def plain(x: Plain) -> None: ...


def yields() -> Iterator[int]:
    yield 1


async def yields_slowly() -> object:
    yield 1


class Callable_:  # noqa: N801
    def __call__(self) -> None: ...


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (star, "test.*names: str: cannot be described to a model. Name each parameter"),
        (double_star, "test.**names: str: cannot be described to a model. Name each parameter"),
        (bare, "test.x: has no annotation. Write its type, such as x: str."),
        (bare_context, "test.ctx: has no annotation. Write its type, such as ctx: ToolContext."),
        (method, "test.self: has no annotation. Take it out: a tool is a plain function."),
        (unknown, "test: has an annotation that cannot be read (NameError: name 'Nowhere' is not defined)."),
        (optional_state, "test.cart: wraps an injected type in another. Annotate it with"),
        (listed_state, "test.carts: wraps an injected type in another. Annotate it with"),
        (twice, "test: takes the same state twice. Take each state by one parameter."),
        (unspeakable, "test: has a parameter that JSON cannot carry ("),
        (plain, "test: has a parameter that JSON cannot carry ("),
        (yields, "test: yields. Return one result; call ctx.say_progress to speak in between."),
        (yields_slowly, "test: yields. Return one result; call ctx.say_progress to speak in between."),
        (Callable_(), "test: is no function. Decorate a function or an async function."),
    ],
)
def test_a_signature_that_cannot_be_used_is_told(function: Callable[..., object], message: str) -> None:
    assert refused(function).startswith(message)
