"""A state that is an order, whatever application it comes from: lines of things, then sums."""

from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec
from msgspec import Struct

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.web.review.wording import brief

TOTALS: Final = ("subtotal", "discount", "tax", "tip", "total")
MOST_DIGITS: Final = 30
"""Longer numbers are shown as the text that they came as: nobody owes that much."""

TIMES: Final = "\N{MULTIPLICATION SIGN}"
NAMES: Final = ("item", "name", "title", "product")
FIGURES: Final = frozenset({"quantity", "unit_price", "price", "total"})
"""What a line says in columns of their own."""

KnownLines = dict[bytes, "OrderLine | None"]
"""What lines say, by their JSON."""


class OrderLine(Struct, frozen=True, kw_only=True):
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


class Order(Struct, frozen=True, kw_only=True):
    """A state that is an order: lines, then sums.

    Attributes:
        sums: Name and amount.
        notes: What else the state says, by name.
    """

    lines: tuple[OrderLine, ...]
    sums: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...]


def as_order(value: JsonObject, known: KnownLines | None = None) -> Order | None:
    """A value read as an order: it has `lines`, each of which names a thing and how many; None otherwise.

    Args:
        value: Of a state.
        known: Lines that were read before, to which these are added: revisions of a state share most of them.
    """
    lines = value.get("lines")
    if not isinstance(lines, list):
        return None
    found = {} if known is None else known
    read = [known_line(line, found) for line in lines]
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


def known_line(line: JsonValue, known: KnownLines) -> OrderLine | None:
    """A value read as a line of an order; None where it names no thing, or not how many.

    Args:
        line: An entry of a list in a state.
        known: As for `as_order`.
    """
    text = msgspec.json.encode(line)
    if text not in known:
        known[text] = _line(line)
    return known[text]


def _line(line: JsonValue) -> OrderLine | None:
    if not isinstance(line, dict):
        return None
    what = next((name for name in NAMES if isinstance(line.get(name), str)), None)
    quantity = _number(line.get("quantity"))
    if what is None or quantity is None:
        return None
    price = _number(line.get("unit_price", line.get("price")))
    more = [_words(said) for name, said in line.items() if name != what and name not in FIGURES]
    return OrderLine(
        quantity=format(quantity.normalize(), "f"),
        what=str(line[what]),
        more=", ".join(filter(None, more)),
        price="" if price is None else f"{quantity * price:.2f}",
    )


def _words(value: JsonValue) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_words, value)))
    return brief(value)


def _money(value: JsonValue) -> str:
    number = _number(value)
    return brief(value) if number is None else f"{number:.2f}"


def _number(value: JsonValue) -> Decimal | None:
    if value is None or isinstance(value, bool | list | dict):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < MOST_DIGITS else None
