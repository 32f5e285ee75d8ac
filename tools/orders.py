"""Checkout and reservations: each leaves a record in the transaction that stores the tool's answer."""

import datetime as dt
import hashlib
from typing import Annotated, Literal

from pydantic import Field

from orchestrator import ToolContext, ToolError, tool
from tools.cart import Cart
from tools.guest import Guest, Name, Phone, refuse_card_numbers
from tools.menu import HOUSE, WEEKDAYS, Day, clock

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # Without those that sound or look like a digit.


@tool(confirm=True, filler="One moment, I am placing your order.")
async def checkout(
    ctx: ToolContext,
    cart: Cart,
    guest: Guest,
    name: Name | None = None,
    payment: Literal["counter", "link"] = "counter",
    phone: Phone | None = None,
    note: Annotated[str, Field(max_length=200)] = "",
) -> dict[str, object]:
    """Place the order for pickup. Say the order and the total, and have the caller's yes, before you call it.

    Args:
        name: Whom the order is for; ask when it is not known.
        payment: `counter` to pay when picking up, `link` for a link to a payment page by text message.
        phone: Needed for a link.
        note: A wish for the kitchen. Never payment data.
    """
    if cart.order_number is not None:
        raise ToolError(f"The order is placed already, as {spelled(cart.order_number)}.")
    if not cart.lines:
        raise ToolError("The order is empty. What would the caller like?")
    refuse_card_numbers(note)
    guest.learn(name, phone)
    holder = guest.require_name("What name should the order be under?")
    if payment == "link" and guest.phone is None:
        raise ToolError("Which phone number should the payment link go to?")
    cart.order_number = number_of("order", ctx)
    bill = cart.to_stored()
    ctx.record("order", {**bill, "name": holder, "phone": guest.phone, "payment": payment, "note": note})
    how = "You pay at the counter." if payment == "counter" else "A payment link comes by text message."
    ready = f"It is ready in about {HOUSE.pickup_minutes} minutes."
    said = f"The order for {holder} is placed as {spelled(cart.order_number)}: {cart.said()}. {ready} {how}"
    return {"said": said, "order_number": cart.order_number, "total": str(cart.total)}


@tool
async def reserve_table(
    ctx: ToolContext,
    guest: Guest,
    day: Day,
    time: dt.time,
    party_size: Annotated[int, Field(ge=1, le=HOUSE.largest_party)],
    name: Name | None = None,
    phone: Phone | None = None,
) -> dict[str, object]:
    """Reserve a table within the coming week. Say day, time and number of people back to the caller first.

    Args:
        day: `today`, `tomorrow` or a day of the week.
        time: Local time, such as 19:30.
        party_size: How many people.
        name: Whom the table is for; ask when it is not known.
        phone: For questions; optional.
    """
    present = now()
    date = date_of(day, present.date())
    if WEEKDAYS[date.weekday()] in HOUSE.closed_on:
        raise ToolError(
            f"We are closed on {WEEKDAYS[date.weekday()].capitalize()}s. Which other day would suit?"
        )
    if not HOUSE.opens <= time.replace(tzinfo=None) < HOUSE.closes:
        raise ToolError(
            f"We are open from {clock(HOUSE.opens)} to {clock(HOUSE.closes)}. Which other time would suit?"
        )
    if date == present.date() and time.replace(tzinfo=None) <= present.time():
        raise ToolError(f"It is {clock(present.time())} already. Which later time would suit?")
    guest.learn(name, phone)
    holder = guest.require_name("What name should the table be under?")
    number = number_of("reservation", ctx)
    when = f"{date:%A}, {date:%B} {date.day}, at {clock(time)}"
    ctx.record(
        "reservation",
        {
            "number": number,
            "date": date,
            "time": time,
            "party_size": party_size,
            "name": holder,
            "phone": guest.phone,
        },
    )
    people = "1 person" if party_size == 1 else f"{party_size} people"
    return {"said": f"A table for {people} is reserved for {holder}: {when}.", "number": number}


def date_of(day: Day, present: dt.date) -> dt.date:
    """The next date of a day; a weekday that is today means today."""
    if day == "today":
        return present
    if day == "tomorrow":
        return present + dt.timedelta(days=1)
    return present + dt.timedelta(days=(WEEKDAYS.index(day) - present.weekday()) % 7)


def now() -> dt.datetime:
    """Date and time where the restaurant is."""
    return dt.datetime.now().astimezone()


def number_of(kind: str, ctx: ToolContext) -> str:
    """A number that can be said at the counter; the same however often one call is run.

    It tells orders of a day apart. It is no key: two in a quarter of a million are alike.
    """
    digest = hashlib.sha256(f"{kind}/{ctx.conversation_id}/{ctx.tool_call_id}".encode()).digest()
    value = int.from_bytes(digest[:8], "big")
    return f"{LETTERS[value % len(LETTERS)]}{value // len(LETTERS) % 10_000:04}"


def spelled(number: str) -> str:
    """A number as it is said, character by character."""
    return " ".join(number)
