from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from orchestrator.core.definition import HistoryPolicy
from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.json_value import JsonObject
from orchestrator.core.loading import (
    LONGEST_NOTE,
    WITHOUT_SUMMARY,
    Told,
    earlier_history,
    handoff_note,
    message,
    sayable,
    tool_use,
    whole_history,
)
from tests.core.driving import Drive, Shelf

pytestmark = pytest.mark.unit

IMAGE = Part(kind="image", image_url="data:image/png;base64,AAAA")


def numbered(*items: Item) -> list[Item]:
    """In order, from one on."""
    return [
        replace(item, sequence=number, position=Decimal(number)) for number, item in enumerate(items, start=1)
    ]


def said(text: str, role: Any = "assistant", **options: Any) -> Item:
    return Item(id=f"item_{text}", kind="message", role=role, content=(Part(text=text),), **options)


def used(name: str, answer: str = '"ok"', agent: str = "triage") -> tuple[Item, Item]:
    call = Item(
        id=f"item_{name}", kind="function_call", agent=agent, name=name, arguments="{}", tool_call_id=name
    )
    return call, Item(id=f"out_{name}", kind="function_call_output", tool_call_id=name, output=answer)


def marker(history: str, **data: Any) -> Item:
    told: JsonObject = {"from": "triage", "to": "restaurant", "reason": "food", "history": history, **data}
    return Item(id="item_marker", kind="handoff", data=told)


def drive_with(*items: Item, agent: str = "triage") -> Drive:
    shelf = Shelf(agent=agent)
    shelf.items = {item.id: item for item in numbered(*items)}
    return Drive(shelf)


def texts(history: list[Told]) -> list[str]:
    return [told.item.text or told.item.name or told.item.output or "" for told in history]


def loaded(*items: Item, agent: str = "triage") -> tuple[list[str], int]:
    ctx = drive_with(*items, agent=agent).machine._context
    told, first = whole_history(ctx, ctx.agent)
    return texts(told), first


# --- one item ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "left"),
    [
        (said("Hello there"), "Hello there"),
        (said("Hello there", heard="Hello"), "Hello"),
        (said("Hello there", heard=""), None),
        (said("Hello", status=ItemStatus.IN_PROGRESS), None),
        (said("Hello", status=ItemStatus.INCOMPLETE), "Hello"),
        (said("One moment", data={"filler": True}), None),
        (said(""), None),
    ],
)
def test_a_message_is_told_as_far_as_it_was_heard(item: Item, left: str | None) -> None:
    told = sayable(item)
    assert (told.text if told else None) == left
    assert told is None or told.heard is None


def test_an_image_is_told_without_words_and_beside_them() -> None:
    alone = sayable(Item(id="item_1", kind="message", role="user", content=(IMAGE,)))
    beside = sayable(
        Item(id="item_1", kind="message", role="user", content=(IMAGE, Part(kind="audio", text="Look")))
    )
    assert alone is not None
    assert beside is not None
    assert alone.content == (IMAGE,)
    assert beside.content == (Part(text="Look"), IMAGE)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (marker("full"), "[triage handed the caller over to restaurant: food]"),
        (
            Item(id="item_marker", kind="resumed"),
            "[The call was interrupted here. The caller has come back.]",
        ),
    ],
)
def test_a_marker_is_told_as_a_note_that_stands_for_it(item: Item, words: str) -> None:
    [told] = message(drive_with().machine._context, item)
    assert (told.item.text, told.item.role, told.stands_for) == (words, "system", ("item_marker",))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "[a handed the caller over to b]"),
        ({"reason": "food"}, "[a handed the caller over to b: food]"),
        (
            {"reason": "food", "payload": {"size": 2, "to go": True}},
            "[a handed the caller over to b: food; size: 2, to go: True]",
        ),
        ({"payload": {}}, "[a handed the caller over to b]"),
    ],
)
def test_a_handoff_is_told_with_its_reason_and_its_payload(data: JsonObject, words: str) -> None:
    assert handoff_note("a", "b", data) == words


def test_a_tool_call_is_told_as_one_to_its_owner_and_as_a_note_to_others() -> None:
    ctx = drive_with().machine._context
    pair = used("pay", "x" * 2 * LONGEST_NOTE, agent="restaurant")
    assert [told.item for told in tool_use(ctx, ctx.definition.agent("restaurant"), *pair)] == list(pair)
    [note] = tool_use(ctx, ctx.definition.agent("triage"), *pair)
    answer = "x" * LONGEST_NOTE
    assert note.item.text == f"[restaurant used pay with {{}}; the answer was: {answer}]"
    assert note.stands_for == ("item_pay", "out_pay")


def test_a_handoffs_call_is_told_to_nobody() -> None:
    ctx = drive_with().machine._context
    assert tool_use(ctx, ctx.agent, *used("transfer_to_restaurant")) == []


# --- what a session starts with ---------------------------------------------------------------------------


def test_without_a_handoff_all_is_told_but_calls_without_an_answer() -> None:
    call, _ = used("pick")
    told = loaded(said("hello", "user"), *used("lookup"), call, said("Hi"))
    assert told == (["hello", "lookup", '"ok"', "Hi"], 0)


BEFORE = (said("hello", "user"), said("Hi"))
SINCE = (said("a pizza", "user"),)
NOTE = "[triage handed the caller over to restaurant: food]"


@pytest.mark.parametrize(
    ("marker", "words", "first"),
    [
        (marker("full"), ["hello", "Hi", NOTE, "a pizza"], 0),
        (marker("none"), [NOTE, "a pizza"], 3),
        (marker("last", count=1), ["Hi", NOTE, "a pizza"], 2),
        (marker("last", count=9), ["hello", "Hi", NOTE, "a pizza"], 1),
        (
            marker("summary", summary="Said hello."),
            ["[Summary of the conversation so far: Said hello.]", NOTE, "a pizza"],
            3,
        ),
        (marker("summary"), ["hello", "Hi", NOTE, "a pizza"], 1),
    ],
    ids=["full", "none", "the last one", "more than there are", "summary", "a summary that did not come"],
)
def test_a_handoffs_policy_holds_as_long_as_its_agent_is_on_duty(
    marker: Item, words: list[str], first: int
) -> None:
    assert loaded(*BEFORE, marker, *SINCE, agent="restaurant") == (words, first)


def test_the_last_handoff_counts() -> None:
    later = replace(marker("none"), id="item_later")
    words, first = loaded(*BEFORE, marker("full"), *SINCE, later, agent="restaurant")
    assert (words, first) == ([NOTE], 5)


def test_the_last_items_begin_with_no_output_whose_call_was_cut_off() -> None:
    drive = drive_with()
    ctx, items = drive.machine._context, numbered(said("hello", "user"), *used("lookup"), said("Hi"))
    cut, _ = earlier_history(ctx, ctx.agent, HistoryPolicy(kind="last", count=2), items, None)
    whole, first = earlier_history(ctx, ctx.agent, HistoryPolicy(kind="last", count=3), items, None)
    assert texts(cut) == ["Hi"]
    assert (texts(whole), first) == (["lookup", '"ok"', "Hi"], 2)


def test_a_summary_that_did_not_come_is_replaced_by_the_last_items() -> None:
    ctx = drive_with().machine._context
    items = numbered(*(said(str(number)) for number in range(2 * WITHOUT_SUMMARY)))
    told, first = earlier_history(ctx, ctx.agent, HistoryPolicy(kind="summary"), items, None)
    assert texts(told) == [str(number) for number in range(WITHOUT_SUMMARY, 2 * WITHOUT_SUMMARY)]
    assert first == WITHOUT_SUMMARY + 1
