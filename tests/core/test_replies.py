import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core import records as r
from orchestrator.core.arbiter import ACTIVE, REQUEST_KEY
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.items import ItemStatus, Part
from orchestrator.core.transitions import Turn
from tests.core.driving import Drive, replies

pytestmark = pytest.mark.unit

SPOKEN = EngineAbilities(text_to_speech=True)


# --- beginning --------------------------------------------------------------------------------------------


def test_a_reply_has_an_id_of_ours_and_gives_the_clients_metadata_back(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse({"metadata": {"k": "v"}}))
    assert "metadata" not in drive.only(c.CreateResponse).options
    drive.start(1, "resp_1")
    added = drive.notices(n.ReplyNotice)[0].reply
    assert (added.status, added.metadata, added.modality) == ("in_progress", {"k": "v"}, "text")
    assert added.id != "resp_1"


def test_response_ids_that_every_session_counts_from_one_do_not_collide() -> None:
    shelf = Drive().shelf
    rows: set[str] = set()
    drive = Drive(shelf)
    for _ in range(3):
        drive = drive.restarted()
        drive.join()
        drive.turn(drive.epoch, "resp_1", "hello", "Hi")
        rows |= {row.id for row in drive.rows(r.ResponseRow)}
    assert len(rows) == 3


def test_the_row_of_a_response_keeps_its_stages_its_usage_and_its_end(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse(), after=1)
    drive.now += 1
    drive.start(1, "resp_1")
    drive.now += 1
    drive.speak(1, "resp_1", "Hi")
    drive.feed(e.ResponseDone(1, "resp_1", "completed", usage={"total_tokens": 9}), after=1)
    row = drive.rows(r.ResponseRow)[-1]
    assert [row.requested_at, row.created_at, row.first_output_at, row.done_at] == [1001, 1002, 1003, 1004]
    assert (row.status, row.usage, row.interrupted) == ("completed", {"total_tokens": 9}, False)


def test_a_response_that_voice_activity_makes_becomes_a_reply(drive: Drive) -> None:
    drive.hear()
    drive.feed(e.ResponseStarted(1, "resp_1"))
    assert replies(drive) == [("added", "in_progress")]
    assert drive.rows(r.ResponseRow)[-1].requested_at is None


def test_a_response_of_voice_activity_covers_what_we_were_about_to_ask(drive: Drive) -> None:
    drive.feed(e.SpeechStarted(1, "item_u"))
    drive.feed(h.KeyPressed("1"))
    sent = drive.only(c.SendItem).item
    drive.feed(e.EngineItemAdded(1, e.EngineItem(sent.id, "message", "user")))
    drive.feed(e.ResponseStarted(1, "resp_vad"))
    drive.done(1, "resp_vad")
    drive.feed(e.SpeechStopped(1, "item_u"))
    assert not drive.commands(c.CreateResponse, everything=True)


def test_a_response_that_may_not_know_all_we_sent_does_not_cover_it(drive: Drive) -> None:
    drive.feed(e.SpeechStarted(1, "item_u"))
    drive.feed(h.KeyPressed("1"))
    drive.feed(e.ResponseStarted(1, "resp_vad"))
    drive.done(1, "resp_vad")
    drive.feed(e.SpeechStopped(1, "item_u"))
    drive.only(c.CreateResponse)


def test_a_response_that_begins_before_the_last_one_ended_ends_it(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hel")
    drive.feed(e.ResponseStarted(1, "resp_2"))
    assert replies(drive) == [("done", "incomplete"), ("added", "in_progress")]
    drive.done(1, "resp_1")
    assert drive.whose() is Turn.RESPONDING
    drive.done(1, "resp_2")
    assert drive.whose() is Turn.IDLE


def test_an_engine_that_does_not_give_metadata_back_is_understood(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse({"metadata": {"k": "v"}}))
    drive.feed(e.ResponseStarted(1, "resp_1"))
    assert drive.notices(n.ReplyNotice)[0].reply.metadata == {"k": "v"}
    drive.speak(1, "resp_1", "Hi")
    drive.done(1, "resp_1")
    assert drive.whose() is Turn.IDLE
    drive.type("more")
    drive.only(c.CreateResponse)


def test_a_response_that_named_no_request_is_taken_for_the_answer_once_nothing_else_comes(
    drive: Drive,
) -> None:
    drive.type("hello")
    drive.hear()
    drive.feed(e.ResponseStarted(1, "resp_1"))
    drive.done(1, "resp_1")
    assert drive.whose() is Turn.WAITING
    drive.pass_time(3)
    assert drive.whose() is Turn.IDLE
    drive.type("more")
    drive.hear("item_2")
    drive.feed(e.ResponseStarted(1, "resp_2"))
    drive.done(1, "resp_2")
    assert drive.whose() is Turn.IDLE


def test_an_engine_that_gives_metadata_back_is_waited_for(drive: Drive) -> None:
    drive.type("hello")
    asked = drive.only(c.CreateResponse).metadata
    drive.hear()
    drive.feed(e.ResponseStarted(1, "resp_vad"))
    drive.done(1, "resp_vad")
    drive.feed(h.CallerAskedResponse({"conversation": "none"}))
    drive.start(1, "resp_side")
    drive.pass_time(3)
    assert drive.whose() is Turn.WAITING
    drive.feed(e.ResponseStarted(1, "resp_2", asked))
    drive.done(1, "resp_2")
    assert drive.whose() is Turn.IDLE


def test_a_request_taken_for_answered_that_is_refused_after_all_is_asked_again(drive: Drive) -> None:
    drive.type("hello")
    ours = drive.only(c.CreateResponse).event_id
    drive.feed(e.ResponseStarted(1, "resp_vad"))
    drive.refuse(ours, ACTIVE)
    drive.done(1, "resp_vad")
    drive.only(c.CreateResponse)


def test_a_request_taken_for_answered_that_fails_after_all_is_let_go(drive: Drive) -> None:
    drive.type("hello")
    ours = drive.only(c.CreateResponse).event_id
    drive.feed(e.ResponseStarted(1, "resp_vad"))
    drive.refuse(ours, "server_error")
    drive.done(1, "resp_vad")
    assert drive.whose() is Turn.IDLE


# --- refused ----------------------------------------------------------------------------------------------


def test_a_request_of_the_clients_that_is_refused_is_refused_to_it(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse(event_id="event_1"))
    drive.refuse(drive.only(c.CreateResponse).event_id, "invalid_value")
    refusal = drive.notices(n.RefusalNotice)[0]
    assert (refusal.code, refusal.event_id) == ("invalid_value", "event_1")
    assert drive.whose() is Turn.IDLE


def test_a_refusal_in_the_middle_of_a_reply_ends_it_as_failed(drive: Drive) -> None:
    drive.called("lookup")
    drive.answer()
    drive.refuse(drive.only(c.CreateResponse).event_id, "server_error")
    done = drive.notices(n.ReplyNotice)[0].reply
    assert done.status == "failed"
    assert done.status_details is not None
    assert done.status_details["error"] == {"type": "server_error", "code": "server_error", "message": "No."}


def test_a_request_that_was_cancelled_and_is_refused_is_nobodys_affair_any_more(drive: Drive) -> None:
    drive.type("hello")
    asked = drive.only(c.CreateResponse).event_id
    drive.feed(h.CallerCancelled())
    drive.refuse(asked, ACTIVE)
    assert drive.fresh == []
    drive.type("again")
    drive.only(c.CreateResponse)


def test_a_request_refused_for_another_response_waits_for_the_end_of_that_one(drive: Drive) -> None:
    drive.type("hello")
    asked = drive.only(c.CreateResponse).event_id
    drive.hear()
    drive.feed(e.ResponseStarted(1, "resp_vad"))
    drive.refuse(asked, ACTIVE)
    assert drive.machine.deadline == drive.now + 60
    drive.done(1, "resp_vad")
    drive.only(c.CreateResponse)


def test_a_request_refused_for_a_response_we_do_not_know_of_is_asked_again_after_a_while(
    drive: Drive,
) -> None:
    drive.type("hello")
    drive.refuse(drive.only(c.CreateResponse).event_id, ACTIVE)
    drive.pass_time(0.5)
    assert not drive.commands(c.CreateResponse)
    drive.pass_time(0.5)
    drive.only(c.CreateResponse)


def test_a_refusal_beside_a_response_of_voice_activity_leaves_that_reply_alone(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse(event_id="event_1"))
    asked = drive.only(c.CreateResponse).event_id
    drive.hear()
    drive.feed(e.ResponseStarted(1, "resp_vad"))
    drive.refuse(asked, "server_error")
    assert drive.notices(n.RefusalNotice)[0].event_id == "event_1"
    drive.done(1, "resp_vad")
    assert replies(drive) == [("done", "completed")]


# --- ending -----------------------------------------------------------------------------------------------


def test_what_an_engine_tells_only_at_the_end_of_a_response_counts(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hel", item="item_1")
    said = e.EngineItem("item_1", "message", "assistant", "completed", (Part(text="Hello"),))
    call = e.EngineItem("item_2", "function_call", name="lookup", tool_call_id="call_1", arguments="{}")
    drive.feed(e.ResponseDone(1, "resp_1", "completed", output=(said, call)))
    assert drive.only(c.RunTool).tool_call_id == "call_1"
    assert drive.items[1].text == "Hello"
    assert drive.kept()


def test_items_that_an_engine_never_ends_end_with_their_response(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hello")
    drive.done(1, "resp_1")
    assert (drive.items[-1].text, drive.items[-1].status) == ("Hello", ItemStatus.COMPLETED)
    assert replies(drive) == [("done", "completed")]


def test_calls_of_a_response_that_failed_are_not_taken_from_its_end(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    call = e.EngineItem("item_2", "function_call", name="lookup", tool_call_id="call_1", arguments="{")
    drive.feed(e.ResponseDone(1, "resp_1", "cancelled", output=(call,)))
    assert not drive.commands(c.RunTool)
    assert replies(drive) == [("done", "cancelled")]


@pytest.mark.parametrize("status", ["failed", "incomplete", "cancelled"])
def test_a_response_that_does_not_complete_ends_the_reply_as_it_ended(drive: Drive, status: str) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hel")
    drive.feed(e.ResponseDone(1, "resp_1", status, {"type": status, "reason": "why"}, {"total_tokens": 3}))
    done = drive.notices(n.ReplyNotice)[0].reply
    assert (done.status, done.status_details) == (status, {"type": status, "reason": "why"})
    assert done.usage == {"total_tokens": 3}
    assert drive.items[-1].status is ItemStatus.INCOMPLETE
    assert drive.rows(r.ResponseRow)[-1].interrupted is (status == "cancelled")


def test_the_end_of_a_response_that_nobody_knows_is_ignored(drive: Drive) -> None:
    assert drive.done(1, "resp_9") == []


def test_the_usage_of_a_reply_is_that_of_all_its_responses(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.call(1, "resp_1", "lookup")
    drive.feed(e.ResponseDone(1, "resp_1", "completed", usage={"total_tokens": 3}))
    drive.answer()
    drive.start(1, "resp_2")
    drive.feed(e.ResponseDone(1, "resp_2", "completed", usage={"total_tokens": 4}))
    assert drive.notices(n.ReplyNotice)[0].reply.usage == {"total_tokens": 7}


def test_the_order_after_a_tool_asked_to_hang_up_is_the_reply_then_the_end(drive: Drive) -> None:
    drive.called("lookup")
    drive.answer(end_call="all done")
    drive.start(1, "resp_2")
    drive.speak(1, "resp_2", "Goodbye")
    assert not drive.commands(c.HangUp)
    drive.done(1, "resp_2")
    assert replies(drive) == [("done", "completed")]
    assert drive.only(c.HangUp).reason == "all done"
    assert drive.notices(n.EndedNotice)[0].by == "agent"


def test_a_caller_who_interrupts_the_goodbye_is_not_hung_up_on(drive: Drive) -> None:
    drive.called("lookup")
    drive.answer(end_call="all done")
    drive.start(1, "resp_2")
    drive.done(1, "resp_2", "cancelled")
    drive.turn(1, "resp_3", "wait", "Yes?")
    assert not drive.commands(c.HangUp, everything=True)


# --- handoffs ---------------------------------------------------------------------------------------------


def test_a_response_that_begins_while_another_agent_is_about_to_come_is_not_heard(drive: Drive) -> None:
    drive.called("transfer_to_restaurant")
    drive.feed(e.SpeechStarted(1, "item_u"), e.AudioCommitted(1, "item_u"), e.ResponseStarted(1, "resp_vad"))
    assert drive.only(c.CancelResponse).response_id == "resp_vad"
    drive.speak(1, "resp_vad", "I am the wrong one")
    drive.call(1, "resp_vad", "lookup", call_id="call_7")
    declined = drive.only(c.SendItem).item
    assert (declined.kind, declined.tool_call_id) == ("function_call_output", "call_7")
    drive.done(1, "resp_vad", "cancelled")
    assert [item.text for item in drive.items if item.role == "assistant"] == []
    assert not drive.commands(c.RunTool, everything=True)


def test_a_wish_of_ours_that_is_cancelled_before_it_was_asked_leaves_nothing_behind() -> None:
    drive = Drive()
    drive.join(ready=False)
    drive.feed(h.KeyPressed("1"))
    assert drive.feed(h.CallerCancelled()) == []
    drive.ready()
    assert not drive.commands(c.CreateResponse)


# --- beside -----------------------------------------------------------------------------------------------


def test_responses_out_of_band_are_told_apart_by_the_request_that_they_name(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse({"conversation": "none"}))
    asked = drive.only(c.CreateResponse).metadata
    drive.feed(e.ResponseStarted(1, "resp_side", asked))
    assert drive.whose() is Turn.IDLE
    drive.done(1, "resp_side")
    drive.feed(e.ResponseStarted(1, "resp_again", asked))
    assert drive.only(c.CancelResponse).response_id == "resp_again"


def test_only_the_session_on_duty_begins_replies(drive: Drive) -> None:
    drive.hear()
    drive.feed(h.OperatorReconnected())
    drive.ready()
    assert drive.feed(e.ResponseStarted(1, "resp_late")) == []
    drive.feed(h.CallLeft("call_a", "gone"))
    assert drive.feed(e.ResponseStarted(1, "resp_later", {REQUEST_KEY: "create_99"})) == []
