import pytest

from orchestrator.app import open_faculties
from orchestrator.engine import ChatBrain, DemoBrain
from orchestrator.settings import Settings

pytestmark = pytest.mark.unit


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the optional speech packages."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has them."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())


@pytest.mark.usefixtures("bare")
async def test_without_speech_packages_the_embedded_engine_reads_and_writes() -> None:
    async with open_faculties(Settings()) as faculties:
        assert isinstance(faculties.brain, DemoBrain)
        assert (faculties.ears, faculties.voices) == (None, None)


@pytest.mark.usefixtures("full")
async def test_with_them_it_hears_and_speaks_by_what_is_on_the_machine() -> None:
    async with open_faculties(Settings()) as faculties:
        assert faculties.ears is not None
        assert faculties.voices is not None
        assert (faculties.ears.name, faculties.voices.name) == ("embedded", "embedded")


@pytest.mark.usefixtures("bare")
async def test_any_ears_brain_and_voice_make_a_cascade() -> None:
    settings = Settings(
        stt="openai",
        openai_stt_url="http://127.0.0.1:9/v1",
        chat_base_url="http://127.0.0.1:9/v1",
        chat_model="small",
        tts="tone",
    )
    async with open_faculties(settings) as faculties:
        assert isinstance(faculties.brain, ChatBrain)
        assert faculties.ears is not None
        assert faculties.voices is not None
        assert (faculties.ears.name, faculties.voices.name) == ("openai", "tone")
