from dataclasses import replace

import pytest

from orchestrator.speech import choice, named_voices
from orchestrator.speech.choice import Access, SpeechChoice
from orchestrator.speech.errors import SpeechUnavailableError
from orchestrator.speech.named_voices import open_voices
from orchestrator.speech.protocol import Voice
from tests.speech.fakes.http import Answer, http_provider
from tests.speech.speaking import heard, say, sound, spoken_words

pytestmark = pytest.mark.edge


def noting(kind: named_voices._Kind, name: str, started: list[str]) -> named_voices._Kind:
    def opened(access: Access) -> named_voices.Opened:
        started.append(name)
        return kind.open(access)

    return replace(kind, open=opened)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the extra `voice`."""
    for module in (choice, named_voices):
        monkeypatch.setattr(module, "voice_is_installed", lambda: False)


async def test_the_embedded_voice_is_the_usual_one_where_it_is_installed() -> None:
    pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")
    async with open_voices(SpeechChoice()) as voices:
        voice = voices.named()
        assert (voice.name, voices.default, voice.capabilities.local) == ("embedded", "embedded", True)
        assert "marin" in voice.voices
        assert spoken_words(await say(voice, "Good evening"), "Good evening") == ["Good", "evening"]
        assert await voices.pronounce(["pizza"]) != [""]


@pytest.mark.usefixtures("bare")
async def test_where_it_is_not_installed_words_are_tones() -> None:
    async with open_voices(SpeechChoice()) as voices:
        assert voices.named().name == "tone"
        assert heard(await say(voices.named(), "Good evening"))
        with pytest.raises(SpeechUnavailableError, match="'orchestrator\\[speech\\]'"):
            await voices.pronounce(["pizza"])


@pytest.mark.usefixtures("bare")
async def test_a_choice_that_is_not_installed_is_told_at_once() -> None:
    with pytest.raises(SpeechUnavailableError, match="'embedded' is not set up here"):
        async with open_voices(SpeechChoice(tts="embedded")):
            pass


async def test_an_agent_may_name_another_voice_than_the_services() -> None:
    async with http_provider() as provider:
        provider.script = [Answer([sound(100)]), Answer([sound(200)])]
        access = {"openai": Access(url=provider.url, model="kokoro"), "azure": Access("key", provider.url)}
        async with open_voices(SpeechChoice(tts="tone", voices=access)) as voices:
            assert voices.named().name == "tone"
            assert heard(await say(voices.named("openai"), "Yes")) == sound(100)
            assert heard(await say(voices.named("azure"), "Yes")) == sound(200)
        spoke, azure = provider.requests
        assert (spoke.path, spoke.json()["model"]) == ("/audio/speech", "kokoro")
        assert azure.path == "/cognitiveservices/v1"


async def test_the_services_usual_voice_is_for_its_own_adapter_and_for_replies_that_name_none() -> None:
    async with http_provider() as provider:
        provider.script = [Answer([sound(10)])] * 3
        access = {
            "openai": Access(url=provider.url, names={"chef": "af_sky"}),
            "azure": Access("key", provider.url),
        }
        async with open_voices(SpeechChoice(tts="openai", voice="chef", voices=access)) as voices:
            assert "chef" in voices.named().voices
            await say(voices.named(), "Yes")
            await say(voices.named(), "Yes", Voice("nova"))
            await say(voices.named("azure"), "Yes")
        usual, named, other = provider.requests
        assert (usual.json()["voice"], named.json()["voice"]) == ("af_sky", "nova")
        assert b"en-US-AvaMultilingualNeural" in other.body


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("azure", "Set AZURE_SPEECH_KEY and AZURE_SPEECH_REGION"),
        ("cartesia", "Set CARTESIA_API_KEY"),
        ("polly", "There are"),
    ],
)
async def test_a_voice_that_is_not_set_up_is_told_with_the_mend(name: str, mend: str) -> None:
    async with open_voices(SpeechChoice(tts="tone")) as voices:
        with pytest.raises(SpeechUnavailableError, match=f"'{name}' is not set up here. {mend}"):
            voices.named(name)


async def test_no_voice_is_started_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    kinds = {name: noting(kind, name, started) for name, kind in named_voices._KINDS.items()}
    monkeypatch.setattr(named_voices, "_KINDS", kinds)
    chosen = SpeechChoice(tts="tone", voices={"openai": Access(), "azure": Access("key", "westeurope")})
    async with open_voices(chosen) as voices:
        await voices.named("tone").started()
        assert started == ["tone"]
        await voices.named("azure").started()
        assert started == ["tone", "azure"]
