"""The session object: documented defaults, atomic updates, the full effective object (section 3)."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, TypeAdapter

from orchestrator.core.configuration import PCM, SERVER_VAD
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.realtime.serving.refusal import RefusedError, invalid_value, missing
from orchestrator.realtime.serving.shapes import Branch, CustomVoice, SessionUpdate
from orchestrator.realtime.serving.validation import check, dump

STANDARD_VOICES: Final = (
    "alloy",
    "ash",
    "ballad",
    "coral",
    "echo",
    "sage",
    "shimmer",
    "verse",
    "marin",
    "cedar",
)
DEFAULT_INSTRUCTIONS: Final = (
    "You are a helpful voice assistant. Speak naturally, keep answers short, and use the tools you are given."
)
_UPDATE: Final = TypeAdapter(SessionUpdate)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this engine can do; asked here and nowhere else.

    Args:
        audio_output: It can answer with sound. Without, every session's effective `output_modalities` is
            `["text"]`, whatever a client asks for.
        transcribes: It can write down committed caller audio.
        voices: Names that `audio.output.voice` may take; None where any name goes to the voice as it is.
    """

    audio_output: bool = False
    transcribes: bool = False
    voices: tuple[str, ...] | None = STANDARD_VOICES

    def modalities(self, wanted: Sequence[str]) -> list[JsonValue]:
        """Answer the effective output modalities for those a client asked for."""
        return list(wanted) if self.audio_output and wanted else ["text"]


TEXT_ONLY: Final = Capabilities()


def _audio_defaults() -> JsonObject:
    return {
        "input": {
            "format": dict(PCM),
            "noise_reduction": None,
            "transcription": None,
            "turn_detection": dict(SERVER_VAD),
        },
        "output": {"format": dict(PCM), "voice": "marin", "speed": 1.0},
    }


def _defaults(capabilities: Capabilities) -> JsonObject:
    return {
        "instructions": DEFAULT_INSTRUCTIONS,
        "output_modalities": capabilities.modalities(["audio"]),
        "tools": [],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "reasoning": None,
        "max_output_tokens": "inf",
        "truncation": "auto",
        "tracing": None,
        "prompt": None,
        "include": None,
        "audio": _audio_defaults(),
    }


# A null of these stands for "off"; a null of any other field means "the default again".
_OFF_BY_NULL: Final = frozenset({"noise_reduction", "transcription", "turn_detection"})


class Configuration:
    """One session's settings.

    Args:
        session_id: `sess_…`.
        model: The model of the URL; fixed for the session's life.
        expires_at: Seconds since the epoch.
        capabilities: What the engine can do.
    """

    def __init__(self, session_id: str, model: str, expires_at: int, capabilities: Capabilities) -> None:
        self._capabilities = capabilities
        self._defaults = _defaults(capabilities)
        self._fixed: JsonObject = {
            "type": "realtime",
            "object": "realtime.session",
            "id": session_id,
            "model": model,
            "expires_at": expires_at,
        }
        self._values = deepcopy(self._defaults)

    def effective(self) -> JsonObject:
        """Write the full effective session object, as `session.created` and `session.updated` carry it."""
        return deepcopy({**self._fixed, **self._values})

    def __getitem__(self, name: str) -> JsonValue:
        return self._values.get(name)

    @property
    def model(self) -> str:
        """The model of the URL."""
        return str(self._fixed["model"])

    @property
    def input_format(self) -> str:
        """The type of `audio.input.format`."""
        return str(_at(self._values, "audio", "input", "format", "type"))

    @property
    def output_format(self) -> str:
        """The type of `audio.output.format`."""
        return str(_at(self._values, "audio", "output", "format", "type"))

    @property
    def turn_detection(self) -> JsonObject | None:
        """`audio.input.turn_detection`; None for manual turns."""
        detection = _at(self._values, "audio", "input", "turn_detection")
        return detection if isinstance(detection, dict) else None

    @property
    def transcription(self) -> JsonObject | None:
        """`audio.input.transcription`; None where the client does not want to read what was heard."""
        transcription = _at(self._values, "audio", "input", "transcription")
        return transcription if isinstance(transcription, dict) else None

    @property
    def hears(self) -> bool:
        """Whether caller audio is written down at all."""
        return self._capabilities.transcribes

    @property
    def speed(self) -> float:
        """`audio.output.speed`."""
        speed = _at(self._values, "audio", "output", "speed")
        return float(speed) if isinstance(speed, (int, float)) else 1.0

    @property
    def functions(self) -> tuple[JsonObject, ...]:
        """`tools`."""
        declared = self["tools"]
        return (
            tuple(tool for tool in declared if isinstance(tool, dict)) if isinstance(declared, list) else ()
        )

    @property
    def hints(self) -> dict[str, tuple[str, ...]]:
        """`hints`: a tool's name to example phrases."""
        hints = self["hints"]
        if not isinstance(hints, dict):
            return {}
        return {
            name: tuple(str(phrase) for phrase in phrases)
            for name, phrases in hints.items()
            if isinstance(phrases, list)
        }

    @property
    def audio_output(self) -> JsonObject:
        """`audio.output`, as a response's object shows it: format and voice."""
        output = _at(self._values, "audio", "output")
        assert isinstance(output, dict)  # noqa: S101 - built here, never by a client
        return {"format": output["format"], "voice": output["voice"]}

    def modalities(self, wanted: Sequence[str] | None) -> JsonValue:
        """Answer a response's effective output modalities; None asks for the session's."""
        return self["output_modalities"] if wanted is None else self._capabilities.modalities(wanted)

    def update(self, change: JsonObject, *, audio_was_produced: bool) -> None:
        """Apply `session.update`, wholly or not at all (section 3.4).

        Args:
            change: The event's `session`.
            audio_was_produced: The model has spoken in this session, so the voice is locked.

        Raises:
            RefusedError: With the code and path of the first thing wrong.
        """
        self._check_type(change)
        checked = check(_UPDATE, change, "session")
        if checked.model is not None and checked.model != self.model:
            raise invalid_value(
                f"The model is fixed at connect ('{self.model}'); "
                f"open another session for '{checked.model}'.",
                "session.model",
            )
        if checked.audio is not None and checked.audio.output is not None:
            self.check_voice(
                checked.audio.output.voice,
                "session.audio.output.voice",
                audio_was_produced=audio_was_produced,
            )
        merged = _merge(self._values, self._defaults, checked)
        if "output_modalities" in checked.model_fields_set:
            merged["output_modalities"] = self._capabilities.modalities(checked.output_modalities)
        self._values = {name: value for name, value in merged.items() if name not in {"type", "model"}}

    def check_voice(self, wanted: str | CustomVoice | None, path: str, *, audio_was_produced: bool) -> None:
        """Refuse a voice that is unknown, or another than the one already heard.

        Args:
            wanted: The voice of an update or of a response; None is none asked for.
            path: Where it stands in the client's event.
            audio_was_produced: The model has spoken in this session.

        Raises:
            RefusedError: With `invalid_value` or `cannot_update_voice`.
        """
        if isinstance(wanted, CustomVoice) or wanted is None:
            return
        voices = self._capabilities.voices
        if voices is not None and wanted not in voices:
            known = ", ".join(f"'{name}'" for name in voices)
            raise invalid_value(f"Invalid value: '{wanted}'. Supported values are: {known}.", path)
        if audio_was_produced and wanted != _at(self._values, "audio", "output", "voice"):
            raise RefusedError(
                "cannot_update_voice",
                "Cannot update a conversation's voice if assistant audio is present.",
                param=path,
            )

    @staticmethod
    def _check_type(change: JsonObject) -> None:
        if "type" not in change:
            raise missing("session.type")
        if change["type"] != "realtime":
            raise invalid_value(
                f"Invalid value: '{change['type']}'. This session's type is 'realtime' and stays so.",
                "session.type",
            )


def _merge(current: Mapping[str, JsonValue], defaults: Mapping[str, JsonValue], change: Branch) -> JsonObject:
    """Lay the fields that a client wrote over the current ones, branch by branch."""
    merged = dict(current)
    for name in change.model_fields_set:
        value: object = getattr(change, name)
        inner = current.get(name)
        if isinstance(value, Branch):
            base = defaults.get(name)
            merged[name] = _merge(
                inner if isinstance(inner, dict) else {}, base if isinstance(base, dict) else {}, value
            )
        elif value is None and name not in _OFF_BY_NULL:
            _reset(merged, defaults, name)
        else:
            merged[name] = _plain(value)
    return merged


def _reset(merged: JsonObject, defaults: Mapping[str, JsonValue], name: str) -> None:
    if name in defaults:
        merged[name] = deepcopy(defaults[name])
    else:
        merged.pop(name, None)


def _plain(value: object) -> JsonValue:
    """Write a checked value as JSON."""
    if isinstance(value, BaseModel):
        return dump(value)
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return value  # type: ignore[return-value]


def _at(values: JsonObject, *path: str) -> JsonValue:
    current: JsonValue = values
    for step in path:
        if not isinstance(current, dict):
            return None
        current = current.get(step)
    return current
