"""What an operator may change of an agent at run time: kept as revisions, checked like a class."""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal, cast

from orchestrator.core.attributes import read_setting
from orchestrator.core.definition import AgentSpec
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.problems import Findings
from orchestrator.core.wording import clipped, listed, nearest

_PLAIN: Final = ("enabled", "voice", "greeting", "model", "turn_detection", "reload")

OVERRIDABLE: Final = ("instructions", *_PLAIN)
"""Settings that a revision may change."""

_LONGEST_INSTRUCTIONS: Final = 100_000


def apply_overrides(
    spec: AgentSpec, overrides: Mapping[str, JsonValue], *, revision: int | None = None
) -> AgentSpec:
    """Apply an operator's changes to an agent.

    Args:
        spec: The agent as its class says.
        overrides: By setting name. None means the engine's default, where the setting has one; what is not
            named stays as the class says.
        revision: Number of the revision that this is, None to keep the number.

    Returns:
        The changed specification; the one given is left as it is.

    Raises:
        InvalidRequestError: A setting is unknown or has a value it cannot have; lists all, `param` is the
            first.
    """
    findings = Findings(spec.name)
    values = {name: _read(name, value, findings) for name, value in overrides.items()}
    if findings.problems:
        first = findings.problems[0].attribute
        raise InvalidRequestError(" ".join(map(str, findings.problems)), param=first)
    present: dict[str, object] = {name: getattr(spec, name) for name in OVERRIDABLE}
    changed = present | values
    return replace(
        spec,
        instructions=changed["instructions"],  # type: ignore[arg-type] # text, or the class's own method
        enabled=cast("bool", changed["enabled"]),
        voice=cast("str | None", changed["voice"]),
        greeting=cast("str | None", changed["greeting"]),
        model=cast("str | None", changed["model"]),
        turn_detection=cast("JsonObject | None", changed["turn_detection"]),
        reload=cast("Literal['tts', 'native']", changed["reload"]),
        revision=spec.revision if revision is None else revision,
    )


def _read(name: str, value: JsonValue, findings: Findings) -> object:
    if name in _PLAIN:
        return read_setting(name, value, findings)
    if name != "instructions":
        meant = nearest(name, OVERRIDABLE)
        mend = f"Write {meant!r}" if meant else f"Known are {listed(OVERRIDABLE, 'and')}"
        findings.error(clipped(name) or "''", "cannot be changed by a revision", mend)
        return None
    if not isinstance(value, str) or not value.strip():
        findings.error(name, "are no text", "Write what the agent does, and how")
        return None
    if len(value) > _LONGEST_INSTRUCTIONS:
        findings.error(name, f"are longer than {_LONGEST_INSTRUCTIONS} characters", "Write shorter ones")
        return None
    return inspect.cleandoc(value)
