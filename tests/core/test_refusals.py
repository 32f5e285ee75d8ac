from dataclasses import replace

import pytest

from orchestrator.core import commands as c
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core.arbiter import ACTIVE
from orchestrator.core.items import Item
from orchestrator.core.refusals import ALREADY_THERE
from tests.core.driving import Drive

pytestmark = pytest.mark.unit


def refusals(drive: Drive) -> list[n.RefusalNotice]:
    return drive.notices(n.RefusalNotice)


def test_an_item_that_is_there_already_is_told_again_under_another_name_at_its_place(drive: Drive) -> None:
    drive.type("hello")
    sent = drive.only(c.SendItem)
    drive.refuse(sent.event_id, ALREADY_THERE)
    again = drive.only(c.SendItem)
    assert again.item == replace(sent.item, id=again.item.id)
    assert again.item.id != sent.item.id
    assert drive.machine._context.sessions[1].names[sent.item.id] == again.item.id


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (Item(id="item_1", kind="function_call", agent="triage", name="pay", arguments='{"a": 1}'),
         '[triage called pay with {"a": 1}]'),
        (Item(id="item_1", kind="function_call_output", output="done"), "[The answer was: done]"),
    ],
)  # fmt: skip
def test_an_item_that_the_engine_does_not_take_is_told_as_a_note(drive: Drive, item: Item, told: str) -> None:
    ctx = drive.machine._context
    ctx.put(ctx.stamp(item))
    drive.refuse("item:item_1")
    note = drive.only(c.SendItem).item
    assert (note.kind, note.role, note.text) == ("message", "system", told)
    drive.refuse(f"item:{note.id}")
    assert not drive.commands(c.SendItem)


def test_a_message_that_the_engine_does_not_take_is_told_in_other_words(drive: Drive) -> None:
    drive.type("hello")
    drive.refuse(drive.only(c.SendItem).event_id)
    assert drive.only(c.SendItem).item.text == "[The user said: hello]"


@pytest.mark.parametrize("event_id", ["item:nobody", "nonsense", None])
def test_a_refusal_of_nothing_that_we_know_has_no_effect(drive: Drive, event_id: str | None) -> None:
    assert drive.refuse(event_id) == []


@pytest.mark.parametrize(
    ("event", "command"),
    [(h.CallerCommittedAudio("event_1"), c.CommitAudio), (h.CallerClearedAudio("event_1"), c.ClearAudio)],
)
def test_what_the_client_did_to_audio_is_refused_to_it(
    drive: Drive, event: h.Event, command: type[c.CommitAudio | c.ClearAudio]
) -> None:
    drive.feed(event)
    drive.refuse(drive.only(command).event_id, "input_audio_buffer_commit_empty")
    (told,) = refusals(drive)
    assert (told.code, told.event_id) == ("input_audio_buffer_commit_empty", "event_1")


def test_an_update_that_is_refused_is_taken_back_and_told(drive: Drive) -> None:
    before = drive.machine._context.sessions[1].config
    drive.feed(h.CallerUpdated({"max_output_tokens": 100}, "event_1"))
    update = drive.only(c.UpdateSession)
    assert update.config != before
    drive.refuse(update.event_id, "invalid_value")
    assert drive.machine._context.sessions[1].config == before
    (told,) = refusals(drive)
    assert (told.code, told.event_id) == ("invalid_value", "event_1")
    (shown,) = drive.notices(n.SessionNotice)
    assert shown.session["max_output_tokens"] == "inf"


def test_a_later_update_stays_when_an_earlier_one_is_refused(drive: Drive) -> None:
    drive.feed(h.CallerUpdated({"max_output_tokens": 100}))
    first = drive.only(c.UpdateSession)
    drive.feed(h.CallerUpdated({"max_output_tokens": 200}))
    drive.refuse(first.event_id, "invalid_value")
    (shown,) = drive.notices(n.SessionNotice)
    assert shown.session["max_output_tokens"] == 200


def test_an_engine_that_names_no_event_refused_the_request_for_another_response(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse())
    drive.refuse(None, ACTIVE)
    assert drive.machine._context.sessions[1].requested is None


def test_a_side_request_that_is_refused_is_refused_to_the_client_and_waited_for_no_more(drive: Drive) -> None:
    drive.feed(h.CallerAskedResponse({"conversation": "none"}, "event_1"))
    drive.refuse(drive.only(c.CreateResponse).event_id, "invalid_value")
    (told,) = refusals(drive)
    assert (told.code, told.event_id) == ("invalid_value", "event_1")
    assert not [name for name in drive.machine._context.timers if name.startswith("side")]
