"""What a revision of an agent changed, line by line. Pure."""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from orchestrator.core.definition import AgentSpec
from orchestrator.core.describe import describe
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.overrides import OVERRIDABLE
from orchestrator.store.agent_revisions import AgentRevision
from orchestrator.web.wording import ENGLISH, WORDINGS, Wording

HIDDEN: Final = ("instructions",)
"""Settings that only administrators may read."""


@dataclass(frozen=True, slots=True)
class DifferentLine:
    """A line of a difference: kept, taken out, put in, or a gap between places far apart."""

    kind: Literal["same", "out", "in", "gap"]
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed of one setting; no lines where the reader may not see them."""

    setting: str
    lines: tuple[DifferentLine, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A revision, and what it changed of the one before."""

    revision: AgentRevision
    differences: tuple[Difference, ...]


def settings_of(spec: AgentSpec) -> JsonObject:
    """The settings of an agent that a revision may change, as its class says."""
    described = describe(spec)
    return {name: described[name] for name in OVERRIDABLE}


def changes_of(
    declared: JsonObject,
    revisions: Sequence[AgentRevision],
    *,
    may_read_all: bool,
    word: Wording = WORDINGS[ENGLISH],
) -> list[Change]:
    """What each revision changed, newest first.

    Args:
        declared: The settings as the class says: revision 0.
        revisions: Newest first.
        may_read_all: Whether the reader may see every setting.
        word: For a setting that is not set.
    """
    before: Mapping[str, JsonValue] = declared
    found = []
    for revision in reversed(revisions):
        after = {**declared, **revision.overrides}
        changed = [name for name in after if before.get(name) != after[name]]
        shown = tuple(
            Difference(
                name,
                ()
                if name in HIDDEN and not may_read_all
                else _lines(_text(before.get(name), word), _text(after[name], word)),
            )
            for name in changed
        )
        found.append(Change(revision, shown))
        before = after
    return found[::-1]


def _lines(before: list[str], after: list[str]) -> tuple[DifferentLine, ...]:
    compared = difflib.unified_diff(before, after, lineterm="", n=2)
    lines: list[DifferentLine] = []
    for line in list(compared)[2:]:
        if line.startswith("@@"):
            if lines:
                lines.append(DifferentLine("gap", "…"))
        elif line.startswith("-"):
            lines.append(DifferentLine("out", line[1:]))
        elif line.startswith("+"):
            lines.append(DifferentLine("in", line[1:]))
        else:
            lines.append(DifferentLine("same", line[1:]))
    return tuple(lines)


def _text(value: JsonValue, word: Wording) -> list[str]:
    if isinstance(value, str):
        return value.splitlines()
    if value is None:
        return [word("not set")]
    return json.dumps(value, indent=2, ensure_ascii=False).splitlines()
