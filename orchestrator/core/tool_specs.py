"""Tools compiled: from what an author declared to what the conversation machine and the runner read."""

import functools
import inspect
import re
from collections.abc import Callable, Sequence
from typing import Final

from pydantic import ValidationError

from orchestrator.core.attributes import is_time
from orchestrator.core.definition import ToolResult, ToolRun, ToolSpec, Violation
from orchestrator.core.json_value import JsonObject
from orchestrator.core.problems import Findings
from orchestrator.core.schema import NO_PARAMETERS, Check, compile_check, schema_doubts, schema_flaws
from orchestrator.core.signatures import Signature, read_documentation, read_signature
from orchestrator.core.state import State
from orchestrator.core.tools import FunctionTool, Handler, Tool, ToolContext, settle
from orchestrator.core.violations import explain_coercion

FUNCTION_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""What engines accept as the name of a function."""

CONFIRM: Final = "x-confirm"
"""Key of a schema that says: ask the caller first."""


def compile_tool(tool: Tool, findings: Findings) -> tuple[ToolSpec, tuple[type[State], ...]] | None:
    """Compile one tool.

    Args:
        tool: As it was declared.
        findings: Where problems are noted, under `tools`.

    Returns:
        The specification and the state classes it needs; None when a problem keeps it from being used.
    """
    name = str(tool.name)
    file, line = _source(tool)
    here = findings.within(f"tools.{name}", file=file, line=line)
    before = len(here.problems)
    _check_name(name, here)
    _check_options(tool, here)
    parts = _of_function(tool, here) if isinstance(tool, FunctionTool) else _of_schema(tool, here)
    if parts is None or any(problem.severity == "error" for problem in here.problems[before:]):
        return None
    description, parameters, check, run, states = parts
    if not description:
        here.warning(None, "has no description", "Tell the model what it does, in a docstring or description")
    options = tool.options
    spec = ToolSpec(
        name=name,
        description=description,
        parameters={**parameters, CONFIRM: True} if options.confirm else parameters,
        run=run,
        check=check,
        states=tuple(state.state_name() for state in states),
        timeout=options.timeout,
        cancel_on_interrupt=options.cancel_on_interrupt,
        needs_approval=options.needs_approval,
        confirm=options.confirm,
        filler=options.filler,
        rerun=options.rerun,
    )
    return spec, states


_Parts = tuple[str, JsonObject, Check, ToolRun | None, tuple[type[State], ...]]


def _source(tool: Tool) -> tuple[str | None, int | None]:
    code = (
        getattr(inspect.unwrap(tool.function), "__code__", None) if isinstance(tool, FunctionTool) else None
    )
    return (code.co_filename, code.co_firstlineno) if code is not None else (None, None)


def _check_name(name: str, findings: Findings) -> None:
    if not FUNCTION_NAME.fullmatch(name):
        findings.error(
            "name",
            f"{name!r} is no name that a model can call",
            "Use letters, digits, _ and -, at most 64 of them",
        )


def _check_options(tool: Tool, findings: Findings) -> None:
    options = tool.options
    if options.timeout is not None and not is_time(options.timeout):
        findings.error(
            "timeout",
            f"{options.timeout!r} is no time",
            "Write seconds above 0, or None for the agent's limit",
        )
    for name in ("cancel_on_interrupt", "needs_approval", "confirm", "rerun"):
        value: object = getattr(options, name)
        if not isinstance(value, bool):
            findings.error(name, f"{value!r} is neither True nor False", "Write True or False")
    filler: object = options.filler
    if filler is not None and (not isinstance(filler, str) or not filler.strip()):
        findings.error("filler", f"{filler!r} cannot be spoken", "Write a short sentence, or None")


def _of_function(tool: FunctionTool[..., object], findings: Findings) -> _Parts | None:
    documentation = read_documentation(tool.function)
    signature = read_signature(tool.function, documentation, findings)
    if signature is None or _has_flaws(signature.parameters, findings):
        return None
    check = checked_by(signature.parameters, signature.model.model_validate)
    return (
        documentation.description,
        signature.parameters,
        check,
        _function_run(tool, signature),
        signature.states,
    )


def checked_by(parameters: JsonObject, read: Callable[[JsonObject], object]) -> Check:
    """A check by a schema, and then by pydantic, which knows what the schema cannot say.

    Args:
        parameters: The schema.
        read: Reads arguments that satisfy the schema; raises pydantic's `ValidationError`.
    """
    by_schema = compile_check(parameters)

    def check(arguments: JsonObject) -> tuple[Violation, ...]:
        if found := by_schema(arguments):
            return found
        try:
            read(arguments)
        except ValidationError as error:
            return explain_coercion(error, arguments)
        except Exception as error:  # noqa: BLE001 - an author's validator may raise anything; the check must not
            return (Violation("", f"the arguments could not be read ({type(error).__name__})"),)
        return ()

    return check


def _function_run(tool: FunctionTool[..., object], signature: Signature) -> ToolRun:
    async def run(context: ToolContext, arguments: JsonObject) -> ToolResult:
        return await settle(context, signature.bind(context, arguments), signature.states, tool.name)

    return run


def _of_schema(tool: Tool, findings: Findings) -> _Parts | None:
    parameters = NO_PARAMETERS if tool.parameters is None else tool.parameters
    if _has_flaws(parameters, findings):
        return None
    for doubt in schema_doubts(parameters):
        _note(doubt, findings.warning)
    description: object = tool.description
    if not isinstance(description, str):
        findings.error("description", "is no text", "Tell the model what the tool does, in a sentence")
        return None
    states = _states(tool.state, findings)
    handler = tool.handler
    run = None if handler is None else _handler_run(tool.name, handler, states)
    if handler is not None and not _takes_two(handler):
        findings.error(
            "run", "cannot be called as handler(context, arguments)", "Give it these two parameters"
        )
        return None
    if handler is None and states:
        findings.error(
            "state", "a client tool changes no state", "Leave state out, or give it a handler as run"
        )
    return description.strip(), parameters, compile_check(parameters), run, states


def _has_flaws(parameters: object, findings: Findings) -> bool:
    flaws = schema_flaws(parameters)
    for flaw in flaws:
        _note(flaw, findings.error)
    return bool(flaws)


def _note(flaw: Violation, note: Callable[[str, str, str], None]) -> None:
    message, _, mend = flaw.message.partition("; ")
    path = f"parameters.{flaw.path}" if flaw.path else "parameters"
    note(path, message, (mend[:1].upper() + mend[1:]) or "Write a JSON Schema (Draft 2020-12)")


def _states(value: object, findings: Findings) -> tuple[type[State], ...]:
    kinds: Sequence[object] = value if isinstance(value, list | tuple) else [value]
    states = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, State)]
    if len(states) < len(kinds):
        findings.error("state", "holds what is no State class", "Write a State class, or a list of them")
    return tuple(states)


def _takes_two(handler: object) -> bool:
    if not callable(handler):
        return False
    try:
        inspect.signature(handler).bind(None, None)
    except (TypeError, ValueError):
        return False
    return True


def _handler_run(name: str, handler: Handler, states: tuple[type[State], ...]) -> ToolRun:
    async def run(context: ToolContext, arguments: JsonObject) -> ToolResult:
        return await settle(context, functools.partial(handler, context, arguments), states, name)

    return run
