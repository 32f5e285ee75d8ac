import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core.arbiter import REQUEST_KEY
from orchestrator.core.items import Part
from orchestrator.core.transitions import Turn
from tests.core.driving import Drive, replies

pytestmark = pytest.mark.unit


def test_a_response_out_of_band_runs_beside_the_conversation_and_leaves_no_trace_in_it(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.feed(h.CallerAskedResponse({"conversation": "none", "metadata": {"topic": "x"}}))
    asked = drive.only(c.CreateResponse)
    drive.feed(e.ResponseStarted(1, "resp_side", asked.metadata))
    added = drive.notices(n.ReplyNotice)[0].reply
    assert (added.conversation_id, added.metadata) == (None, {"topic": "x"})
    drive.speak(1, "resp_side", "about x")
    assert not drive.notices(n.ItemNotice)
    drive.done(1, "resp_side")
    assert drive.notices(n.ReplyNotice)[0].reply.output[0].text == "about x"
    assert [item.text for item in drive.items] == ["hello"]
    assert drive.whose() is Turn.RESPONDING


def test_what_is_told_only_at_the_end_of_a_side_response_counts_too(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse({"conversation": "none"}))
    drive.start(1, "resp_side")
    said = e.EngineItem("item_1", "message", "assistant", "completed", (Part(text="x"),))
    drive.feed(e.ResponseDone(1, "resp_side", "completed", output=(said,)))
    assert drive.notices(n.ReplyNotice)[0].reply.output[0].text == "x"


def test_a_side_request_waits_for_a_session_and_is_refused_to_the_client_when_it_is() -> None:
    drive = Drive()
    drive.join(ready=False)
    drive.feed(h.CallerAskedResponse({"conversation": "none"}, "event_1"))
    assert not drive.commands(c.CreateResponse)
    drive.ready()
    drive.refuse(drive.only(c.CreateResponse).event_id, "invalid_value")
    assert drive.notices(n.RefusalNotice)[0].event_id == "event_1"


def test_a_side_response_that_was_given_up_is_stopped_should_it_begin_after_all(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse({"conversation": "none"}))
    asked = drive.only(c.CreateResponse)
    drive.pass_time(60)
    assert drive.notices(n.RefusalNotice)[0].code == "engine_timeout"
    drive.feed(e.ResponseStarted(1, "resp_side", {REQUEST_KEY: asked.event_id}))
    assert drive.only(c.CancelResponse).response_id == "resp_side"
    assert not drive.notices(n.ReplyNotice)
    assert drive.whose() is Turn.IDLE


def test_a_side_response_of_a_session_that_drains_ends_before_it_is_closed(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse({"conversation": "none"}))
    side = drive.only(c.CreateResponse).metadata
    drive.feed(h.OperatorReconnected())
    drive.ready(2)
    assert not drive.commands(c.CloseSession)
    drive.feed(e.ResponseStarted(1, "resp_side", side))
    drive.feed(e.ResponseStarted(1, "resp_late"))
    drive.done(1, "resp_side")
    assert replies(drive) == [("done", "completed")]
    assert drive.only(c.CloseSession).epoch == 1


def test_a_response_given_up_that_begins_after_the_call_is_left_alone(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse({"conversation": "none"}))
    asked = drive.only(c.CreateResponse)
    drive.hear()
    drive.feed(h.CallLeft("call_a", "gone"))
    assert drive.feed(e.ResponseStarted(1, "resp_side", asked.metadata)) == []


def test_a_side_response_that_does_not_end_is_given_up_and_stopped(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse({"conversation": "none"}))
    drive.start(1, "resp_side")
    drive.pass_time(60)
    assert replies(drive) == [("done", "failed")]
    assert drive.only(c.CancelResponse).response_id == "resp_side"
    assert drive.speak(1, "resp_side", "late") == []
    assert drive.done(1, "resp_side") == []


def test_a_side_response_of_a_session_that_is_lost_fails_and_one_only_asked_for_is_asked_again(
    drive: Drive,
) -> None:
    drive.feed(h.CallerAskedResponse({"conversation": "none", "metadata": {"n": "1"}}))
    drive.start(1, "resp_side")
    drive.feed(h.CallerAskedResponse({"conversation": "none", "metadata": {"n": "2"}}))
    drive.lose()
    assert replies(drive) == [("done", "failed")]
    drive.ready()
    assert drive.only(c.CreateResponse).epoch == 2
    drive.start(2, "resp_1")
    assert drive.notices(n.ReplyNotice)[0].reply.metadata == {"n": "2"}
    drive.pass_time(59)
    assert not drive.notices(n.RefusalNotice)


def test_a_summary_that_outlives_its_handoff_and_its_session_is_forgotten(drive: Drive) -> None:
    drive.called("transfer_to_human")
    drive.ready(2)
    drive.pass_time(8)
    assert drive.machine.agent == "human"
    drive.pass_time(60)
    assert not drive.notices(n.RefusalNotice, everything=True)


def test_a_summary_is_told_to_nobody_but_the_agent_who_takes_over(drive: Drive) -> None:
    drive.called("transfer_to_human")
    drive.start(1, "resp_sum")
    assert not drive.notices(n.ReplyNotice)
    drive.speak(1, "resp_sum", "The caller is hungry.")
    drive.done(1, "resp_sum")
    assert not drive.notices(n.ReplyNotice)
    assert "The caller is hungry." in drive.sent(2)[0].text


@pytest.mark.parametrize(("status", "text"), [("failed", "The caller"), ("completed", "")])
def test_a_summary_that_fails_or_is_empty_is_replaced_by_the_last_items(
    drive: Drive, status: str, text: str
) -> None:
    drive.called("transfer_to_human")
    drive.start(1, "resp_sum")
    drive.speak(1, "resp_sum", text)
    drive.done(1, "resp_sum", status)
    assert drive.sent(2)[0].text == "please"


def test_a_summary_that_is_refused_is_not_waited_for(drive: Drive) -> None:
    drive.called("transfer_to_human")
    drive.refuse(drive.only(c.CreateResponse).event_id, "server_error", epoch=1)
    assert drive.sent(2)
    assert not drive.notices(n.RefusalNotice)


def test_a_summary_of_a_handoff_that_is_no_more_helps_nobody(drive: Drive) -> None:
    drive.called("transfer_to_human")
    summary = drive.only(c.CreateResponse).metadata
    drive.lose(2)
    drive.feed(e.ResponseStarted(1, "resp_sum", summary))
    assert drive.done(1, "resp_sum") == []


def test_a_refused_summary_of_a_handoff_that_is_no_more_is_no_matter(drive: Drive) -> None:
    drive.called("transfer_to_human")
    asked = drive.only(c.CreateResponse).event_id
    drive.lose(2)
    assert drive.refuse(asked, "server_error", epoch=1) == []
