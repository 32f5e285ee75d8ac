"""A state that is an order, whatever application it comes from: lines of things, then sums."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.web.review.wording import brief

TOTALS: Final = ("subtotal", "discount", "tax", "tip", "total")
MOST_DIGITS: Final = 30
"""Longer numbers are shown as the text that they came as: nobody owes that much."""

TIMES: Final = "\N{MULTIPLICATION SIGN}"
NAMES: Final = ("item", "name", "title", "product")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """Some of one thing.

    Attributes:
        more: Size, extras and whatever else the line says, in words.
        price: Of the whole line, with two decimals; empty where none is known.
    """

    quantity: str
    what: str
    more: str
    price: str

    @property
    def said(self) -> str:
        """The line in one: how many, what, and the rest."""
        return ", ".join(part for part in (f"{self.quantity} {TIMES} {self.what}", self.more) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A state that is an order: lines, then sums.

    Attributes:
        sums: Name and amount.
        notes: What else the state says, by name.
    """

    lines: tuple[OrderLine, ...]
    sums: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...]


def as_order(value: JsonObject) -> Order | None:
    """A value read as an order: it has `lines`, each of which names a thing and how many; None otherwise."""
    lines = value.get("lines")
    if not isinstance(lines, list):
        return None
    read = [line_of(line) for line in lines]
    kept = [line for line in read if line is not None]
    if len(kept) < len(lines) or (not lines and "total" not in value):
        return None
    sums = tuple((name, _money(value[name])) for name in TOTALS if value.get(name) is not None)
    notes = tuple(
        (name.replace("_", " "), brief(said))
        for name, said in value.items()
        if name not in TOTALS and name != "lines" and said not in (None, "", [], {})
    )
    return Order(lines=tuple(kept), sums=sums, notes=notes)


def line_of(line: JsonValue) -> OrderLine | None:
    """A value read as a line of an order; None where it names no thing, or not how many."""
    if not isinstance(line, dict):
        return None
    what = next((name for name in NAMES if isinstance(line.get(name), str)), None)
    quantity = _number(line.get("quantity"))
    if what is None or quantity is None:
        return None
    price = _number(line.get("unit_price", line.get("price")))
    hidden = {what, "quantity", "unit_price", "price", "total"}
    more = [_words(said) for name, said in line.items() if name not in hidden]
    return OrderLine(
        quantity=format(quantity.normalize(), "f"),
        what=str(line[what]),
        more=", ".join(words for words in more if words),
        price="" if price is None else f"{quantity * price:.2f}",
    )


def _words(value: JsonValue) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, list):
        return ", ".join(word for word in map(_words, value) if word)
    return brief(value)


def _money(value: JsonValue) -> str:
    number = _number(value)
    return brief(value) if number is None else f"{number:.2f}"


def _number(value: JsonValue) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < MOST_DIGITS else None
