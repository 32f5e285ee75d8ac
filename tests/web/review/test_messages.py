"""Messages as rows."""

import pytest

from orchestrator.core.items import Item, ItemStatus, Part
from orchestrator.core.sounds import Span, with_span
from orchestrator.web.review.clock import clock_of
from orchestrator.web.review.messages import message_row
from orchestrator.web.review.rows import MessageRow
from tests.web.review.sample_call import ITEMS, NEXT_DAY, START, agent, caller, details

pytestmark = pytest.mark.unit

CLOCK = clock_of(details(), now=START)


def row(item: Item, *, live: bool = False) -> MessageRow:
    return message_row(item, CLOCK, live=live)


def test_what_was_heard_and_what_was_not_are_apart() -> None:
    made = row(ITEMS[7])
    assert made.heard == "Two large margherita. Would you like anything else,"
    assert made.unheard == "perhaps something to drink or a dessert?"


def test_a_reply_that_was_heard_whole_has_no_remainder() -> None:
    whole = agent(1, 1, "All of it.", heard="All of it.")
    assert (row(whole).heard, row(whole).unheard) == ("All of it.", "")


def test_a_reply_of_which_nothing_was_heard_is_all_remainder() -> None:
    assert (row(agent(1, 1, "Nothing.", heard="")).heard, row(agent(1, 1, "Nothing.", heard="")).unheard) == (
        "",
        "Nothing.",
    )


def test_a_callers_speech_ends_when_its_item_is_made() -> None:
    made = row(ITEMS[1])
    assert made.end_ms == 7000
    assert 0 < made.at_ms < 7000
    assert made.late


def test_what_was_timed_is_where_it_sounded_whatever_its_words() -> None:
    for item in (caller(1, 9.0, "Yes."), agent(1, 9.0, "A long sentence of the agent's.")):
        timed = with_span(item, Span(START + 3.0, START + 8.5))
        assert (row(timed).at_ms, row(timed).end_ms, row(timed).measured) == (3000, 8500, True)
        assert not row(item).measured


def test_a_callers_speech_begins_no_earlier_than_its_call() -> None:
    assert row(caller(1, NEXT_DAY + 0.1, "A long sentence that takes a while to be said.")).at_ms == 42_000


def test_a_written_message_begins_where_it_was_written() -> None:
    assert row(ITEMS[19]).at_ms == 45_000
    assert not row(ITEMS[19]).spoken


def test_words_that_may_still_come_are_not_missed() -> None:
    waiting = caller(1, 1, "", status=ItemStatus.IN_PROGRESS)
    assert row(waiting, live=True).problem == ""
    assert row(waiting, live=True).live
    assert row(waiting).problem == "no transcript"


def test_a_transcript_that_failed_says_why() -> None:
    failed = caller(1, 1, "", data={"transcript_error": "audio_unintelligible"})
    assert (row(failed).problem, row(failed).problem_code) == ("no transcript", "audio_unintelligible")
    lost = agent(1, 1, "", data={"transcript_error": "session_closed"})
    assert row(lost).problem == "no transcript"


def test_pictures_are_counted() -> None:
    shown = caller(1, 1, "", content=(Part(kind="image", image_url="data:image/png;base64,"),))
    assert (row(shown).images, row(shown).problem) == (1, "")


@pytest.mark.parametrize(
    ("role", "speaker"), [("user", "caller"), ("assistant", "agent"), ("system", "note")]
)
def test_the_speaker_is_named(role: str, speaker: str) -> None:
    assert row(agent(1, 1, "x", role=role)).speaker == speaker


def test_places_where_personal_data_was_taken_out_are_marked() -> None:
    marks = [
        {"part": 0, "start": 6, "end": 13, "kind": "phone"},
        {"part": 1, "start": 1, "end": 8, "kind": "email"},
        {"part": 7, "start": 0, "end": 1, "kind": "card"},
        {"part": 1, "start": 40, "end": 50, "kind": "card"},
        "nonsense",
    ]
    said = caller(
        1, 1, "", content=(Part(text=" call [phone]"), Part(text=" [email]!")), data={"redacted": marks}
    )
    assert row(said).pieces == (
        ("call ", ""),
        ("[phone]", "phone"),
        (" ", ""),
        ("[email]", "email"),
        ("!", ""),
    )
