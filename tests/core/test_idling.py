import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.items import Part
from orchestrator.core.json_value import JsonObject
from tests.core.driving import Drive

pytestmark = pytest.mark.unit

HEARS = EngineAbilities(audio_in=True)


def patient(abilities: EngineAbilities = HEARS, milliseconds: int | None = 8000) -> Drive:
    """A call in which the caller may say nothing for so long."""
    drive = Drive(abilities=abilities)
    drive.join()
    detection: JsonObject = {"type": "server_vad", "idle_timeout_ms": milliseconds}
    drive.feed(h.CallerUpdated({"audio": {"input": {"turn_detection": detection}}}))
    return drive


@pytest.fixture
def drive() -> Drive:
    return patient()


def answered(drive: Drive) -> int:
    """The caller is answered, and hears the reply to its end; the number of that wait."""
    drive.turn(1, "resp_1", "hello", "Good evening.")
    number = drive.only(c.WatchPlayback).number
    drive.feed(h.AllPlayed(number), after=3)
    return number


def test_who_says_nothing_for_so_long_after_a_reply_was_heard_is_asked(drive: Drive) -> None:
    answered(drive)
    assert not drive.pass_time(7.9)
    drive.pass_time(0.1)
    drive.only(c.CreateResponse)
    told = [command.notice for command in drive.commands(c.Announce)]
    item = drive.items[-1]
    assert told[:2] == [
        n.IdleNotice(item.id, 3000, 11000),
        n.AudioCommittedNotice(item.id, drive.items[-2].id),
    ]
    assert [type(notice) for notice in told[2:]] == [n.ItemNotice, n.ItemNotice]
    assert drive.sent() == [item]
    assert item.content == (Part(text="[The caller has said nothing for 8 seconds.]"),)
    assert (item.role, item.origin) == ("user", "service")
    assert drive.kept()


def test_who_goes_on_saying_nothing_is_asked_again_after_the_next_reply(drive: Drive) -> None:
    answered(drive)
    drive.pass_time(8)
    drive.start(1, "resp_2")
    drive.speak(1, "resp_2", "Are you still there?")
    drive.done(1, "resp_2")
    drive.feed(h.AllPlayed(drive.only(c.WatchPlayback).number))
    drive.pass_time(8)
    drive.only(c.CreateResponse)


def test_time_begins_only_when_the_reply_was_heard(drive: Drive) -> None:
    drive.turn(1, "resp_1", "hello", "Good evening.")
    assert drive.machine.deadline is None
    assert not drive.feed(h.AllPlayed(99))
    assert drive.machine.deadline is None


def test_nobody_is_asked_before_the_first_reply(drive: Drive) -> None:
    assert not drive.commands(c.WatchPlayback, everything=True)


@pytest.mark.parametrize(
    "event", [e.SpeechStarted(1, "item_u"), h.KeyPressed("5"), h.OperatorSaid("One moment.")], ids=str
)
def test_whatever_happens_ends_the_wait(drive: Drive, event: h.Event) -> None:
    number = answered(drive)
    drive.feed(event)
    assert "idle" not in drive.machine._context.timers
    drive.feed(h.AllPlayed(number))
    assert "idle" not in drive.machine._context.timers


def test_a_client_that_is_to_act_is_not_taken_for_a_caller_who_says_nothing(drive: Drive) -> None:
    drive.called("pick")
    assert not drive.commands(c.WatchPlayback, everything=True)


def test_without_a_time_nobody_waits() -> None:
    drive = patient(milliseconds=None)
    drive.turn(1, "resp_1", "hello", "Good evening.")
    assert not drive.commands(c.WatchPlayback, everything=True)


def test_an_engine_that_knows_of_idle_callers_is_left_to_it() -> None:
    drive = patient(EngineAbilities(audio_in=True, times_idle=True))
    config = drive.commands(c.UpdateSession, everything=True)[-1].config
    assert config.idle_ms is None
    assert (config.turn_detection or {})["idle_timeout_ms"] == 8000


def test_an_engine_that_does_not_is_not_told(drive: Drive) -> None:
    config = drive.commands(c.UpdateSession, everything=True)[-1].config
    assert config.idle_ms == 8000
    assert (config.turn_detection or {})["idle_timeout_ms"] is None


def test_where_we_find_the_turns_we_time_them_too() -> None:
    drive = patient(EngineAbilities(audio_in=True, detects_turns=False, times_idle=True))
    config = drive.commands(c.UpdateSession, everything=True)[-1].config
    assert config.idle_ms == 8000


def test_the_client_is_told_the_time_that_it_asked_for(drive: Drive) -> None:
    told = drive.notices(n.SessionNotice, everything=True)[-1].session
    assert told["audio"]["input"]["turn_detection"]["idle_timeout_ms"] == 8000  # type: ignore[index, call-overload]


def test_who_is_gone_is_not_waited_for(drive: Drive) -> None:
    answered(drive)
    drive.feed(h.CallLeft("call_a", "gone"))
    assert not drive.pass_time(60)
