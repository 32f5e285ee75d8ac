"""Reads a tool as a session declares it: its JSON Schema becomes slots, its name an action."""

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

import msgspec

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.demo.lexicon import STOP_WORDS, TOOL_PHRASES, TOOL_VERBS, Action
from orchestrator.engine.demo.tools import Choice, Slot, SlotKind, Tool
from orchestrator.engine.demo.words import name_words, spoken, stems

_DESTRUCTIVE_NAME: Final = re.compile(
    r"(?:^|_)(?:clear|cancel|remove_all|delete_all|checkout|check_out|empty|reset|wipe|pay|place_order|"
    r"submit_order|purchase|close_account)(?:_|$)"
)
_DESTRUCTIVE_WORDS: Final = re.compile(
    r"\bcannot be undone|\bcan't be undone|\birreversibl|\bdestructive\b"
    r"|\bask(?:s)? (?:the \w+ )?(?:first|before)"
    r"|\bconfirm(?:ation)? (?:with|from|by) the |\brequires? (?:a )?confirmation|\bneeds? (?:a )?confirmation"
    r"|\[confirm\]",
    re.IGNORECASE,
)


def read_tool(declaration: JsonObject) -> Tool:
    """Read a tool as a session declares it."""
    return _read_encoded(msgspec.json.encode(declaration))


@lru_cache(maxsize=512)
def _read_encoded(encoded: bytes) -> Tool:
    declaration: JsonObject = msgspec.json.decode(encoded)
    name, description = str(declaration["name"]), str(declaration.get("description") or "")
    schema = declaration.get("parameters")
    reader = _SchemaReader(schema if isinstance(schema, dict) else {})
    slots, list_slot = reader.slots()
    action, verbs = _action(name)
    name_topic = frozenset(name_words(name)) - verbs - STOP_WORDS - {"transfer"}
    about = stems(description) - STOP_WORDS - frozenset(TOOL_VERBS)
    return Tool(
        name=name,
        description=description,
        slots=slots,
        action=action,
        topic=name_topic | about,
        name_topic=name_topic,
        asks_first=_asks_first(name, description, reader.root),
        list_slot=list_slot,
    )


def _action(name: str) -> tuple[Action | None, frozenset[str]]:
    """What a tool's name says it does, and the words that say so."""
    said = spoken(name)
    for phrase, action in TOOL_PHRASES.items():
        if said.startswith(phrase):
            return action, frozenset(phrase.split())
    for word in said.split():
        if word in TOOL_VERBS:
            own = frozenset() if word in {"menu", "status", "display"} else frozenset({word})
            return TOOL_VERBS[word], own
    return None, frozenset()


def _asks_first(name: str, description: str, schema: JsonObject) -> bool:
    """Whether a tool is destructive: by its schema's `x-confirm`, its description, or its name."""
    marked = schema.get("x-confirm")
    if isinstance(marked, bool):
        return marked
    said = spoken(name).replace(" ", "_")
    return bool(_DESTRUCTIVE_WORDS.search(description) or _DESTRUCTIVE_NAME.search(said))


class _SchemaReader:
    """Reads a JSON Schema of parameters, as far as arguments can be spoken."""

    def __init__(self, root: JsonObject) -> None:
        self.root = root

    def slots(self) -> tuple[tuple[Slot, ...], str | None]:
        """Answer the slots, and the name of a list of objects whose fields they are."""
        found: list[Slot] = []
        list_slot: str | None = None
        for name, schema, required in self._properties(self.root):
            resolved = self._resolved(schema)
            items = self._resolved(resolved.get("items")) if resolved.get("type") == "array" else {}
            if list_slot is None and required and items.get("type") == "object":
                list_slot = name
                found += self._fields(items, (), needed=True)
            elif resolved.get("type") == "object" and "properties" in resolved:
                found += self._fields(resolved, (name,), needed=required)
            else:
                found.append(self._slot(name, schema, (name,), needed=required))
        return tuple(found), list_slot

    def _fields(self, schema: JsonObject, path: tuple[str, ...], *, needed: bool) -> list[Slot]:
        return [
            self._slot(field, inner, (*path, field), needed=needed and required)
            for field, inner, required in self._properties(schema)
        ]

    def _properties(self, schema: JsonObject) -> list[tuple[str, JsonValue, bool]]:
        properties, required = schema.get("properties"), schema.get("required")
        needed = required if isinstance(required, list) else []
        return (
            [(name, inner, name in needed) for name, inner in properties.items()]
            if isinstance(properties, dict)
            else []
        )

    def _resolved(self, schema: JsonValue) -> JsonObject:
        """Follow references, and leave out the null of an optional value."""
        if not isinstance(schema, dict):
            return {}
        reference = schema.get("$ref")
        if isinstance(reference, str):
            target = self._resolved(self._target(reference))
            return {**target, **{name: value for name, value in schema.items() if name != "$ref"}}
        for key in ("anyOf", "oneOf", "allOf"):
            branches = schema.get(key)
            if isinstance(branches, list):
                return self._branch(schema, key, [self._resolved(branch) for branch in branches])
        return schema

    def _branch(self, schema: JsonObject, key: str, branches: list[JsonObject]) -> JsonObject:
        rest = {name: value for name, value in schema.items() if name != key}
        real = [branch for branch in branches if branch.get("type") != "null"]
        constants = [branch["const"] for branch in real if "const" in branch]
        if constants and len(constants) == len(real):
            return {**rest, "enum": constants}
        return {**real[0], **rest} if real else rest

    def _target(self, reference: str) -> JsonValue:
        current: JsonValue = self.root
        for step in reference.removeprefix("#/").split("/"):
            current = current.get(step) if isinstance(current, dict) else None
        return current

    def _slot(self, name: str, schema: JsonValue, path: tuple[str, ...], *, needed: bool) -> Slot:
        resolved = self._resolved(schema)
        plain = Slot(
            name=name,
            path=path,
            kind="other",
            description=str(resolved.get("description") or ""),
            required=needed and "default" not in resolved,
            minimum=_number(resolved.get("minimum")),
            maximum=_number(resolved.get("maximum")),
            text_format=str(resolved.get("format") or ""),
        )
        if resolved.get("type") == "array":
            items = self._resolved(resolved.get("items"))
            choices = _choices(items)
            return replace(plain, kind="choices" if choices else "texts", choices=choices)
        choices = _choices(resolved)
        if choices:
            return replace(plain, kind="choice", choices=choices)
        return replace(plain, kind=_KINDS.get(str(_type(resolved)), "other"))


_KINDS: Final[dict[str, SlotKind]] = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "string": "text",
}


def _type(schema: JsonObject) -> JsonValue:
    kind = schema.get("type")
    if isinstance(kind, list):
        return next((one for one in kind if one != "null"), None)
    return kind


def _number(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _choices(schema: JsonObject) -> tuple[Choice, ...]:
    values = schema.get("enum")
    if not isinstance(values, list):
        values = [schema["const"]] if "const" in schema else []
    return tuple(
        Choice(value, spoken(value) if isinstance(value, str) else str(value))
        for value in values
        if value is not None
    )
