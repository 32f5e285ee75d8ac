import datetime as dt
import re
from decimal import Decimal

import pytest

from orchestrator import ToolContext, ToolError
from tests.tools.running import Caller
from tools import orders
from tools.menu import Day
from tools.orders import date_of, number_of, spelled

pytestmark = pytest.mark.unit

FRIDAY_AFTERNOON = dt.datetime(2026, 11, 20, 15, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def friday_afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "now", lambda: FRIDAY_AFTERNOON)


@pytest.fixture
async def caller() -> Caller:
    caller = Caller()
    await caller.use("add_item", item="margherita", size="large", quantity=2)
    await caller.use("add_item", item="coke")
    return caller


async def test_checkout_leaves_an_order(caller: Caller) -> None:
    answer = await caller.use("checkout", name="Anna", note="no basil")
    number = answer["order_number"]
    assert isinstance(number, str)
    assert re.fullmatch(r"[A-HJ-NPR-Z]\d{4}", number)
    assert answer["total"] == "37.26"
    assert answer["said"] == (
        f"The order for Anna is placed as {' '.join(number)}: 2 large margherita, 1 coke; "
        "total $37.26 with tax. It is ready in about 25 minutes. You pay at the counter."
    )
    [record] = caller.records
    assert record.kind == "order"
    assert record.data == {
        **caller.cart,
        "order_number": number,
        "name": "Anna",
        "phone": None,
        "payment": "counter",
        "note": "no basil",
    }
    assert caller.cart["order_number"] == number
    assert caller.states["guest"] == {"name": "Anna", "phone": None}


async def test_payment_by_link_needs_a_phone_number(caller: Caller) -> None:
    with pytest.raises(ToolError, match="Which phone number should the payment link go to"):
        await caller.use("checkout", name="Anna", payment="link")
    assert caller.records == []
    answer = await caller.use("checkout", name="Anna", payment="link", phone="555 0123")
    assert str(answer["said"]).endswith("A payment link comes by text message.")
    assert caller.records[0].data["phone"] == "555 0123"


async def test_a_known_caller_is_not_asked_again(caller: Caller) -> None:
    caller.states["guest"] = {"name": "Anna", "phone": "555 0123"}
    answer = await caller.use("checkout", payment="link")
    assert str(answer["said"]).startswith("The order for Anna ")


async def test_an_order_without_a_name_is_not_placed(caller: Caller) -> None:
    with pytest.raises(ToolError, match="What name should the order be under"):
        await caller.use("checkout")
    assert caller.records == []
    assert caller.cart["order_number"] is None


async def test_an_empty_order_is_not_placed() -> None:
    with pytest.raises(ToolError, match="The order is empty"):
        await Caller().use("checkout", name="Anna")


async def test_an_order_is_placed_once(caller: Caller) -> None:
    number = str((await caller.use("checkout", name="Anna"))["order_number"])
    with pytest.raises(ToolError, match=f"The order is placed already, as {' '.join(number)}"):
        await caller.use("checkout", name="Anna")
    assert len(caller.records) == 1


@pytest.mark.parametrize("field", ["note", "name"])
async def test_payment_data_is_never_stored(caller: Caller, field: str) -> None:
    arguments = {"name": "Anna", "note": ""} | {field: "4111 1111 1111 1111"}
    with pytest.raises(ToolError, match="Never take one"):
        await caller.use("checkout", **arguments)
    assert caller.records == []


async def test_a_table_is_reserved() -> None:
    caller = Caller()
    answer = await caller.use("reserve_table", day="saturday", time="19:30", party_size=4, name="Anna")
    assert answer["said"] == "A table for 4 people is reserved for Anna: Saturday, November 21, at 7:30 pm."
    [record] = caller.records
    assert record.kind == "reservation"
    assert record.data == {
        "number": answer["number"],
        "date": "2026-11-21",
        "time": "19:30:00",
        "party_size": 4,
        "name": "Anna",
        "phone": None,
    }


async def test_a_table_for_one_is_said_rightly() -> None:
    answer = await Caller().use("reserve_table", day="today", time="20:00", party_size=1, name="Anna")
    assert str(answer["said"]).startswith("A table for 1 person is reserved for Anna: Friday, November 20")


@pytest.mark.parametrize(
    ("day", "time", "message"),
    [
        ("monday", "19:00", "We are closed on Mondays"),
        ("saturday", "10:59", "We are open from 11 am to 10 pm"),
        ("saturday", "22:00", "We are open from 11 am to 10 pm"),
        ("saturday", "23:00Z", "We are open from 11 am to 10 pm"),
        ("today", "15:00", "It is 3:30 pm already"),
        ("friday", "15:30", "It is 3:30 pm already"),
    ],
)
async def test_a_time_at_which_nobody_is_there_is_refused(day: str, time: str, message: str) -> None:
    caller = Caller()
    with pytest.raises(ToolError, match=message):
        await caller.use("reserve_table", day=day, time=time, party_size=2, name="Anna")
    assert caller.records == []


async def test_a_table_without_a_name_is_asked_for() -> None:
    with pytest.raises(ToolError, match="What name should the table be under"):
        await Caller().use("reserve_table", day="saturday", time="19:30", party_size=4)


def test_a_party_that_is_too_large_or_a_time_that_is_none_is_refused() -> None:
    assert Caller().violations("reserve_table", day="friday", time="late", party_size=13) == [
        "party_size: 13 is more than the maximum of 12; send a whole number from 1 to 12",
        'time: "late" is no valid time; send a time such as 18:30',
    ]


@pytest.mark.parametrize(
    ("day", "date"),
    [
        ("today", dt.date(2026, 11, 20)),
        ("tomorrow", dt.date(2026, 11, 21)),
        ("friday", dt.date(2026, 11, 20)),
        ("saturday", dt.date(2026, 11, 21)),
        ("thursday", dt.date(2026, 11, 26)),
    ],
)
def test_a_day_is_the_next_date_of_it(day: Day, date: dt.date) -> None:
    assert date_of(day, FRIDAY_AFTERNOON.date()) == date


def test_the_clock_of_the_house_knows_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert orders.now().tzinfo is not None


def test_a_number_stays_the_same_when_a_call_is_run_again() -> None:
    def context(call: str) -> ToolContext:
        return ToolContext(conversation_id="conv_1", agent="restaurant", tool_call_id=call)

    assert number_of("order", context("call_1")) == number_of("order", context("call_1"))
    numbers = {number_of("order", context(f"call_{count}")) for count in range(200)}
    assert len(numbers) > 190
    assert number_of("order", context("call_1")) != number_of("reservation", context("call_1"))


def test_a_number_is_said_character_by_character() -> None:
    assert spelled("K4821") == "K 4 8 2 1"


async def test_money_in_the_order_is_text_and_exact(caller: Caller) -> None:
    await caller.use("checkout", name="Anna")
    data = caller.records[0].data
    assert Decimal(str(data["subtotal"])) + Decimal(str(data["tax"])) == Decimal(str(data["total"]))
