from dataclasses import replace
from typing import Any

import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import holding
from orchestrator.core import notices as n
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.definition import Definition, Interruptions
from orchestrator.core.hearing import Utterance
from orchestrator.core.json_value import JsonObject
from tests.core.driving import Drive, definition

pytestmark = pytest.mark.unit

HEARS = EngineAbilities(audio_in=True, audio_out=True, detects_turns=False, speech_to_text=True)
READS = EngineAbilities(text_to_speech=True, speech_to_text=True)
OWN = c.OwnHearing(detection={}, holds=2.0, sounds=("mm-hm", "Uh"))
SERVER: JsonObject = {"type": "server_vad", "prefix_padding_ms": 300, "silence_duration_ms": 500}


def joined(abilities: EngineAbilities = HEARS, **wanted: Any) -> Drive:
    """A call of an agent that says what becomes of its replies."""
    agents = {
        name: replace(spec, interruptions=Interruptions(**wanted))
        for name, spec in definition().agents.items()
    }
    drive = Drive(abilities=abilities, definition_=Definition(agents, "triage"))
    drive.join()
    return drive


@pytest.fixture
def drive() -> Drive:
    """A call in which the caller makes a sound while a reply is being heard."""
    drive = joined()
    drive.turn(1, "resp_1", "hello", "Good evening.")
    drive.feed(h.SpeechBegan(5000, sounding=True))
    return drive


def written(drive: Drive) -> str:
    """The id of what is being written down."""
    return drive.commands(c.WriteDown, everything=True)[-1].item_id


def ends(drive: Drive, text: str, **options: Any) -> list[c.Command]:
    """The caller stops, and that was it."""
    drive.feed(h.SpeechEnded(6200))
    return drive.feed(h.Understood(written(drive), text, **options))


# --- what happens -----------------------------------------------------------------------------------------


def test_a_sound_over_a_reply_holds_it_back_and_nothing_else(drive: Drive) -> None:
    assert [type(command) for command in drive.fresh] == [c.PausePlayback, c.Announce, c.WriteDown]
    assert drive.notices(n.HeldNotice) == [n.HeldNotice("paused")]
    assert not drive.notices(n.SpeechNotice)


@pytest.mark.parametrize("text", ["", "Mm-hm.", "uh, uh-huh"])
def test_a_sound_without_words_was_nothing_and_the_reply_goes_on(drive: Drive, text: str) -> None:
    ends(drive, text)
    assert drive.only(c.ResumePlayback)  # type: ignore[truthy-bool]
    assert drive.commands(c.ForgetSpeech)
    assert drive.notices(n.HeldNotice) == [n.HeldNotice("resumed")]
    for never in (c.FlushPlayback, c.CommitAudio, c.LetHear, c.CancelResponse):
        assert not drive.commands(never, everything=True)
    assert not drive.notices(n.SpeechNotice, everything=True)
    assert len(drive.items) == 2
    assert drive.kept()


def test_words_interrupt_and_are_told_from_their_beginning(drive: Drive) -> None:
    ends(drive, "no, wait")
    drive.only(c.FlushPlayback)
    drive.only(c.ResumePlayback)
    drive.only(c.LetHear)
    drive.only(c.CommitAudio)
    told = drive.notices(n.SpeechNotice)
    assert [(notice.stage, notice.milliseconds) for notice in told] == [("started", 5000), ("stopped", 6200)]
    drive.only(c.CreateResponse)


def test_words_for_an_engine_that_only_reads_become_an_item() -> None:
    drive = joined(READS)
    drive.feed(h.OperatorSaid("Good evening."), h.SpeechBegan(5000))
    drive.only(c.PausePlayback)
    ends(drive, "no, wait")
    assert drive.items[-1].text == "no, wait"
    drive.feed(h.Spoken(drive.items[0].id, 100, 3))
    drive.only(c.CreateResponse)


def test_who_speaks_for_long_interrupts_before_the_words_are_known(drive: Drive) -> None:
    drive.pass_time(2.0)
    drive.only(c.FlushPlayback)
    (started,) = drive.notices(n.SpeechNotice)
    assert started.stage == "started"
    drive.feed(h.SpeechEnded(9000))
    drive.only(c.CommitAudio)
    assert not drive.feed(h.Understood(started.item_id, "too late to matter"))


def test_words_that_are_late_let_the_reply_go_on_and_interrupt_it_then(drive: Drive) -> None:
    drive.feed(h.SpeechEnded(6200))
    drive.pass_time(2.0)
    drive.only(c.ResumePlayback)
    drive.feed(h.Understood(written(drive), "no, wait"))
    drive.only(c.FlushPlayback)
    assert not drive.commands(c.ResumePlayback)


def test_a_recogniser_that_fails_leaves_the_caller_the_benefit_of_the_doubt(drive: Drive) -> None:
    ends(drive, "", error="transcription_failed")
    drive.only(c.FlushPlayback)
    drive.only(c.CommitAudio)


def test_a_sound_while_the_agent_is_about_to_speak_does_not_stop_it() -> None:
    drive = joined()
    drive.type("hello")
    drive.start(1, "resp_1")
    drive.feed(h.SpeechBegan(5000))
    drive.only(c.PausePlayback)
    ends(drive, "hm")
    assert not drive.commands(c.CancelResponse, everything=True)


def test_who_speaks_while_nothing_is_heard_is_heard_at_once() -> None:
    drive = joined()
    drive.feed(h.SpeechBegan(5000))
    assert not drive.commands(c.PausePlayback)
    assert drive.notices(n.SpeechNotice)


def test_a_second_sound_holds_the_reply_back_beyond_the_first(drive: Drive) -> None:
    drive.feed(h.SpeechEnded(6200))
    first = written(drive)
    drive.feed(h.SpeechBegan(6500, sounding=True))
    assert not drive.commands(c.PausePlayback)
    drive.feed(h.Understood(first, "hm"))
    assert not drive.commands(c.ResumePlayback)
    assert not drive.commands(c.ForgetSpeech)
    ends(drive, "hm")
    drive.only(c.ResumePlayback)


def test_where_speech_does_not_interrupt_nothing_is_held_back() -> None:
    drive = joined()
    detection: JsonObject = {"type": "server_vad", "interrupt_response": False}
    drive.feed(h.CallerUpdated({"audio": {"input": {"turn_detection": detection}}}))
    drive.feed(h.SpeechBegan(5000, sounding=True))
    assert not drive.commands(c.PausePlayback)


def test_a_turn_that_the_client_ends_by_hand_is_one(drive: Drive) -> None:
    drive.feed(h.CallerCommittedAudio())
    drive.only(c.FlushPlayback)
    drive.only(c.CommitAudio)


def test_what_the_client_discards_holds_nothing_back(drive: Drive) -> None:
    drive.feed(h.CallerClearedAudio())
    drive.only(c.ResumePlayback)


def test_a_session_that_is_set_up_for_turns_by_hand_holds_nothing_back(drive: Drive) -> None:
    drive.feed(h.CallerUpdated({"audio": {"input": {"turn_detection": None}}}))
    drive.only(c.ResumePlayback)


def test_an_agent_does_not_hang_up_before_its_last_words_went_on() -> None:
    drive = joined()
    drive.called("lookup")
    drive.answer(end_call="done")
    drive.start(1, "resp_2")
    drive.feed(h.SpeechBegan(5000, sounding=True))
    drive.speak(1, "resp_2", "Goodbye.")
    drive.done(1, "resp_2")
    assert not drive.commands(c.HangUp)
    ends(drive, "mm-hm")
    drive.only(c.HangUp)


def test_an_engine_that_finds_turns_takes_over_from_a_sound(drive: Drive) -> None:
    drive.machine._context.abilities = lambda _: EngineAbilities(audio_in=True)
    drive.lose()
    drive.only(c.ResumePlayback)


# --- where it is done -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("detects", "written_down", "resume", "holds"),
    [
        (False, True, None, True),
        (False, True, False, False),
        (False, False, None, False),
        (True, True, True, True),
    ],
)
def test_replies_are_held_back_where_we_find_the_turns_and_know_the_words(
    detects: bool, written_down: bool, resume: bool | None, holds: bool
) -> None:
    able = EngineAbilities(audio_in=True, detects_turns=detects, speech_to_text=written_down)
    (opened,) = joined(able, resume=resume, wait=1.5).commands(c.OpenSession)
    assert opened.config.hearing is not None
    assert opened.config.hearing.holds == (1.5 if holds else None)


@pytest.mark.parametrize(("written_down", "resume"), [(True, None), (True, False), (False, True)])
def test_an_engine_that_finds_turns_is_left_to_it_unless_the_agent_wants_more(
    written_down: bool, resume: bool | None
) -> None:
    able = EngineAbilities(audio_in=True, speech_to_text=written_down)
    (opened,) = joined(able, resume=resume).commands(c.OpenSession)
    assert opened.config.hearing is None


def test_an_engine_that_is_not_to_find_turns_has_its_own_detection_turned_off() -> None:
    able = EngineAbilities(audio_in=True, speech_to_text=True)
    drive = joined(able, resume=True)
    (opened,) = drive.commands(c.OpenSession)
    assert opened.config.turn_detection == {}
    drive.turn(1, "resp_1", "hello", "Good evening.")
    drive.feed(h.SpeechBegan(5000, sounding=True))
    ends(drive, "no, wait")
    drive.feed(e.AudioCommitted(1, "item_theirs"))
    assert drive.items[-1].id == written(drive)


# --- words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "confidence", "words"),
    [
        ("", None, False),
        ("MM-HM, uh!", None, False),
        ("mm-hm, no", None, True),
        ("2", None, True),
        ("that", 0.5, False),
        ("wait", 0.99, True),
    ],
)
def test_words_are_what_is_no_listening_sound_and_sure_enough(
    text: str, confidence: float | None, words: bool
) -> None:
    assert holding.are_words(OWN, h.Understood("item_1", text, confidence=confidence)) is words


@pytest.mark.parametrize(("ended_ms", "long"), [(None, False), (2800, False), (2801, True)])
def test_who_spoke_for_long_said_something(ended_ms: int | None, long: bool) -> None:
    own = replace(OWN, detection=SERVER)
    assert holding.is_long(Utterance("item_1", 0, ended_ms), own) is long
    assert not holding.is_long(Utterance("item_1", 0, ended_ms), OWN)
