"""What the settings say of voices and recognisers, in the terms of `orchestrator.speech`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pydantic import SecretStr

from orchestrator.core.definition import AgentSpec
from orchestrator.core.errors import SettingsError
from orchestrator.settings import Settings
from orchestrator.settings.values import voice_table
from orchestrator.speech.choice import (
    VOICES,
    Access,
    SpeechChoice,
    mend,
    recogniser_is_installed,
    usual_recogniser,
    usual_voice,
    voice_is_installed,
)


def speech_choice(settings: Settings) -> SpeechChoice:
    """What is set up, and what is used where an agent does not say.

    Raises:
        SettingsError: A setting asks for what is not installed.
    """
    for variable, chosen, installed in (
        ("ORCHESTRATOR_TTS", settings.tts, voice_is_installed()),
        ("ORCHESTRATOR_STT", settings.stt, recogniser_is_installed()),
    ):
        if chosen == "embedded" and not installed:
            told = f"{variable}=embedded: not installed. Mend: {mend('embedded', VOICES)}"
            raise SettingsError(told, param=variable)
    return SpeechChoice(
        tts=settings.tts or "",
        voice=settings.tts_voice or "",
        stt=settings.stt or "",
        voices=_voices(settings),
        recognisers=_recognisers(settings),
    )


def check_voices(agents: Iterable[AgentSpec], choice: SpeechChoice) -> None:
    """See that every agent's `tts` is set up.

    Raises:
        SettingsError: One is not; the message names the agent, and the settings that are missing.
    """
    for agent in agents:
        name = agent.tts
        ready = name in choice.voices or name == "tone" or (name == "embedded" and voice_is_installed())
        if name is not None and not ready:
            told = f"The agent {agent.name!r} asks for tts = {name!r}, which is not set up."
            raise SettingsError(f"{told} Mend: {mend(name, VOICES)}", param="tts")


def in_vain(agents: Iterable[AgentSpec], *, hears: bool) -> list[str]:
    """The agents that ask for replies that go on after a cough, where nothing tells a cough from words.

    Args:
        hears: Whether this node writes down what callers say.
    """
    return [agent.name for agent in agents if agent.interruptions.resume and not hears]


def speech_words(settings: Settings) -> str:
    """What speaks, what hears, and what could besides, in a few words.

    Raises:
        SettingsError: A setting asks for what is not installed.
    """
    choice = speech_choice(settings)
    speaks, hears = usual_voice(choice), usual_recogniser(choice)
    words = f"{_named(speaks, choice.voices)} speaks, {_named(hears, choice.recognisers)} hears"
    others = sorted({*choice.voices, *choice.recognisers} - {speaks, hears})
    return f"{words}; keys are set for {', '.join(others)} too" if others else words


def speech_hint(settings: Settings) -> str | None:
    """What to install where there is nothing else to speak or hear with."""
    choice = speech_choice(settings)
    hums = usual_voice(choice) == "tone" and not choice.tts
    if hums or usual_recogniser(choice) is None:
        return "For speech offline: `pip install 'orchestrator[speech]'`. Text needs none of it."
    return None


def _named(name: str | None, access: Mapping[str, Access]) -> str:
    if name is None:
        return "nothing"
    return f"{name} at {access[name].url}" if name in access and access[name].url else name


def _voices(settings: Settings) -> Mapping[str, Access]:
    names = voice_table(settings.tts_voices or "")
    openai = _openai(settings, settings.openai_tts_url, settings.openai_tts_key, settings.openai_tts_model)
    azure = _access(settings.azure_speech_key, settings.azure_speech_region, None)
    elevenlabs = _access(settings.elevenlabs_api_key, settings.elevenlabs_url, settings.elevenlabs_model)
    cartesia = _access(settings.cartesia_api_key, settings.cartesia_url, settings.cartesia_model)
    found = {"openai": openai, "azure": azure, "elevenlabs": elevenlabs, "cartesia": cartesia}
    return {name: replace(access, names=names.get(name, {})) for name, access in found.items() if access}


def _recognisers(settings: Settings) -> Mapping[str, Access]:
    openai = _openai(settings, settings.openai_stt_url, settings.openai_stt_key, settings.openai_stt_model)
    deepgram = _access(settings.deepgram_api_key, settings.deepgram_url, settings.deepgram_model)
    found = {"openai": openai, "deepgram": deepgram}
    return {name: access for name, access in found.items() if access}


def _access(key: SecretStr | None, url: str | None, model: str | None) -> Access | None:
    return Access(key.get_secret_value(), url or "", model or "") if key is not None else None


def _openai(settings: Settings, url: str | None, key: SecretStr | None, model: str | None) -> Access | None:
    """A server of the user's own gets its own key or none, never OpenAI's."""
    if url is not None:
        return Access(key.get_secret_value() if key else "", url, model or "")
    return _access(settings.openai_api_key, settings.openai_base_url, model)
