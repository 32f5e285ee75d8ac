from typing import Any

import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.engine_events import EngineItem
from orchestrator.core.hearing import UNINTELLIGIBLE
from orchestrator.core.items import Item, Part
from orchestrator.core.sounds import Span, span_of
from orchestrator.core.transitions import Turn
from tests.core.driving import Drive

pytestmark = pytest.mark.unit

HEARS = EngineAbilities(audio_in=True, audio_out=True, detects_turns=False)
READS = EngineAbilities(speech_to_text=True, text_to_speech=True)


def joined(abilities: EngineAbilities) -> Drive:
    drive = Drive(abilities=abilities)
    drive.join()
    return drive


@pytest.fixture
def hears() -> Drive:
    """A call with an engine that hears, and finds no turns."""
    return joined(HEARS)


@pytest.fixture
def reads() -> Drive:
    """A call with an engine that only reads."""
    return joined(READS)


def detect(drive: Drive, **changes: Any) -> None:
    detection = {"type": "server_vad", **changes}
    drive.feed(h.CallerUpdated({"audio": {"input": {"turn_detection": detection}}}))


def by_hand(drive: Drive) -> None:
    drive.feed(h.CallerUpdated({"audio": {"input": {"turn_detection": None}}}))


def says(drive: Drive) -> str:
    """The caller says something; the id of what is to become of it."""
    drive.feed(h.SpeechBegan(100))
    (started,) = drive.notices(n.SpeechNotice)
    drive.feed(h.SpeechEnded(900))
    return started.item_id


def last(drive: Drive) -> Item:
    return drive.items[-1]


def test_what_was_written_down_knows_when_it_was_said(reads: Drive) -> None:
    reads.feed(h.SpeechBegan(100, at=reads.now - 0.25))
    (started,) = reads.notices(n.SpeechNotice)
    reads.feed(h.SpeechEnded(2100, at=reads.now + 1.5), after=2)
    reads.feed(h.Understood(started.item_id, "two pizzas"), after=1)
    assert span_of(last(reads)) == Span(reads.now - 3.25, reads.now - 1.5)


def test_what_an_engine_was_let_hear_knows_it_once_it_is_an_item(hears: Drive) -> None:
    began = hears.now
    item_id = says(hears)
    hears.feed(e.AudioCommitted(1, item_id), after=1)
    assert span_of(last(hears)) == Span(began, began)


def made(name: str) -> EngineItem:
    return EngineItem(name, "message", "user", "completed", (Part(kind="audio"),))


# --- who listens ------------------------------------------------------------------------------------------


def test_an_engine_that_finds_turns_is_left_to_it() -> None:
    drive = joined(EngineAbilities(audio_in=True))
    (opened,) = drive.commands(c.OpenSession)
    assert opened.config.hearing is None
    assert opened.config.turn_detection
    assert not drive.feed(h.SpeechBegan(100))


def test_an_engine_that_finds_no_turns_is_told_that_we_do(hears: Drive) -> None:
    (opened,) = hears.commands(c.OpenSession)
    assert opened.config.turn_detection == {}
    assert opened.config.hearing is not None
    assert opened.config.hearing.detection["silence_duration_ms"] == 500
    assert not opened.config.hearing.writes
    by_hand(hears)
    assert hears.only(c.UpdateSession).config.hearing is None


def test_for_an_engine_that_only_reads_we_listen_however_turns_end(reads: Drive) -> None:
    (opened,) = reads.commands(c.OpenSession)
    assert opened.config.hearing is not None
    assert opened.config.hearing.writes
    by_hand(reads)
    assert reads.only(c.UpdateSession).config.hearing == c.OwnHearing(detection={}, writes=True)


def test_an_engine_that_only_reads_has_nobody_to_listen_where_nothing_writes_down() -> None:
    (opened,) = joined(EngineAbilities(text_to_speech=True)).commands(c.OpenSession)
    assert opened.config.hearing is None


def test_the_client_is_told_that_it_is_heard_where_we_hear_for_the_engine(reads: Drive) -> None:
    (told,) = reads.notices(n.JoinedNotice)
    assert told.hears


# --- an engine that hears ---------------------------------------------------------------------------------


def test_a_turn_that_we_find_is_heard_by_the_engine_committed_and_answered(hears: Drive) -> None:
    hears.feed(h.SpeechBegan(100))
    (started,) = hears.notices(n.SpeechNotice)
    assert (started.stage, started.milliseconds) == ("started", 100)
    assert [type(command) for command in hears.fresh if not isinstance(command, c.Announce)] == [
        c.LetHear,
        c.FlushPlayback,
    ]
    assert hears.whose() is Turn.LISTENING
    hears.feed(h.SpeechEnded(900))
    assert hears.notices(n.SpeechNotice) == [n.SpeechNotice("stopped", started.item_id, 900)]
    asked = [command for command in hears.fresh if isinstance(command, c.CommitAudio | c.CreateResponse)]
    assert [type(command) for command in asked] == [c.CommitAudio, c.CreateResponse]
    hears.feed(e.AudioCommitted(1, "item_theirs"), e.EngineItemDone(1, made("item_theirs")))
    assert last(hears).id == started.item_id
    hears.feed(e.TranscriptDone(1, "item_theirs", "a pizza"))
    assert last(hears).text == "a pizza"
    assert hears.kept()


def test_the_engines_item_has_our_name_also_where_it_is_told_first(hears: Drive) -> None:
    said = says(hears)
    hears.feed(e.EngineItemAdded(1, made("item_theirs")), e.AudioCommitted(1, "item_theirs"))
    assert [item.id for item in hears.items if item.role == "user"] == [said]


def test_what_an_engine_hears_in_spite_of_us_is_not_heeded(hears: Drive) -> None:
    assert hears.feed(e.SpeechStarted(1, "item_u"), e.SpeechStopped(1, "item_u")) == []


def test_a_client_may_ask_for_the_response_itself(hears: Drive) -> None:
    detect(hears, create_response=False)
    says(hears)
    hears.only(c.CommitAudio)
    assert not hears.commands(c.CreateResponse)


def test_a_caller_who_speaks_over_a_response_stops_it(hears: Drive) -> None:
    hears.type("hello")
    hears.start(1, "resp_1")
    hears.begin_speaking(1, "resp_1", "Good ")
    hears.feed(h.SpeechBegan(100))
    assert hears.only(c.CancelResponse).response_id == "resp_1"
    hears.feed(e.ResponseDone(1, "resp_1", "cancelled", {"type": "cancelled", "reason": "client_cancelled"}))
    (over,) = hears.notices(n.ReplyNotice)
    assert over.reply.status == "cancelled"
    assert over.reply.status_details == {"type": "cancelled", "reason": "turn_detected"}


def test_a_response_that_was_only_asked_for_is_stopped_as_soon_as_it_begins(hears: Drive) -> None:
    hears.type("hello")
    hears.feed(h.SpeechBegan(100))
    assert not hears.commands(c.CancelResponse)
    hears.start(1, "resp_1")
    assert hears.only(c.CancelResponse).response_id == "resp_1"


def test_a_reply_whose_next_step_was_only_asked_for_ends_as_interrupted(hears: Drive) -> None:
    hears.called("lookup")
    hears.answer()
    hears.only(c.CreateResponse)
    hears.feed(h.SpeechBegan(100))
    (over,) = hears.notices(n.ReplyNotice)
    assert over.reply.status_details == {"type": "cancelled", "reason": "turn_detected"}


def test_where_speech_does_not_interrupt_the_reply_goes_on(hears: Drive) -> None:
    detect(hears, interrupt_response=False)
    hears.type("hello")
    hears.start(1, "resp_1")
    hears.feed(h.SpeechBegan(100))
    assert not hears.commands(c.FlushPlayback)
    assert not hears.commands(c.CancelResponse)


def test_a_commit_of_ours_that_is_refused_is_none_of_the_clients_business(hears: Drive) -> None:
    says(hears)
    hears.refuse(hears.only(c.CommitAudio).event_id, "input_audio_buffer_commit_empty")
    assert not hears.notices(n.RefusalNotice)
    next_one = says(hears)
    hears.feed(e.AudioCommitted(1, "item_theirs"))
    assert last(hears).id == next_one


def test_a_turn_that_a_lost_session_made_no_item_of_is_committed_to_the_next(hears: Drive) -> None:
    said = says(hears)
    hears.lose()
    assert hears.only(c.CommitAudio).epoch == 2
    hears.ready()
    hears.feed(e.AudioCommitted(2, "item_theirs"))
    assert last(hears).id == said


def test_a_client_may_end_a_turn_by_hand_before_we_find_its_end(hears: Drive) -> None:
    hears.feed(h.SpeechBegan(100), h.CallerCommittedAudio("mine"))
    assert hears.only(c.CommitAudio).event_id == "commit:mine"
    assert not hears.commands(c.CreateResponse)
    assert hears.feed(h.SpeechEnded(900)) == []


def test_a_client_may_end_a_turn_that_we_found_no_beginning_of(hears: Drive) -> None:
    hears.feed(h.CallerCommittedAudio("mine"))
    assert hears.commands(c.LetHear)
    assert hears.commands(c.CommitAudio)


def test_a_turn_that_nobody_listens_to_any_more_does_not_stand_in_the_way_of_the_next(hears: Drive) -> None:
    hears.feed(h.SpeechBegan(100))
    by_hand(hears)
    assert hears.whose() is Turn.IDLE
    detect(hears)
    says(hears)
    hears.only(c.CommitAudio)


# --- an engine that only reads ----------------------------------------------------------------------------


def test_what_is_written_down_becomes_an_item_that_the_engine_reads_and_answers(reads: Drive) -> None:
    said = says(reads)
    assert reads.only(c.EndUtterance).item_id == said
    assert reads.whose() is Turn.LISTENING
    reads.feed(h.Understood(said, "a", final=False), h.Understood(said, "a pizza"))
    told = [command.notice for command in reads.commands(c.Announce)]
    assert [type(notice) for notice in told] == [
        n.AudioCommittedNotice,
        n.ItemNotice,
        n.ItemNotice,
        n.TranscriptNotice,
    ]
    assert (last(reads).id, last(reads).content) == (said, (Part(kind="audio", text="a pizza"),))
    assert reads.sent()[-1].content == (Part(text="a pizza"),)
    reads.only(c.CreateResponse)
    assert reads.kept()


def test_a_sound_without_words_is_nobodys_turn(reads: Drive) -> None:
    said = says(reads)
    reads.feed(h.Understood(said, " "))
    assert reads.notices(n.AudioClearedNotice)
    assert not reads.items
    assert not reads.commands(c.CreateResponse)
    assert reads.whose() is Turn.IDLE


@pytest.mark.parametrize("late", [False, True])
def test_words_that_are_lost_are_asked_for_again_by_the_agent(reads: Drive, late: bool) -> None:
    said = says(reads)
    if late:
        reads.pass_time(20)
    else:
        reads.feed(h.Understood(said, "", error="transcription_failed"))
    assert last(reads).text == UNINTELLIGIBLE
    assert [notice.stage for notice in reads.notices(n.TranscriptNotice)] == ["failed"]
    reads.only(c.CreateResponse)


def test_a_response_that_the_client_asks_for_waits_for_the_words(reads: Drive) -> None:
    by_hand(reads)
    reads.feed(h.CallerCommittedAudio(), h.CallerAskedResponse())
    assert not reads.commands(c.CreateResponse)
    reads.feed(h.Understood(reads.only(c.EndUtterance).item_id, "a pizza"))
    reads.only(c.CreateResponse)


def test_a_turn_that_was_ended_by_hand_becomes_an_item_whatever_was_understood(reads: Drive) -> None:
    by_hand(reads)
    reads.feed(h.CallerCommittedAudio())
    reads.feed(h.Understood(reads.only(c.EndUtterance).item_id, ""))
    assert last(reads).role == "user"


def test_what_the_client_discards_is_forgotten(reads: Drive) -> None:
    reads.feed(h.SpeechBegan(100), h.CallerClearedAudio())
    assert reads.commands(c.ForgetSpeech)
    assert reads.notices(n.AudioClearedNotice)
    assert reads.whose() is Turn.IDLE
    assert reads.feed(h.SpeechEnded(900)) == []


def test_an_engine_that_hears_forgets_with_us(hears: Drive) -> None:
    hears.feed(h.SpeechBegan(100), h.CallerClearedAudio("mine"))
    assert hears.commands(c.ForgetSpeech)
    assert hears.only(c.ClearAudio).event_id == "clear:mine"


def test_two_turns_in_a_row_are_answered_once_both_are_written_down(reads: Drive) -> None:
    first, second = says(reads), says(reads)
    reads.feed(h.Understood(first, "a pizza"))
    assert not reads.commands(c.CreateResponse)
    reads.feed(h.Understood(second, "and a coke"))
    reads.only(c.CreateResponse)
    assert [item.text for item in reads.items] == ["a pizza", "and a coke"]


def test_words_that_come_after_the_call_are_nobodys(reads: Drive) -> None:
    said = says(reads)
    reads.feed(h.CallLeft("call_a", "gone"))
    assert reads.feed(h.Understood(said, "a pizza")) == []
