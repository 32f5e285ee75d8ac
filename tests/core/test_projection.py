from dataclasses import replace

import pytest

from orchestrator.core import commands as c
from orchestrator.core import events as h
from orchestrator.core import projection
from orchestrator.core.context import Context
from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.loading import Told
from orchestrator.core.session import Session
from tests.core.driving import Drive

pytestmark = pytest.mark.unit


@pytest.fixture
def ctx(drive: Drive) -> Context:
    return drive.machine._context


@pytest.fixture
def session(ctx: Context) -> Session:
    return ctx.sessions[1]


def stored(ctx: Context, text: str, /, **options: object) -> Item:
    """An item of the conversation that no engine has yet."""
    fields: dict[str, object] = {"kind": "message", "role": "user", "content": (Part(text=text),)}
    item = Item(id=text, **(fields | options))  # type: ignore[arg-type]
    return ctx.put(ctx.stamp(item))


def told(ctx: Context) -> list[c.Command]:
    """What engines are told since it was asked last."""
    commands, ctx.commands = ctx.commands, []
    kinds = c.SendItem | c.DeleteItem | c.TruncateItem
    return [command for command in commands if isinstance(command, kinds)]


def sent(ctx: Context) -> list[tuple[str, str | None]]:
    """Texts that were sent, and behind which item."""
    return [(each.item.text, each.previous_item_id) for each in told(ctx) if isinstance(each, c.SendItem)]


def test_an_item_of_the_engines_keeps_its_name_unless_it_is_taken(ctx: Context, session: Session) -> None:
    stored(ctx, "taken")
    assert projection.adopt(ctx, session, "free") == "free"
    ours = projection.adopt(ctx, session, "taken")
    assert ours not in {"taken", "free"}
    assert projection.adopt(ctx, session, "taken") == ours
    assert session.theirs(ours) == "taken"


def test_an_item_that_we_named_before_is_known_by_that_name(ctx: Context, session: Session) -> None:
    projection.adopt_as(ctx, session, "theirs", "ours")
    assert (session.ours("theirs"), session.theirs("ours")) == ("ours", "theirs")


def test_an_item_is_told_once_to_every_open_session(drive: Drive, ctx: Context) -> None:
    drive.feed(h.OperatorReconnected())
    item = stored(ctx, "hello")
    projection.share(ctx, item)
    assert sent(ctx) == [("hello", None), ("hello", None)]
    projection.share(ctx, item)
    assert sent(ctx) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda session, item: (replace(session, since=item.sequence + 1), item),
        lambda session, item: (replace(session, awaits_history=True), item),
        lambda session, item: (session, replace(item, deleted=True)),
    ],
    ids=["from before its time", "before its history", "deleted"],
)
def test_an_item_is_not_told_where_it_has_no_place(ctx: Context, session: Session, change: object) -> None:
    item = stored(ctx, "hello")
    ctx.sessions[1], item = change(session, item)  # type: ignore[operator]
    projection.share(ctx, item)
    assert sent(ctx) == []


def test_a_message_that_comes_late_is_told_at_its_place(ctx: Context, session: Session) -> None:
    first, late, last = (stored(ctx, name) for name in ("first", "late", "last"))
    for item in (first, last):
        projection.share(ctx, item)
    told(ctx)
    projection.share(ctx, late)
    assert sent(ctx) == [("late", "first")]


def test_what_is_first_of_all_is_told_behind_the_sessions_anchor(ctx: Context, session: Session) -> None:
    first, last = stored(ctx, "first"), stored(ctx, "last")
    session.anchor = "item_anchor"
    projection.share(ctx, last)
    told(ctx)
    projection.share(ctx, first)
    assert sent(ctx) == [("first", "item_anchor")]


def test_history_goes_out_in_order_and_nothing_waits(ctx: Context, session: Session) -> None:
    items = [stored(ctx, name) for name in ("one", "two")]
    note = replace(items[1], id="note_1")
    projection.load(ctx, session, [Told(items[0]), Told(note, ("two", "three"))])
    assert sent(ctx) == [("one", None), ("two", None)]
    assert session.sent >= {"one", "two", "three"}
    assert session.theirs("three") == "note_1"
    assert session.unconfirmed >= {"one", "note_1"}


def test_a_name_that_the_engine_gave_to_something_else_is_not_used(ctx: Context, session: Session) -> None:
    projection.adopt_as(ctx, session, "hello", "other")
    projection.share(ctx, stored(ctx, "hello"))
    (command,) = told(ctx)
    assert isinstance(command, c.SendItem)
    assert command.item.id != "hello"
    assert session.theirs("hello") == command.item.id


def test_an_answer_goes_alone_where_the_call_is_known_and_as_a_pair_elsewhere(
    drive: Drive, ctx: Context
) -> None:
    drive.feed(h.OperatorReconnected())
    call = stored(ctx, "item_c", kind="function_call", name="lookup", arguments="{}", tool_call_id="call_1")
    output = stored(ctx, "item_o", kind="function_call_output", output="yes", tool_call_id="call_1")
    ctx.sessions[1].sent.add("item_c")
    ctx.sessions[1].calls["call_1"] = "their_call"
    projection.deliver(ctx, call, output)
    commands = [each for each in told(ctx) if isinstance(each, c.SendItem)]
    assert [(each.epoch, each.item.kind, each.item.tool_call_id) for each in commands] == [
        (1, "function_call_output", "their_call"),
        (2, "function_call", "call_1"),
        (2, "function_call_output", "call_1"),
    ]
    projection.deliver(ctx, call, output)
    assert sent(ctx) == []


def test_a_call_that_nobody_waits_for_is_declined_once(ctx: Context, session: Session) -> None:
    for _ in range(2):
        projection.decline(ctx, session, "their_call")
    (command,) = told(ctx)
    assert isinstance(command, c.SendItem)
    assert (command.item.kind, command.item.tool_call_id) == ("function_call_output", "their_call")


def test_what_is_withdrawn_goes_out_of_the_sessions_that_have_it_by_their_names(
    ctx: Context, session: Session
) -> None:
    item = stored(ctx, "hello")
    projection.withdraw(ctx, item)
    assert told(ctx) == []
    projection.adopt_as(ctx, session, "theirs", "hello")
    session.sent.add("hello")
    projection.withdraw(ctx, item)
    (command,) = told(ctx)
    assert isinstance(command, c.DeleteItem)
    assert command.item_id == "theirs"
    assert "hello" not in session.sent


@pytest.mark.parametrize(
    ("sounding", "epoch", "heard", "kinds"),
    [
        (True, 1, "Hel", [c.TruncateItem]),
        (False, 1, "Hel", [c.DeleteItem, c.SendItem]),
        (True, 7, "Hel", [c.DeleteItem, c.SendItem]),
        (False, 1, "", [c.DeleteItem]),
        (False, 1, None, []),
    ],
    ids=["its own sound", "its own text", "another's sound", "nothing heard", "not known"],
)
def test_engines_come_to_have_what_was_heard_of_an_item(
    ctx: Context, session: Session, sounding: bool, epoch: int, heard: str | None, kinds: list[type]
) -> None:
    item = replace(
        stored(ctx, "item_a", role="assistant", epoch=epoch, content=(Part(text="Hello"),)),
        heard=heard, status=ItemStatus.INCOMPLETE,
    )  # fmt: skip
    session.sent.add("item_a")
    session.sounding |= {"item_a"} if sounding else set()
    projection.shorten(ctx, item, 0, 500)
    commands = told(ctx)
    assert [type(command) for command in commands] == kinds
    assert all(command.item.text == "Hel" for command in commands if isinstance(command, c.SendItem))
