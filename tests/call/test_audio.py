"""Who hears the caller, whom the caller hears, and what is kept for who joins."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.call import audio
from orchestrator.call.audio import AudioDesk
from orchestrator.core.commands import SessionConfig
from orchestrator.core.engine_events import (
    AudioCleared,
    AudioCommitted,
    EngineEvent,
    SpeechStarted,
    SpeechStopped,
)
from orchestrator.core.notices import AudioRouteNotice
from orchestrator.realtime.connection import AudioDelta

pytestmark = pytest.mark.unit

PCM = {"type": "audio/pcm", "rate": 24000}
G711 = {"type": "audio/pcmu"}


def route(epoch: int, engine_item_id: str, item_id: str) -> AudioRouteNotice:
    return AudioRouteNotice(
        epoch=epoch, engine_item_id=engine_item_id, reply_id="resp_1", item_id=item_id, output_index=0
    )


def delta(base64: str) -> AudioDelta:
    return AudioDelta(1, "engine_item", "engine_resp", base64)


def test_caller_audio_goes_to_the_sessions_that_listen() -> None:
    desk = AudioDesk()
    assert desk.heard("AAAA") == ()
    assert desk.listen((1,), 1) == (1,)
    assert desk.heard("BBBB") == (1,)


def piece(mark: str, milliseconds: int = 20) -> str:
    return mark * (64 * milliseconds)


def config(**changes: Any) -> SessionConfig:
    fields: dict[str, Any] = {"agent": "a", "engine": None, "model": None, "instructions": "", "voice": None}
    return SessionConfig(**(fields | {"modality": "audio"} | changes))


def test_a_session_that_joins_is_given_what_nobody_took_up_yet() -> None:
    desk = AudioDesk()
    desk.listen((1,), 1)
    desk.heard("AAAA")
    assert desk.listen((1, 2), 1) == (2,)
    assert desk.uncommitted == ("AAAA",)
    desk.told(AudioCleared(1))
    assert not desk.uncommitted


@given(st.lists(st.one_of(st.floats(0, 0.5), st.sampled_from(["began", "committed", "cleared", "joined"]))))
def test_sound_that_went_straight_to_the_engine_is_remembered_as_if_it_had_not(
    steps: list[float | str],
) -> None:
    now = 1000.0
    desks = [AudioDesk(lambda: now) for _ in range(2)]
    events: dict[str | float, EngineEvent] = {
        "began": SpeechStarted(1, "u", 0),
        "committed": AudioCommitted(1, "u"),
        "cleared": AudioCleared(1),
    }
    for number, step in enumerate(steps):
        for desk, take in zip(desks, (desks[0].heard, desks[1].note), strict=True):
            if isinstance(step, float):
                take(piece(str(number % 10), 100))
            elif step == "joined":
                desk.listen((number,), number)
            else:
                desk.told(events[step])
        now += step if isinstance(step, float) else 0
    plain, straight = desks
    assert straight.uncommitted == plain.uncommitted
    places = [straight.ago(milliseconds) for milliseconds in range(0, 2000, 60)]
    assert places == pytest.approx([plain.ago(milliseconds) for milliseconds in range(0, 2000, 60)], abs=0.4)


def test_sound_that_went_straight_is_as_old_as_its_latest_piece_whenever_it_is_asked_for() -> None:
    now = 1000.0
    desk = AudioDesk(lambda: now)
    desk.note(piece("A"))
    now += 60
    assert desk.ago(0) == 1000.0
    desk.note(piece("B", 200))
    now += 60
    assert desk.ago(0) == 1060.0
    assert desk.uncommitted == (piece("A"), piece("B", 200))


def test_a_turn_that_goes_on_is_kept_for_half_a_minute_and_silence_for_seconds() -> None:
    desk = AudioDesk()
    for _ in range(4000):
        desk.heard(piece("A"))
    assert len(desk.uncommitted) == audio.IDLE_MS // 20
    desk.told(SpeechStarted(1, "item_1", 0))
    for _ in range(4000):
        desk.heard(piece("B"))
    assert len(desk.uncommitted) == audio.MIRRORED_MS // 20


def test_a_long_piece_is_kept_whole() -> None:
    desk = AudioDesk()
    desk.heard(piece("A", 10_000))
    assert len(desk.uncommitted) == 1


def test_after_a_turn_that_voice_activity_ended_its_closing_silence_is_kept() -> None:
    desk = AudioDesk()
    desk.told(SpeechStarted(1, "item_1", 0))
    for number in range(100):
        desk.heard(piece(str(number % 10)))
    desk.told(AudioCommitted(1, "item_1"))
    assert len(desk.uncommitted) == audio.OVERLAP_MS // 20
    assert desk.uncommitted[-1] == piece("9")


def test_after_a_turn_that_the_client_ended_nothing_is_kept() -> None:
    desk = AudioDesk()
    desk.configured(config(turn_detection={}))
    for _ in range(4000):
        desk.heard(piece("A"))
    assert len(desk.uncommitted) == audio.MIRRORED_MS // 20
    desk.told(AudioCommitted(1, "item_1"))
    assert not desk.uncommitted


def test_what_is_kept_is_counted_in_the_formats_own_bytes() -> None:
    desk = AudioDesk()
    desk.configured(config(input_format={"type": "audio/pcmu"}))
    for _ in range(1000):
        desk.heard("A" * 216)
    assert len(desk.uncommitted) == 74


def test_only_the_session_on_duty_is_heard_and_only_what_was_named() -> None:
    desk = AudioDesk()
    desk.listen((1,), 1)
    named = route(1, "engine_item", "item_1")
    desk.name(named)
    assert desk.route(1, "engine_item") is named
    assert desk.route(1, "another") is None
    assert desk.route(2, "engine_item") is None


@pytest.mark.parametrize(("output_format", "milliseconds"), [(PCM, 1), (G711, 6)])
def test_generated_audio_is_counted_in_milliseconds(
    output_format: dict[str, object], milliseconds: int
) -> None:
    desk = AudioDesk()
    desk.count("item_1", delta("A" * 32))
    desk.count("item_1", delta("A" * 32))
    assert desk.generated_ms("item_1", output_format) == milliseconds  # type: ignore[arg-type]
    assert desk.generated_ms("item_2", output_format) == 0  # type: ignore[arg-type]


def test_an_engine_that_tells_where_the_caller_spoke_tells_when() -> None:
    now = 1000.0
    desk = AudioDesk(lambda: now)
    desk.configured(config(input_format=PCM))
    for _ in range(50):
        now += 0.02
        desk.heard(piece("A"))
    desk.listen((7,), 7)
    for _ in range(200):
        now += 0.02
        desk.heard(piece("A"))
    detection: dict[str, Any] = {"type": "server_vad", "prefix_padding_ms": 300, "silence_duration_ms": 500}
    began = desk.timed(SpeechStarted(7, "item_u", 1200), detection)
    ended = desk.timed(SpeechStopped(7, "item_u", 4500), detection)
    assert isinstance(began, SpeechStarted)
    assert isinstance(ended, SpeechStopped)
    # The session was given the second that was kept before it joined: its first sound is the call's.
    assert began.at == pytest.approx(1001.5, abs=0.03)
    assert ended.at == pytest.approx(1004.0, abs=0.03)
    assert desk.ago(500) == pytest.approx(1004.5, abs=0.03)


def test_of_a_session_that_was_given_no_sound_nobody_knows_when() -> None:
    event = SpeechStarted(1, "item_u", 300)
    assert AudioDesk().timed(event, None) is event
    assert AudioDesk().timed(AudioCleared(1), None) == AudioCleared(1)
