"""Sound files: what is said from one, and what is kept in one."""

import wave
from pathlib import Path

import pytest

from orchestrator.cli.recording import Recording, read_sound
from orchestrator.core.errors import SettingsError

pytestmark = pytest.mark.unit

FRAME = b"\1\0" * 480


def kept(path: Path) -> bytes:
    with wave.open(str(path)) as file:
        assert file.getframerate() == 24000
        return bytes(file.readframes(file.getnframes()))


def test_what_is_heard_is_kept_with_its_silences(tmp_path: Path) -> None:
    with Recording(tmp_path / "a.wav") as recording:
        recording.add(FRAME, 0)
        recording.add(FRAME, 20)
        recording.add(FRAME, 60)
    assert kept(tmp_path / "a.wav") == FRAME * 2 + bytes(960) + FRAME


def test_a_very_long_silence_is_cut(tmp_path: Path) -> None:
    with Recording(tmp_path / "a.wav") as recording:
        recording.add(FRAME, 0)
        recording.add(FRAME, 3_600_000)
    assert len(kept(tmp_path / "a.wav")) == 48 * 10_000 + 2 * 960


def test_without_a_file_nothing_is_kept() -> None:
    with Recording(None) as recording:
        recording.add(FRAME, 0)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--save .*No such file"), Recording(tmp_path / "no" / "a.wav"):
        pass


@pytest.mark.parametrize(("rate", "channels"), [(24000, 1), (16000, 1), (44100, 2)])
def test_a_file_of_any_rate_is_read_at_24_khz(tmp_path: Path, rate: int, channels: int) -> None:
    path = tmp_path / "said.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\0\x20" * rate * channels)
    assert abs(len(read_sound(path)) - 48_000) <= 200


def test_a_file_that_is_missing_or_no_sound_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--wav .*none\.wav: No such file"):
        read_sound(tmp_path / "none.wav")
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(SettingsError, match=r"--wav .*text\.wav: "):
        read_sound(tmp_path / "text.wav")
