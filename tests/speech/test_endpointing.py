import pytest

from orchestrator.speech.endpointing import WAITS, TurnDetector, finished
from orchestrator.speech.protocol import (
    SemanticVad,
    ServerVad,
    SpeechStarted,
    SpeechStopped,
    TurnDetection,
    VoiceEvent,
)

pytestmark = pytest.mark.unit

FRAME = 10


def events(detector: TurnDetector, *parts: tuple[int, float]) -> list[VoiceEvent]:
    """What a row of (milliseconds, probability) brings."""
    found = [detector.feed(probability) for length, probability in parts for _ in range(length // FRAME)]
    return [event for event in found if event is not None]


def test_a_turn_begins_with_its_padding_and_ends_with_its_silence() -> None:
    detector = TurnDetector(ServerVad(), FRAME)
    assert events(detector, (1000, 0.0), (800, 0.9), (1000, 0.0)) == [
        SpeechStarted(700),
        SpeechStopped(2300),
    ]
    assert not detector.speaking


@pytest.mark.parametrize(("padding", "started"), [(0, 1000), (100, 900), (300, 700), (5000, 0)])
def test_prefix_padding_is_exact_and_never_before_the_beginning(padding: int, started: int) -> None:
    detector = TurnDetector(ServerVad(prefix_padding_ms=padding), FRAME)
    assert events(detector, (1000, 0.0), (200, 0.9)) == [SpeechStarted(started)]


@pytest.mark.parametrize("duration", [0, 200, 500, 1500])
def test_silence_duration_is_exact(duration: int) -> None:
    detector = TurnDetector(ServerVad(silence_duration_ms=duration), FRAME)
    found = events(detector, (1000, 0.9), (2000, 0.0))
    assert found[-1] == SpeechStopped(1000 + duration)


@pytest.mark.parametrize(("threshold", "starts"), [(0.5, True), (0.7, True), (0.71, False), (1.0, False)])
def test_the_threshold_decides_what_is_speech(threshold: float, starts: bool) -> None:
    detector = TurnDetector(ServerVad(threshold=threshold), FRAME)
    assert bool(events(detector, (1000, 0.7))) is starts


def test_a_knock_is_no_turn() -> None:
    detector = TurnDetector(ServerVad(), FRAME)
    assert events(detector, (500, 0.0), (60, 0.9), (500, 0.0)) == []


def test_a_short_pause_does_not_end_a_turn() -> None:
    detector = TurnDetector(ServerVad(), FRAME)
    found = events(detector, (300, 0.9), (490, 0.0), (300, 0.9), (600, 0.0))
    assert found == [SpeechStarted(0), SpeechStopped(1590)]


def test_a_softer_word_keeps_a_turn_open_that_it_could_not_begin() -> None:
    assert events(TurnDetector(ServerVad(), FRAME), (600, 0.4)) == []
    detector = TurnDetector(ServerVad(), FRAME)
    assert events(detector, (300, 0.9), (600, 0.4)) == [SpeechStarted(0)]


def test_padding_does_not_reach_into_the_turn_before() -> None:
    detector = TurnDetector(ServerVad(prefix_padding_ms=1000, silence_duration_ms=200), FRAME)
    found = events(detector, (300, 0.9), (300, 0.0), (300, 0.9))
    assert found == [SpeechStarted(0), SpeechStopped(500), SpeechStarted(500)]


def test_reset_forgets_the_turn_and_keeps_counting() -> None:
    detector = TurnDetector(ServerVad(prefix_padding_ms=300), FRAME)
    events(detector, (300, 0.9))
    detector.reset()
    assert not detector.speaking
    assert events(detector, (100, 0.0), (300, 0.9)) == [SpeechStarted(300)]


def test_new_parameters_hold_from_the_next_frame_on() -> None:
    detector = TurnDetector(ServerVad(silence_duration_ms=5000), FRAME)
    events(detector, (300, 0.9), (1000, 0.0))
    detector.configure(ServerVad(silence_duration_ms=200))
    assert events(detector, (FRAME, 0.0)) == [SpeechStopped(500)]


def wait_of(detection: TurnDetection, text: str | None) -> int:
    detector = TurnDetector(detection, FRAME)
    events(detector, (1000, 0.9))
    if text is not None:
        detector.hear(text)
    (stopped,) = events(detector, (10_000, 0.0))
    return stopped.at_ms - 1000


@pytest.mark.parametrize("eagerness", ["low", "medium", "high"])
def test_semantic_detection_waits_by_what_was_said(eagerness: str) -> None:
    detection = SemanticVad(eagerness)  # type: ignore[arg-type]
    texts = ("two large pizzas please.", None, "two large pizzas and")
    assert tuple(wait_of(detection, text) for text in texts) == WAITS[eagerness]


def test_auto_eagerness_is_medium() -> None:
    assert wait_of(SemanticVad(), None) == wait_of(SemanticVad("medium"), None)


def test_server_detection_does_not_mind_what_was_said() -> None:
    assert wait_of(ServerVad(), "two large pizzas and") == 500


def test_what_was_said_in_one_turn_does_not_count_in_the_next() -> None:
    detector = TurnDetector(SemanticVad("high"), FRAME)
    events(detector, (500, 0.9))
    detector.hear("I would like the")
    events(detector, (3000, 0.0), (500, 0.9))
    start = 500 + 3000 + 500
    assert events(detector, (3000, 0.0)) == [SpeechStopped(start + WAITS["high"][1])]


@pytest.mark.parametrize(
    ("text", "sounds_finished"),
    [
        ("", None),
        ("two", None),
        ("yes", None),
        ("Yes.", True),
        ("i would like a pizza", True),
        ("what is in my cart?", True),
        ("i would like a", False),
        ("a pizza with", False),
        ("two pizzas and", False),
        ("well, um", False),
        ("a pizza,", False),
        ("let me", False),
        ("wait...", False),
        ("a grand", None),
        ("I'd", False),
    ],
)
def test_a_sentence_that_leaves_something_open_is_not_finished(
    text: str, sounds_finished: bool | None
) -> None:
    assert finished(text) is sounds_finished
