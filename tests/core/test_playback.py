import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core.configuration import EngineAbilities
from orchestrator.core.items import Part
from orchestrator.core.playback import Cut, heard_prefix
from orchestrator.core.sounds import Span, span_of
from tests.core.driving import Drive

pytestmark = pytest.mark.unit

AUDIO = EngineAbilities(audio_in=True, audio_out=True)
WRITES = EngineAbilities(text_to_speech=True)
TEXT = "One two three four"


def begin(abilities: EngineAbilities = AUDIO) -> Drive:
    drive = Drive(abilities=abilities)
    drive.join()
    drive.type("count")
    drive.start(1, "resp_1")
    begun = e.EngineItem("item_m", "message", "assistant", "in_progress")
    drive.feed(e.OutputItemAdded(1, "resp_1", begun))
    if abilities.audio_out:
        drive.feed(e.AudioStarted(1, "resp_1", "item_m"))
    return drive


def finish(drive: Drive, kind: str = "audio", status: str = "completed") -> None:
    content = (Part(kind=kind, text=TEXT),)  # type: ignore[arg-type]
    said = e.EngineItem("item_m", "message", "assistant", status, content)
    drive.feed(e.OutputItemDone(1, "resp_1", said))


@pytest.fixture
def drive() -> Drive:
    drive = begin()
    finish(drive)
    drive.done(1, "resp_1")
    return drive


def heard(drive: Drive) -> str | None:
    return drive.items[-1].heard


def test_a_truncation_is_acknowledged_passed_on_and_remembered_as_heard_text(drive: Drive) -> None:
    drive.feed(h.CallerTruncatedItem("item_m", 500, generated_ms=1000))
    assert drive.notices(n.ItemTruncatedNotice) == [n.ItemTruncatedNotice("item_m", 0, 500)]
    assert drive.only(c.TruncateItem) == c.TruncateItem(1, "item_m", 0, 500, "truncate:item_m")
    assert heard(drive) == "One two"
    assert drive.kept()


def test_more_than_there_is_is_refused_as_the_protocol_says(drive: Drive) -> None:
    drive.feed(h.CallerTruncatedItem("item_m", 1001, event_id="event_1", generated_ms=1000))
    refusal = drive.notices(n.RefusalNotice)[0]
    assert (refusal.code, refusal.event_id) == ("invalid_value", "event_1")
    assert "already shorter than" in refusal.message
    assert not drive.commands(c.TruncateItem)


@pytest.mark.parametrize("name", ["item_1", "nothing"])
def test_only_audio_of_the_assistants_can_be_truncated(drive: Drive, name: str) -> None:
    drive.feed(h.CallerTruncatedItem(name, 10))
    assert drive.notices(n.RefusalNotice)[0].code == "item_truncate_invalid_item_id"


def test_an_item_without_audio_cannot_be_truncated() -> None:
    drive = Drive()
    drive.join()
    drive.turn(1, "resp_1", "hello", "Hi")
    drive.feed(h.CallerTruncatedItem("item_resp_1", 10))
    assert drive.notices(n.RefusalNotice)[0].code == "item_truncate_invalid_item_id"


def test_cutting_again_cuts_further_and_never_brings_back(drive: Drive) -> None:
    drive.feed(h.CallerTruncatedItem("item_m", 800, generated_ms=1000))
    assert heard(drive) == "One two three"
    drive.feed(h.CallerTruncatedItem("item_m", 900, generated_ms=1000))
    assert not drive.commands(c.TruncateItem)
    drive.feed(h.CallerTruncatedItem("item_m", 500, generated_ms=1000))
    assert heard(drive) == "One two"
    drive.feed(h.CallerTruncatedItem("item_m", 1000, generated_ms=1000))
    assert heard(drive) == "One two"


def test_a_cut_of_unknown_proportion_goes_to_the_engine_and_leaves_the_text(drive: Drive) -> None:
    drive.feed(h.CallerTruncatedItem("item_m", 500))
    assert drive.only(c.TruncateItem).audio_end_ms == 500
    assert heard(drive) is None


def test_nothing_heard_is_nothing_remembered(drive: Drive) -> None:
    drive.feed(h.CallerTruncatedItem("item_m", 0))
    assert heard(drive) == ""


def test_an_item_that_is_still_made_is_cut_at_its_end() -> None:
    drive = begin()
    drive.feed(e.OutputDelta(1, "resp_1", "item_m", "transcript", "One "))
    drive.feed(h.CallerTruncatedItem("item_m", 500, generated_ms=1000))
    assert not drive.commands(c.TruncateItem)
    finish(drive, status="incomplete")
    assert heard(drive) == "One two"
    assert drive.only(c.TruncateItem).audio_end_ms == 500
    assert len(drive.notices(n.ItemTruncatedNotice, everything=True)) == 1


def test_our_own_playout_tells_what_was_heard_and_the_client_is_told(drive: Drive) -> None:
    drive.feed(h.Played("item_m", 500, generated_ms=1000))
    assert drive.fresh == []
    drive.feed(h.Played("item_m", 500, generated_ms=1000, final=True))
    assert heard(drive) == "One two"
    assert drive.notices(n.ItemTruncatedNotice) == [n.ItemTruncatedNotice("item_m", 0, 500)]
    drive.only(c.TruncateItem)


@pytest.mark.parametrize("event", [h.Played("item_m", 1000, generated_ms=1000, final=True)])
def test_what_was_played_to_its_end_was_heard(drive: Drive, event: h.Played) -> None:
    drive.feed(event)
    assert not drive.notices(n.ItemTruncatedNotice)
    assert heard(drive) is None


def test_an_item_knows_from_when_to_when_it_was_played_with_pauses(drive: Drive) -> None:
    drive.feed(h.Played("item_m", 0))
    began = drive.now
    drive.feed(h.Played("item_m", 1000, generated_ms=1000, final=True), after=3)
    assert span_of(drive.items[-1]) == Span(began, began + 3)


def test_an_item_that_was_cut_short_while_it_was_made_knows_it_too() -> None:
    drive = begin()
    drive.feed(h.Played("item_m", 400, generated_ms=1000, final=True), after=1)
    finish(drive)
    assert span_of(drive.items[-1]) == Span(drive.now - 0.4, drive.now)


def test_of_an_item_that_a_client_cut_short_while_it_played_it_is_known_when(drive: Drive) -> None:
    drive.feed(h.CallerTruncatedItem("item_m", 1000, generated_ms=4000), after=1)
    assert span_of(drive.items[-1]) == Span(drive.now - 1, drive.now)
    drive.feed(h.CallerTruncatedItem("item_m", 500, generated_ms=4000), after=1)
    assert span_of(drive.items[-1]) == Span(drive.now - 2, drive.now - 1)


def test_an_item_of_which_nothing_was_played_sounded_never(drive: Drive) -> None:
    drive.feed(h.Played("item_m", 0, generated_ms=1000, final=True))
    assert span_of(drive.items[-1]) is None


@pytest.mark.parametrize("name", ["item_1", "nothing"])
def test_playout_of_what_is_not_the_assistants_is_ignored(drive: Drive, name: str) -> None:
    assert drive.feed(h.Played(name, 1, generated_ms=10, final=True)) == []


def test_in_text_modality_the_item_is_replaced_by_its_heard_prefix() -> None:
    drive = begin(WRITES)
    finish(drive, kind="text")
    drive.done(1, "resp_1")
    drive.feed(h.Played("item_m", 300, characters=7, final=True))
    assert heard(drive) == "One two"
    assert drive.only(c.DeleteItem).item_id == "item_m"
    sent = drive.only(c.SendItem)
    assert (sent.item.text, sent.previous_item_id) == ("One two", None)
    drive.feed(h.Played("item_m", 100, characters=3, final=True))
    assert drive.only(c.DeleteItem).item_id == sent.item.id
    assert drive.kept()


def test_in_text_modality_what_was_not_heard_at_all_is_taken_out() -> None:
    drive = begin(WRITES)
    finish(drive, kind="text")
    drive.feed(h.Played("item_m", 0, characters=0, final=True))
    drive.only(c.DeleteItem)
    assert not drive.commands(c.SendItem)


def test_a_cut_after_a_switch_reaches_the_next_session_as_the_heard_prefix(drive: Drive) -> None:
    drive.feed(h.OperatorReconnected())
    drive.ready()
    drive.feed(h.CallerTruncatedItem("item_m", 500, generated_ms=1000))
    assert drive.only(c.DeleteItem).epoch == 2
    assert drive.only(c.SendItem).item.text == "One two"
    assert not drive.commands(c.TruncateItem)


@example("0\r0", 152, 51)
@example("a  b", 400, 200)
@given(st.text(max_size=60), st.integers(0, 5000), st.integers(0, 4000))
def test_what_was_heard_is_a_prefix_and_grows_with_what_was_played(text: str, made: int, played: int) -> None:
    prefix = heard_prefix(text, Cut(played, made))
    assert text.startswith(prefix)
    assert len(prefix) <= len(heard_prefix(text, Cut(played + 100, made)))


def test_heard_text_ends_with_a_whole_word() -> None:
    assert heard_prefix("One two", Cut(600, 1000)) == "One"
    assert heard_prefix("One two", Cut(430, 1000)) == "One"
    assert heard_prefix("One two", Cut(1, 1000)) == ""
    assert heard_prefix("", Cut(500, 1000)) == ""
    assert heard_prefix("One two", Cut(0, 0, characters=5)) == "One t"
