import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core.engine_events import EngineItem
from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.json_value import JsonObject
from orchestrator.core.records import ResponseRow
from orchestrator.core.sounds import Span, span_of
from orchestrator.core.transitions import Turn
from tests.core.driving import Drive

pytestmark = pytest.mark.unit


def spoken(name: str, text: str = "") -> EngineItem:
    return EngineItem(name, "message", "user", "completed", (Part(kind="audio", text=text),))


def last(drive: Drive) -> Item:
    return drive.items[-1]


def test_a_caller_who_speaks_is_told_of_and_the_sound_stops_at_once(drive: Drive) -> None:
    drive.feed(e.SpeechStarted(1, "item_u", 300))
    drive.only(c.FlushPlayback)
    assert drive.notices(n.SpeechNotice) == [n.SpeechNotice("started", "item_u", 300)]
    assert drive.whose() is Turn.LISTENING
    drive.feed(e.SpeechStopped(1, "item_u", 900))
    assert drive.notices(n.SpeechNotice) == [n.SpeechNotice("stopped", "item_u", 900)]
    assert drive.whose() is Turn.IDLE


def test_a_callers_item_knows_when_it_was_said_and_the_turn_ended_with_the_voice(drive: Drive) -> None:
    drive.feed(e.SpeechStarted(1, "item_u", 300, at=drive.now - 0.25), after=2)
    drive.feed(e.SpeechStopped(1, "item_u", 2000, at=drive.now - 0.5))
    drive.feed(e.AudioCommitted(1, "item_u"), after=0.5)
    assert span_of(last(drive)) == Span(drive.now - 2.75, drive.now - 1)
    drive.start(1, "resp_1")
    drive.done(1, "resp_1")
    assert drive.rows(ResponseRow)[-1].turn_ended_at == drive.now - 1


def test_speech_that_nobody_timed_sounded_when_the_engine_told_of_it(drive: Drive) -> None:
    began = drive.now
    drive.hear()
    assert span_of(last(drive)) == Span(began, drive.now)


def test_audio_that_was_committed_by_hand_sounded_nobody_knows_when(drive: Drive) -> None:
    drive.feed(e.AudioCommitted(1, "item_u"))
    assert span_of(last(drive)) is None


def test_where_speech_does_not_interrupt_the_sound_goes_on(drive: Drive) -> None:
    detection: JsonObject = {"type": "server_vad", "interrupt_response": False}
    drive.feed(h.CallerUpdated({"audio": {"input": {"turn_detection": detection}}}))
    drive.feed(e.SpeechStarted(1, "item_u"))
    assert not drive.commands(c.FlushPlayback)


def test_speech_cancels_the_tools_that_say_so(drive: Drive) -> None:
    drive.feed(h.OperatorHandedOff("restaurant"))
    drive.ready()
    drive.start(2, "resp_0")
    drive.done(2, "resp_0")
    drive.called("slow", "lookup", epoch=2)
    drive.feed(e.SpeechStarted(2, "item_u"))
    assert drive.only(c.CancelTool).tool_call_id == "call_1"


def test_speech_in_the_middle_of_a_response_hushes_what_is_still_to_come_of_it(drive: Drive) -> None:
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.feed(e.SpeechStarted(1, "item_u"))
    session = drive.machine._context.session
    assert session is not None
    assert session.response is not None
    assert session.response.hushed


def test_caller_audio_has_its_row_before_its_transcript(drive: Drive) -> None:
    drive.feed(e.AudioCommitted(1, "item_u"))
    assert drive.notices(n.AudioCommittedNotice) == [n.AudioCommittedNotice("item_u", None)]
    assert (last(drive).status, last(drive).content) == (ItemStatus.IN_PROGRESS, (Part(kind="audio"),))
    drive.feed(e.EngineItemAdded(1, spoken("item_u")))
    assert not drive.notices(n.ItemNotice)
    drive.feed(e.EngineItemDone(1, spoken("item_u")))
    assert [notice.stage for notice in drive.notices(n.ItemNotice)] == ["done"]
    drive.feed(e.TranscriptDelta(1, "item_u", "a pizza"), e.TranscriptDone(1, "item_u", "a pizza"))
    assert [notice.stage for notice in drive.notices(n.TranscriptNotice)] == ["delta", "done"]
    assert (last(drive).text, last(drive).late, last(drive).origin) == ("a pizza", False, "caller")
    assert drive.kept()


def test_audio_that_is_committed_twice_is_one_item(drive: Drive) -> None:
    drive.feed(e.AudioCommitted(1, "item_u"))
    assert drive.feed(e.AudioCommitted(1, "item_u")) == []


def test_speech_that_becomes_an_item_before_it_is_said_to_have_stopped_has_stopped(drive: Drive) -> None:
    drive.feed(e.SpeechStarted(1, "item_u"), e.AudioCommitted(1, "item_u"))
    assert drive.whose() is Turn.IDLE


def test_an_item_of_another_utterance_leaves_the_caller_speaking(drive: Drive) -> None:
    drive.feed(e.SpeechStarted(1, "item_u"), e.AudioCommitted(1, "item_t"))
    assert drive.whose() is Turn.LISTENING


def test_an_item_of_the_callers_that_nobody_announced_is_taken_up(drive: Drive) -> None:
    drive.feed(e.EngineItemAdded(1, spoken("item_u")))
    assert [notice.stage for notice in drive.notices(n.ItemNotice)] == ["added"]
    drive.feed(e.EngineItemAdded(1, spoken("item_u")), e.AudioCommitted(1, "item_u"))
    assert not drive.notices(n.ItemNotice)
    written = EngineItem("item_w", "message", "user", "completed", (Part(text="typed there"),))
    drive.feed(e.EngineItemAdded(1, written), e.EngineItemDone(1, written))
    assert (last(drive).text, last(drive).status) == ("typed there", ItemStatus.COMPLETED)


def test_an_item_of_the_callers_without_content_is_audio(drive: Drive) -> None:
    drive.feed(e.EngineItemAdded(1, EngineItem("item_u", "message", "user")))
    assert last(drive).content == (Part(kind="audio"),)


def test_what_engines_acknowledge_of_ours_is_no_news(drive: Drive) -> None:
    drive.type("hello", respond=False)
    echo = EngineItem(drive.items[0].id, "message", "user")
    assert drive.feed(e.EngineItemAdded(1, echo), e.EngineItemDone(1, echo), e.EngineItemAdded(1, echo)) == []
    call = EngineItem("item_c", "function_call", name="lookup", tool_call_id="call_1")
    assert drive.feed(e.EngineItemAdded(1, call)) == []
    assert drive.feed(e.EngineItemDeleted(1, "x"), e.EngineItemTruncated(1, "x", 1)) == []


def test_a_transcript_that_comes_with_the_item_is_kept(drive: Drive) -> None:
    drive.feed(e.AudioCommitted(1, "item_u"), e.EngineItemDone(1, spoken("item_u", "a pizza")))
    assert last(drive).text == "a pizza"


def test_a_transcript_that_comes_after_the_reply_is_marked_late(drive: Drive) -> None:
    drive.hear()
    drive.feed(e.ResponseStarted(1, "resp_1"))
    drive.speak(1, "resp_1", "Which size?")
    drive.feed(e.TranscriptDone(1, "item_heard", "a pizza", usage={"seconds": 2}))
    assert drive.notices(n.TranscriptNotice)[0].usage == {"seconds": 2}
    assert [(item.text, item.late) for item in drive.items] == [("a pizza", True), ("Which size?", False)]


def test_a_transcript_that_failed_is_kept_as_such(drive: Drive) -> None:
    drive.hear()
    drive.feed(e.TranscriptFailed(1, "item_heard", "audio_unintelligible", "What?"))
    assert drive.notices(n.TranscriptNotice)[0].code == "audio_unintelligible"
    assert last(drive).data["transcript_error"] == "audio_unintelligible"
    assert drive.feed(e.TranscriptDone(1, "item_heard", "too late")) == []


def test_transcripts_of_nothing_are_ignored(drive: Drive) -> None:
    for event in (
        e.TranscriptDelta(1, "item_x", "a"),
        e.TranscriptDone(1, "item_x", "a"),
        e.TranscriptFailed(1, "item_x", "code", "message"),
    ):
        assert drive.feed(event) == []


def test_the_transcript_of_an_item_that_was_removed_is_kept_and_told_to_no_engine(drive: Drive) -> None:
    drive.hear()
    drive.feed(h.CallerDeletedItem("item_heard"))
    drive.feed(e.TranscriptDone(1, "item_heard", "a pizza", content_index=3))
    assert (last(drive).text, last(drive).deleted) == ("a pizza", True)
    assert not drive.commands(c.SendItem)


def test_the_client_is_told_of_cleared_audio_and_the_caller_is_silent_again(drive: Drive) -> None:
    drive.feed(e.SpeechStarted(1, "item_u"), e.AudioCleared(1))
    assert drive.notices(n.AudioClearedNotice)
    assert drive.whose() is Turn.IDLE


def test_silence_that_the_engine_makes_a_turn_of_begins_one(drive: Drive) -> None:
    drive.feed(e.IdleTimeout(1, "item_u"), e.AudioCommitted(1, "item_u"), after=7)
    drive.feed(e.ResponseStarted(1, "resp_1"))
    assert drive.machine._context.turn_ended_at == 1007


def test_the_client_is_told_of_a_silence_that_lasted_too_long_before_its_item(drive: Drive) -> None:
    drive.feed(e.IdleTimeout(1, "item_u", 2000, 7000), e.AudioCommitted(1, "item_u"))
    told = [command.notice for command in drive.commands(c.Announce)]
    assert told[:2] == [n.IdleNotice("item_u", 2000, 7000), n.AudioCommittedNotice("item_u", None)]


def test_an_utterance_goes_on_under_its_name_when_another_session_hears_the_rest(drive: Drive) -> None:
    drive.feed(e.SpeechStarted(1, "item_1"))
    drive.lose()
    drive.ready()
    drive.feed(e.SpeechStarted(2, "item_1"))
    drive.only(c.FlushPlayback)
    assert not drive.notices(n.SpeechNotice)
    drive.feed(e.SpeechStopped(2, "item_1"), e.AudioCommitted(2, "item_1"))
    assert drive.notices(n.SpeechNotice) == [n.SpeechNotice("stopped", "item_1", 0)]
    assert [item.id for item in drive.items if item.role == "user"] == ["item_1"]
    drive.feed(e.SpeechStarted(2, "item_2"))
    assert [notice.item_id for notice in drive.notices(n.SpeechNotice)] == ["item_2"]


def test_a_second_beginning_in_one_session_is_another_utterance(drive: Drive) -> None:
    drive.feed(e.SpeechStarted(1, "item_1"), e.SpeechStarted(1, "item_2"))
    assert [notice.item_id for notice in drive.notices(n.SpeechNotice)] == ["item_1", "item_2"]


def test_late_transcripts_fill_the_row_and_reach_the_next_session_at_their_place(drive: Drive) -> None:
    drive.turn(1, "resp_0", "good evening", "Good evening")
    drive.hear("item_order")
    drive.feed(e.ResponseStarted(1, "resp_1"))
    drive.call(1, "resp_1", "transfer_to_restaurant", '{"reason": "orders food"}')
    drive.done(1, "resp_1")
    drive.ready()
    drive.start(2, "resp_2")
    drive.speak(2, "resp_2", "Which size?")
    drive.feed(e.TranscriptDone(1, "item_order", "a large margherita"))
    sent = drive.only(c.SendItem)
    assert (sent.epoch, sent.item.text, sent.previous_item_id) == (2, "a large margherita", "item_resp_0")
    row = next(item for item in drive.items if item.id == "item_order")
    assert (row.text, row.late) == ("a large margherita", True)
    assert drive.only(c.CloseSession).epoch == 1
    assert drive.kept()
