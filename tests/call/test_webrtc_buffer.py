"""What is told of the sound of replies."""

import pytest

from orchestrator.call.webrtc_buffer import OutputBuffer

pytestmark = pytest.mark.unit


@pytest.fixture
def told() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def buffer(told: list[tuple[str, str]]) -> OutputBuffer:
    return OutputBuffer(lambda stage, reply_id: told.append((stage, reply_id)))


def test_a_buffer_that_takes_over_tells_the_end_of_what_another_began(
    buffer: OutputBuffer, told: list[tuple[str, str]]
) -> None:
    before = OutputBuffer(lambda stage, reply_id: told.append((stage, reply_id)))
    before.queued("item_1", "resp_1")
    before.started("item_1")
    buffer.take_over(before)
    before.cleared()
    buffer.made("resp_1")
    buffer.ended("item_1")
    assert told == [("started", "resp_1"), ("stopped", "resp_1")]


def test_a_reply_of_two_items_starts_and_stops_once(
    buffer: OutputBuffer, told: list[tuple[str, str]]
) -> None:
    for item_id in ("item_1", "item_2"):
        buffer.queued(item_id, "resp_1")
        buffer.started(item_id)
    buffer.ended("item_1")
    assert buffer.made("resp_1") == ("item_2",)
    assert told == [("started", "resp_1")]
    buffer.ended("item_2")
    assert told == [("started", "resp_1"), ("stopped", "resp_1")]


def test_a_reply_stops_after_it_is_done_although_its_sound_ended_before(
    buffer: OutputBuffer, told: list[tuple[str, str]]
) -> None:
    buffer.queued("item_1", "resp_1")
    buffer.started("item_1")
    buffer.ended("item_1")
    assert told == [("started", "resp_1")]
    assert buffer.made("resp_1") == ()
    assert told[-1] == ("stopped", "resp_1")


def test_only_what_was_heard_of_is_told_as_cleared(buffer: OutputBuffer, told: list[tuple[str, str]]) -> None:
    buffer.queued("item_1", "resp_1")
    buffer.started("item_1")
    buffer.queued("item_2", "resp_2")
    buffer.cleared()
    assert told == [("started", "resp_1"), ("cleared", "resp_1")]
    buffer.started("item_2")
    buffer.ended("item_1")
    buffer.cleared()
    assert len(told) == 2


def test_a_reply_that_nobody_heard_is_not_told_of(buffer: OutputBuffer, told: list[tuple[str, str]]) -> None:
    buffer.queued("item_1", "resp_1")
    buffer.made("resp_1")
    buffer.ended("item_1")
    assert buffer.made("resp_unknown") == ()
    assert told == []
