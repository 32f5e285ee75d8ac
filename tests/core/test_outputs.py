import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core import records as r
from orchestrator.core.items import ItemStatus, Part
from tests.core.driving import Drive

pytestmark = pytest.mark.unit


@pytest.fixture
def asked(drive: Drive) -> Drive:
    """A caller whose question is being answered."""
    drive.type("hello")
    drive.start(1, "resp_1")
    return drive


def message(name: str = "item_a", text: str = "", status: str = "completed") -> e.EngineItem:
    content = (Part(text=text),) if text else ()
    return e.EngineItem(name, "message", "assistant", status, content)


def of(drive: Drive, name: str) -> list[r.ItemRow]:
    """How the row of an item was written, in order."""
    return [row for row in drive.rows(r.ItemRow) if row.item.id == name]


def deltas(drive: Drive) -> str:
    return "".join(notice.delta for notice in drive.notices(n.DeltaNotice, everything=True))


def test_the_row_of_an_item_exists_from_the_moment_that_it_begins(asked: Drive) -> None:
    asked.feed(e.OutputItemAdded(1, "resp_1", message(status="in_progress")))
    (row,) = of(asked, "item_a")
    assert (row.item.status, row.item.agent, row.item.epoch) == (ItemStatus.IN_PROGRESS, "triage", 1)
    asked.feed(e.OutputItemDone(1, "resp_1", message(text="Hi")))
    assert (of(asked, "item_a")[-1].item.status, of(asked, "item_a")[-1].item.text) == (
        ItemStatus.COMPLETED, "Hi"
    )  # fmt: skip
    assert asked.kept()


def test_an_item_that_was_never_announced_is_taken_from_its_end(asked: Drive) -> None:
    asked.feed(e.OutputItemDone(1, "resp_1", message(text="Hi")))
    assert of(asked, "item_a")[-1].item.text == "Hi"
    stages = [notice.stage for notice in asked.notices(n.OutputItemNotice)]
    assert stages == ["added", "done"]


def test_an_end_that_leaves_the_text_out_keeps_what_was_streamed(asked: Drive) -> None:
    asked.begin_speaking(1, "resp_1", "Hi there", "item_a")
    asked.feed(e.OutputItemDone(1, "resp_1", message(status="incomplete")))
    item = of(asked, "item_a")[-1].item
    assert (item.text, item.status) == ("Hi there", ItemStatus.INCOMPLETE)


def test_an_item_of_a_kind_that_we_do_not_know_is_ignored(asked: Drive) -> None:
    asked.feed(e.OutputItemAdded(1, "resp_1", e.EngineItem("item_a", "mcp_call", status="in_progress")))
    assert of(asked, "item_a") == []


@pytest.mark.parametrize(
    "event",
    [
        e.OutputItemAdded(1, "resp_9", message(status="in_progress")),
        e.OutputItemDone(1, "resp_9", message(text="Hi")),
        e.OutputItemDone(
            1, "resp_9", e.EngineItem("item_c", "function_call", name="lookup", tool_call_id="c")
        ),
        e.PartAdded(1, "resp_9", "item_a", 0, "text"),
        e.OutputDelta(1, "resp_9", "item_a", "text", "Hi"),
        e.AudioStarted(1, "resp_9", "item_a"),
        e.PartDone(1, "resp_9", "item_a", 0, "text", "Hi"),
        e.PartAdded(1, "resp_1", "item_never_begun", 0, "text"),
        e.OutputDelta(1, "resp_1", "item_never_begun", "text", "Hi"),
        e.AudioStarted(1, "resp_1", "item_never_begun"),
        e.PartDone(1, "resp_1", "item_never_begun", 0, "text", "Hi"),
    ],
)
def test_what_belongs_to_no_response_or_item_of_ours_is_told_to_nobody(asked: Drive, event: h.Event) -> None:
    assert asked.feed(event) == []


def test_the_first_output_and_the_first_audio_are_noted_once(asked: Drive) -> None:
    asked.feed(e.OutputItemAdded(1, "resp_1", message(status="in_progress")))
    for after, event in (
        (1, e.OutputDelta(1, "resp_1", "item_a", "transcript", "Hi")),
        (1, e.AudioStarted(1, "resp_1", "item_a")),
        (1, e.AudioStarted(1, "resp_1", "item_a")),
        (1, e.OutputDelta(1, "resp_1", "item_a", "transcript", " you")),
    ):
        asked.feed(event, after=after)
    asked.done(1, "resp_1")
    row = asked.rows(r.ResponseRow)[-1]
    assert (row.first_output_at, row.first_audio_at) == (1001.0, 1002.0)


def test_audio_goes_on_under_the_names_that_the_client_knows(asked: Drive) -> None:
    asked.feed(e.OutputItemAdded(1, "resp_1", message(status="in_progress")))
    asked.feed(e.AudioStarted(1, "resp_1", "item_a"))
    (route,) = asked.notices(n.AudioRouteNotice)
    reply = asked.notices(n.ReplyNotice, everything=True)[-1].reply
    assert (route.epoch, route.engine_item_id, route.item_id, route.reply_id) == (
        1, "item_a", "item_a", reply.id
    )  # fmt: skip


def test_text_is_told_piece_by_piece(asked: Drive) -> None:
    asked.begin_speaking(1, "resp_1", "Hi ", "item_a")
    asked.feed(e.OutputDelta(1, "resp_1", "item_a", "text", "there"))
    assert deltas(asked) == "Hi there"


def test_calls_that_engines_number_from_one_do_not_collide(drive: Drive) -> None:
    drive.called("lookup")
    drive.answer()
    drive.start(1, "resp_2")
    drive.speak(1, "resp_2", "Hi")
    drive.done(1, "resp_2")
    drive.lose()
    drive.ready()
    drive.called("lookup", response="resp_3")
    (run,) = drive.commands(c.RunTool, everything=True)[1:]
    assert run.tool_call_id != "call_1"
    drive.answer(run.tool_call_id)
    (answer,) = (item for item in drive.sent(2) if item.kind == "function_call_output")
    assert answer.tool_call_id == "call_1"


@pytest.mark.parametrize(
    ("name", "seen", "run"),
    [("lookup", False, True), ("pick", True, False), ("transfer_to_human", False, False)],
)
def test_the_client_sees_the_calls_that_it_is_to_answer_and_no_others(
    drive: Drive, name: str, seen: bool, run: bool
) -> None:
    drive.called(name)
    told = [notice.item.name for notice in drive.notices(n.OutputItemNotice, everything=True)]
    assert (name in told) == seen
    assert bool(drive.commands(c.RunTool, everything=True)) == run


@pytest.mark.parametrize(("status", "declined"), [("completed", ["call_7"]), ("incomplete", [])])
def test_a_call_of_a_response_that_nobody_is_to_hear_is_declined_once_it_is_whole(
    drive: Drive, status: str, declined: list[str]
) -> None:
    drive.called("transfer_to_restaurant")
    drive.feed(e.SpeechStarted(1, "item_u"), e.AudioCommitted(1, "item_u"), e.ResponseStarted(1, "resp_vad"))
    call = e.EngineItem("item_7", "function_call", status=status, name="lookup", tool_call_id="call_7")
    drive.feed(e.OutputItemDone(1, "resp_vad", call))
    assert [item.tool_call_id for item in drive.sent(1)] == declined
    assert not drive.commands(c.RunTool, everything=True)
