import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core import records as r
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.engine_events import EngineItem
from orchestrator.core.items import Part
from tests.core.driving import Drive

pytestmark = pytest.mark.unit


@pytest.fixture
def drive() -> Drive:
    drive = Drive()
    drive.join()
    drive.turn(1, "resp_1", "hello", "Hi")
    return drive


def user(text: str, name: str = "") -> EngineItem:
    return EngineItem(name, "message", "user", "completed", (Part(text=text),))


def output(tool_call_id: str, text: str = '"yes"', name: str = "") -> EngineItem:
    return EngineItem(name, "function_call_output", tool_call_id=tool_call_id, output=text)


def reading(drive: Drive) -> list[str]:
    return [item.text or item.kind for item in drive.machine._context.timeline.reading()]


# --- writing ----------------------------------------------------------------------------------------------


def test_an_item_is_part_of_the_conversation_at_once(drive: Drive) -> None:
    drive.feed(h.CallerItem(user("one more thing", "mine_1")))
    added, done = drive.notices(n.ItemNotice)
    assert (added.stage, done.stage) == ("added", "done")
    assert added.previous_item_id == "item_resp_1"
    assert drive.only(c.SendItem).item.text == "one more thing"
    assert drive.items[-1].origin == "client"
    assert drive.kept()


def test_items_go_behind_the_one_that_is_named_or_to_the_root(drive: Drive) -> None:
    first = drive.items[0].id
    drive.feed(h.CallerItem(user("second"), first))
    assert drive.only(c.SendItem).previous_item_id == first
    assert drive.notices(n.ItemNotice)[0].previous_item_id == first
    drive.feed(h.CallerItem(user("zeroth"), "root"))
    assert drive.only(c.SendItem).previous_item_id == "root"
    assert drive.notices(n.ItemNotice)[0].previous_item_id is None
    assert reading(drive) == ["zeroth", "hello", "second", "Hi"]
    assert drive.kept()


def test_inserted_items_are_in_place_after_a_reload(drive: Drive) -> None:
    drive.feed(h.CallerItem(user("zeroth"), "root"))
    drive.lose()
    assert [item.text for item in drive.sent()] == ["zeroth", "hello", "Hi"]


def test_a_place_that_does_not_exist_is_refused(drive: Drive) -> None:
    drive.feed(h.CallerItem(user("lost"), "nowhere", "event_1"))
    refusal = drive.notices(n.RefusalNotice)[0]
    assert (refusal.code, refusal.param, refusal.event_id) == (
        "invalid_value",
        "previous_item_id",
        "event_1",
    )
    assert len(drive.items) == 2


def test_an_id_that_is_taken_is_refused(drive: Drive) -> None:
    drive.feed(h.CallerItem(user("twin", "item_resp_1"), event_id="event_1"))
    refusal = drive.notices(n.RefusalNotice)[0]
    assert (refusal.code, refusal.event_id) == ("item_create_duplicate_item_id", "event_1")


def test_an_id_that_was_removed_is_not_free_before_its_sound_is_made() -> None:
    drive = Drive(abilities=EngineAbilities(text_to_speech=True))
    drive.join()
    drive.feed(h.OperatorSaid("One moment."))
    name = drive.items[-1].id
    drive.feed(h.CallerDeletedItem(name), h.CallerItem(user("mine now", name)))
    (refused,) = drive.notices(n.RefusalNotice)
    assert refused.code == "item_create_duplicate_item_id"


def test_an_id_that_was_removed_may_be_written_again_as_history_editors_do(drive: Drive) -> None:
    name = drive.items[0].id
    drive.feed(h.CallerDeletedItem(name))
    drive.feed(h.CallerItem(user("hello again", name)))
    assert drive.only(c.SendItem).item.text == "hello again"
    assert reading(drive) == ["Hi", "hello again"]
    assert drive.items[0].sequence == 1
    assert drive.kept()
    again = drive.restarted()
    assert [item.text for item in again.machine._context.timeline.reading()] == ["Hi", "hello again"]


def test_history_may_be_seeded_with_calls_and_no_tool_runs_for_it() -> None:
    drive = Drive()
    drive.join()
    call = EngineItem("seed_1", "function_call", name="lookup", arguments="{}", tool_call_id="call_s")
    drive.feed(h.CallerItem(call), h.CallerItem(output("call_s")))
    assert [item.kind for item in drive.sent()] == ["function_call", "function_call_output"]
    drive.feed(h.CallLeft("call_a", "gone"))
    again = drive.restarted()
    again.join()
    assert not again.commands(c.RunTool)


def test_an_unanswered_call_of_a_seed_is_not_run_after_a_crash() -> None:
    drive = Drive()
    drive.join()
    call = EngineItem("seed_1", "function_call", name="lookup", arguments="{}", tool_call_id="call_s")
    drive.feed(h.CallerItem(call))
    again = drive.restarted()
    again.join()
    assert not again.commands(c.RunTool)
    assert not again.rows(r.ToolRunRow)


def test_a_call_id_that_a_client_wrote_is_not_taken_by_the_models_next_call(drive: Drive) -> None:
    drive.feed(h.CallerItem(output("call_1")))
    drive.called("lookup")
    assert drive.commands(c.RunTool, everything=True)[0].tool_call_id != "call_1"


def test_words_of_the_caller_begin_a_turn_and_a_system_message_does_not(drive: Drive) -> None:
    drive.machine._context.hops = 2
    drive.feed(h.CallerItem(EngineItem("", "message", "system", "completed", (Part(text="rule"),))))
    assert drive.machine._context.hops == 2
    drive.feed(h.CallerItem(user("word")), after=5)
    assert (drive.machine._context.hops, drive.machine._context.turn_ended_at) == (0, 1005)


# --- answering the client's own tools ---------------------------------------------------------------------


def test_a_client_answers_its_tool_and_asks_for_the_response_itself(drive: Drive) -> None:
    drive.called("pick", response="resp_2")
    assert drive.notices(n.ReplyNotice)[-1].reply.status == "completed"
    drive.feed(h.CallerItem(output("call_1")))
    assert drive.only(c.SendItem).item.output == '"yes"'
    assert not drive.commands(c.CreateResponse)
    drive.feed(h.CallerAskedResponse())
    drive.only(c.CreateResponse)
    assert drive.rows(r.ToolRunRow)[-1].outcome == "completed"
    assert drive.machine.durable.unanswered == ()


def test_a_client_that_answers_before_the_reply_is_over_need_not_ask(drive: Drive) -> None:
    drive.type("please")
    drive.start(1, "resp_2")
    drive.call(1, "resp_2", "pick")
    drive.feed(h.CallerItem(output("call_1")))
    drive.done(1, "resp_2")
    drive.only(c.CreateResponse)
    assert not drive.notices(n.ReplyNotice)


def test_a_late_answer_takes_the_place_of_the_one_that_was_given_for_it(drive: Drive) -> None:
    drive.called("pick", response="resp_2")
    drive.feed(h.CallerAskedResponse())
    stand_in = drive.items[-1]
    assert "did not wait" in (stand_in.output or "") or "without an answer" in (stand_in.output or "")
    drive.feed(h.CallerItem(output("call_1", '"late"')))
    assert drive.only(c.DeleteItem).item_id == stand_in.id
    assert drive.only(c.SendItem).item.output == '"late"'
    answers = [item for item in drive.items if item.kind == "function_call_output" and not item.deleted]
    assert [item.output for item in answers] == ['"late"']
    assert drive.kept()


def test_a_second_answer_is_refused(drive: Drive) -> None:
    drive.called("pick", response="resp_2")
    drive.feed(h.CallerItem(output("call_1")))
    drive.feed(h.CallerItem(output("call_1", '"no"'), event_id="event_1"))
    refusal = drive.notices(n.RefusalNotice)[0]
    assert (refusal.code, refusal.param, refusal.event_id) == ("invalid_value", "item.call_id", "event_1")


def test_a_client_may_not_answer_for_our_tools(drive: Drive) -> None:
    drive.called("lookup", response="resp_2")
    drive.feed(h.CallerItem(output("call_1")))
    assert drive.notices(n.RefusalNotice)[0].param == "item.call_id"


def test_an_answer_to_a_call_that_nobody_made_is_an_item_like_any_other(drive: Drive) -> None:
    drive.feed(h.CallerItem(output("call_9")))
    assert drive.only(c.SendItem).item.tool_call_id == "call_9"
    drive.feed(h.CallerItem(output("call_9")))
    assert drive.notices(n.RefusalNotice)


def test_an_answer_from_before_a_restart_still_counts(drive: Drive) -> None:
    drive.called("pick", response="resp_2")
    again = drive.restarted()
    again.join()
    assert again.machine.durable.unanswered == ()
    again.feed(h.CallerItem(output("call_1", '"late"')))
    kinds = [item.kind for item in again.sent()]
    assert kinds == ["function_call_output"]
    answers = [item for item in again.items if item.kind == "function_call_output" and not item.deleted]
    assert [item.output for item in answers] == ['"late"']


# --- removing ---------------------------------------------------------------------------------------------


def test_a_removed_item_keeps_its_row_and_leaves_the_engine(drive: Drive) -> None:
    name = drive.items[0].id
    drive.feed(h.CallerDeletedItem(name, "event_1"))
    assert drive.notices(n.ItemDeletedNotice) == [n.ItemDeletedNotice(name)]
    assert drive.only(c.DeleteItem).item_id == name
    assert drive.items[0].deleted
    assert drive.kept()


def test_a_removed_item_is_not_loaded_again(drive: Drive) -> None:
    drive.feed(h.CallerDeletedItem(drive.items[0].id))
    drive.lose()
    assert [item.text for item in drive.sent()] == ["Hi"]


@pytest.mark.parametrize("removed", [False, True])
def test_what_is_not_there_cannot_be_removed(drive: Drive, *, removed: bool) -> None:
    name = drive.items[0].id if removed else "nothing"
    if removed:
        drive.feed(h.CallerDeletedItem(name))
    drive.feed(h.CallerDeletedItem(name, "event_1"))
    refusal = drive.notices(n.RefusalNotice)[0]
    assert (refusal.code, refusal.event_id) == ("item_delete_invalid_item_id", "event_1")


def test_what_a_client_cannot_see_it_cannot_remove(drive: Drive) -> None:
    drive.called("lookup", response="resp_2")
    drive.feed(h.CallerDeletedItem("item_call_1"))
    assert drive.notices(n.RefusalNotice)


def test_an_item_that_the_engine_made_is_removed_under_the_engines_name(drive: Drive) -> None:
    drive.lose()
    drive.ready()
    drive.turn(2, "resp_1", "again", "Hi again")
    name = drive.items[-1].id
    assert name != "item_resp_1"
    drive.feed(h.CallerDeletedItem(name))
    assert drive.only(c.DeleteItem).item_id == "item_resp_1"


def test_an_item_is_not_written_again_while_the_engine_still_makes_it(drive: Drive) -> None:
    drive.type("more")
    drive.start(1, "resp_2")
    drive.begin_speaking(1, "resp_2", "Wel", item="item_m")
    drive.feed(h.CallerDeletedItem("item_m"))
    drive.feed(h.CallerItem(user("mine", "item_m")))
    assert drive.notices(n.RefusalNotice)[0].code == "item_create_duplicate_item_id"
    drive.feed(e.ResponseDone(1, "resp_2", "completed"))
    drive.feed(h.CallerItem(user("mine", "item_m")))
    assert not drive.notices(n.RefusalNotice)
