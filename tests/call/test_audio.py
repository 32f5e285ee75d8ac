"""Who hears the caller, whom the caller hears, and what is kept for who joins."""

import pytest

from orchestrator.call import audio
from orchestrator.call.audio import AudioDesk
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
    return AudioDelta(1, "engine_item", "engine_resp", f'{{"delta":"{base64}"}}')


def test_caller_audio_goes_to_the_sessions_that_listen() -> None:
    desk = AudioDesk()
    assert desk.heard("AAAA") == ()
    assert desk.listen((1,), 1) == (1,)
    assert desk.heard("BBBB") == (1,)


def test_a_session_that_joins_is_given_what_nobody_took_up_yet() -> None:
    desk = AudioDesk()
    desk.listen((1,), 1)
    desk.heard("AAAA")
    assert desk.listen((1, 2), 1) == (2,)
    assert list(desk.uncommitted) == ["AAAA"]
    desk.committed()
    assert not desk.uncommitted


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "MIRRORED_CHARACTERS", 8)
    desk = AudioDesk()
    for piece in ("AAAA", "BBBB", "CCCC"):
        desk.heard(piece)
    assert list(desk.uncommitted) == ["BBBB", "CCCC"]


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
