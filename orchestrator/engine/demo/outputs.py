"""Reads what a tool answered, and says it: prose as it is, JSON as a sentence."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.engine.demo.dialogue import as_json
from orchestrator.engine.demo.grammar import counted, listed, money, plural, sentence
from orchestrator.engine.demo.words import name_words, spoken

_SENTENCES: Final = ("said", "say", "message", "summary", "text", "answer", "reply", "confirmation")
_NAMES: Final = ("name", "title", "label", "item", "product", "dish", "description", "summary", "subject")
_PRICES: Final = frozenset({"price", "total", "cost", "amount", "subtotal", "tax", "tip", "fee", "balance"})
_TOTALS: Final = ("total", "grand_total", "total_price", "order_total", "amount_due", "sum")
_NUMBERS: Final = (
    "order_number",
    "order_id",
    "reference",
    "confirmation_code",
    "code",
    "booking_id",
    "number",
)
_UNSAID: Final = frozenset(
    {"id", "ok", "success", "status_code", "code", "currency", "created_at", "uuid", "revision"}
)
_OPTIONS: Final = (
    "options",
    "choices",
    "allowed",
    "available",
    "suggestions",
    "did_you_mean",
    "alternatives",
)
_CONTAINERS: Final = ("cart", "order", "result", "data", "basket", "state", "booking", "reservation")
_LONGEST: Final = 400
_TOTAL_IN_WORDS: Final = re.compile(r"\btotal(?: is|:)? (?P<money>[€$£]\d[\d,]*(?:\.\d\d)?)", re.IGNORECASE)
_MONEY: Final = re.compile(r"^[€$£]?\s?\d+(?:[.,]\d{2})$")


@dataclass(frozen=True)
class Answer:
    """What a tool answered.

    Args:
        data: Its JSON; None when it is prose or nothing.
        prose: Its words, when it is prose.
        error: What went wrong, when it says so.
        options: What it offers instead.
    """

    data: JsonValue = None
    prose: str = ""
    error: str = ""
    options: tuple[str, ...] = ()


def read_answer(output: str | None) -> Answer:
    """Read a tool's output."""
    text = (output or "").strip()
    data = as_json(text)
    if data is None:
        return Answer(prose="" if text == "null" else text)
    if isinstance(data, str):
        return Answer(prose=data)
    if isinstance(data, dict) and data.get("error"):
        return Answer(data, error=_error_text(data["error"]), options=_options(data))
    return Answer(data)


def total_of(answer: Answer) -> str | None:
    """The total an answer tells, as money; None where it tells none."""
    for place in _places(answer.data):
        for name in _TOTALS:
            if name in place:
                return _said_money(place[name], place.get("currency"))
    for place in _places(answer.data):
        for value in place.values():
            found = _TOTAL_IN_WORDS.search(value) if isinstance(value, str) else None
            if found is not None:
                return found["money"]
    return None


def number_of(answer: Answer) -> str | None:
    """The order or booking number an answer tells."""
    for place in _places(answer.data):
        for name in _NUMBERS:
            value = place.get(name)
            if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "":
                return str(value)
    return None


def sentence_of(answer: Answer) -> str:
    """The sentence that an answer brings along; empty where it brings none."""
    if answer.prose:
        return sentence(answer.prose[:_LONGEST])
    if isinstance(answer.data, dict):
        for name in _SENTENCES:
            value = answer.data.get(name)
            if isinstance(value, str) and (" " in value.strip() or name in {"said", "say"}):
                return sentence(value[:_LONGEST])
    return ""


def narrated(answer: Answer, known: Collection[JsonValue] = ()) -> str:
    """Say what an answer holds; empty where it holds nothing to say.

    Args:
        answer: What came back.
        known: Values that the caller gave, which need not be said again.
    """
    brought = sentence_of(answer)
    if brought:
        return brought
    data = answer.data
    if isinstance(data, list):
        return sentence(f"I found {_list(data)}") if data else "There is nothing."
    if isinstance(data, dict):
        return _object(data, known)
    return sentence(_scalar("", data)) if data is not None and not isinstance(data, bool) else ""


def _object(data: JsonObject, known: Collection[JsonValue]) -> str:
    sentences = [_group(name, value) for name, value in data.items() if isinstance(value, list)]
    for name, value in data.items():
        if isinstance(value, dict) and value:
            inner = _object(value, known)
            sentences.append(inner if name in _CONTAINERS else f"{sentence(spoken(name))[:-1]}: {inner}")
    said = [
        f"the {_label(name)} {_is(name)} {_scalar(name, value)}"
        for name, value in data.items()
        if _is_said(name, value) and not any(value == one for one in known)
    ]
    if said:
        sentences.append(sentence(listed(said, most=8)))
    return " ".join(part for part in sentences if part)


def _label(name: str) -> str:
    return "reference" if name in {"code", "id"} else spoken(name)


def _is(name: str) -> str:
    last = spoken(name).split()[-1]
    return "are" if last.endswith("s") and not last.endswith(("ss", "us", "is")) else "is"


def _group(name: str, value: list[JsonValue]) -> str:
    """Say a list by what its name says it is: what somebody has, what was found, or a heading."""
    label = spoken(name)
    if name in _HOLDINGS:
        return sentence(f"you have {_list(value)}") if value else "There is nothing in it yet."
    if not value:
        return sentence(f"there are no {plural(label)}")
    return sentence(f"I found {_list(value)}" if name in _FINDINGS else f"{label}: {_list(value)}")


_HOLDINGS: Final = frozenset({"lines", "items", "contents", "entries", "cart", "basket"})
_FINDINGS: Final = frozenset({"results", "matches", "hits", "found"})


def _list(values: Sequence[JsonValue]) -> str:
    return listed([entry for value in values if (entry := _entry(value))])


def _entry(value: JsonValue) -> str:
    """Say one of a list: its name, how many, its price."""
    if not isinstance(value, dict):
        return _scalar("", value)
    name = next((str(value[key]) for key in _NAMES if isinstance(value.get(key), str)), "")
    if not name:
        said = [
            f"{spoken(key)} {_scalar(key, inner)}" for key, inner in value.items() if _is_said(key, inner)
        ]
        return listed(said, most=4)
    count = value.get("quantity") or value.get("count")
    size = value.get("size")
    named = (
        f"{size} {spoken(name)}"
        if isinstance(size, str) and size
        else spoken(name)
        if name.islower()
        else name
    )
    if isinstance(count, (int, float)) and not isinstance(count, bool):
        named = counted(count, named)
    price = next((inner for key, inner in value.items() if set(name_words(key)) & _PRICES), None)
    told = _said_money(price, value.get("currency")) if price is not None else None
    return f"{named} at {told}" if told else named


def _is_said(name: str, value: JsonValue) -> bool:
    if isinstance(value, (dict, list)) or value is None or value == "":
        return False
    hidden = name in _UNSAID or name.endswith("_id") or (isinstance(value, bool) and name in _UNSAID)
    return not hidden


def _scalar(name: str, value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if set(name_words(name)) & _PRICES:
        return _said_money(value, None) or str(value)
    if isinstance(value, (int, float)):
        return f"{value:g}"
    return str(value)


def _said_money(value: JsonValue, currency: JsonValue) -> str | None:
    known = currency if isinstance(currency, str) else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return money(float(value), known)
    if isinstance(value, str) and _MONEY.match(value.strip()):
        bare = value.strip().replace(",", ".")
        return bare if not bare[0].isdigit() else money(float(bare), known)
    return None


def _places(data: JsonValue) -> list[JsonObject]:
    """The object itself, then the objects it is wrapped in."""
    if not isinstance(data, dict):
        return []
    inner = [data[name] for name in _CONTAINERS if isinstance(data.get(name), dict)]
    return [data, *(place for place in inner if isinstance(place, dict))]


def _error_text(error: JsonValue) -> str:
    if isinstance(error, dict):
        error = error.get("message") or error.get("code") or ""
    return str(error)[:_LONGEST] if error and error is not True else "no reason was given"


def _options(data: JsonObject) -> tuple[str, ...]:
    for name in _OPTIONS:
        found = data.get(name)
        if isinstance(found, list) and found:
            return tuple(entry for value in found if (entry := _entry(value)))
        if isinstance(found, str):
            return (found,)
    return ()
