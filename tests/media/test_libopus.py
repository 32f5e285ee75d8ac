import pytest

from orchestrator.media import libopus
from orchestrator.media.errors import CodecUnavailableError

pytestmark = pytest.mark.media


def test_the_library_that_pyav_carries_is_found() -> None:
    assert libopus.version().startswith("libopus 1.")


def test_error_codes_have_words() -> None:
    assert libopus.error_text(-4) == "corrupted stream"


def test_without_any_libopus_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libopus, "_places", lambda: iter(["/nowhere/libopus.so"]))
    libopus.load.cache_clear()
    with pytest.raises(CodecUnavailableError, match=r"/nowhere/libopus\.so.*libopus0") as caught:
        libopus.load()
    assert caught.value.code == "codec_unavailable"
    libopus.load.cache_clear()


def test_without_pyav_the_system_library_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("ctypes.util.find_library", lambda _: "libopus.so.0")
    assert list(libopus._places()) == ["libopus.so.0"]


def test_with_neither_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("ctypes.util.find_library", lambda _: None)
    assert list(libopus._places()) == []
