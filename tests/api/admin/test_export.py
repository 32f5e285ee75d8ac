"""What a conversation is written as for taking away."""

import json
from decimal import Decimal
from typing import Any

import pytest

from orchestrator.api.admin.conversation_shapes import reading_order, shown_details
from orchestrator.api.admin.export import exported
from orchestrator.core.items import Item, Part
from orchestrator.core.records import CallRow, ResponseRow
from orchestrator.store.conversations import ConversationSummary
from orchestrator.store.details import ConversationDetails
from orchestrator.store.pricing import Price, PriceList

pytestmark = pytest.mark.unit

START = 1_763_640_000.0

SUMMARY = ConversationSummary(
    id="conv_1",
    agent="desk",
    entry_agent="desk",
    status="idle",
    ended_by=None,
    metadata={},
    labels=[],
    verdict=None,
    created_by=None,
    created_at=START,
    updated_at=START,
    last_sequence=0,
    turns=0,
    tool_errors=0,
    interruptions=0,
    agents=["desk"],
    has_error=False,
    slowest_turn_ms=None,
)
NO_PRICES = PriceList([])


def said(number: int, role: Any, *texts: str, at: float = 0.0, **more: Any) -> Item:
    return Item(
        id=f"item_{number}",
        kind="message",
        role=role,
        sequence=number,
        position=Decimal(number),
        created_at=START + at,
        agent="desk",
        content=tuple(Part(text=text) for text in texts),
        **more,
    )


def marked(number: int, kind: Any, at: float = 0.0, **more: Any) -> Item:
    return Item(
        id=f"item_{number}",
        kind=kind,
        sequence=number,
        position=Decimal(number),
        created_at=START + at,
        agent="desk",
        **more,
    )


def conversation(*items: Item, **more: Any) -> ConversationDetails:
    fields: dict[str, Any] = dict.fromkeys(
        (
            "sessions",
            "responses",
            "tool_runs",
            "handoffs",
            "calls",
            "revisions",
            "records",
            "notes",
            "recordings",
        ),
        (),
    )
    return ConversationDetails(summary=SUMMARY, items=items, **(fields | more))


def test_the_transcript_reads_like_a_play() -> None:
    details = conversation(
        said(1, "user", "Hello  there.", at=1.0),
        said(2, "assistant", "Good morning, what can I do?", at=2.5, heard="Good morning,"),
        marked(3, "function_call", at=61.0, name="add_item", arguments='{"item": "pizza"}'),
        marked(4, "function_call_output", at=61.5, output="done"),
        marked(5, "handoff", at=62.0, data={"from": "desk", "to": "kitchen", "reason": "hungry"}),
        marked(6, "resumed", at=3700.0),
        said(7, "user", at=3701.0),
        said(8, "system", "The caller is a regular.", at=3702.0),
        calls=(CallRow(id="rtc_1", transport="websocket", joined_at=START),),
    )
    assert exported(details, NO_PRICES, "txt").decode().splitlines()[3:] == [
        "[00:00:01.0] Caller: Hello there.",
        "[00:00:02.5] Desk: Good morning,",
        "[00:00:02.5]     (interrupted; not heard: what can I do?)",
        '[00:01:01.0] desk uses add_item {"item": "pizza"}',
        "[00:01:01.5]     done",
        "[00:01:02.0] --- desk hands over to kitchen: hungry ---",
        "[01:01:40.0] --- the caller is back ---",
        "[01:01:41.0] Caller: [no words]",
        "[01:01:42.0] Note: The caller is a regular.",
    ]


def test_what_was_deleted_is_in_no_transcript() -> None:
    text = exported(conversation(said(1, "user", "Forget it.", deleted=True)), NO_PRICES, "txt").decode()
    assert "Forget" not in text
    assert text.startswith("Conversation conv_1\nBegun 2025-11-20 12:00:00 UTC\n")


def test_pictures_are_named() -> None:
    item = Item(
        id="item_1",
        kind="message",
        role="user",
        created_at=START,
        content=(Part(kind="image", image_url="data:,"),),
    )
    assert "Caller: [image]" in exported(conversation(item), NO_PRICES, "txt").decode()


def test_captions_have_cues_in_their_time() -> None:
    details = conversation(
        said(1, "user", "Fish & <chips>?", at=0.0),
        said(2, "assistant", "One moment please.", at=0.4),
        said(3, "system", "not spoken", at=1.0),
        said(4, "assistant", "", at=2.0),
    )
    assert exported(details, NO_PRICES, "vtt").decode() == (
        "WEBVTT\n\n"
        "item_1\n00:00:00.000 --> 00:00:00.400\n<v Caller>Fish &amp; &lt;chips&gt;?\n\n"
        "item_2\n00:00:00.400 --> 00:00:01.600\n<v Desk>One moment please.\n"
    )


def test_lines_of_json_say_what_they_are() -> None:
    lines = exported(conversation(said(1, "user", "hello")), NO_PRICES, "jsonl").splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["conversation", "item"]


def test_json_is_what_the_interface_shows_with_the_cost_of_responses() -> None:
    response = ResponseRow(
        id="resp_1",
        epoch=1,
        agent="desk",
        model="gpt-x",
        status="completed",
        status_details=None,
        usage={"input_tokens": 1_000_000, "output_tokens": 0},
        turn_ended_at=None,
        requested_at=None,
        created_at=START,
    )
    price = Price(
        model="gpt-x",
        modality="text",
        input=Decimal("4.00"),
        cached=Decimal("0.40"),
        output=Decimal(16),
        valid_from=0,
    )
    details = conversation(responses=(response,))
    whole = json.loads(exported(details, PriceList([price]), "json"))
    assert whole["responses"][0]["cost"] == "4.00"
    assert shown_details(details, NO_PRICES).responses[0].cost is None


def test_an_item_that_was_inserted_into_the_past_is_read_in_its_place() -> None:
    late = marked(3, "message", role="user")
    first, second = said(1, "user", "a"), said(2, "user", "b")
    inserted = Item(id="item_3", kind="message", sequence=3, position=Decimal("1.5"))
    assert [item.id for item in reading_order((first, second, inserted))] == ["item_1", "item_3", "item_2"]
    assert late.sequence == 3
