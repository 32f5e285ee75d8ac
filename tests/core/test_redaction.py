"""Personal data is found however it is written, and what is left is still the conversation."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.items import Item, Part
from orchestrator.core.records import CallRow, HandoffRow, ItemRow
from orchestrator.core.redaction import Redaction, Span

pytestmark = pytest.mark.unit

ALL = Redaction(kinds=frozenset({"cards", "phones", "emails"}), fields=frozenset({"address"}))
CARD = "4111 1111 1111 1111"


def said(text: str, heard: str | None = None) -> Item:
    return Item(id="item_1", kind="message", role="assistant", content=(Part(text=text),), heard=heard)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"It is {CARD}, thanks", "It is [card], thanks"),
        ("4111-1111-1111-1111", "[card]"),
        ("4111111111111111", "[card]"),
        ("378282246310005 is an Amex", "[card] is an Amex"),
        ("call (212) 555-0123 please", "call [phone] please"),
        ("+49 30 901820", "[phone]"),
        ("write to ada.lovelace+pizza@mail.example.co.uk.", "write to [email]."),
        ("four one one one one one one one one one one one one one one one", "[card]"),
        ("it's two one two, five five five, oh one two three", "it's [phone]"),
        (f"{CARD} or ada@example.com", "[card] or [email]"),
    ],
)
def test_personal_data_is_taken_out(text: str, left: str) -> None:
    assert ALL.text(text).text == left


@pytest.mark.parametrize(
    "text",
    [
        "two large pizzas and one coke",
        "order R 4 1 1 4",
        "it comes to $37.26",
        "4111 1111 1111 1112",  # the check digit is wrong
        "0000 0000 0000 0000",
        "one, two, three, go",
        "at 7 @ the counter",
        "",
    ],
)
def test_everything_else_stays(text: str) -> None:
    assert ALL.text(text).text == text


def test_only_what_is_asked_for_is_taken_out() -> None:
    mails = Redaction(kinds=frozenset({"emails"}))
    assert mails.text(f"{CARD}, ada@example.com").text == f"{CARD}, [email]"
    assert Redaction(kinds=frozenset({"phones"}), region="DE").text("030 901820").text == "[phone]"


def test_a_pattern_of_ones_own_is_taken_out() -> None:
    ours = Redaction(pattern=re.compile(r"MEMBER-\d+|x*"))
    assert ours.text("I am MEMBER-42").text == "I am [pattern]"
    assert ours.does_anything
    assert not Redaction().does_anything


def test_each_place_is_marked_in_the_item() -> None:
    item = ALL.item(said(f"{CARD} and {CARD}"))
    assert item.text == "[card] and [card]"
    assert item.data["redacted"] == [
        {"part": 0, "start": 0, "end": 6, "kind": "card"},
        {"part": 0, "start": 11, "end": 17, "kind": "card"},
    ]


@pytest.mark.parametrize(
    ("heard", "left"),
    [
        (f"Your card {CARD} is", "Your card [card] is"),
        ("Your card 4111 11", "Your card "),
        ("Your", "Your"),
        ("", ""),
        ("something else", "something else"),
    ],
)
def test_what_was_heard_stays_a_beginning_of_what_was_said(heard: str, left: str) -> None:
    assert ALL.item(said(f"Your card {CARD} is fine.", heard)).heard == left


def test_an_item_without_personal_data_is_left_alone() -> None:
    for item in (said("hello", "hel"), Item(id="item_2", kind="function_call", arguments=f'"{CARD}"')):
        assert ALL.item(item) is item
    assert Redaction().item(said(CARD)) == said(CARD)


def test_what_a_handoff_passes_on_is_redacted() -> None:
    row = HandoffRow(
        id="handoff_1",
        source="a",
        target="b",
        reason=f"They said {CARD}",
        payload={"address": "1 Main St", "note": "ada@example.com"},
        history="full",
        cause="model",
        outcome="committed",
        from_epoch=1,
        to_epoch=2,
        staged_at=1.0,
    )
    found = ALL.record(row)
    assert isinstance(found, HandoffRow)
    assert (found.reason, found.payload) == ("They said [card]", {"address": "[field]", "note": "[email]"})
    marker = Item(id="item_3", kind="handoff", data={"reason": CARD})
    assert ALL.record(ItemRow(marker)) == ItemRow(replace(marker, data={"reason": "[card]"}))


def test_other_records_are_stored_as_they_are() -> None:
    call = CallRow(id="rtc_1", transport="websocket", joined_at=1.0)
    assert ALL.record(call) is call


def test_values_are_redacted_by_the_names_of_their_fields_and_by_what_they_are() -> None:
    value = {"name": "Ada", "address": {"street": "Main"}, "lines": [{"note": CARD, "address": ""}], "n": 4}
    assert ALL.object(value) == {  # type: ignore[arg-type]  # a literal of JSON
        "name": "Ada",
        "address": "[field]",
        "lines": [{"note": "[card]", "address": ""}],
        "n": 4,
    }


@given(st.lists(st.sampled_from([CARD, "ada@example.com", " hello ", "x", " +1 212 555 0123 ", "one two "])))
def test_no_place_is_lost_and_none_overlaps(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = ALL.text(text)
    assert all(found.text[span.start : span.end] == span.stand_in for span in found.spans)
    rebuilt, at = "", 0
    for now, before in zip(found.spans, found.taken, strict=True):
        rebuilt += found.text[at : now.start] + text[before.start : before.end]
        at = now.end
    assert rebuilt + found.text[at:] == text
    offsets = [found.offset(place) for place in range(len(text) + 1)]
    assert offsets == sorted(offsets)
    assert offsets[-1] == len(found.text)


def test_what_is_redacted_is_redacted_no_further() -> None:
    once = ALL.text(f"{CARD}, ada@example.com, (212) 555-0123").text
    assert ALL.text(once).spans == ()
    assert Span(0, 4, "card").stand_in == "[card]"
