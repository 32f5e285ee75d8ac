"""The menu, read once from `menu.toml`, and the tools that answer questions about it."""

import datetime as dt
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from orchestrator import tool

Size = Literal["small", "medium", "large"]
Category = Literal["pizza", "side", "drink", "dessert"]
Day = Literal[
    "today", "tomorrow", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FEW = 3  # A list that is longer than this is not for reading aloud.


class House(BaseModel):
    """What there is to know of the restaurant itself."""

    model_config = ConfigDict(frozen=True)

    name: str
    address: str
    opens: dt.time
    closes: dt.time
    closed_on: tuple[str, ...] = ()
    pickup_minutes: int
    largest_party: int
    tax_rate: Decimal


class MenuItem(BaseModel):
    """Something to order; it has one price, or one for each size."""

    model_config = ConfigDict(frozen=True)

    name: str
    category: Category
    description: str
    vegetarian: bool = False
    price: Decimal | None = None
    prices: dict[Size, Decimal] = {}

    def price_of(self, size: Size | None) -> Decimal:
        """The price in a size; of the only one where there are no sizes."""
        if self.price is not None:
            return self.price
        if size is None:
            raise ValueError(f"{self.name} comes in sizes")
        return self.prices[size]

    def priced(self) -> str:
        """The price in words for the model."""
        if self.price is not None:
            return dollars(self.price)
        return ", ".join(f"{size} {dollars(price)}" for size, price in self.prices.items())


class Extra(BaseModel):
    """Something to put on a pizza."""

    model_config = ConfigDict(frozen=True)

    name: str
    price: Decimal
    vegetarian: bool = False


class Menu(BaseModel):
    """All of the file."""

    model_config = ConfigDict(frozen=True)

    house: House
    items: tuple[MenuItem, ...]
    extras: tuple[Extra, ...]

    def item_named(self, name: str) -> MenuItem:
        """The item of this name; the names are those of `ItemName`."""
        return next(item for item in self.items if item.name == name)

    def extra_named(self, name: str) -> Extra:
        """The extra of this name; the names are those of `ExtraName`."""
        return next(extra for extra in self.extras if extra.name == name)


def read_menu(path: Path) -> Menu:
    """Read a menu; prices keep every digit that is written, and never pass through a binary fraction."""
    with path.open("rb") as file:
        return Menu.model_validate(tomllib.load(file, parse_float=Decimal))


MENU = read_menu(Path(__file__).with_name("menu.toml"))
HOUSE = MENU.house

ItemName = Annotated[str, Field(json_schema_extra={"enum": [item.name for item in MENU.items]})]
ExtraName = Annotated[str, Field(json_schema_extra={"enum": [extra.name for extra in MENU.extras]})]


def dollars(amount: Decimal) -> str:
    """An amount of money as it is written: `$16.00`."""
    return f"${amount:.2f}"


def listed(words: list[str]) -> str:
    """Words as a sentence joins them: `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def clock(time: dt.time) -> str:
    """A time of day as it is said: `7 pm`, `7:30 pm`."""
    hour = time.hour % 12 or 12
    half = "am" if time.hour < 12 else "pm"
    return f"{hour}:{time.minute:02} {half}" if time.minute else f"{hour} {half}"


@tool
async def look_up_menu(
    item: ItemName | None = None, category: Category | None = None, vegetarian: bool = False
) -> dict[str, object]:
    """Tell what is on the menu, what is in it and what it costs.

    Without arguments it tells the categories. Never read out more than three items.

    Args:
        item: One item that the caller asks about.
        category: All items of one kind.
        vegetarian: Only what has no meat and no fish in it.
    """
    if item is not None:
        found = MENU.item_named(item)
        said = f"The {found.name} is {found.description}. It costs {found.priced()}."
        return {"said": said, "vegetarian": found.vegetarian}
    items = [each for each in MENU.items if each.vegetarian or not vegetarian]
    if category is None and not vegetarian:
        return {"said": "There are pizzas, sides, drinks and desserts.", "extras": prices_of_extras()}
    items = [each for each in items if category in {None, each.category}]
    names = [each.name for each in items]
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    said = f"There is {', '.join(names[:FEW]) if more else listed(names)}{more}."
    return {"said": said, "items": {each.name: f"{each.description}; {each.priced()}" for each in items}}


@tool
async def opening_hours() -> dict[str, object]:
    """Tell when the restaurant is open and where it is."""
    closed = listed([f"{day.capitalize()}s" for day in HOUSE.closed_on])
    except_for = f" every day but {closed}" if closed else " every day"
    hours = f"from {clock(HOUSE.opens)} to {clock(HOUSE.closes)}"
    return {"said": f"{HOUSE.name} is at {HOUSE.address} and open {hours},{except_for}."}


def prices_of_extras() -> dict[str, str]:
    """What each extra costs."""
    return {extra.name: dollars(extra.price) for extra in MENU.extras}
