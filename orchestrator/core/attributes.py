"""The plain settings of an agent: what each may be, for classes and for an operator's revisions alike."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final
from urllib.parse import urlsplit

from orchestrator.core.definition import Interruptions, Limits
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.problems import Findings
from orchestrator.core.schema import compile_check
from orchestrator.core.wording import clipped, listed, nearest

ENGINES: Final = ("embedded", "openai", "azure")
"""Engines that have a name; any other is a URL."""

TEXT_TO_SPEECH: Final = ("embedded", "tone", "openai", "azure", "elevenlabs", "cartesia")
"""Names of the adapters that speak; `tone` hums, and needs nothing."""
SPEECH_TO_TEXT: Final = ("embedded", "openai", "deepgram")
"""Names of the adapters that hear."""
RECORDED: Final = "This call is recorded."
"""What callers are told unless an agent says it in words of its own."""
OPENAI_VOICES: Final = (
    "alloy",
    "ash",
    "ballad",
    "cedar",
    "coral",
    "echo",
    "marin",
    "sage",
    "shimmer",
    "verse",
)
"""Voices of the Realtime protocol (section 3.2); engines and text-to-speech services have others."""

_SECONDS: Final[JsonObject] = {"type": "integer", "minimum": 0}
_RESPONSES: Final[JsonObject] = {
    "create_response": {"type": "boolean"},
    "interrupt_response": {"type": "boolean"},
}
_SERVER_VAD: Final[JsonObject] = {
    "type": "object",
    "properties": {
        "type": {"const": "server_vad"},
        "threshold": {"type": "number", "minimum": 0, "maximum": 1},
        "prefix_padding_ms": _SECONDS,
        "silence_duration_ms": _SECONDS,
        "idle_timeout_ms": {"type": ["integer", "null"], "minimum": 5000, "maximum": 30000},
        **_RESPONSES,
    },
    "required": ["type"],
    "additionalProperties": False,
}
_SEMANTIC_VAD: Final[JsonObject] = {
    "type": "object",
    "properties": {
        "type": {"const": "semantic_vad"},
        "eagerness": {"enum": ["auto", "low", "medium", "high"]},
        **_RESPONSES,
    },
    "required": ["type"],
    "additionalProperties": False,
}
_DETECTION: Final = {"server_vad": compile_check(_SERVER_VAD), "semantic_vad": compile_check(_SEMANTIC_VAD)}
_DETECTION_WANTED: Final = (
    'Write "server_vad", "semantic_vad", "none" for manual turns, or an object as on the wire'
)


@dataclass(frozen=True, slots=True)
class _Wrong:
    message: str
    mend: str


_Read = Callable[[object], "object | _Wrong"]


def read_setting(name: str, value: object, findings: Findings) -> object:
    """Check one plain setting, and bring it to the form that a specification has.

    Args:
        name: One of `SETTINGS`.
        value: As it was written.
        findings: Where a problem is noted.

    Returns:
        The value; None when a problem was noted.
    """
    read = SETTINGS[name](value)
    if not isinstance(read, _Wrong):
        return read
    findings.error(name, read.message, read.mend)
    return None


def voice_doubt(voice: str | None, engine: str | None) -> str | None:
    """The known voice that a misspelt one most likely means; None when there is nothing to doubt."""
    if voice is None or engine not in {None, "openai", "azure"} or voice in OPENAI_VOICES:
        return None
    return nearest(voice, OPENAI_VOICES)


def _text(example: str, *, optional: bool = True, longest: int = 20_000) -> _Read:
    def read(value: object) -> object:
        if value is None and optional:
            return None
        mend = f"Write text such as {example!r}" + (", or None" if optional else "")
        if not isinstance(value, str):
            return _Wrong(f"{_shown(value)} is no text", mend)
        if not value.strip():
            return _Wrong("is empty", mend)
        if len(value) > longest:
            return _Wrong(f"is longer than {longest} characters", "Write a shorter one")
        return value.strip()

    return read


def _shown(value: object) -> str:
    return clipped(repr(value), 60)


def _one_of(*choices: str) -> _Read:
    def read(value: object) -> object:
        if value in choices:
            return value
        return _Wrong(f"{_shown(value)} is not known", f"Write {listed(map(repr, choices))}")

    return read


def _boolean(value: object) -> object:
    return (
        value if isinstance(value, bool) else _Wrong(f"{_shown(value)} is no boolean", "Write True or False")
    )


def _engine(value: object) -> object:
    if value is None or value in ENGINES:
        return value
    mend = f"Write {listed(map(repr, ENGINES))}, or a ws:// or wss:// URL"
    if not isinstance(value, str):
        return _Wrong(f"{_shown(value)} is no engine", mend)
    try:
        address = urlsplit(value)
    except ValueError:
        return _Wrong(f"{_shown(value)} is no URL", mend)
    if address.scheme in {"ws", "wss"} and address.hostname:
        return value
    meant = nearest(value, ENGINES)
    return _Wrong(f"{_shown(value)} is no engine", f"Write {meant!r}" if meant else mend)


def _text_to_speech(value: object) -> object:
    if value is None or value in TEXT_TO_SPEECH:
        return value
    meant = nearest(value, TEXT_TO_SPEECH) if isinstance(value, str) else None
    mend = f"Write {meant!r}" if meant else f"Write {listed(map(repr, TEXT_TO_SPEECH))}"
    return _Wrong(f"{_shown(value)} is no text-to-speech", mend)


def _turn_detection(value: object) -> object:
    if value is None:
        return None
    if value == "none":
        return {}
    if isinstance(value, str) and value in _DETECTION:
        return {"type": value}
    if not isinstance(value, Mapping):
        return _Wrong(f"{_shown(value)} is not known", _DETECTION_WANTED)
    detection: dict[str, JsonValue] = {str(key): item for key, item in value.items()}
    if not detection:
        return detection
    check = _DETECTION.get(str(detection.get("type")))
    if check is None:
        return _Wrong(f"the type {_shown(detection.get('type'))} is not known", _DETECTION_WANTED)
    wrong = "; ".join(map(str, check(detection)))
    return _Wrong(wrong, "See audio.input.turn_detection of the Realtime protocol") if wrong else detection


def _limits(value: object) -> object:
    if not isinstance(value, Limits):
        return _Wrong(f"{_shown(value)} is no Limits", "Write Limits(tool_steps=8), with what should differ")
    wrong = [name for name, sound in _sound_limits(value).items() if not sound]
    if wrong:
        return _Wrong(
            f"has a value out of range for {listed(wrong, 'and')}",
            "Counts are whole numbers from 1, times are seconds above 0, cost is a Decimal from 0",
        )
    return value


def _sound_limits(limits: Limits) -> dict[str, bool]:
    return {
        "tool_steps": type(limits.tool_steps) is int and limits.tool_steps >= 1,
        "handoffs": type(limits.handoffs) is int and limits.handoffs >= 1,
        "tool_timeout": is_time(limits.tool_timeout),
        "duration": limits.duration is None or is_time(limits.duration),
        "cost": limits.cost is None or _is_money(limits.cost),
    }


def _interruptions(value: object) -> object:
    if not isinstance(value, Interruptions):
        return _Wrong(
            f"{_shown(value)} is no Interruptions",
            "Write Interruptions(resume=True), with what should differ",
        )
    if value.resume not in {True, False, None} or not is_time(value.wait):
        return _Wrong("has a value out of range", "resume is True, False or None; wait is seconds above 0")
    sounds: object = value.sounds
    if not isinstance(sounds, tuple | list) or not all(isinstance(each, str) for each in sounds):
        return _Wrong("has sounds that are no words", 'Write a list such as ["mm-hm", "uh-huh"]')
    return replace(value, sounds=tuple(sounds))


def _is_money(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and value >= 0


def is_time(value: object) -> bool:
    """Whether a value is a number of seconds above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value > 0


def _recording(value: object) -> object:
    """The line that says so, None for no recording."""
    if isinstance(value, bool):
        return RECORDED if value else None
    return _text(RECORDED, optional=False, longest=1000)(value)


SETTINGS: Final[Mapping[str, _Read]] = {
    "voice": _text("marin", longest=200),
    "greeting": _text("Hello, how can I help?"),
    "engine": _engine,
    "model": _text("gpt-realtime", longest=200),
    "turn_detection": _turn_detection,
    "reload": _one_of("tts", "native"),
    "tts": _text_to_speech,
    "recording": _recording,
    "limits": _limits,
    "interruptions": _interruptions,
    "enabled": _boolean,
}
"""How each plain setting is read."""
