"""The cart: lines, money in decimals, and the tools that change it.

Tax is worked out once, on the subtotal, and rounded to cents half up, as on a printed bill: rounding each
line would make the total depend on how an order is split into lines.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BaseModel, Field, computed_field

from orchestrator import State, ToolError, tool
from tools.menu import HOUSE, MENU, ExtraName, ItemName, Size, dollars, listed

MOST = 50
CENT = Decimal("0.01")

Quantity = Annotated[int, Field(ge=1, le=MOST)]


class Line(BaseModel):
    """Some of the same thing, at the price that it had when it was ordered."""

    item: str
    quantity: Quantity = 1
    size: Size | None = None
    extras: list[str] = []
    unit_price: Decimal = Decimal("0.00")

    @property
    def total(self) -> Decimal:
        """What the line costs before tax."""
        return self.quantity * self.unit_price

    def what(self) -> str:
        """The thing without its number: `large margherita with olives`."""
        name = f"{self.size} {self.item}" if self.size else self.item
        return f"{name} with {listed(self.extras)}" if self.extras else name

    def said(self) -> str:
        """The line in words: `2 large margherita`."""
        return f"{self.quantity} {self.what()}"


class Cart(State):
    """What the caller is ordering; after checkout, what was ordered."""

    lines: list[Line] = []
    order_number: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def subtotal(self) -> Decimal:
        """The sum of all lines, before tax."""
        return sum((line.total for line in self.lines), Decimal("0.00"))

    @computed_field  # type: ignore[prop-decorator]
    @property
    def tax(self) -> Decimal:
        """Tax on the subtotal, rounded to cents half up."""
        return (self.subtotal * HOUSE.tax_rate).quantize(CENT, rounding=ROUND_HALF_UP)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def total(self) -> Decimal:
        """What there is to pay."""
        return self.subtotal + self.tax

    def said(self) -> str:
        """The cart in words: `2 large margherita, 1 coke; total $37.26`."""
        if not self.lines:
            return "The order is empty."
        return f"{', '.join(line.said() for line in self.lines)}; total {dollars(self.total)} with tax"

    def answer(self, done: str) -> dict[str, object]:
        """What a tool that changed the cart tells the model."""
        return {"said": done, "order": self.said()}


@tool
async def add_item(
    cart: Cart,
    item: ItemName,
    quantity: Quantity = 1,
    size: Size | None = None,
    extras: Sequence[ExtraName] = (),
) -> dict[str, object]:
    """Add something from the menu to the order. Call it once for each different thing that the caller names.

    Args:
        item: Name on the menu.
        quantity: How many.
        size: For pizzas, which have no usual size: ask when the caller does not say.
        extras: What to put on top, for pizzas.
    """
    if cart.order_number is not None:
        cart.lines, cart.order_number = [], None
    line = _line(item, quantity, size, extras)
    _merge(cart, line)
    return cart.answer(f"Added {line.said()}.")


@tool
async def change_item(
    cart: Cart,
    item: ItemName,
    quantity: Quantity | None = None,
    size: Size | None = None,
    extras: Sequence[ExtraName] | None = None,
    line: Annotated[int, Field(ge=1)] | None = None,
) -> dict[str, object]:
    """Change something that is in the order already: how many, which size, or what is on top.

    Args:
        item: Name of what is in the order.
        quantity: How many it should be from now on.
        size: The new size.
        extras: All extras it should have from now on; an empty list takes them off.
        line: Number of the line in the order, when the item is in it more than once.
    """
    _refuse_when_placed(cart)
    if quantity is None and size is None and extras is None:
        raise ToolError("What should be different: how many, the size, or the extras?")
    old = _find(cart, item, None, line)
    new = _line(
        item,
        old.quantity if quantity is None else quantity,
        old.size if size is None else size,
        old.extras if extras is None else extras,
    )
    cart.lines = [each for each in cart.lines if each is not old]
    _merge(cart, new)
    return cart.answer(f"It is {new.said()} now.")


@tool
async def remove_item(
    cart: Cart,
    item: ItemName,
    quantity: Quantity | None = None,
    size: Size | None = None,
    line: Annotated[int, Field(ge=1)] | None = None,
) -> dict[str, object]:
    """Take something out of the order.

    Args:
        item: Name of what is in the order.
        quantity: How many to take out; leave it out to take out all.
        size: Which size, when there are several.
        line: Number of the line in the order, when the item is in it more than once.
    """
    _refuse_when_placed(cart)
    found = _find(cart, item, size, line)
    if quantity is not None and quantity < found.quantity:
        found.quantity -= quantity
        return cart.answer(f"Took out {quantity}; {found.said()} left.")
    cart.lines = [each for each in cart.lines if each is not found]
    return cart.answer(f"Took out {found.said()}.")


@tool
async def show_cart(cart: Cart) -> dict[str, object]:
    """Tell what is in the order and what it costs."""
    lines = {
        str(number): f"{line.said()}, {dollars(line.total)}" for number, line in enumerate(cart.lines, 1)
    }
    placed = f". It is placed as {cart.order_number}." if cart.order_number else ""
    money = {"subtotal": dollars(cart.subtotal), "tax": dollars(cart.tax), "total": dollars(cart.total)}
    return {"said": f"{cart.said()}{placed}", "lines": lines, **money}


@tool(confirm=True)
async def clear_cart(cart: Cart) -> dict[str, object]:
    """Empty the whole order. Ask the caller first."""
    _refuse_when_placed(cart)
    cart.lines = []
    return {"said": "The order is empty now."}


def _line(item: str, quantity: int, size: Size | None, extras: Iterable[str]) -> Line:
    found = MENU.item_named(item)
    chosen = sorted(set(extras))
    if found.category != "pizza" and chosen:
        raise ToolError(f"Extras go on pizzas; the {item} comes as it is.")
    if found.prices and size is None:
        raise ToolError(f"Which size should the {item} be: small, medium or large?")
    kept = size if found.prices else None
    price = found.price_of(kept) + sum((MENU.extra_named(name).price for name in chosen), Decimal(0))
    return Line(item=item, quantity=quantity, size=kept, extras=chosen, unit_price=price)


def _merge(cart: Cart, line: Line) -> None:
    """Add a line, or raise the number of one that is the same."""
    for each in cart.lines:
        if each.what() == line.what() and each.unit_price == line.unit_price:
            if each.quantity + line.quantity > MOST:
                raise ToolError(
                    f"More than {MOST} of one thing is too much for us; a person has to take that order."
                )
            each.quantity += line.quantity
            return
    cart.lines = [*cart.lines, line]


def _find(cart: Cart, item: str, size: Size | None, number: int | None) -> Line:
    if number is not None and number <= len(cart.lines) and cart.lines[number - 1].item == item:
        return cart.lines[number - 1]
    found = [line for line in cart.lines if line.item == item and size in {None, line.size}]
    if not found:
        raise ToolError(f"There is no {size + ' ' if size else ''}{item} in the order. {cart.said()}")
    if len(found) > 1:
        choices = " or ".join(f"line {cart.lines.index(line) + 1}, {line.what()}" for line in found)
        raise ToolError(f"The {item} is in the order more than once. Which one: {choices}?")
    return found[0]


def _refuse_when_placed(cart: Cart) -> None:
    if cart.order_number is not None:
        raise ToolError(
            f"The order is placed already, as {cart.order_number}. Only a person can change it now."
        )
