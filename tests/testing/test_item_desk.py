from typing import Any

import pytest

from orchestrator.testing.faults import Fault
from orchestrator.testing.turns import calls, says
from tests.testing.wire_probe import Probe, error_of, types, user

pytestmark = pytest.mark.unit

ACKNOWLEDGED = ["conversation.item.added", "conversation.item.done"]


def test_an_item_is_added_and_done_with_its_true_predecessor() -> None:
    probe = Probe()
    probe.add(user("one", id="a"))
    probe.add(user("two", id="b"))
    probe.news()
    events: Any = probe.add(user("between", id="x"), previous_item_id="a")
    assert types(events) == ACKNOWLEDGED
    assert [event["previous_item_id"] for event in events] == ["a", "a"]
    assert (events[0]["item"]["id"], events[0]["item"]["status"]) == ("x", "completed")
    first: Any = probe.add(user("first", id="y"), previous_item_id="root")
    assert first[0]["previous_item_id"] is None


def test_an_item_without_an_id_is_given_one() -> None:
    probe = Probe()
    probe.news()
    events: Any = probe.add(user("one"))
    assert events[0]["item"]["id"] == "item_1_1"
    call: Any = probe.add({"type": "function_call", "name": "n", "arguments": "{}"})
    assert call[0]["item"]["call_id"] == "call_1_1"


def test_an_item_may_be_refused_by_plan_and_what_hangs_on_it_is_excused() -> None:
    probe = Probe(None, Fault.REFUSED_ITEM)
    probe.news()
    assert error_of(probe.add(user("one", id="a"), event_id="e1"))["event_id"] == "e1"
    assert error_of(probe.add(user("two", id="b"), previous_item_id="a"))["param"] == "previous_item_id"
    assert error_of(probe.add(user("three", id="c"), previous_item_id="b"))["param"] == "previous_item_id"
    assert probe.session.violations == []
    assert probe.session.conversation.ids() == []


def test_an_acknowledgement_may_come_only_after_the_next_event() -> None:
    probe = Probe(lambda _view: says("Hi"), Fault.SLOW_ACKNOWLEDGEMENT)
    probe.news()
    assert probe.add(user("one", id="a")) == []
    assert types(probe.send("response.create"))[:3] == [*ACKNOWLEDGED, "response.created"]


def test_a_held_acknowledgement_can_be_released() -> None:
    probe = Probe(None, Fault.SLOW_ACKNOWLEDGEMENT)
    probe.news()
    probe.add(user("one", id="a"))
    probe.session.release()
    assert probe.types() == ACKNOWLEDGED


def test_the_connection_may_be_lost_when_a_tool_has_answered() -> None:
    probe = Probe(lambda _view: calls("add"), Fault.DROP_AFTER_OUTPUT)
    done: Any = probe.send("response.create")[-2]
    call = done["response"]["output"][0]
    assert probe.add({"type": "function_call_output", "call_id": call["call_id"], "output": "{}"}) == []
    assert not probe.session.is_open


def test_an_item_can_be_retrieved_deleted_and_not_retrieved_again() -> None:
    probe = Probe()
    probe.add(user("one", id="a"))
    retrieved: Any = probe.send("conversation.item.retrieve", item_id="a")
    assert retrieved[-1]["item"]["content"] == [{"type": "input_text", "text": "one"}]
    assert types(probe.send("conversation.item.delete", item_id="a")) == ["conversation.item.deleted"]
    missing = error_of(probe.send("conversation.item.retrieve", item_id="a"))
    assert missing["code"] == "item_retrieve_invalid_item_id"


def test_a_truncation_is_confirmed_and_bounded_by_what_was_generated() -> None:
    probe = Probe(lambda _view: says("Good evening", audio_ms=700))
    done: Any = probe.send("response.create")[-2]
    item_id = done["response"]["output"][0]["id"]
    cut = {"item_id": item_id, "content_index": 0}
    confirmed = probe.send("conversation.item.truncate", **cut, audio_end_ms=300)
    assert [(event["type"], event["audio_end_ms"]) for event in confirmed] == [
        ("conversation.item.truncated", 300)
    ]
    assert (
        error_of(probe.send("conversation.item.truncate", **cut, audio_end_ms=701))["code"] == "invalid_value"
    )
    assert len(probe.session.violations) == 1


def test_an_item_that_is_no_object_is_refused() -> None:
    probe = Probe()
    probe.news()
    assert error_of(probe.send("conversation.item.create", item="text"))["param"] == "item"
