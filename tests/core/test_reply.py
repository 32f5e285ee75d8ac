from dataclasses import replace

import pytest

from orchestrator.core import notices as n
from orchestrator.core import reply
from orchestrator.core.commands import Announce
from orchestrator.core.context import Context
from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.json_value import JsonObject
from orchestrator.core.reply import OpenReply, add_usage
from orchestrator.core.session import Request
from tests.core.driving import Drive

pytestmark = pytest.mark.unit


@pytest.fixture
def ctx() -> Context:
    drive = Drive()
    drive.join()
    return drive.machine._context


def told(ctx: Context) -> list[n.Notice]:
    commands, ctx.commands = ctx.commands, []
    return [command.notice for command in commands if isinstance(command, Announce)]


def kinds(ctx: Context) -> list[str]:
    return [f"{type(notice).__name__} {getattr(notice, 'stage', '')}".strip() for notice in told(ctx)]


def message(name: str = "item_1", *content: Part, status: ItemStatus = ItemStatus.IN_PROGRESS) -> Item:
    return Item(id=name, kind="message", role="assistant", status=status, content=content)


def test_a_reply_is_told_whole_whatever_an_engine_leaves_out(ctx: Context) -> None:
    open_reply = reply.begin(ctx, OpenReply("resp_1", "text"))
    final = message("item_1", Part(text="Hi"), status=ItemStatus.COMPLETED)
    reply.end_item(ctx, open_reply, final)
    reply.end(ctx, open_reply, "completed")
    assert kinds(ctx) == [
        "ReplyNotice added",
        "OutputItemNotice added",
        "ItemNotice added",
        "PartNotice added",
        "DeltaNotice",
        "PartNotice done",
        "ItemNotice done",
        "OutputItemNotice done",
        "ReplyNotice done",
    ]


def test_an_item_begins_empty_and_in_progress(ctx: Context) -> None:
    open_reply = OpenReply("resp_1", "text")
    reply.start_item(ctx, open_reply, message("item_1", Part(text="early")))
    reply.start_item(ctx, open_reply, message("item_1"))
    output_item, item = told(ctx)
    assert isinstance(output_item, n.OutputItemNotice)
    assert output_item.item.content == ()
    assert isinstance(item, n.ItemNotice)


def test_text_comes_in_pieces_and_the_end_tells_what_is_missing(ctx: Context) -> None:
    open_reply = OpenReply("resp_1", "text")
    reply.start_item(ctx, open_reply, message())
    assert reply.add_text(ctx, open_reply, "item_1", 0, "text", "Hel")
    assert not reply.add_text(ctx, open_reply, "item_1", 0, "text", "")
    reply.end_part(ctx, open_reply, "item_1", 0, "text", "Hello")
    assert not reply.add_text(ctx, open_reply, "item_1", 0, "text", "late")
    reply.end_part(ctx, open_reply, "item_1", 0, "text", "Hello again")
    notices = told(ctx)
    assert [notice.delta for notice in notices if isinstance(notice, n.DeltaNotice)] == ["Hel", "lo"]
    assert [notice.text for notice in notices if isinstance(notice, n.PartNotice)] == ["", "Hello"]


def test_a_part_that_ends_without_its_text_keeps_what_was_streamed(ctx: Context) -> None:
    open_reply = OpenReply("resp_1", "audio")
    reply.start_item(ctx, open_reply, message())
    reply.add_text(ctx, open_reply, "item_1", 0, "audio", "Hello")
    reply.end_part(ctx, open_reply, "item_1", 0, "audio", "")
    ends = [notice for notice in told(ctx) if isinstance(notice, n.PartNotice) and notice.stage == "done"]
    assert [notice.text for notice in ends] == ["Hello"]
    assert open_reply.text_of("item_1") == "Hello"


def test_a_final_text_that_differs_from_what_was_streamed_is_not_streamed_twice(ctx: Context) -> None:
    open_reply = OpenReply("resp_1", "text")
    reply.start_item(ctx, open_reply, message())
    reply.add_text(ctx, open_reply, "item_1", 0, "text", "Hallo")
    reply.end_part(ctx, open_reply, "item_1", 0, "text", "Hello")
    assert [notice.delta for notice in told(ctx) if isinstance(notice, n.DeltaNotice)] == ["Hallo"]
    assert open_reply.content_of("item_1") == (Part(text="Hello"),)


def test_transcripts_and_arguments_are_told_as_such(ctx: Context) -> None:
    open_reply = OpenReply("resp_1", "audio")
    reply.start_item(ctx, open_reply, message())
    reply.add_text(ctx, open_reply, "item_1", 0, "audio", "Hi")
    call = Item(id="item_2", kind="function_call", tool_call_id="call_1", data={"client_tool": True})
    reply.start_item(ctx, open_reply, call)
    reply.add_arguments(ctx, open_reply, "item_2", '{"a"')
    first, second = (notice for notice in told(ctx) if isinstance(notice, n.DeltaNotice))
    assert (first.kind, first.output_index, first.tool_call_id) == ("transcript", 0, None)
    assert (second.kind, second.output_index, second.tool_call_id) == ("arguments", 1, "call_1")


def test_an_item_ends_once_with_every_part_that_it_began(ctx: Context) -> None:
    open_reply = OpenReply("resp_1", "text")
    reply.start_item(ctx, open_reply, message())
    reply.start_item(ctx, open_reply, message("item_2"))
    reply.add_text(ctx, open_reply, "item_1", 1, "text", "more")
    reply.add_text(ctx, open_reply, "item_2", 0, "text", "other")
    final = message("item_1", Part(text="Hi"), status=ItemStatus.COMPLETED)
    told(ctx)
    reply.end_item(ctx, open_reply, final)
    ended = [notice for notice in told(ctx) if isinstance(notice, n.PartNotice) and notice.stage == "done"]
    assert [(part.content_index, part.text) for part in ended] == [(0, "Hi"), (1, "more")]
    reply.end_item(ctx, open_reply, replace(final, heard="H"))
    assert told(ctx) == []
    assert not open_reply.is_making("item_1")
    assert open_reply.is_making("item_2")
    assert not open_reply.is_making("nothing")


def test_a_reply_ends_with_all_its_items(ctx: Context) -> None:
    open_reply = OpenReply("resp_1", "text", {"k": "v"}, usage={"total_tokens": 1})
    reply.end_item(ctx, open_reply, message("item_1", Part(text="a"), status=ItemStatus.COMPLETED))
    reply.start_item(ctx, open_reply, message("item_2"))
    reply.add_text(ctx, open_reply, "item_2", 0, "text", "half")
    reply.end(ctx, open_reply, "cancelled", {"type": "cancelled"})
    last = told(ctx)[-1]
    assert isinstance(last, n.ReplyNotice)
    assert [(item.text, item.status.value) for item in last.reply.output] == [
        ("a", "completed"),
        ("half", "incomplete"),
    ]
    assert (last.reply.usage, last.reply.metadata) == ({"total_tokens": 1}, {"k": "v"})
    assert last.reply.conversation_id == "conv_1"


def test_what_is_out_of_band_is_no_part_of_the_conversation(ctx: Context) -> None:
    side = reply.begin(ctx, OpenReply("resp_1", "text", side=Request(purpose="side")))
    reply.end_item(ctx, side, message("item_1", Part(text="a"), status=ItemStatus.COMPLETED))
    reply.end(ctx, side, "completed")
    notices = told(ctx)
    assert not any(isinstance(notice, n.ItemNotice) for notice in notices)
    assert all(
        notice.reply.conversation_id is None for notice in notices if isinstance(notice, n.ReplyNotice)
    )


def test_a_reply_for_ourselves_is_told_to_nobody(ctx: Context) -> None:
    summary = reply.begin(ctx, OpenReply("resp_1", "text", side=Request(purpose="summary"), told=False))
    reply.end_item(ctx, summary, message("item_1", Part(text="a"), status=ItemStatus.COMPLETED))
    reply.end(ctx, summary, "completed")
    assert told(ctx) == []


def test_usage_is_summed_field_by_field() -> None:
    first: JsonObject = {"total_tokens": 3, "input": {"text": 1, "audio": None}, "only": 1, "seconds": 0.5}
    second: JsonObject = {"total_tokens": 4, "input": {"text": 2, "audio": 5}, "other": "x", "seconds": 1}
    assert add_usage(first, second) == {
        "total_tokens": 7,
        "input": {"text": 3, "audio": 5},
        "only": 1,
        "other": "x",
        "seconds": 1.5,
    }
    assert add_usage(None, second) == second
    assert add_usage(first, None) == first
    assert add_usage(None, None) is None
    assert add_usage({"a": "x"}, {"a": "y"}) == {"a": "x"}
