"""Python source for values: short ones on one line, long ones an element a line, as formatters have it."""

import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.core.json_value import JsonValue

WIDTH: Final = 88
STEP: Final = "    "
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Raw:
    """Source that stands as it is: a name, a literal."""

    source: str


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call: `name(a, b, key=c)`."""

    name: str
    arguments: tuple["Source", ...] = ()
    keywords: tuple[tuple[str, "Source"], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Elements between brackets."""

    opening: str
    closing: str
    elements: tuple["Source", ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a mapping."""

    key: str
    value: "Source"


Source = Raw | Invocation | Group | Entry


def literal(value: JsonValue, known: Mapping[str, str] | None = None) -> Source:
    """The source of JSON data.

    Args:
        value: What to write.
        known: Texts that are written as a name instead.
    """
    if isinstance(value, dict):
        return Group(
            "{", "}", tuple(Entry(quoted(key), literal(inner, known)) for key, inner in value.items())
        )
    if isinstance(value, list):
        return Group("[", "]", tuple(literal(inner, known) for inner in value))
    if isinstance(value, str):
        return Raw((known or {}).get(value) or quoted(value))
    return Raw(repr(value))


def pair(*elements: Source) -> Source:
    """The source of a tuple."""
    return Group("(", ")", elements)


def listing(elements: Sequence[Source]) -> Source:
    """The source of a list."""
    return Group("[", "]", tuple(elements))


def is_keyword(name: str) -> bool:
    """Whether a name can be written before `=` in a call."""
    return _NAME.fullmatch(name) is not None and not keyword.iskeyword(name)


def quoted(text: str) -> str:
    """A text in the quotes that need fewer escapes, double ones where that is equal."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    body = text.replace("\\", "\\\\").replace(quote, "\\" + quote)
    return quote + "".join(_escaped(letter) for letter in body) + quote


def _escaped(letter: str) -> str:
    if letter.isprintable():
        return letter
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(letter) or f"\\U{ord(letter):08x}"


def written(source: Source, *, indent: str = "", before: str = "", after: str = "") -> str:
    """Source with what stands before and after it on its lines, broken where it would be too wide."""
    line = f"{indent}{before}{_flat(source)}{after}"
    if len(line) <= WIDTH or not _parts(source):
        return line
    if isinstance(source, Entry):
        return written(source.value, indent=indent, before=f"{before}{source.key}: ", after=after)
    opening, closing = _brackets(source)
    inner = [written(part, indent=indent + STEP, before=name, after=",") for name, part in _parts(source)]
    return "\n".join([f"{indent}{before}{opening}", *inner, f"{indent}{closing}{after}"])


def _flat(source: Source) -> str:
    if isinstance(source, Raw):
        return source.source
    if isinstance(source, Entry):
        return f"{source.key}: {_flat(source.value)}"
    opening, closing = _brackets(source)
    inner = ", ".join(f"{name}{_flat(part)}" for name, part in _parts(source))
    lone_tuple = opening == "(" and len(_parts(source)) == 1
    return f"{opening}{inner}{',' if lone_tuple else ''}{closing}"


def _brackets(source: Source) -> tuple[str, str]:
    if isinstance(source, Invocation):
        return f"{source.name}(", ")"
    return (source.opening, source.closing) if isinstance(source, Group) else ("", "")


def _parts(source: Source) -> list[tuple[str, Source]]:
    if isinstance(source, Invocation):
        named = [(f"{name}=", value) for name, value in source.keywords]
        return [*(("", argument) for argument in source.arguments), *named]
    if isinstance(source, Group):
        return [("", element) for element in source.elements]
    return [("", source.value)] if isinstance(source, Entry) else []
