"""What is wrong with arguments, in words that a model can act on.

A model repairs what it can read: each message says what was sent (cut short), which rule it breaks and what
to send instead, such as "quantity: 0 is less than the minimum of 1; send a whole number from 1".
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from jsonschema.exceptions import ValidationError
from pydantic import ValidationError as PydanticError
from pydantic_core import ErrorDetails

from orchestrator.core.definition import Violation
from orchestrator.core.expectations import expected, type_phrase
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.wording import choices_near, clipped, listed, nearest, shown

MAXIMUM: Final = 8
"""Violations told at once; a model repairs no more than that in one go."""

_MESSAGE_LENGTH: Final = 300
_KNOWN_FIELDS: Final = 20


def explain(errors: Iterable[ValidationError]) -> tuple[Violation, ...]:
    """Put the errors of a JSON Schema validator into words, in the order of their paths.

    Args:
        errors: As `iter_errors` gives them.

    Returns:
        At most `MAXIMUM` violations, and one that counts the rest.
    """
    found = {violation for error in errors for violation in _explained(_breach(error))}
    return _bounded(sorted(found, key=lambda violation: (violation.path, violation.message)))


def explain_coercion(error: PydanticError, arguments: JsonObject) -> tuple[Violation, ...]:
    """Put what pydantic refuses, beyond what the schema can say, into words.

    Args:
        error: Of the model made of the tool's signature.
        arguments: What was refused.
    """
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return _bounded([_coercion(detail, arguments) for detail in details])


def dotted(path: Iterable[object]) -> str:
    """Write a path into JSON data with dots: `lines.0.size`; long keys are cut short."""
    return ".".join(clipped(str(step)) for step in path)


def _bounded(found: Sequence[Violation]) -> tuple[Violation, ...]:
    if len(found) <= MAXIMUM:
        return tuple(found)
    return (*found[:MAXIMUM], Violation("", f"and {len(found) - MAXIMUM} more violations"))


def _coercion(detail: ErrorDetails, arguments: JsonObject) -> Violation:
    path: list[object] = []
    here: JsonValue = arguments
    for step in detail["loc"]:
        # Pydantic names branches of unions and validators between the steps into the data.
        if isinstance(here, dict) and isinstance(step, str) and (step in here or not path):
            here = here.get(step)
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
        else:
            continue
        path.append(step)
    return Violation(dotted(path), clipped(detail["msg"].removeprefix("Value error, "), _MESSAGE_LENGTH))


@dataclass(frozen=True, slots=True)
class _Breach:
    """A validator's error, with the types that JSON data and JSON Schema have."""

    keyword: str
    rule: JsonValue
    instance: JsonValue
    schema: JsonValue
    path: tuple[str | int, ...]
    depth: int
    branch: str | int | None
    message: str
    context: tuple["_Breach", ...]

    @property
    def fields(self) -> JsonObject:
        """What was sent, where it is an object."""
        return self.instance if isinstance(self.instance, dict) else {}

    @property
    def properties(self) -> JsonObject:
        """The fields that the schema names."""
        schema = self.schema if isinstance(self.schema, dict) else {}
        properties = schema.get("properties")
        return properties if isinstance(properties, dict) else {}

    def says(self, message: str, *below: str) -> Violation:
        """A violation here, or in a field below."""
        return Violation(dotted([*self.path, *below]), clipped(message, _MESSAGE_LENGTH))


def _breach(error: ValidationError) -> _Breach:
    return _Breach(
        keyword=str(error.validator),
        rule=cast("JsonValue", error.validator_value),
        instance=cast("JsonValue", error.instance),
        schema=cast("JsonValue", error.schema),
        path=tuple(error.absolute_path),
        depth=len(error.relative_path),
        branch=error.relative_schema_path[0] if error.relative_schema_path else None,
        message=error.message,
        context=tuple(_breach(below) for below in error.context or ()),
    )


def _explained(breach: _Breach) -> list[Violation]:
    return _EXPLAIN.get(breach.keyword, _plain)(breach)


def _plain(breach: _Breach) -> list[Violation]:
    complaint = _COMPLAINTS.get(breach.keyword)
    said = complaint(breach.rule) if complaint else f"breaks the rule {breach.keyword!r}"
    return [breach.says(f"{shown(breach.instance)} {said}; send {expected(breach.schema)}")]


def _required(breach: _Breach) -> list[Violation]:
    # The validator raises one error per missing name, and says which only in its message.
    names = [str(name) for name in breach.rule] if isinstance(breach.rule, list) else []
    return [
        breach.says(f"is missing; send {expected(breach.properties.get(name, True))}", name)
        for name in names
        if name not in breach.fields and breach.message.startswith(f"{name!r} is")
    ]


def _unknown_fields(breach: _Breach) -> list[Violation]:
    if isinstance(breach.schema, dict) and "patternProperties" in breach.schema:
        return [breach.says("has fields that are not allowed; leave them out")]
    unknown = [name for name in breach.fields if name not in breach.properties]
    return [breach.says(_unknown_field(breach, name), name) for name in unknown]


def _unknown_field(breach: _Breach, name: str) -> str:
    meant = nearest(name, [other for other in breach.properties if other not in breach.fields])
    if meant is not None:
        return f"is not known; send it as {meant!r}"
    known = listed(list(breach.properties)[:_KNOWN_FIELDS], "and")
    return f"is not known; leave it out (known: {known})" if known else "is not known; leave it out"


def _enum(breach: _Breach) -> list[Violation]:
    words = [shown(value) for value in breach.rule] if isinstance(breach.rule, list) else []
    near = choices_near(shown(breach.instance), words)
    rest = f" ({len(words) - len(near)} more are allowed)" if len(near) < len(words) else ""
    message = f"{shown(breach.instance)} is not allowed; send {listed(near)}{rest}"
    return [Violation(dotted(breach.path), message)]


def _type(breach: _Breach) -> list[Violation]:
    value = shown(breach.instance)
    plain = isinstance(breach.instance, str | int | float) and not isinstance(breach.instance, bool)
    said = f"is {type_phrase(breach.instance)}" if plain else "is not allowed"
    return [breach.says(f"{value} {said}; send {expected(breach.schema)}")]


def _alternatives(breach: _Breach) -> list[Violation]:
    branches: dict[str | int | None, list[_Breach]] = {}
    for below in breach.context:
        branches.setdefault(below.branch, []).append(below)
    fitting = [found for found in branches.values() if not any(map(_of_another_type, found))]
    if not fitting:
        # Also where more than one branch of a `oneOf` fits, which leaves no errors of branches.
        return _plain(breach)
    return [violation for below in min(fitting, key=len) for violation in _explained(below)]


def _of_another_type(breach: _Breach) -> bool:
    return breach.depth == 0 and breach.keyword in {"type", "const"}


def _dependent(breach: _Breach) -> list[Violation]:
    rules = breach.rule if isinstance(breach.rule, dict) else {}
    return [
        breach.says(f"is missing; send it together with {name!r}", str(other))
        for name, others in rules.items()
        if name in breach.fields and isinstance(others, list)
        for other in others
        if other not in breach.fields
    ]


def _never(breach: _Breach) -> list[Violation]:
    # The validator gives no path where a schema is False, so the value tells the place.
    return [breach.says(f"the value {shown(breach.instance)} is not allowed; leave it out")]


_COMPLAINTS: Final[Mapping[str, Callable[[JsonValue], str]]] = {
    "minimum": lambda bound: f"is less than the minimum of {bound}",
    "maximum": lambda bound: f"is more than the maximum of {bound}",
    "exclusiveMinimum": lambda bound: f"is not more than {bound}",
    "exclusiveMaximum": lambda bound: f"is not less than {bound}",
    "multipleOf": lambda step: f"is not a multiple of {step}",
    "minLength": lambda bound: f"is shorter than {bound} characters",
    "maxLength": lambda bound: f"is longer than {bound} characters",
    "pattern": lambda pattern: f"does not match the pattern {clipped(str(pattern), 80)}",
    "format": lambda name: f"is no valid {name}",
    "minItems": lambda bound: f"has fewer than {bound} entries",
    "maxItems": lambda bound: f"has more than {bound} entries",
    "uniqueItems": lambda _: "repeats an entry",
    "minProperties": lambda bound: f"has fewer than {bound} fields",
    "maxProperties": lambda bound: f"has more than {bound} fields",
    "anyOf": lambda _: "fits none of what is allowed",
    "oneOf": lambda _: "does not fit exactly one of what is allowed",
    "const": lambda _: "is not the one value that is allowed",
    "contains": lambda _: "has too few or too many entries of the kind it must contain",
    "not": lambda _: "is what the schema rules out",
}

_EXPLAIN: Final[Mapping[str, Callable[[_Breach], list[Violation]]]] = {
    "required": _required,
    "additionalProperties": _unknown_fields,
    "unevaluatedProperties": _unknown_fields,
    "enum": _enum,
    "type": _type,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
    "dependentRequired": _dependent,
    "None": _never,
}
