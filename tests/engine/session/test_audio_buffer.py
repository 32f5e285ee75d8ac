import pytest

from orchestrator.engine.session.audio_buffer import LARGEST_APPEND, InputAudioBuffer
from orchestrator.realtime.serving.refusal import RefusedError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("audio_format", "size"), [("audio/pcm", 4800), ("audio/pcmu", 800), ("audio/pcma", 800)]
)
def test_a_hundred_milliseconds_of_each_format_can_be_committed(audio_format: str, size: int) -> None:
    buffer = InputAudioBuffer()
    buffer.append(bytes(size // 2), audio_format)
    buffer.append(bytes(size // 2), audio_format)
    assert buffer.commit() == 100
    assert buffer.milliseconds == 0


def test_less_is_refused_with_its_milliseconds_and_kept() -> None:
    buffer = InputAudioBuffer()
    buffer.append(bytes(4752), "audio/pcm")
    with pytest.raises(RefusedError, match=r"only has 99\.00ms") as refused:
        buffer.commit()
    assert refused.value.wire_code == "input_audio_buffer_commit_empty"
    assert buffer.milliseconds == 99


def test_clearing_forgets() -> None:
    buffer = InputAudioBuffer()
    buffer.append(bytes(9600), "audio/pcm")
    buffer.clear()
    assert buffer.milliseconds == 0


def test_one_append_is_at_most_fifteen_mebibytes() -> None:
    buffer = InputAudioBuffer()
    buffer.append(bytes(LARGEST_APPEND), "audio/pcm")
    with pytest.raises(RefusedError, match="at most"):
        buffer.append(bytes(LARGEST_APPEND + 1), "audio/pcm")
