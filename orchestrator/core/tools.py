"""Tools: functions that a model may call, declared by a decorated function or by a JSON Schema."""

import asyncio
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, ParamSpec, TypeVar, overload

from pydantic_core import PydanticSerializationError, to_jsonable_python

from orchestrator.core.definition import ToolResult
from orchestrator.core.errors import OrchestratorError
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.records import Effects, KeptRecord
from orchestrator.core.state import State

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=State)

Handler = Callable[["ToolContext", JsonObject], object]
"""What answers a tool that is declared by a JSON Schema: sync or async, given checked arguments."""

DONE = "done"
"""What the model is told when a tool returns nothing."""


class ToolDefectError(OrchestratorError):
    """A tool did what no tool may do: a bug of the tool, not of its arguments."""

    code = "tool_defect"


class ToolContext:
    """What a tool knows of the call it answers, and where it leaves its effects.

    Effects are kept as data. They are applied in the transaction that stores the tool's output, once, however
    often the tool runs; a tool that raises leaves none.

    Attributes:
        conversation_id: Which conversation.
        agent: Name of the agent that called.
        tool_call_id: The call that is answered; the same in every attempt.
        attempt: 1, 2, 3 …
        states: Values of the conversation's states before the run, by name, as JSON data.
        metadata: What the client said of the conversation when it created it.
        end_reason: Why the call is to end after the reply, None when it goes on.
        replay: Whether a stored conversation is only lived again: what reaches outside is to be left alone.
    """

    def __init__(
        self,
        *,
        conversation_id: str,
        agent: str,
        tool_call_id: str,
        attempt: int = 1,
        states: Mapping[str, JsonObject] | None = None,
        metadata: Mapping[str, JsonValue] | None = None,
        speak: Callable[[str], None] | None = None,
    ) -> None:
        self.conversation_id = conversation_id
        self.agent = agent
        self.tool_call_id = tool_call_id
        self.attempt = attempt
        self.states: Mapping[str, JsonObject] = dict(states or {})
        self.metadata: Mapping[str, JsonValue] = dict(metadata or {})
        self.end_reason: str | None = None
        self.replay = False
        self._speak = speak
        self._open: dict[str, State] = {}
        self._before: dict[str, JsonObject] = {}
        self._records: list[KeptRecord] = []
        self._statements: list[object] = []

    def state(self, kind: type[S]) -> S:
        """The present value of a state; the same object each time, so changes to it are kept.

        A tool declared by a JSON Schema names the states it changes in `Tool(state=…)`.

        Raises:
            StateMismatchError: The stored value does not fit the class.
        """
        name = kind.state_name()
        held = self._open.get(name)
        if not isinstance(held, kind):
            value = self.states.get(name)
            held = kind() if value is None else kind.from_stored(value)
            self._open[name] = held
            self._before[name] = held.to_stored()
        return held

    def replace_state(self, state: State) -> None:
        """Put a new value in the place of a state; returning it from the tool does the same."""
        self.state(type(state))
        self._open[state.state_name()] = state

    def record(self, kind: str, data: object) -> None:
        """Leave a durable row behind, such as an order.

        Args:
            kind: What it is, e.g. `order`.
            data: A mapping or a pydantic model.

        Raises:
            ToolDefectError: It is neither, or holds what JSON cannot say.
        """
        value = as_json(data, f"the record {kind!r}")
        if not isinstance(value, dict):
            raise ToolDefectError(f"The record {kind!r} is no mapping and no pydantic model. Pass one.")
        self._records.append(KeptRecord(kind=kind, data=value))

    def write(self, statement: object) -> None:
        """Add a SQLAlchemy statement on the application's own tables to the settlement's transaction.

        Raises:
            ToolDefectError: It is no executable statement.
        """
        if not getattr(statement, "supports_execution", False):
            raise ToolDefectError(
                f"ToolContext.write was given a {type(statement).__name__}. Pass a SQLAlchemy statement, "
                "such as insert(table).values(…)."
            )
        self._statements.append(statement)

    def end(self, reason: str = "the agent ended the call") -> None:
        """Ask to hang up once the reply to this tool call was spoken."""
        self.end_reason = reason

    def say_progress(self, text: str) -> None:
        """Have a short line spoken while the tool still runs; nothing happens where nobody listens."""
        if self._speak is not None:
            self._speak(text)

    def states_after(self) -> dict[str, JsonObject]:
        """Every state that was looked at, as it is now, by name.

        Raises:
            StateMismatchError: One was given a value that does not fit its class.
        """
        return {name: state.to_stored() for name, state in self._open.items()}

    def effects(self, result: ToolResult | None = None) -> Effects:
        """What the run changes: for whoever ran the tool, after it returned.

        Args:
            result: What the tool answered; its states are left out where they are as before.
        """
        after = result.states if result is not None else {}
        return Effects(
            states={name: value for name, value in after.items() if value != self._before.get(name)},
            records=tuple(self._records),
            statements=tuple(self._statements),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOptions:
    """How a tool is run; the attributes of `ToolSpec` of the same names."""

    timeout: float | None = None
    cancel_on_interrupt: bool = False
    needs_approval: bool = False
    confirm: bool = False
    filler: str | None = None
    rerun: bool = True


class Tool:
    """A function that a model may call, declared by a JSON Schema.

    Args:
        name: Unique within an agent; letters, digits, `_` and `-`, at most 64.
        description: What the model is told of it.
        parameters: JSON Schema (Draft 2020-12) of its arguments, an object; None when it takes none.
        run: `handler(context, arguments)`, sync or async; None for a client tool, answered by the client.
        state: States that the handler changes through `context.state(…)`.
        timeout: Seconds that it may run, None for the agent's limit.
        cancel_on_interrupt: Whether an interruption by the caller cancels it.
        needs_approval: Whether an operator must approve each run.
        confirm: Whether the caller should be asked first (destructive or costly).
        filler: Said to the caller when it is slow.
        rerun: Whether it may run again when a crash left it unanswered; False for what reaches outside.
    """

    def __init__(
        self,
        *,
        name: str,
        description: str = "",
        parameters: JsonObject | None = None,
        run: Handler | None = None,
        state: type[State] | tuple[type[State], ...] | list[type[State]] = (),
        timeout: float | None = None,
        cancel_on_interrupt: bool = False,
        needs_approval: bool = False,
        confirm: bool = False,
        filler: str | None = None,
        rerun: bool = True,
    ) -> None:
        self.name = name
        self.description = description
        self.parameters = parameters
        self.handler = run
        self.state = state
        self.options = ToolOptions(
            timeout=timeout,
            cancel_on_interrupt=cancel_on_interrupt,
            needs_approval=needs_approval,
            confirm=confirm,
            filler=filler,
            rerun=rerun,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class FunctionTool(Tool, Generic[P, R]):
    """A tool made of a function by `@tool`; calling it calls the function, as in a unit test."""

    def __init__(
        self, function: Callable[P, R], *, name: str | None = None, options: ToolOptions | None = None
    ) -> None:
        super().__init__(name=getattr(function, "__name__", "") if name is None else name)
        self.function = function
        self.options = options or ToolOptions()
        functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function as it was written."""
        return self.function(*args, **kwargs)


@overload
def tool(function: Callable[P, R], /) -> FunctionTool[P, R]: ...


@overload
def tool(
    *,
    name: str | None = None,
    timeout: float | None = None,
    cancel_on_interrupt: bool = False,
    needs_approval: bool = False,
    confirm: bool = False,
    filler: str | None = None,
    rerun: bool = True,
) -> Callable[[Callable[P, R]], FunctionTool[P, R]]: ...


def tool(
    function: Callable[P, R] | None = None,
    /,
    *,
    name: str | None = None,
    timeout: float | None = None,
    cancel_on_interrupt: bool = False,
    needs_approval: bool = False,
    confirm: bool = False,
    filler: str | None = None,
    rerun: bool = True,
) -> FunctionTool[P, R] | Callable[[Callable[P, R]], FunctionTool[P, R]]:
    """Make a tool of a function, sync or async: `@tool`, or `@tool(timeout=5)`.

    The schema comes from the signature: every parameter has an annotation that pydantic understands. A
    `ToolContext` parameter and parameters of a `State` class are injected and not part of it. The docstring
    describes the tool; its Google-style `Args:` section describes the parameters. What the function returns
    becomes the output; a returned state also becomes that state's new value. Sync functions run in a thread.

    Raise `ToolError` to tell the model why something cannot be done.

    Args:
        function: When used bare.
        name: Instead of the function's name.
        timeout: Seconds that it may run, None for the agent's limit.
        cancel_on_interrupt: Whether an interruption by the caller cancels it.
        needs_approval: Whether an operator must approve each run.
        confirm: Whether the caller should be asked first (destructive or costly).
        filler: Said to the caller when it is slow.
        rerun: Whether it may run again when a crash left it unanswered; False for what reaches outside.
    """
    options = ToolOptions(
        timeout=timeout,
        cancel_on_interrupt=cancel_on_interrupt,
        needs_approval=needs_approval,
        confirm=confirm,
        filler=filler,
        rerun=rerun,
    )
    if function is not None:
        return FunctionTool(function, name=name, options=options)
    return lambda decorated: FunctionTool(decorated, name=name, options=options)


def as_json(value: object, what: str) -> JsonValue:
    """Turn what a tool made into JSON data: pydantic models, dataclasses, decimals, dates, enums and so on.

    Args:
        value: What it made.
        what: How to name it in an error.

    Raises:
        ToolDefectError: JSON cannot say it.
    """
    try:
        result: JsonValue = to_jsonable_python(value, inf_nan_mode="null")
    except (PydanticSerializationError, RecursionError, ValueError):
        raise ToolDefectError(
            f"JSON cannot say {what}, a {type(value).__name__}. Return text, numbers, lists, mappings or "
            "pydantic models."
        ) from None
    return result


async def settle(
    context: ToolContext, function: Callable[[], object], states: tuple[type[State], ...], name: str
) -> ToolResult:
    """Run a tool's function and make its result of what it returned and of the states it changed.

    Args:
        context: Of the call.
        function: Joined with all its arguments.
        states: The state classes that it may change.
        name: Of the tool, for errors.

    Raises:
        ToolDefectError: It returned what JSON cannot say, or changed a state that it did not declare.
    """
    returned = await _call(function)
    if isinstance(returned, State) and type(returned) in states:
        context.replace_state(returned)
    after = context.states_after()
    declared = {state.state_name() for state in states}
    changed = context.effects(ToolResult(None, after)).states
    if undeclared := sorted(changed.keys() - declared):
        raise ToolDefectError(
            f"The tool {name!r} changed the state {', '.join(undeclared)} without declaring it. "
            "Take it as a parameter, or name it in Tool(state=…)."
        )
    output = _output(returned, f"the output of the tool {name!r}")
    return ToolResult(output, {key: value for key, value in after.items() if key in declared})


async def _call(function: Callable[[], object]) -> object:
    if inspect.iscoroutinefunction(function):
        returned: object = function()
    else:
        returned = await asyncio.to_thread(function)
    return await returned if inspect.isawaitable(returned) else returned


def _output(returned: object, what: str) -> JsonValue:
    if returned is None:
        return DONE
    return as_json(returned.for_model() if isinstance(returned, State) else returned, what)
