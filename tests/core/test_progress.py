import json

import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core.progress import APOLOGY
from orchestrator.core.transitions import Turn
from tests.core.driving import Drive, all_replies

pytestmark = pytest.mark.unit


def codes(drive: Drive) -> dict[str, str]:
    """How calls that failed were answered."""
    outputs = [item for item in drive.items if item.kind == "function_call_output"]
    told = {item.tool_call_id or "": json.loads(item.output or "") for item in outputs}
    return {
        name: output["code"] for name, output in told.items() if isinstance(output, dict) and "code" in output
    }


def stages(drive: Drive) -> list[str]:
    return [stage for stage, _, _ in all_replies(drive)]


def test_a_turn_goes_from_waiting_over_working_to_idle(drive: Drive) -> None:
    seen = [drive.whose()]
    drive.feed(e.SpeechStarted(1, "item_a"))
    seen.append(drive.whose())
    drive.feed(e.SpeechStopped(1, "item_a"), e.AudioCommitted(1, "item_a"))
    drive.type("hello")
    seen.append(drive.whose())
    drive.start(1, "resp_1")
    seen.append(drive.whose())
    drive.call(1, "resp_1", "lookup")
    drive.done(1, "resp_1")
    seen.append(drive.whose())
    drive.answer()
    seen.append(drive.whose())
    drive.start(1, "resp_2")
    drive.speak(1, "resp_2", "Hi")
    drive.done(1, "resp_2")
    seen.append(drive.whose())
    assert seen == [
        Turn.IDLE, Turn.LISTENING, Turn.WAITING, Turn.RESPONDING, Turn.WORKING, Turn.WAITING, Turn.IDLE
    ]  # fmt: skip
    assert stages(drive) == ["added", "done"]


def test_who_is_handed_over_in_the_middle_of_a_turn_is_worked_for(drive: Drive) -> None:
    drive.called("transfer_to_restaurant")
    assert drive.whose() is Turn.WORKING
    assert stages(drive) == ["added"]


def test_handoffs_come_after_the_other_tools_of_the_response(drive: Drive) -> None:
    drive.called("transfer_to_restaurant", "lookup")
    assert not drive.commands(c.OpenSession)
    drive.answer("call_2")
    assert drive.only(c.OpenSession).epoch == 2


def test_one_handoff_of_a_response_takes_place(drive: Drive) -> None:
    drive.called("transfer_to_restaurant", "transfer_to_human")
    assert codes(drive) == {"call_2": "superseded"}
    assert drive.only(c.OpenSession).config.agent == "restaurant"


def test_a_handoff_abandons_what_the_client_was_to_answer(drive: Drive) -> None:
    drive.called("pick", "transfer_to_restaurant")
    assert codes(drive) == {"call_1": "abandoned"}
    assert drive.only(c.OpenSession).config.agent == "restaurant"


def test_a_client_acts_once_the_reply_is_over_and_asks_for_the_next_itself(drive: Drive) -> None:
    drive.called("pick")
    assert stages(drive) == ["added", "done"]
    output = e.EngineItem("", "function_call_output", tool_call_id="call_1", output='"picked"')
    drive.feed(h.CallerItem(output))
    assert not drive.commands(c.CreateResponse)
    drive.feed(h.CallerAskedResponse())
    assert drive.only(c.CreateResponse).epoch == 1
    assert codes(drive) == {}


def test_a_wish_for_a_response_does_not_wait_for_the_client(drive: Drive) -> None:
    drive.called("pick")
    drive.feed(h.CallerAskedResponse())
    assert codes(drive) == {"call_1": "abandoned"}
    assert drive.only(c.CreateResponse).epoch == 1


def test_a_model_that_goes_on_calling_tools_is_spoken_for(drive: Drive) -> None:
    drive.type("please")
    for number in range(1, 5):
        drive.start(1, f"resp_{number}")
        drive.call(1, f"resp_{number}", "lookup", call_id=f"call_{number}")
        drive.done(1, f"resp_{number}")
        drive.answer(f"call_{number}")
    assert codes(drive) == {"call_4": "tool_limit"}
    assert drive.items[-1].text == APOLOGY
    assert not drive.commands(c.CreateResponse)


def test_nothing_is_asked_for_a_caller_who_is_gone(drive: Drive) -> None:
    drive.called("lookup")
    drive.feed(h.CallLeft("call_a", "gone"))
    drive.answer()
    assert not drive.commands(c.CreateResponse)


def test_an_agent_who_ends_the_call_is_heard_out_first(drive: Drive) -> None:
    drive.called("lookup")
    drive.answer(end_call="done")
    assert not drive.commands(c.HangUp)
    drive.start(1, "resp_2")
    drive.speak(1, "resp_2", "Goodbye")
    assert not drive.commands(c.HangUp)
    drive.done(1, "resp_2")
    assert drive.only(c.HangUp).reason == "done"


def test_words_are_said_one_after_another(drive: Drive) -> None:
    drive.feed(h.OperatorSaid("One."), h.OperatorSaid("Two."))
    assert [item.text for item in drive.items] == ["One.", "Two."]
