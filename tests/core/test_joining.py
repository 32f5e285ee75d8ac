from dataclasses import replace
from typing import Any

import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core import records as r
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.definition import Definition, Limits, Violation
from orchestrator.core.engine_events import EngineItem
from orchestrator.core.items import ItemStatus
from orchestrator.core.transitions import Turn
from tests.core.driving import Drive, Shelf, agent, definition, tool

pytestmark = pytest.mark.unit


def cut_off(*tools: str, arguments: str = "{}", who: str = "restaurant", **options: Any) -> Drive:
    """A conversation whose process died while these tools of the restaurant ran."""
    shelf = Shelf(agent=who)
    drive = Drive(shelf, **options)
    drive.join()
    drive.type("please")
    drive.start(1, "resp_1")
    for number, name in enumerate(tools, start=1):
        drive.call(1, "resp_1", name, arguments, f"call_{number}")
    drive.done(1, "resp_1")
    return drive.restarted(**options)


def outputs(drive: Drive) -> list[str]:
    return [item.output or "" for item in drive.items if item.kind == "function_call_output"]


# --- new --------------------------------------------------------------------------------------------------


def test_a_new_conversation_opens_a_session_for_the_entry_agent_and_loads_nothing() -> None:
    drive = Drive()
    drive.join(ready=False)
    opened = drive.only(c.OpenSession)
    assert (opened.epoch, opened.config.agent) == (1, "triage")
    assert not drive.commands(c.SendItem)
    assert drive.rows(r.SessionRow)[-1].purpose == "start"
    assert drive.rows(r.ConversationRow)[-1].status == "live"
    assert drive.rows(r.CallRow)[-1] == r.CallRow(id="call_a", transport="websocket", joined_at=1000.0)
    assert drive.notices(n.SessionNotice)[0].session["model"] == "triage"


def test_a_client_is_told_which_conversation_it_joined_and_whether_it_goes_on() -> None:
    drive = Drive()
    drive.join()
    first = drive.notices(n.JoinedNotice)[0]
    assert (first.conversation_id, first.agent, first.resumed) == ("conv_1", "triage", False)
    drive.type("hello")
    drive.feed(h.CallLeft("call_a", "gone"))
    drive.join()
    assert drive.notices(n.JoinedNotice)[-1].resumed


def test_a_client_is_told_whether_sound_is_of_use() -> None:
    writing, speaking = Drive(), Drive(abilities=EngineAbilities(audio_in=True, audio_out=True))
    writing.join()
    speaking.join()
    assert [(each.hears, each.speaks) for each in writing.notices(n.JoinedNotice)] == [(False, False)]
    assert [(each.hears, each.speaks) for each in speaking.notices(n.JoinedNotice)] == [(True, True)]


def test_the_agent_speaks_first_only_in_a_new_conversation_that_may_be_greeted() -> None:
    drive = Drive()
    drive.join(greet=True)
    assert [item.text for item in drive.items] == ["Hello, what can I do for you?"]
    assert drive.sent()[0].text == "Hello, what can I do for you?"
    drive.feed(h.CallLeft("call_a", "gone"))
    drive.join(greet=True)
    assert [item.kind for item in drive.items] == ["message", "resumed"]
    silent = Drive()
    silent.join(greet=False)
    assert silent.items == []


def test_an_agent_without_a_greeting_waits() -> None:
    drive = Drive(Shelf(agent="human"))
    drive.join(greet=True)
    assert drive.items == []


def test_a_seeded_conversation_that_nobody_called_yet_begins_with_its_seed_and_no_marker() -> None:
    drive = Drive()
    drive.join()
    drive.type("seed", respond=False)
    shelf = Shelf(items=dict(drive.shelf.items))
    seeded = Drive(shelf)
    seeded.join(greet=True)
    assert [item.text for item in seeded.sent()] == ["seed"]
    assert [item.kind for item in seeded.items] == ["message"]
    assert seeded.rows(r.SessionRow)[-1].purpose == "start"


# --- again ------------------------------------------------------------------------------------------------


def test_a_conversation_goes_on_where_it_was_left() -> None:
    drive = Drive()
    drive.join()
    drive.turn(1, "resp_1", "hello", "Hi")
    again = drive.restarted()
    again.join()
    assert again.rows(r.SessionRow)[-1].purpose == "resume"
    assert [item.text for item in again.sent(2)][:2] == ["hello", "Hi"]
    assert "come back" in again.sent(2)[-1].text
    assert again.kept()


def test_a_client_that_joins_is_told_the_states_as_they_are() -> None:
    drive = Drive(Shelf(states={"cart": {"lines": [1]}}, revisions={"cart": 3}, agent="restaurant"))
    drive.join()
    assert drive.notices(n.StateNotice) == [n.StateNotice("cart", 3, {"lines": [1]})]


def test_a_second_client_takes_the_line_and_the_first_is_hung_up_on() -> None:
    drive = Drive()
    drive.join()
    drive.join(call_id="call_b")
    assert drive.commands(c.HangUp)[0] == c.HangUp("call_a", "replaced")
    assert drive.only(c.OpenSession).epoch == 2
    assert drive.rows(r.CallRow)[-1].id == "call_b"


def test_an_agent_that_no_longer_exists_is_relieved_by_the_entry_agent() -> None:
    shelf = Shelf(agent="ghost")
    drive = Drive(shelf)
    drive.join()
    assert drive.machine.agent == "triage"
    assert drive.items[0].data["from"] == "ghost"
    assert drive.rows(r.ConversationRow)[-1].agent == "triage"
    assert drive.kept()


def test_an_agent_that_was_switched_off_is_relieved_too() -> None:
    agents = dict(definition().agents)
    agents["human"] = agent("human", enabled=False)
    drive = Drive(Shelf(agent="human"), definition_=Definition(agents, "triage"))
    drive.join()
    assert drive.machine.agent == "triage"


def test_the_entry_agent_takes_the_call_even_where_it_is_switched_off() -> None:
    agents = dict(definition().agents)
    agents["triage"] = agent("triage", enabled=False)
    drive = Drive(definition_=Definition(agents, "triage"))
    drive.join()
    assert drive.machine.agent == "triage"


def test_a_call_is_limited_by_the_agent_on_duty() -> None:
    agents = {"triage": agent("triage", limits=Limits(duration=60))}
    drive = Drive(definition_=Definition(agents, "triage"))
    drive.join()
    drive.pass_time(60)
    assert drive.only(c.HangUp).reason == "duration_limit"


# --- after a crash ----------------------------------------------------------------------------------------


def test_items_that_a_crash_cut_off_are_brought_to_their_end() -> None:
    drive = Drive()
    drive.join()
    drive.feed(e.AudioCommitted(1, "item_u"))
    drive.feed(e.ResponseStarted(1, "resp_1"))
    drive.begin_speaking(1, "resp_1", "Hel", item="item_m")
    begun = EngineItem("item_c", "function_call", None, "in_progress", name="lookup", tool_call_id="call_1")
    drive.feed(e.OutputItemAdded(1, "resp_1", begun))
    again = drive.restarted()
    again.join()
    states = {item.id: item.status for item in again.items}
    assert states["item_u"] is ItemStatus.COMPLETED
    assert states["item_m"] is ItemStatus.INCOMPLETE
    assert states["item_c"] is ItemStatus.INCOMPLETE
    assert not again.commands(c.RunTool)
    assert again.kept()


def test_items_of_a_session_that_still_drains_get_their_end_from_it() -> None:
    drive = Drive()
    drive.join()
    drive.feed(e.AudioCommitted(1, "item_u"))
    drive.feed(h.CallLeft("call_a", "gone"))
    drive.join(call_id="call_b")
    states = [drive.items[0].status]
    drive.feed(e.EngineItemDone(1, EngineItem("item_u", "message", "user")))
    assert [*states, drive.items[0].status] == [ItemStatus.IN_PROGRESS, ItemStatus.COMPLETED]


def test_a_tool_that_a_crash_left_unanswered_is_run_again_and_its_attempts_are_counted() -> None:
    drive = cut_off("lookup")
    drive.join()
    run = drive.only(c.RunTool)
    assert (run.tool_call_id, run.attempt) == ("call_1", 2)
    drive.answer(attempt=1)
    assert drive.machine.durable.unanswered == ("call_1",)
    drive.answer(attempt=2)
    assert [item.kind for item in drive.sent()] == ["function_call", "function_call_output"]
    assert not drive.commands(c.CreateResponse)
    assert drive.whose() is Turn.IDLE
    assert drive.kept()


def test_a_tool_that_brings_the_service_down_again_and_again_is_not_run_for_ever() -> None:
    drive = cut_off("lookup")
    attempts = []
    for _ in range(4):
        drive.join()
        attempts += [run.attempt for run in drive.commands(c.RunTool)]
        if drive.machine.durable.unanswered:
            drive = drive.restarted()
    assert attempts == [2, 3]
    assert "cut off" in outputs(drive)[0]
    assert [row.attempt for row in drive.rows(r.ToolRunRow)][-1] == 3


def test_a_tool_that_reaches_outside_is_answered_as_interrupted() -> None:
    drive = cut_off("pay")
    drive.join()
    assert not drive.commands(c.RunTool)
    assert "interrupted" in outputs(drive)[0]
    row = drive.rows(r.ToolRunRow)[-1]
    assert (row.outcome, row.error_code, row.attempt) == ("cancelled", "interrupted", 1)


def test_a_tool_that_needs_approval_needs_it_again() -> None:
    restaurant = agent("restaurant", tools=(tool("refund", needs_approval=True),))
    agents = dict(definition().agents) | {"restaurant": restaurant}
    drive = cut_off("refund", definition_=Definition(agents, "triage"))
    drive.join()
    assert not drive.commands(c.RunTool)
    drive.feed(h.ToolApproved("call_1", approve=True))
    drive.only(c.RunTool)


@pytest.mark.parametrize("name", ["transfer_to_triage", "nonsense_that_is_gone"])
def test_handoffs_and_tools_that_are_no_more_are_answered_as_interrupted(name: str) -> None:
    drive = cut_off(name)
    drive.join()
    assert len(outputs(drive)) == 1
    assert drive.machine.durable.unanswered == ()


def test_a_tool_whose_arguments_do_not_pass_any_more_is_not_run() -> None:
    strict = replace(tool("lookup"), check=lambda _: (Violation("", "the schema was changed"),))
    drive = cut_off("lookup")
    agents = dict(definition().agents) | {"restaurant": agent("restaurant", tools=(strict,))}
    again = drive.restarted(definition_=Definition(agents, "triage"))
    again.join()
    assert not again.commands(c.RunTool)
    assert "interrupted" in outputs(again)[0]


def test_a_call_of_an_agent_who_is_off_duty_by_now_is_answered_as_interrupted() -> None:
    drive = cut_off("add")
    drive.shelf.items["marker"] = replace(
        drive.items[0],
        id="marker",
        kind="handoff",
        sequence=90,
        position=drive.items[0].position + 90,
        data={"from": "restaurant", "to": "human"},
    )
    again = drive.restarted()
    again.join()
    assert again.machine.agent == "human"
    assert "interrupted" in outputs(again)[0]


def test_tools_that_still_run_when_the_caller_comes_back_are_not_started_again() -> None:
    drive = Drive()
    drive.join()
    drive.called("lookup")
    drive.feed(h.CallLeft("call_a", "gone"))
    drive.join(call_id="call_b")
    assert not drive.commands(c.RunTool)
    drive.answer()
    assert [item.kind for item in drive.sent()] == ["function_call", "function_call_output"]
    drive.type("and now?")
    drive.only(c.CreateResponse)


def test_tools_that_ended_while_nobody_was_there_are_in_the_history() -> None:
    drive = Drive()
    drive.join()
    drive.called("lookup")
    drive.feed(h.CallLeft("call_a", "gone"))
    drive.answer()
    assert drive.machine.finished
    drive.join(call_id="call_b")
    assert [item.kind for item in drive.sent(2)][1:3] == ["function_call", "function_call_output"]
    drive.type("and now?")
    drive.only(c.CreateResponse)


# --- by another connection --------------------------------------------------------------------------------


def test_a_caller_who_comes_by_another_connection_is_in_the_same_session_and_reply() -> None:
    drive = Drive()
    drive.join()
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.feed(h.CallMoved("call_b", "webrtc", {"packets_sent": 7}))
    before, now = drive.rows(r.CallRow)[-2:]
    assert (before.id, before.leave_reason, before.statistics) == ("call_a", "replaced", {"packets_sent": 7})
    assert (now.id, now.transport, now.left_at) == ("call_b", "webrtc", None)
    assert not drive.commands(c.OpenSession)
    assert not drive.commands(c.CloseSession)
    told = [type(announced.notice) for announced in drive.commands(c.Announce)]
    assert told == [n.SessionNotice, n.JoinedNotice]
    assert "resumed" not in [item.kind for item in drive.items]
    drive.speak(1, "resp_1", "Good evening.")
    drive.done(1, "resp_1")
    assert drive.items[-1].text == "Good evening."


def test_a_connection_that_comes_when_nobody_is_there_moves_nothing() -> None:
    drive = Drive()
    drive.join()
    drive.feed(h.CallLeft("call_a", "gone"))
    drive.feed(h.CallMoved("call_b", "webrtc"))
    assert drive.machine.call is None


# --- when it cannot begin ---------------------------------------------------------------------------------


def failing(_context: object) -> str:
    raise RuntimeError("broken")


def test_an_agent_that_cannot_be_instructed_takes_no_call_and_says_nothing() -> None:
    agents = {"triage": agent("triage", instructions=failing, greeting="Hello")}
    drive = Drive(definition_=Definition(agents, "triage"))
    drive.feed(h.CallJoined("call_a", "websocket", greet=True))
    assert drive.only(c.HangUp).reason == "bad_declaration"
    assert drive.items == []
    assert drive.machine.finished
    assert drive.machine.deadline is None
