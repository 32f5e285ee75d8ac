import pytest

from orchestrator.core.items import Item
from orchestrator.core.json_value import JsonValue
from orchestrator.core.sounds import SOUNDED, Sounds, Span, span_of, with_span

pytestmark = pytest.mark.unit

ITEM = Item(id="item_1", kind="message", data={"transcript_error": "noise"})


def test_an_item_keeps_when_it_sounded_beside_what_else_is_known_of_it() -> None:
    timed = with_span(ITEM, Span(10.0, 12.5))
    assert span_of(timed) == Span(10.0, 12.5)
    assert timed.data["transcript_error"] == "noise"
    assert span_of(ITEM) is None


@pytest.mark.parametrize(
    "kept", [None, 5, {}, {"from": 3}, {"from": "a", "until": 4}, {"from": 5, "until": 4}]
)
def test_what_is_no_stretch_of_time_is_passed_over(kept: JsonValue) -> None:
    assert span_of(Item(id="item_1", kind="message", data={SOUNDED: kept})) is None


def test_what_the_caller_said_waits_for_its_item_and_is_given_once() -> None:
    sounds = Sounds()
    sounds.caller_began(1.0)
    sounds.caller_stopped("item_1", 3.0)
    assert span_of(sounds.of_caller(ITEM)) == Span(1.0, 3.0)
    assert sounds.of_caller(ITEM) is ITEM


def test_who_stops_without_having_begun_said_nothing() -> None:
    sounds = Sounds()
    sounds.caller_stopped("item_1", 3.0)
    assert sounds.spoken == {}


def test_nothing_stops_before_it_began() -> None:
    sounds = Sounds()
    sounds.caller_began(5.0)
    sounds.caller_stopped("item_1", 4.0)
    assert sounds.spoken["item_1"] == Span(4.0, 4.0)


def test_an_agent_is_heard_from_the_first_sound_that_left_to_the_last() -> None:
    sounds = Sounds()
    sounds.agent_began("item_1", 1.0)
    assert sounds.of_agent("item_1", 700, 3.0) == Span(1.0, 3.0)


def test_where_nobody_saw_it_begin_it_is_reckoned_from_what_was_played() -> None:
    assert Sounds().of_agent("item_1", 500, 3.0) == Span(2.5, 3.0)
    assert Sounds().of_agent("item_1", 0, 3.0) is None
