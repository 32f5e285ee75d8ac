"""Settings of speech, in the terms of the adapters."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from orchestrator import speech_setup
from orchestrator.core.definition import AgentSpec, Interruptions
from orchestrator.core.errors import SettingsError
from orchestrator.settings import Settings, environment_name
from orchestrator.speech import (
    cartesia,
    choice,
    deepgram,
    elevenlabs,
    openai_recogniser,
    openai_voice,
)
from orchestrator.speech.choice import Access, SpeechChoice
from orchestrator.speech_setup import check_voices, in_vain, speech_choice, speech_hint, speech_words

pytestmark = pytest.mark.unit


def agent(tts: str | None) -> AgentSpec:
    return AgentSpec(name="chef", description="Cooks.", instructions="Cook.", tts=tts)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(environment_name(field), raising=False)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the extra `speech`."""
    for module in (speech_setup, choice):
        monkeypatch.setattr(module, "voice_is_installed", lambda: False)
        monkeypatch.setattr(module, "recogniser_is_installed", lambda: False)


def test_nothing_set_is_nothing_remote() -> None:
    assert speech_choice(Settings()) == SpeechChoice()


def test_the_key_for_openai_sets_its_speech_up_too_where_its_api_is() -> None:
    settings = Settings(
        openai_api_key=SecretStr("sk"), openai_base_url="https://proxy.example/v1", openai_tts_model="tts-1"
    )
    chosen = speech_choice(settings)
    assert chosen.voices == {"openai": Access("sk", "https://proxy.example/v1", "tts-1")}
    assert chosen.recognisers == {"openai": Access("sk", "https://proxy.example/v1")}


def test_a_server_of_ones_own_is_never_given_the_key_for_openai() -> None:
    settings = Settings(
        openai_api_key=SecretStr("sk"),
        openai_tts_url="http://127.0.0.1:8880/v1",
        openai_stt_url="http://127.0.0.1:8001/v1",
        openai_stt_key=SecretStr("own"),
    )
    chosen = speech_choice(settings)
    assert chosen.voices["openai"] == Access("", "http://127.0.0.1:8880/v1")
    assert chosen.recognisers["openai"] == Access("own", "http://127.0.0.1:8001/v1")


def test_every_provider_is_reached_as_its_settings_say() -> None:
    chosen = speech_choice(
        Settings(
            tts="cartesia",
            tts_voice="ash",
            tts_voices="azure:Chef=it-IT-DiegoNeural,cartesia:ash=some-id",
            stt="deepgram",
            azure_speech_key=SecretStr("a"),
            azure_speech_region="westeurope",
            elevenlabs_api_key=SecretStr("e"),
            elevenlabs_model="eleven_turbo_v2_5",
            cartesia_api_key=SecretStr("c"),
            cartesia_url="ws://127.0.0.1:1",
            deepgram_api_key=SecretStr("d"),
            deepgram_model="nova-2",
        )
    )
    assert (chosen.tts, chosen.voice, chosen.stt) == ("cartesia", "ash", "deepgram")
    assert chosen.voices == {
        "azure": Access("a", "westeurope", names={"chef": "it-IT-DiegoNeural"}),
        "elevenlabs": Access("e", model="eleven_turbo_v2_5"),
        "cartesia": Access("c", "ws://127.0.0.1:1", names={"ash": "some-id"}),
    }
    assert chosen.recognisers == {"deepgram": Access("d", model="nova-2")}


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(("field", "variable"), [("tts", "ORCHESTRATOR_TTS"), ("stt", "ORCHESTRATOR_STT")])
def test_what_is_asked_for_and_not_installed_stops_the_start(field: str, variable: str) -> None:
    with pytest.raises(
        SettingsError, match=rf"^{variable}=embedded: not installed\. Mend: .*pip install"
    ) as told:
        speech_choice(Settings.model_validate({field: "embedded"}))
    assert told.value.param == variable


def test_agents_may_ask_for_what_is_set_up() -> None:
    chosen = SpeechChoice(voices={"azure": Access("key", "westeurope")})
    check_voices([agent(None), agent("tone"), agent("azure")], chosen)


def test_replies_go_on_after_a_cough_only_where_something_tells_it_from_words() -> None:
    resumes = replace(agent(None), name="patient", interruptions=Interruptions(resume=True))
    assert in_vain([agent(None), resumes], hears=False) == ["patient"]
    assert in_vain([resumes], hears=True) == []


@pytest.mark.parametrize(("tts", "mend"), [("elevenlabs", "ELEVENLABS_API_KEY"), ("embedded", "pip install")])
@pytest.mark.usefixtures("bare")
def test_an_agent_that_asks_for_what_is_not_set_up_stops_the_start(tts: str, mend: str) -> None:
    with pytest.raises(SettingsError, match=f"The agent 'chef' asks for tts = '{tts}'.*{mend}"):
        check_voices([agent(tts)], SpeechChoice())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"tts": "tone", "stt": "deepgram", "deepgram_api_key": "x"},
            "tone speaks, deepgram hears",
        ),
        (
            {
                "tts": "openai",
                "openai_tts_url": "http://127.0.0.1:8880/v1",
                "stt": "openai",
                "openai_stt_url": "http://127.0.0.1:8001/v1",
                "elevenlabs_api_key": "x",
            },
            (
                "openai at http://127.0.0.1:8880/v1 speaks, openai at http://127.0.0.1:8001/v1 hears; "
                "keys are set for elevenlabs too"
            ),
        ),
    ],
)
def test_what_is_in_use_is_said_plainly(given: dict[str, str], words: str) -> None:
    settings = Settings.model_validate(given)
    assert speech_words(settings) == words
    assert speech_hint(settings) is None


@pytest.mark.usefixtures("bare")
def test_where_nothing_hears_there_is_a_hint() -> None:
    assert speech_words(Settings()) == "tone speaks, nothing hears"
    assert "pip install" in (speech_hint(Settings()) or "")


def test_the_descriptions_name_the_adapters_own_defaults() -> None:
    told = {name: field.description or "" for name, field in Settings.model_fields.items()}
    for name, default in (
        ("openai_tts_model", openai_voice.MODEL),
        ("openai_stt_model", openai_recogniser.MODEL),
        ("elevenlabs_url", elevenlabs.BASE_URL),
        ("elevenlabs_model", elevenlabs.MODEL),
        ("cartesia_url", cartesia.BASE_URL),
        ("cartesia_model", cartesia.MODEL),
        ("deepgram_url", deepgram.BASE_URL),
        ("deepgram_model", deepgram.MODEL),
    ):
        assert f"`{default}`" in told[name]
