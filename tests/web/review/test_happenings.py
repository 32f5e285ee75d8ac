"""What happened behind the conversation."""

from dataclasses import replace

import pytest

from orchestrator.store.reading import StoredRecord
from orchestrator.web.review.clock import clock_of
from orchestrator.web.review.happenings import Happening, happenings_of
from orchestrator.web.wording import WORDINGS
from tests.web.review.sample_call import CONVERSATION, RESPONSES, START, details

pytestmark = pytest.mark.unit

WHOLE = details()
FOUND = happenings_of(WHOLE, clock_of(WHOLE, now=START))


def of(what: str) -> list[Happening]:
    return [each for each in FOUND if each.what == what]


def test_everything_is_told_in_order_of_time() -> None:
    assert [each.at for each in FOUND] == sorted(each.at for each in FOUND)
    assert FOUND[0].what == "call joined"


def test_sessions_tell_engine_voice_and_how_long_they_took() -> None:
    assert of("session opened")[0].detail == "1: triage on embedded, audio, voice marin; for start"
    assert of("session ready")[1].detail == "2: after 500 ms"


def test_errors_are_marked() -> None:
    assert [each.detail for each in FOUND if each.bad] == [
        "add_item: invalid_arguments",
        "send_link: tool_failed",
        "send_link: timed_out",
        "restaurant to human: engine_timeout: it did not answer",
    ]


def test_a_response_that_failed_is_an_error() -> None:
    whole = details(responses=(replace(RESPONSES[0], status="failed"),))
    found = happenings_of(whole, clock_of(whole, now=START))
    assert next(each.what for each in found if each.bad) == "response failed"


def test_they_are_told_in_a_language_and_in_the_same_order() -> None:
    german = happenings_of(WHOLE, clock_of(WHOLE, now=START), WORDINGS["de"])
    assert [(each.at, each.bad) for each in german] == [(each.at, each.bad) for each in FOUND]
    opened = next(each for each in german if each.what == "Sitzung geöffnet")
    assert opened.detail == "1: triage auf embedded, Ton, Stimme marin; zum Beginn"
    assert "send_link, Versuch 2" in [each.detail for each in german]


def test_what_tools_left_behind_is_told() -> None:
    record = StoredRecord(
        number=7,
        kind="order",
        conversation_id=CONVERSATION,
        tool_call_id="call_6",
        data={},
        created_at=START + 1,
    )
    whole = details(records=(record,))
    found = happenings_of(whole, clock_of(whole, now=START))
    assert [each.detail for each in found if each.what == "record kept"] == ["order 7"]
