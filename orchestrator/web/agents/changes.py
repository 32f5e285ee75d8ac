"""The form that changes an agent: settings out, changes in. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.core.describe import COMPUTED
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.json_value import JsonObject, JsonValue

TEXTS: Final = ("voice", "greeting", "model")
LARGEST_REVISION: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody filled in.

    Attributes:
        changes: Settings that differ from what is in force.
        reset: Settings that are to be as the class says again.
        note: Why.
        expected: The revision that the form was made of.
    """

    changes: JsonObject
    reset: frozenset[str]
    note: str
    expected: int

    def merged(self, present: JsonObject) -> JsonObject:
        """What shall differ from the class, from what differs from it now."""
        changes = {name: value for name, value in self.changes.items() if name not in self.reset}
        return {name: value for name, value in present.items() if name not in self.reset} | changes


def filled_in(settings: JsonObject) -> dict[str, str]:
    """Settings as the form has them."""
    detection = settings["turn_detection"]
    instructions = settings["instructions"]
    return {
        "instructions": "" if instructions == COMPUTED else str(instructions),
        "turn_detection": "" if detection is None else json.dumps(detection, indent=2, ensure_ascii=False),
        "reload": str(settings["reload"]),
        "enabled": "on" if settings["enabled"] else "",
        **{name: str(settings[name] or "") for name in TEXTS},
    }


def read_changes(form: Mapping[str, Sequence[str]], settings: JsonObject) -> Wanted:
    """Read the form.

    Args:
        form: What was filled in, by name.
        settings: What is in force.

    Raises:
        InvalidRequestError: A value cannot be read.
    """
    before = filled_in(settings)
    # Browsers send lines with carriage returns.
    after = {name: _one(form, name).replace("\r\n", "\n") for name in before}
    changes = {
        name: _value(name, text) for name, text in after.items() if text.strip() != before[name].strip()
    }
    return Wanted(
        changes=changes,
        reset=frozenset(form.get("reset", ())) & set(before),
        note=_one(form, "note").strip()[:1000],
        expected=read_revision(_one(form, "revision")),
    )


def read_revision(text: str) -> int:
    """The number of a revision.

    Raises:
        InvalidRequestError: It is none.
    """
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else -1
    if not 0 <= number <= LARGEST_REVISION:
        raise InvalidRequestError("The revision is no number. Load the page again.", param="revision")
    return number


def _value(name: str, text: str) -> JsonValue:
    if name == "enabled":
        return text == "on"
    if name in {"instructions", "reload"}:
        return text
    if not text.strip():
        return None
    if name != "turn_detection":
        return text.strip()
    try:
        value: JsonValue = json.loads(text)
    except ValueError as error:
        raise InvalidRequestError(f"Turn detection is no JSON: {error}.", param="turn_detection") from None
    return value


def _one(form: Mapping[str, Sequence[str]], name: str) -> str:
    values = form.get(name)
    return values[0] if values else ""
