from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, field_validator
from pydantic_core import to_jsonable_python

from orchestrator.core.definition import ToolResult, ToolSpec
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.problems import Findings, errors_of
from orchestrator.core.schema import NO_PARAMETERS
from orchestrator.core.state import State
from orchestrator.core.tool_specs import CONFIRM, compile_tool
from orchestrator.core.tools import Tool, ToolContext, tool

pytestmark = pytest.mark.unit


class Cart(State):
    items: list[str] = []


class Line(BaseModel):
    item: Literal["pizza", "coke"]
    price: Decimal = Field(Decimal("1.10"), ge=0, allow_inf_nan=False)


def compiled(declared: Tool) -> ToolSpec:
    findings = Findings("agents.Menu")
    made = compile_tool(declared, findings)
    assert errors_of(findings.problems) == []
    assert made is not None
    return made[0]


def problems_of(declared: Tool) -> list[str]:
    findings = Findings("agents.Menu")
    compile_tool(declared, findings)
    return [str(problem).partition(" (/")[0] for problem in findings.problems]


def context() -> ToolContext:
    return ToolContext(conversation_id="conv_1", agent="menu", tool_call_id="call_1")


async def run(spec: ToolSpec, arguments: JsonObject, given: ToolContext | None = None) -> ToolResult:
    assert spec.run is not None
    return await spec.run(given or context(), arguments)


@tool
async def add_item(
    ctx: ToolContext, cart: Cart, line: Line, quantity: Annotated[int, Field(ge=1, le=50)] = 1
) -> Cart:
    """Add something to the order.

    Args:
        quantity: How many.
    """
    cart.items.extend([line.item] * quantity)
    ctx.record("line", line)
    return cart


async def test_a_function_tool_is_described_checked_and_run() -> None:
    spec = compiled(add_item)
    assert spec.name == "add_item"
    assert spec.description == "Add something to the order."
    assert spec.states == ("cart",)
    assert spec.check({"line": {"item": "pizza"}, "quantity": 2}) == ()
    assert [str(violation) for violation in spec.check({"line": {"item": "pasta"}, "quantity": 0})] == [
        'line.item: "pasta" is not allowed; send "pizza" or "coke"',
        "quantity: 0 is less than the minimum of 1; send a whole number from 1 to 50",
    ]
    given = context()
    result = await run(spec, {"line": {"item": "pizza"}, "quantity": 2}, given)
    assert result == ToolResult({"items": ["pizza", "pizza"]}, {"cart": {"items": ["pizza", "pizza"]}})
    effects = given.effects(result)
    assert effects.states == {"cart": {"items": ["pizza", "pizza"]}}
    assert [record.data for record in effects.records] == [{"item": "pizza", "price": "1.10"}]


def test_the_options_are_those_of_the_declaration() -> None:
    @tool(
        name="empty",
        timeout=2.5,
        cancel_on_interrupt=True,
        needs_approval=True,
        confirm=True,
        filler="One moment.",
        rerun=False,
    )
    def empty_cart(cart: Cart) -> None:
        """Empty the cart."""
        cart.items.clear()

    spec = compiled(empty_cart)
    assert (spec.name, spec.timeout, spec.filler) == ("empty", 2.5, "One moment.")
    assert spec.cancel_on_interrupt
    assert spec.needs_approval
    assert spec.confirm
    assert not spec.rerun
    assert spec.parameters == {**NO_PARAMETERS, CONFIRM: True}


def test_a_tool_that_need_not_be_confirmed_says_nothing_of_it() -> None:
    assert CONFIRM not in compiled(add_item).parameters


async def test_what_pydantic_alone_can_refuse_is_a_violation_too() -> None:
    class Table(BaseModel):
        people: int

        @field_validator("people")
        @classmethod
        def even(cls, people: int) -> int:
            if people % 2:
                raise ValueError("tables are for an even number of people")
            return people

    @tool
    def reserve(table: Table) -> int:
        """Reserve."""
        return table.people

    spec = compiled(reserve)
    [violation] = spec.check({"table": {"people": 3}})
    assert str(violation) == "table.people: tables are for an even number of people"
    assert (await run(spec, {"table": {"people": 4}})).output == 4


def test_a_validator_that_fails_in_another_way_is_told_and_does_not_escape() -> None:
    class Broken(BaseModel):
        name: str

        @field_validator("name")
        @classmethod
        def look_up(cls, name: str) -> str:
            return {"a": "b"}[name]

    @tool
    def use(broken: Broken) -> str:
        """Use it."""
        return broken.name

    [violation] = compiled(use).check({"broken": {"name": "x"}})
    assert violation.message == "the arguments could not be read (KeyError)"


async def test_a_raw_tool_is_checked_and_run_with_its_arguments() -> None:
    async def handler(ctx: ToolContext, arguments: JsonObject) -> object:
        ctx.state(Cart).items.append(str(arguments["item"]))
        return {"agent": ctx.agent}

    spec = compiled(
        Tool(
            name="look",
            description=" Look it up. ",
            parameters={"type": "object", "properties": {"item": {"type": "string"}}, "required": ["item"]},
            run=handler,
            state=[Cart],
            confirm=True,
        )
    )
    assert spec.description == "Look it up."
    assert spec.states == ("cart",)
    assert spec.parameters[CONFIRM] is True
    assert [str(violation) for violation in spec.check({})] == ["item: is missing; send text"]
    result = await run(spec, {"item": "coke"})
    assert result == ToolResult({"agent": "menu"}, {"cart": {"items": ["coke"]}})


async def test_a_raw_tool_may_have_a_plain_function_and_no_parameters() -> None:
    spec = compiled(Tool(name="now", description="Tell the time.", run=lambda _, __: "noon"))
    assert spec.parameters == NO_PARAMETERS
    assert spec.check({"a": 1}) != ()
    assert (await run(spec, {})).output == "noon"


def test_a_tool_without_a_function_is_a_client_tool() -> None:
    spec = compiled(Tool(name="show_map", description="Show a map.", parameters={"type": "object"}))
    assert spec.run is None


def no_docstring() -> None: ...


def one_parameter(_: object) -> None: ...


def handler(_: ToolContext, arguments: JsonObject) -> object:
    return arguments


def described(value: object) -> Callable[[], None]:
    def function() -> None:
        """Do it."""

    function.__name__ = str(value)
    return function


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        (
            Tool(name="look up", description="d"),
            "tools.look up.name: 'look up' is no name that a model can call. Use letters",
        ),
        (Tool(name="", description="d"), "tools..name: '' is no name that a model can call."),
        (tool(described("x" * 65)), f"tools.{'x' * 65}.name: '{'x' * 65}' is no name that a model can call."),
        (
            Tool(name="t", description="d", timeout=0),
            "tools.t.timeout: 0 is no time. Write seconds above 0, or None for the agent's limit.",
        ),
        (Tool(name="t", description="d", timeout="5"), "tools.t.timeout: '5' is no time."),  # type: ignore[arg-type]
        (
            Tool(name="t", description="d", confirm="yes"),  # type: ignore[arg-type]
            "tools.t.confirm: 'yes' is neither True nor False. Write True or False.",
        ),
        (Tool(name="t", description="d", filler=" "), "tools.t.filler: ' ' cannot be spoken."),
        (Tool(name="t"), "tools.t: has no description. Tell the model what it does"),
        (tool(no_docstring), "tools.no_docstring: has no description. Tell the model what it does"),
        (
            Tool(name="t", description=3),  # type: ignore[arg-type]
            "tools.t.description: is no text. Tell the model what the tool does, in a sentence.",
        ),
        (
            Tool(name="t", description="d", run=one_parameter),  # type: ignore[arg-type]
            "tools.t.run: cannot be called as handler(context, arguments). Give it these two parameters.",
        ),
        (
            Tool(name="t", description="d", run="handler"),  # type: ignore[arg-type]
            "tools.t.run: cannot be called as handler(context, arguments).",
        ),
        (
            Tool(name="t", description="d", run=handler, state=int),  # type: ignore[arg-type]
            "tools.t.state: holds what is no State class. Write a State class, or a list of them.",
        ),
        (
            Tool(name="t", description="d", state=Cart),
            "tools.t.state: a client tool changes no state. Leave state out, or give it a handler as run.",
        ),
        (
            Tool(name="t", description="d", parameters={"type": "string"}),
            'tools.t.parameters.type: arguments are always an object. Write "type": "object".',
        ),
        (
            Tool(
                name="t", description="d", parameters={"type": "object", "properties": {"a": {"type": "int"}}}
            ),
            'tools.t.parameters.properties.a.type: "int" is not allowed. Send "array"',
        ),
        (
            Tool(name="t", description="d", parameters={"type": "object", "requird": ["a"]}),
            "tools.t.parameters: 'requird' is no keyword of JSON Schema. Write 'required'.",
        ),
    ],
)
def test_what_is_wrong_with_a_tool_is_told(declared: Tool, problem: str) -> None:
    [found] = problems_of(declared)
    assert found.startswith(f"agents.Menu.{problem}")


def test_a_flaw_that_an_annotation_brings_into_the_schema_is_told() -> None:
    @tool
    def use(name: Annotated[str, Field(json_schema_extra={"enum": "a"})]) -> str:
        """Use it."""
        return name

    [problem] = problems_of(use)
    assert problem == 'agents.Menu.tools.use.parameters.properties.name.enum: "a" is text. Send a list.'


def test_a_problem_of_a_function_names_its_file_and_line() -> None:
    @tool
    def broken(x) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        """Do it."""

    findings = Findings("agents.Menu")
    assert compile_tool(broken, findings) is None
    [problem] = findings.problems
    assert problem.file == __file__
    assert problem.line is not None
    assert problem.attribute == "tools.broken.x"


@tool
def echo(
    whole: Annotated[int, Field(ge=-9, le=9)],
    kind: Literal["a", "b"],
    day: date,
    money: Annotated[Decimal, Field(allow_inf_nan=False)],
    lines: Annotated[list[Line], Field(max_length=3)],
    text: str = "",
    maybe: bool | None = None,
) -> list[object]:
    """Give everything back."""
    return [whole, kind, day, money, lines, text, maybe]


ECHO = compiled(echo)
FINITE = st.decimals(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(
    st.tuples(
        st.integers(-9, 9),
        st.sampled_from(["a", "b"]),
        st.dates(),
        FINITE,
        st.lists(st.builds(Line, price=FINITE.filter(lambda price: price >= 0)), max_size=3),
        st.text(),
        st.none() | st.booleans(),
    )
)
async def test_arguments_survive_the_way_through_json_and_back(values: tuple[object, ...]) -> None:
    names = ("whole", "kind", "day", "money", "lines", "text", "maybe")
    arguments: JsonObject = to_jsonable_python(dict(zip(names, values, strict=True)))
    assert ECHO.check(arguments) == ()
    assert (await run(ECHO, arguments)).output == to_jsonable_python(list(values))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("2026-11-20"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["item", "price"]), inner),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["whole", "kind", "day", "money", "lines", "text", "maybe"]), ANYTHING)
)
async def test_what_the_check_lets_through_can_be_run(arguments: dict[str, JsonValue]) -> None:
    if ECHO.check(arguments) == ():
        assert (await run(ECHO, arguments)).output is not None
