"""Signatures of tool functions: which parameters a model fills in, and which are injected."""

import functools
import inspect
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, get_args, get_origin, get_type_hints

from docstring_parser import DocstringStyle, ParseError, parse
from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError
from pydantic.fields import FieldInfo
from pydantic.json_schema import PydanticJsonSchemaWarning

from orchestrator.core.json_value import JsonObject
from orchestrator.core.problems import Findings
from orchestrator.core.schema import schema_of
from orchestrator.core.state import State
from orchestrator.core.tools import ToolContext
from orchestrator.core.wording import clipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Documentation:
    """A function's docstring, taken apart.

    Attributes:
        description: All of it, but for the sections.
        parameters: Description by parameter, from a Google-style `Args:` section.
    """

    description: str = ""
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """How to call a tool function with a model's arguments.

    Attributes:
        function: As it was written.
        parameters: JSON Schema of what the model fills in.
        states: State classes that it is given or returns, each once.
        model: Reads the arguments; its fields have neutral names, and the parameters' names as aliases.
    """

    function: Callable[..., object]
    parameters: JsonObject
    states: tuple[type[State], ...]
    model: type[BaseModel]
    _signature: inspect.Signature
    _fields: Mapping[str, str]
    _injected: Mapping[str, type[State] | None]

    def bind(self, context: ToolContext, arguments: JsonObject) -> functools.partial[object]:
        """Join a function with checked arguments and what is injected.

        Raises:
            ValidationError: The arguments do not fit.
        """
        read = self.model.model_validate(arguments)
        values: OrderedDict[str, object] = OrderedDict()
        for name in self._signature.parameters:
            if name in self._injected:
                kind = self._injected[name]
                values[name] = context if kind is None else context.state(kind)
            else:
                values[name] = getattr(read, self._fields[name])
        bound = inspect.BoundArguments(self._signature, values)
        return functools.partial(self.function, *bound.args, **bound.kwargs)


def read_documentation(function: Callable[..., object]) -> Documentation:
    """Take a docstring apart; one that no parser understands is all description."""
    text = inspect.getdoc(function) or ""
    try:
        parsed = parse(text, style=DocstringStyle.GOOGLE)
    except ParseError:
        return Documentation(description=text, parameters={})
    described = {entry.arg_name: " ".join((entry.description or "").split()) for entry in parsed.params}
    return Documentation(description=(parsed.description or "").strip(), parameters=described)


def read_signature(
    function: Callable[..., object], documentation: Documentation, findings: Findings
) -> Signature | None:
    """Read a function's signature.

    Args:
        function: Sync or async.
        documentation: Its docstring.
        findings: Where problems are noted.

    Returns:
        None when a problem was noted that keeps the function from being used.
    """
    hints = _hints(function, findings) if _is_plain(function, findings) else None
    if hints is None:
        return None
    signature = inspect.signature(function)
    sound = [_check(parameter, hints, findings) for parameter in signature.parameters.values()]
    if not all(sound):
        return None
    injected = {name: _state(hints[name]) for name in signature.parameters if _is_injected(hints[name])}
    states = [kind for kind in injected.values() if kind is not None]
    if len(set(states)) != len(states):
        findings.error(None, "takes the same state twice", "Take each state by one parameter")
        return None
    filled = [parameter for name, parameter in signature.parameters.items() if name not in injected]
    # Neutral field names: a parameter may have the name of an attribute of every model, such as `copy`.
    fields = {parameter.name: f"argument_{number}" for number, parameter in enumerate(filled)}
    described = documentation.parameters
    definitions = {
        fields[each.name]: (hints[each.name], _field(each, hints[each.name], described.get(each.name)))
        for each in filled
    }
    made = _model(function.__name__, definitions, findings)
    if made is None:
        return None
    returned = _state(hints.get("return"))
    return Signature(
        function=function,
        parameters=made[1],
        states=tuple(dict.fromkeys([*states, returned] if returned else states)),
        model=made[0],
        _signature=signature,
        _fields=fields,
        _injected=injected,
    )


def _is_plain(function: Callable[..., object], findings: Findings) -> bool:
    if not inspect.isroutine(function):
        findings.error(None, "is no function", "Decorate a function or an async function")
        return False
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        findings.error(None, "yields", "Return one result; call ctx.say_progress to speak in between")
        return False
    return True


def _hints(function: Callable[..., object], findings: Findings) -> dict[str, object] | None:
    try:
        return get_type_hints(function, include_extras=True)
    except Exception as error:  # noqa: BLE001 - evaluating an annotation may raise anything
        reason = f"{type(error).__name__}: {clipped(str(error), 120)}"
        findings.error(None, f"has an annotation that cannot be read ({reason})", "Import what it names")
        return None


def _check(parameter: inspect.Parameter, hints: Mapping[str, object], findings: Findings) -> bool:
    name = parameter.name
    if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
        findings.error(
            str(parameter), "cannot be described to a model", "Name each parameter, or take one list or model"
        )
        return False
    if name not in hints:
        example = f"{name}: ToolContext" if name in {"ctx", "context"} else f"{name}: str"
        mend = (
            "Take it out: a tool is a plain function"
            if name == "self"
            else f"Write its type, such as {example}"
        )
        findings.error(name, "has no annotation", mend)
        return False
    if _mentions_injected(hints[name]):
        findings.error(
            name, "wraps an injected type in another", "Annotate it with ToolContext or the State class alone"
        )
        return False
    return True


def _bare(hint: object) -> object:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _state(hint: object) -> type[State] | None:
    bare = _bare(hint)
    return bare if isinstance(bare, type) and issubclass(bare, State) else None


def _is_injected(hint: object) -> bool:
    return _bare(hint) is ToolContext or _state(hint) is not None


def _mentions_injected(hint: object) -> bool:
    """Whether a type such as `Cart | None` hides an injected one, which then would never be injected."""
    bare = _bare(hint)
    return any(_is_injected(part) or _mentions_injected(part) for part in get_args(bare))


def _model(
    name: str, definitions: Mapping[str, tuple[object, FieldInfo]], findings: Findings
) -> tuple[type[BaseModel], JsonObject] | None:
    options = ConfigDict(extra="forbid")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PydanticJsonSchemaWarning)
            model = create_model(name, __config__=options, **definitions)  # type: ignore[call-overload]
            return model, schema_of(model)
    except (PydanticSchemaGenerationError, PydanticUserError, PydanticJsonSchemaWarning, TypeError) as error:
        reason = clipped(str(error).splitlines()[0], 200)
        findings.error(
            None, f"has a parameter that JSON cannot carry ({reason})", "Use types that pydantic understands"
        )
        return None


def _field(parameter: inspect.Parameter, hint: object, description: str | None) -> FieldInfo:
    default = parameter.default
    if isinstance(default, FieldInfo):
        given = default
    elif default is parameter.empty:
        given = Field()
    else:
        given = Field(default=default)
    within = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    said = any(isinstance(extra, FieldInfo) and extra.description for extra in (given, *within))
    name = parameter.name
    aliased = FieldInfo.merge_field_infos(given, alias=name, validation_alias=name, serialization_alias=name)
    if not description or said:
        return aliased
    return FieldInfo.merge_field_infos(aliased, description=description)
