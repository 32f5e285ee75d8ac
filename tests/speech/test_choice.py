import sys

import pytest

from orchestrator.speech.choice import (
    RECOGNISERS,
    VOICES,
    Access,
    SpeechChoice,
    mend,
    recogniser_is_installed,
    voice_is_installed,
)

pytestmark = pytest.mark.unit


def test_a_choice_shows_no_key() -> None:
    choice = SpeechChoice(voices={"azure": Access("topsecret", "westeurope")})
    assert "topsecret" not in repr(choice)
    assert "westeurope" in repr(choice)


@pytest.mark.parametrize("name", sorted({*VOICES, *RECOGNISERS} - {"tone"}))
def test_everything_that_can_be_missing_has_a_mend(name: str) -> None:
    known = VOICES if name in VOICES else RECOGNISERS
    assert mend(name, known).endswith(", or choose another.")


def test_what_there_is_not_is_answered_with_what_there_is() -> None:
    assert mend("whisper", RECOGNISERS) == "There are embedded, openai and deepgram."


def test_what_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = [entry for entry in sys.path if "site-packages" not in entry]
    monkeypatch.setattr(sys, "path", missing)
    monkeypatch.delitem(sys.modules, "espeakng_loader", raising=False)
    monkeypatch.delitem(sys.modules, "pocketsphinx", raising=False)
    assert not voice_is_installed()
    assert not recogniser_is_installed()
