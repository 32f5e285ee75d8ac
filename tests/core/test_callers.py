from typing import Any

import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core.arbiter import NOT_ACTIVE
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.definition import Definition
from orchestrator.core.transitions import Turn
from tests.core.driving import Drive, agent, definition, replies

pytestmark = pytest.mark.unit


# --- settings ---------------------------------------------------------------------------------------------


def test_a_change_of_settings_is_told_and_passed_on(drive: Drive) -> None:
    drive.feed(h.CallerUpdated({"max_output_tokens": 100}, "event_1"))
    told = drive.notices(n.SessionNotice)[0]
    assert (told.session["max_output_tokens"], told.event_id) == (100, "event_1")
    assert drive.only(c.UpdateSession).config.max_output_tokens == 100


def test_a_change_that_changes_nothing_is_told_and_not_passed_on(drive: Drive) -> None:
    drive.feed(h.CallerUpdated({"max_output_tokens": "inf"}))
    assert drive.notices(n.SessionNotice)
    assert not drive.commands(c.UpdateSession)


def test_a_client_tool_that_would_hide_one_of_ours_is_refused_with_all_else(drive: Drive) -> None:
    tools = [{"type": "function", "name": "lookup"}]
    drive.feed(h.CallerUpdated({"tools": tools, "max_output_tokens": 5}, "event_1"))  # type: ignore[dict-item]
    refusal = drive.notices(n.RefusalNotice)[0]
    assert (refusal.param, refusal.event_id) == ("session.tools[0].name", "event_1")
    assert not drive.commands(c.UpdateSession)
    assert drive.machine.wishes.max_output_tokens == "inf"


def test_a_session_that_is_being_opened_follows_too() -> None:
    drive = Drive()
    drive.join(ready=False)
    drive.feed(h.CallerUpdated({"max_output_tokens": 100}))
    assert drive.only(c.UpdateSession).epoch == 1


def test_a_session_that_drains_is_left_alone(drive: Drive) -> None:
    drive.hear()
    drive.feed(h.OperatorReconnected())
    drive.ready()
    drive.feed(h.CallerUpdated({"max_output_tokens": 100}))
    assert drive.only(c.UpdateSession).epoch == 2


def test_the_clients_wish_for_text_or_sound_changes_what_is_spoken() -> None:
    drive = Drive(abilities=EngineAbilities(audio_in=True, audio_out=True, text_to_speech=True))
    drive.join()
    assert drive.commands(c.OpenSession)[0].config.modality == "audio"
    drive.feed(h.CallerUpdated({"output_modalities": ["text"]}))
    assert drive.only(c.UpdateSession).config.modality == "text"
    assert drive.machine._context.sessions[1].text_to_speech is False


def test_a_session_that_began_with_history_stays_one_whatever_is_changed() -> None:
    drive = Drive(abilities=EngineAbilities(audio_in=True, audio_out=True, text_to_speech=True))
    drive.join()
    drive.type("hello", respond=False)
    drive.lose()
    drive.ready()
    assert drive.commands(c.OpenSession, everything=True)[-1].config.modality == "text"
    drive.feed(h.CallerUpdated({"max_output_tokens": 7}))
    assert drive.only(c.UpdateSession).config.modality == "text"


def computed(context: Any) -> str:
    return f"Called by {context.previous_agent} with {context.payload}."


def failing(_context: Any) -> str:
    raise RuntimeError("broken")


def test_instructions_that_were_computed_stay_as_they_were() -> None:
    agents = dict(definition().agents) | {"restaurant": agent("restaurant", instructions=computed)}
    drive = Drive(definition_=Definition(agents, "triage"))
    drive.join()
    drive.type("please")
    drive.start(1, "resp_1")
    drive.call(1, "resp_1", "transfer_to_restaurant", '{"reason": "food", "size": 2}')
    drive.done(1, "resp_1")
    opened = drive.only(c.OpenSession).config.instructions
    assert opened == "Called by triage with {'size': 2}."
    drive.ready()
    drive.feed(h.CallerUpdated({"max_output_tokens": 7}))
    assert drive.only(c.UpdateSession).config.instructions == opened
    drive.feed(h.DefinitionChanged("restaurant"))
    assert not drive.commands(c.UpdateSession)


def test_instructions_that_cannot_be_computed_any_more_stay_as_they_were(drive: Drive) -> None:
    agents = dict(definition().agents)
    agents["triage"] = agent("triage", instructions=failing, voice="marin")
    drive.machine.definition = Definition(agents, "triage")
    assert drive.feed(h.DefinitionChanged("triage")) == []


# --- responses --------------------------------------------------------------------------------------------


def test_instructions_and_tools_of_a_response_go_on_top_of_the_agents(drive: Drive) -> None:
    tools = [{"type": "function", "name": "extra"}]
    drive.feed(h.CallerAskedResponse({"instructions": "Be brief.", "tools": tools}))  # type: ignore[dict-item]
    options = drive.only(c.CreateResponse).options
    assert options["instructions"] == "You are triage.\n\nBe brief."
    names = [tool["name"] for tool in options["tools"]]  # type: ignore[union-attr,index,call-overload]
    assert names[0] == "lookup"
    assert names[-1] == "extra"


def test_out_of_band_a_client_says_everything_itself(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse({"conversation": "none", "instructions": "Classify."}))
    assert drive.only(c.CreateResponse).options["instructions"] == "Classify."


def test_what_is_asked_before_there_is_a_session_is_asked_once_there_is() -> None:
    drive = Drive()
    drive.join(ready=False)
    drive.feed(h.CallerAskedResponse({"instructions": "Be brief.", "tools": [], "metadata": {"k": "v"}}))
    drive.ready()
    assert drive.only(c.CreateResponse).options["instructions"] == "Be brief."


def test_a_response_is_refused_while_another_is_in_progress(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.feed(h.CallerAskedResponse(event_id="event_1"))
    refusal = drive.notices(n.RefusalNotice)[0]
    assert (refusal.code, refusal.event_id) == ("conversation_already_has_active_response", "event_1")


# --- cancelling, in every stage ---------------------------------------------------------------------------


def test_there_is_nothing_to_cancel_while_nobody_speaks(drive: Drive) -> None:
    drive.feed(h.CallerCancelled(event_id="event_1"))
    refusal = drive.notices(n.RefusalNotice)[0]
    assert (refusal.code, refusal.event_id) == (NOT_ACTIVE, "event_1")


def test_cancelling_another_response_than_the_one_in_progress_is_refused(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.feed(h.CallerCancelled("resp_other"))
    assert drive.notices(n.RefusalNotice)[0].code == NOT_ACTIVE
    drive.feed(h.CallerCancelled(drive.notices(n.ReplyNotice, everything=True)[0].reply.id))
    drive.only(c.CancelResponse)


def test_cancelled_while_waiting_for_a_session() -> None:
    drive = Drive()
    drive.join(ready=False)
    drive.feed(h.CallerAskedResponse({"metadata": {"k": "v"}}))
    drive.feed(h.CallerCancelled())
    assert replies(drive) == [("added", "in_progress"), ("done", "cancelled")]
    assert drive.notices(n.ReplyNotice)[0].reply.metadata == {"k": "v"}
    drive.ready()
    assert not drive.commands(c.CreateResponse)
    assert drive.whose() is Turn.IDLE


def test_cancelled_while_the_request_is_on_its_way(drive: Drive) -> None:
    drive.type("hello")
    drive.feed(h.CallerCancelled())
    assert replies(drive) == [("added", "in_progress"), ("done", "cancelled")]
    assert drive.whose() is Turn.IDLE
    drive.type("something else")
    assert not drive.commands(c.CreateResponse)
    drive.feed(e.ResponseStarted(1, "resp_1", {"orchestrator_request": "create_2"}))
    assert drive.only(c.CancelResponse).response_id == "resp_1"
    drive.speak(1, "resp_1", "too late")
    assert not drive.notices(n.DeltaNotice)
    drive.done(1, "resp_1", "cancelled")
    drive.only(c.CreateResponse)


def test_cancelled_while_the_engine_responds(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hel")
    drive.feed(h.CallerCancelled())
    drive.only(c.CancelResponse)
    assert replies(drive) == []
    drive.done(1, "resp_1", "cancelled")
    assert replies(drive) == [("done", "cancelled")]
    assert drive.items[-1].text == "Hel"


def test_an_engine_that_does_not_stop_when_told_to_is_given_up(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.feed(h.CallerCancelled())
    drive.pass_time(5)
    assert drive.only(c.CloseSession).reason == "engine_timeout"
    assert replies(drive) == [("done", "cancelled")]
    drive.ready()
    assert not drive.commands(c.CreateResponse)


def test_cancelled_while_tools_run_they_finish_and_nothing_follows(drive: Drive) -> None:
    drive.called("lookup")
    drive.feed(h.CallerCancelled())
    assert replies(drive) == [("done", "cancelled")]
    drive.answer()
    assert drive.only(c.SendItem).item.output == '"ok"'
    assert not drive.commands(c.CreateResponse)
    assert drive.whose() is Turn.IDLE


def test_what_is_asked_after_cancelling_waits_for_the_tools_that_still_run(drive: Drive) -> None:
    drive.called("lookup")
    drive.feed(h.CallerCancelled())
    drive.type("something else")
    assert not drive.commands(c.CreateResponse)
    drive.answer()
    assert [type(command) for command in drive.fresh[-2:]] == [c.SendItem, c.CreateResponse]


def test_cancelled_while_a_handoff_is_staged_the_next_agent_comes_and_keeps_silent(drive: Drive) -> None:
    drive.called("transfer_to_restaurant")
    drive.feed(h.CallerCancelled())
    assert replies(drive) == [("done", "cancelled")]
    drive.ready()
    assert drive.machine.agent == "restaurant"
    assert not drive.commands(c.CreateResponse)
    assert drive.whose() is Turn.IDLE


def test_cancelled_while_a_staged_handoff_is_talked_over_ends_the_reply_too(drive: Drive) -> None:
    drive.called("transfer_to_restaurant")
    drive.hear()
    drive.feed(e.ResponseStarted(1, "resp_vad"))
    drive.feed(h.CallerCancelled())
    assert replies(drive) == [("done", "cancelled")]
    assert drive.whose() is Turn.IDLE


def test_cancelled_while_a_refused_request_waits_to_be_asked_again(drive: Drive) -> None:
    drive.type("hello")
    drive.refuse(drive.only(c.CreateResponse).event_id, code="conversation_already_has_active_response")
    drive.feed(h.CallerCancelled())
    drive.pass_time(20)
    assert not drive.commands(c.CreateResponse)
    assert not drive.commands(c.CloseSession)


# --- audio and keys ---------------------------------------------------------------------------------------


def test_audio_is_committed_and_cleared_where_it_is_heard(drive: Drive) -> None:
    drive.feed(h.CallerCommittedAudio("event_1"))
    assert drive.only(c.CommitAudio) == c.CommitAudio(1, "commit:event_1")
    drive.feed(h.CallerClearedAudio())
    assert drive.only(c.ClearAudio) == c.ClearAudio(1, "clear:")
    drive.lose()
    drive.feed(h.CallerCommittedAudio())
    assert drive.only(c.CommitAudio).epoch == 2


def test_a_turn_that_ends_while_there_is_no_session_ends_once_there_is() -> None:
    drive = Drive()
    drive.join()
    drive.lose()
    drive.lose(2)
    drive.feed(h.CallerCommittedAudio("event_1"))
    assert not drive.commands(c.CommitAudio)
    drive.pass_time(0.5)
    kinds = [type(command) for command in drive.fresh]
    assert kinds.index(c.RouteAudio) < kinds.index(c.CommitAudio)
    assert drive.only(c.CommitAudio).epoch == 3


def test_a_turn_that_was_discarded_while_there_was_no_session_does_not_end() -> None:
    drive = Drive()
    drive.join()
    drive.lose()
    drive.lose(2)
    drive.feed(h.CallerCommittedAudio(), h.CallerClearedAudio())
    drive.pass_time(0.5)
    assert not drive.commands(c.CommitAudio)


def test_a_key_is_a_word_to_the_agent_and_told_to_the_client(drive: Drive) -> None:
    drive.feed(h.KeyPressed("5"))
    assert [notice.stage for notice in drive.notices(n.ItemNotice)] == ["added", "done"]
    assert drive.only(c.SendItem).item.text == "[The caller pressed 5]"
    assert drive.items[-1].data == {"key": "5"}
    drive.only(c.CreateResponse)


def test_the_client_that_leaves_is_the_one_that_is_there(drive: Drive) -> None:
    assert drive.feed(h.CallLeft("call_b", "gone")) == []
    drive.feed(h.CallLeft("call_a", "gone", {"lost": 1}))
    drive.only(c.CloseSession)
