import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from pydantic import BaseModel
from sqlalchemy import column, insert, table, text

import orchestrator
from orchestrator.core.definition import ToolResult
from orchestrator.core.errors import ToolError
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.records import Effects, KeptRecord
from orchestrator.core.state import State, StateMismatchError
from orchestrator.core.tools import (
    DONE,
    FunctionTool,
    Tool,
    ToolContext,
    ToolDefectError,
    ToolOptions,
    as_json,
    settle,
    tool,
)

pytestmark = pytest.mark.unit


class Cart(State):
    items: list[str] = []
    total: Decimal = Decimal("0.00")


class Guest(State):
    name: str = ""


class Short(State):
    number: int = 0

    def for_model(self) -> JsonValue:
        return f"number {self.number}"


def context(**states: JsonObject) -> ToolContext:
    return ToolContext(conversation_id="conv_1", agent="restaurant", tool_call_id="call_1", states=states)


async def run(
    function: Callable[[], object], *states: type[State], given: ToolContext | None = None
) -> tuple[ToolResult, Effects]:
    used = given or context()
    result = await settle(used, function, states, "the_tool")
    return result, used.effects(result)


def test_a_context_tells_what_is_answered() -> None:
    made = ToolContext(
        conversation_id="conv_1",
        agent="restaurant",
        tool_call_id="call_1",
        attempt=2,
        metadata={"table": 4},
    )
    assert (made.conversation_id, made.agent, made.tool_call_id, made.attempt) == (
        "conv_1",
        "restaurant",
        "call_1",
        2,
    )
    assert made.metadata == {"table": 4}
    assert made.states == {}
    assert made.end_reason is None
    assert made.effects() == Effects()


def test_a_state_that_was_never_stored_has_its_initial_value() -> None:
    assert context().state(Cart) == Cart()


def test_a_state_has_its_stored_value_and_is_the_same_object_each_time() -> None:
    given = context(cart={"items": ["coke"], "total": "2.50"})
    cart = given.state(Cart)
    assert cart == Cart(items=["coke"], total=Decimal("2.50"))
    assert given.state(Cart) is cart


def test_a_stored_value_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(StateMismatchError):
        context(cart={"items": 3}).state(Cart)


async def test_a_state_that_is_changed_in_place_is_written_back() -> None:
    given = context()
    cart = given.state(Cart)
    result, effects = await run(lambda: cart.items.append("coke"), Cart, given=given)
    assert result.output == DONE
    assert effects.states == {"cart": {"items": ["coke"], "total": "0.00"}}


async def test_a_returned_state_takes_the_place_of_the_old_one() -> None:
    result, effects = await run(lambda: Cart(items=["tea"]), Cart)
    assert result.output == {"items": ["tea"], "total": "0.00"}
    assert effects.states == {"cart": {"items": ["tea"], "total": "0.00"}}


async def test_a_returned_state_wins_over_one_changed_in_place() -> None:
    given = context()
    given.state(Cart).items.append("lost")
    _, effects = await run(lambda: Cart(items=["tea"]), Cart, given=given)
    assert effects.states == {"cart": {"items": ["tea"], "total": "0.00"}}


async def test_a_state_may_tell_the_model_something_shorter() -> None:
    result, effects = await run(lambda: Short(number=3), Short)
    assert result.output == "number 3"
    assert effects.states == {"short": {"number": 3}}


async def test_a_state_that_is_as_before_is_no_effect() -> None:
    stored: JsonObject = {"items": ["coke"], "total": "2.50"}
    given = context(cart=stored)
    result, effects = await run(lambda: given.state(Cart), Cart, given=given)
    assert result.states == {"cart": stored}
    assert effects.states == {}
    assert not effects.any


async def test_a_field_that_was_added_to_the_class_is_no_change_of_the_tool() -> None:
    given = context(cart={"items": ["coke"]})
    _, effects = await run(lambda: given.state(Cart), Cart, given=given)
    assert effects.states == {}


async def test_a_returned_state_that_was_not_declared_is_output_alone() -> None:
    result, effects = await run(lambda: Cart(items=["tea"]))
    assert result.output == {"items": ["tea"], "total": "0.00"}
    assert effects.states == {}


async def test_a_change_of_a_state_that_was_not_declared_is_a_defect() -> None:
    given = context()
    cart = given.state(Cart)
    with pytest.raises(ToolDefectError, match="changed the state cart without declaring it"):
        await run(lambda: cart.items.append("x"), Guest, given=given)


async def test_a_state_may_be_read_without_being_declared() -> None:
    given = context(cart={"items": ["coke"]})
    result, _ = await run(lambda: list(given.state(Cart).items), given=given)
    assert result == ToolResult(["coke"], {})


class Receipt(BaseModel):
    total: Decimal


@dataclass
class Plain:
    total: Decimal


@pytest.mark.parametrize(
    ("returned", "output"),
    [
        (None, DONE),
        ("text", "text"),
        (3, 3),
        ({"a": Decimal("1.10")}, {"a": "1.10"}),
        (Receipt(total=Decimal("1.10")), {"total": "1.10"}),
        (Plain(total=Decimal("1.10")), {"total": "1.10"}),
        ([Receipt(total=Decimal(1)), (1, 2)], [{"total": "1"}, [1, 2]]),
        (float("nan"), None),
    ],
)
async def test_what_a_tool_returns_becomes_json(returned: object, output: JsonValue) -> None:
    result, _ = await run(lambda: returned)
    assert result.output == output


@pytest.mark.parametrize("value", [object(), lambda: None, b"\xff"])
def test_what_json_cannot_say_is_a_defect(value: object) -> None:
    with pytest.raises(ToolDefectError, match="JSON cannot say the output"):
        as_json(value, "the output")


def test_what_contains_itself_is_a_defect() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ToolDefectError):
        as_json(endless, "the output")


async def test_a_plain_function_runs_in_a_thread() -> None:
    result, _ = await run(lambda: threading.current_thread() is threading.main_thread())
    assert result.output is False


async def test_an_async_function_runs_in_the_loop() -> None:
    async def here() -> bool:
        await asyncio.sleep(0)
        return threading.current_thread() is threading.main_thread()

    assert (await settle(context(), here, (), "the_tool")).output is True


async def test_a_plain_function_that_answers_with_an_awaitable_is_awaited() -> None:
    async def later() -> str:
        return "later"

    def wrapped() -> Awaitable[str]:
        return later()

    assert (await settle(context(), wrapped, (), "the_tool")).output == "later"


async def test_a_tool_error_reaches_whoever_ran_the_tool() -> None:
    def refuse() -> None:
        raise ToolError("There is no such pizza.")

    with pytest.raises(ToolError, match=r"There is no such pizza\."):
        await run(refuse)


async def test_a_record_is_kept_as_json() -> None:
    given = context()
    given.record("order", {"total": Decimal("1.10"), "lines": [Receipt(total=Decimal(2))]})
    given.record("receipt", Receipt(total=Decimal(3)))
    assert given.effects().records == (
        KeptRecord(kind="order", data={"total": "1.10", "lines": [{"total": "2"}]}),
        KeptRecord(kind="receipt", data={"total": "3"}),
    )


@pytest.mark.parametrize("data", [["a"], "text", object()])
def test_a_record_that_is_no_mapping_is_a_defect(data: object) -> None:
    with pytest.raises(ToolDefectError, match="record 'order'"):
        context().record("order", data)


def test_statements_are_kept_in_their_order() -> None:
    given = context()
    first, second = insert(table("a", column("b"))).values(b=1), text("SELECT 1")
    given.write(first)
    given.write(second)
    assert given.effects().statements == (first, second)
    assert given.effects().any


def test_what_is_no_statement_is_a_defect() -> None:
    with pytest.raises(ToolDefectError, match="Pass a SQLAlchemy statement"):
        context().write("INSERT INTO a VALUES (1)")


def test_a_tool_may_ask_to_end_the_call() -> None:
    given = context()
    given.end("the caller said goodbye")
    assert given.end_reason == "the caller said goodbye"


def test_progress_is_spoken_where_somebody_listens() -> None:
    said: list[str] = []
    context().say_progress("into the void")
    listening = ToolContext(conversation_id="c", agent="a", tool_call_id="t", speak=said.append)
    listening.say_progress("One moment.")
    assert said == ["One moment."]


def test_the_bare_decorator_makes_a_tool_that_can_still_be_called() -> None:
    @tool
    def double(number: int) -> int:
        """Double it."""
        return 2 * number

    assert isinstance(double, FunctionTool)
    assert isinstance(double, Tool)
    assert double.name == "double"
    assert double.options == ToolOptions()
    assert double.__doc__ == "Double it."
    assert double(4) == 8
    assert repr(double) == "FunctionTool('double')"


async def test_the_decorator_with_options_keeps_them() -> None:
    @tool(
        name="other",
        timeout=5,
        cancel_on_interrupt=True,
        needs_approval=True,
        confirm=True,
        filler="One moment.",
        rerun=False,
    )
    async def double(number: int) -> int:
        return 2 * number

    assert double.name == "other"
    assert double.options == ToolOptions(
        timeout=5,
        cancel_on_interrupt=True,
        needs_approval=True,
        confirm=True,
        filler="One moment.",
        rerun=False,
    )
    assert await double(4) == 8


def test_a_raw_tool_keeps_what_it_was_given() -> None:
    def handler(_: ToolContext, arguments: JsonObject) -> object:
        return arguments

    raw = Tool(
        name="look", description="d", parameters={"type": "object"}, run=handler, state=Cart, timeout=3
    )
    assert (raw.name, raw.description, raw.parameters, raw.handler, raw.state, raw.options.timeout) == (
        "look",
        "d",
        {"type": "object"},
        handler,
        Cart,
        3,
    )
    assert repr(raw) == "Tool('look')"


def test_an_author_imports_exactly_these_names() -> None:
    assert set(orchestrator.__all__) == {
        "Agent",
        "Handoff",
        "HistoryPolicy",
        "InstructionContext",
        "Interruptions",
        "Limits",
        "State",
        "Tool",
        "ToolContext",
        "ToolError",
        "tool",
    }
    assert all(hasattr(orchestrator, name) for name in orchestrator.__all__)
