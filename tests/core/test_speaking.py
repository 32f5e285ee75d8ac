from dataclasses import replace

import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.items import ItemStatus, Part
from orchestrator.core.records import ResponseRow
from orchestrator.core.transitions import Turn
from tests.core.driving import Drive, definition, replies

pytestmark = pytest.mark.unit

WRITES = EngineAbilities(text_to_speech=True)
SPEAKS = EngineAbilities(audio_in=True, audio_out=True, text_to_speech=True)


def spoken(drive: Drive) -> list[tuple[str, bool]]:
    return [(command.text, command.final) for command in drive.commands(c.SpeakText, everything=True)]


def test_words_of_our_own_are_a_reply_of_their_own_and_known_to_the_engine(drive: Drive) -> None:
    drive.feed(h.OperatorSaid("We close at ten."))
    assert replies(drive) == [("added", "in_progress"), ("done", "completed")]
    assert drive.only(c.SendItem).item.text == "We close at ten."
    assert drive.items[-1].origin == "operator"
    assert not drive.commands(c.SpeakText)


def test_words_of_our_own_are_spoken_where_the_client_listens() -> None:
    drive = Drive(abilities=WRITES)
    drive.join()
    drive.feed(h.OperatorSaid("We close at ten."))
    assert drive.only(c.SpeakText) == c.SpeakText(drive.items[-1].id, "We close at ten.", "marin", final=True)
    assert drive.items[-1].content[0].kind == "audio"
    assert drive.notices(n.ReplyNotice)[0].reply.modality == "audio"


def test_what_a_tool_has_to_say_is_told_within_the_reply_and_kept_from_the_engine(drive: Drive) -> None:
    drive.called("lookup")
    drive.feed(h.ToolProgressed("call_1", "Still looking."))
    assert drive.notices(n.OutputItemNotice)[-1].item.text == "Still looking."
    assert not drive.commands(c.SendItem)
    assert drive.items[-1].data == {"filler": True}


@pytest.mark.parametrize("name", ["call_1", "call_9"])
def test_a_tool_that_does_not_run_has_nothing_to_say(drive: Drive, name: str) -> None:
    drive.called("lookup")
    drive.answer()
    assert drive.feed(h.ToolProgressed(name, "Still looking.")) == []


def test_nothing_is_said_meanwhile_to_a_caller_who_speaks_or_who_cancelled(drive: Drive) -> None:
    drive.called("lookup")
    drive.feed(e.SpeechStarted(1, "item_u"))
    assert drive.feed(h.ToolProgressed("call_1", "Still looking.")) == []
    drive.feed(e.SpeechStopped(1, "item_u"))
    drive.feed(h.CallerCancelled())
    assert drive.feed(h.ToolProgressed("call_1", "Still looking.")) == []


def test_text_of_an_engine_is_spoken_piece_by_piece_and_told_as_audio() -> None:
    drive = Drive(abilities=WRITES)
    drive.join()
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hello ", item="item_1")
    said = e.EngineItem("item_1", "message", "assistant", "completed", (Part(text="Hello there"),))
    drive.feed(e.PartDone(1, "resp_1", "item_1", 0, "text", "Hello there"))
    drive.feed(e.OutputItemDone(1, "resp_1", said))
    assert spoken(drive) == [("Hello ", False), ("there", False), ("", True)]
    assert {command.voice for command in drive.commands(c.SpeakText)} == {"marin"}
    assert drive.items[-1].content == (Part(kind="audio", text="Hello there"),)
    deltas = drive.notices(n.DeltaNotice, everything=True)
    assert [(delta.kind, delta.delta) for delta in deltas] == [
        ("transcript", "Hello "),
        ("transcript", "there"),
    ]


def test_text_from_an_engine_that_was_asked_for_audio_is_spoken_all_the_same() -> None:
    drive = Drive(abilities=SPEAKS)
    drive.join()
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.speak(1, "resp_1", "Hello there")
    assert spoken(drive) == [("Hello there", False), ("", True)]


def test_a_transcript_that_brings_no_audio_is_spoken_when_it_is_whole() -> None:
    drive = Drive(abilities=SPEAKS)
    drive.join()
    drive.type("hello")
    drive.start(1, "resp_1")
    begun = e.EngineItem("item_1", "message", "assistant", "in_progress")
    said = e.EngineItem("item_1", "message", "assistant", "completed", (Part(kind="audio", text="Hi there"),))
    drive.feed(e.OutputItemAdded(1, "resp_1", begun))
    drive.feed(e.OutputDelta(1, "resp_1", "item_1", "transcript", "Hi there"))
    assert spoken(drive) == []
    drive.feed(e.OutputItemDone(1, "resp_1", said))
    assert spoken(drive) == [("Hi there", False), ("", True)]


def test_audio_of_an_engine_is_not_spoken_a_second_time() -> None:
    drive = Drive(abilities=SPEAKS)
    drive.join()
    drive.type("hello")
    drive.start(1, "resp_1")
    begun = e.EngineItem("item_1", "message", "assistant", "in_progress")
    said = e.EngineItem("item_1", "message", "assistant", "completed", (Part(kind="audio", text="Hi"),))
    drive.feed(e.OutputItemAdded(1, "resp_1", begun), e.AudioStarted(1, "resp_1", "item_1"))
    drive.feed(e.OutputItemDone(1, "resp_1", said))
    assert spoken(drive) == []


def test_nothing_further_is_spoken_once_the_caller_speaks() -> None:
    drive = Drive(abilities=WRITES)
    drive.join()
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hello ")
    drive.feed(e.SpeechStarted(1, "item_u"))
    drive.only(c.FlushPlayback)
    drive.feed(e.OutputDelta(1, "resp_1", "item_resp_1", "text", "there"))
    assert spoken(drive) == [("Hello ", False)]
    drive.done(1, "resp_1", "cancelled")
    assert spoken(drive) == [("Hello ", False), ("", True)]


def ended(drive: Drive) -> list[str]:
    """What was told to be over, in order."""
    kinds = (n.PartNotice, n.OutputItemNotice, n.ReplyNotice)
    told = [command.notice for command in drive.commands(c.Announce)]
    return [type(note).__name__ for note in told if isinstance(note, kinds) and note.stage == "done"]


def written() -> Drive:
    """An engine wrote a whole reply, and it is being spoken."""
    drive = Drive(abilities=WRITES)
    drive.join()
    drive.turn(1, "resp_1", "hello", "Hello there")
    return drive


def test_a_reply_lasts_until_its_sound_is_made() -> None:
    drive = written()
    assert "ReplyNotice" not in ended(drive)
    assert drive.whose() is Turn.RESPONDING
    assert drive.items[-1].status is ItemStatus.COMPLETED
    drive.feed(h.Spoken("item_resp_1", 900))
    assert ended(drive) == ["PartNotice", "OutputItemNotice", "ReplyNotice"]
    assert replies(drive) == [("done", "completed")]
    assert drive.items[-1].heard is None
    assert drive.whose() is Turn.IDLE
    assert drive.machine.deadline is None


def last_response(drive: Drive) -> ResponseRow:
    return drive.rows(ResponseRow)[-1]


def test_a_response_that_is_over_is_kept_with_when_its_first_sound_came() -> None:
    drive = written()
    assert last_response(drive).status == "in_progress"
    drive.pass_time(0.25)
    drive.feed(h.SoundBegan("item_resp_1"))
    row = last_response(drive)
    assert (row.status, row.first_audio_at) == ("completed", drive.now)
    drive.feed(h.Spoken("item_resp_1", 900))
    assert [row.done_at is None for row in drive.rows(ResponseRow)].count(False) == 1


def test_sound_that_comes_while_the_engine_still_writes_is_the_responses_first() -> None:
    drive = Drive(abilities=WRITES)
    drive.join()
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hello there. And")
    drive.feed(h.SoundBegan("item_resp_1"))
    began = drive.now
    drive.pass_time(0.25)
    drive.done(1, "resp_1")
    assert (last_response(drive).status, last_response(drive).first_audio_at) == ("completed", began)


def test_a_response_without_a_sound_is_kept_once_that_is_sure() -> None:
    drive = written()
    drive.feed(h.Spoken("item_resp_1", 0, 0, "speech_lost"))
    assert (last_response(drive).status, last_response(drive).first_audio_at) == ("completed", None)


def test_the_sound_of_it_goes_under_the_names_of_the_reply() -> None:
    drive = Drive(abilities=WRITES)
    drive.join()
    drive.feed(h.OperatorSaid("We close at ten."))
    (route,) = drive.notices(n.AudioRouteNotice)
    begun = drive.notices(n.ReplyNotice)[0].reply.id
    item = drive.items[-1].id
    assert route == n.AudioRouteNotice(n.OWN_VOICE, item, begun, item, 0)
    assert ended(drive) == []
    drive.feed(h.Spoken(item, 900))
    assert replies(drive) == [("done", "completed")]


def test_sound_that_does_not_come_is_not_waited_for_forever() -> None:
    drive = written()
    drive.pass_time(60)
    drive.only(c.StopSpeaking)
    assert replies(drive) == [("done", "completed")]


def test_words_that_there_is_no_sound_of_are_not_remembered_as_heard() -> None:
    drive = written()
    drive.feed(h.CallerCancelled())
    drive.only(c.StopSpeaking)
    assert replies(drive) == [("done", "cancelled")]
    drive.feed(h.Spoken("item_resp_1", 400, 5))
    assert drive.items[-1].heard == "Hello"
    assert drive.only(c.SendItem).item.text == "Hello"
    assert not drive.notices(n.ItemTruncatedNotice)
    assert drive.kept()


def test_words_that_no_voice_could_say_were_told_as_text() -> None:
    drive = written()
    drive.feed(h.Spoken("item_resp_1", 0, 0, "speech_lost"))
    assert drive.items[-1].heard is None
    assert replies(drive) == [("done", "completed")]


def test_a_caller_who_interrupts_what_is_only_still_spoken_cancels_the_reply() -> None:
    drive = written()
    drive.feed(e.SpeechStarted(1, "item_u"))
    drive.only(c.FlushPlayback)
    drive.feed(h.Played("item_resp_1", 300, 5, final=True, generated_ms=900))
    drive.feed(h.Spoken("item_resp_1", 900, 11))
    assert replies(drive) == [("done", "cancelled")]
    assert drive.items[-1].heard == "Hello"


def test_a_caller_who_cancels_while_the_engine_writes_hears_no_more() -> None:
    drive = Drive(abilities=WRITES)
    drive.join()
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hello ")
    drive.feed(h.CallerCancelled())
    drive.only(c.StopSpeaking)
    drive.feed(h.Spoken("item_resp_1", 100, 5))
    drive.feed(e.OutputDelta(1, "resp_1", "item_resp_1", "text", "there"))
    drive.done(1, "resp_1", "cancelled")
    assert spoken(drive) == [("Hello ", False), ("", True)]
    assert drive.items[-1].heard == "Hello"
    assert replies(drive) == [("done", "cancelled")]


def test_a_reply_that_was_cut_short_by_its_engine_is_spoken_to_its_end() -> None:
    drive = Drive(abilities=WRITES)
    drive.join()
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.begin_speaking(1, "resp_1", "Hello ")
    drive.done(1, "resp_1", "incomplete")
    assert replies(drive) == []
    drive.feed(h.Spoken("item_resp_1", 300))
    assert replies(drive) == [("done", "incomplete")]


def test_who_leaves_while_a_reply_is_spoken_has_heard_what_was_made() -> None:
    drive = written()
    drive.feed(h.Spoken("item_resp_1", 400, 5), h.CallLeft("call_a", "gone"))
    assert drive.items[-1].heard == "Hello"
    assert drive.machine.finished


def test_an_agent_who_ends_the_call_is_heard_out() -> None:
    drive = Drive(abilities=WRITES)
    drive.join()
    drive.called("lookup")
    drive.answer(end_call="goodbye")
    drive.start(1, "resp_2")
    drive.speak(1, "resp_2", "Goodbye!")
    drive.done(1, "resp_2")
    assert not drive.commands(c.HangUp)
    drive.feed(h.Spoken("item_resp_2", 500))
    drive.only(c.HangUp)


def test_a_response_that_begins_while_our_own_words_are_spoken_is_part_of_the_reply() -> None:
    drive = Drive(abilities=WRITES)
    drive.join()
    drive.feed(h.OperatorSaid("We close at ten."))
    item = drive.items[-1].id
    drive.feed(e.ResponseStarted(1, "resp_1", {}))
    drive.feed(h.Spoken(item, 500))
    drive.speak(1, "resp_1", "Yes?")
    drive.done(1, "resp_1")
    drive.feed(h.Spoken("item_resp_1", 300))
    (done,) = drive.notices(n.ReplyNotice)
    assert [each.text for each in done.reply.output] == ["We close at ten.", "Yes?"]


def test_who_asks_while_our_own_words_are_spoken_is_answered_after_them() -> None:
    drive = Drive(abilities=WRITES)
    drive.join(greet=True)
    greeting = drive.items[-1].id
    drive.type("a cake, please")
    assert not drive.commands(c.CreateResponse)
    assert not drive.notices(n.RefusalNotice)
    drive.type("quickly")
    assert drive.notices(n.RefusalNotice)[0].code == "conversation_already_has_active_response"
    drive.feed(h.Spoken(greeting, 900))
    drive.only(c.CreateResponse)
    assert replies(drive) == [("done", "completed")]


def test_each_agent_speaks_in_its_own_voice_with_its_own_text_to_speech() -> None:
    agents = definition()
    kitchen = replace(agents.agents["restaurant"], tts="azure")
    drive = Drive(
        abilities=WRITES, definition_=replace(agents, agents={**agents.agents, "restaurant": kitchen})
    )
    drive.join()
    drive.feed(h.CallerUpdated({"audio": {"output": {"speed": 1.25}}}))
    drive.turn(1, "resp_1", "hello", "Hi")
    first = drive.commands(c.SpeakText, everything=True)[0]
    assert (first.voice, first.adapter, first.speed) == ("marin", None, 1.25)
    drive.feed(h.Spoken("item_resp_1", 300))
    drive.feed(h.OperatorHandedOff("restaurant"))
    drive.ready()
    drive.turn(2, "resp_2", "a cake", "Which one?")
    second = drive.commands(c.SpeakText, everything=True)[-1]
    assert (second.voice, second.adapter) == ("cedar", "azure")


def test_a_client_that_wants_text_hears_nothing() -> None:
    drive = Drive(abilities=WRITES)
    drive.join()
    drive.feed(h.CallerUpdated({"output_modalities": ["text"]}))
    drive.turn(1, "resp_1", "hello", "Hi")
    assert spoken(drive) == []
    assert drive.items[-1].content[0].kind == "text"
