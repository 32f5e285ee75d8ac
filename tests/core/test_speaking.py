import pytest

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.items import Part
from tests.core.driving import Drive

pytestmark = pytest.mark.unit

WRITES = EngineAbilities(text_to_speech=True)
SPEAKS = EngineAbilities(audio_in=True, audio_out=True, text_to_speech=True)


@pytest.fixture
def drive() -> Drive:
    drive = Drive()
    drive.join()
    return drive


def replies(drive: Drive) -> list[tuple[str, str]]:
    return [(note.stage, note.reply.status) for note in drive.notices(n.ReplyNotice)]


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


def test_a_client_that_wants_text_hears_nothing() -> None:
    drive = Drive(abilities=WRITES)
    drive.join()
    drive.feed(h.CallerUpdated({"output_modalities": ["text"]}))
    drive.turn(1, "resp_1", "hello", "Hi")
    assert spoken(drive) == []
    assert drive.items[-1].content[0].kind == "text"
