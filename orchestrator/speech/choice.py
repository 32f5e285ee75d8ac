"""Which voice and which recogniser a node uses, as plain values: what its settings come to.

Names are those of the settings `ORCHESTRATOR_TTS` and `ORCHESTRATOR_STT` and of an agent's `tts`.
"""

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from orchestrator.core.attributes import SPEECH_TO_TEXT, TEXT_TO_SPEECH

VOICES: Final = TEXT_TO_SPEECH
RECOGNISERS: Final = SPEECH_TO_TEXT

_MENDS: Final[Mapping[str, str]] = {
    "azure": "Set AZURE_SPEECH_KEY and AZURE_SPEECH_REGION",
    "cartesia": "Set CARTESIA_API_KEY",
    "deepgram": "Set DEEPGRAM_API_KEY",
    "elevenlabs": "Set ELEVENLABS_API_KEY",
    "embedded": "Install the extra: `pip install 'orchestrator[speech]'`",
    "openai": "Set OPENAI_API_KEY, or the URL of a server of your own",
}


@dataclass(frozen=True, slots=True)
class Access:
    """How one provider is reached. Every part may be empty: the adapter's own default is taken.

    Attributes:
        key: Never shown.
        url: Base URL; at Azure the region, or an endpoint's URL.
        model: As the provider calls it.
        names: Names of voices as agents write them, to the provider's.
    """

    key: str = field(default="", repr=False)
    url: str = ""
    model: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpeechChoice:
    """What is set up, and what is used where an agent does not say.

    Attributes:
        tts: One of `VOICES`; empty for the embedded voice, or the tone where that is not installed.
        voice: Name of a voice for agents that name none; empty for the adapter's usual one.
        stt: One of `RECOGNISERS`; empty for the embedded one, or none where that is not installed.
        voices: How the remote voices that are set up are reached, by name.
        recognisers: How the remote recognisers that are set up are reached, by name.
    """

    tts: str = ""
    voice: str = ""
    stt: str = ""
    voices: Mapping[str, Access] = field(default_factory=dict)
    recognisers: Mapping[str, Access] = field(default_factory=dict)


def voice_is_installed() -> bool:
    """Whether the embedded voice can speak: the extra `voice`."""
    return importlib.util.find_spec("espeakng_loader") is not None


def recogniser_is_installed() -> bool:
    """Whether the embedded recogniser can hear: the extra `recogniser`."""
    return importlib.util.find_spec("pocketsphinx") is not None


def usual_voice(choice: SpeechChoice) -> str:
    """Name of the voice adapter for agents that name none."""
    return choice.tts or ("embedded" if voice_is_installed() else "tone")


def usual_recogniser(choice: SpeechChoice) -> str | None:
    """Name of the recogniser that is used, None where there is none."""
    return choice.stt or ("embedded" if recogniser_is_installed() else None)


def mend(name: str, known: Sequence[str]) -> str:
    """What sets a voice or a recogniser up, as a sentence."""
    if name not in known:
        return f"There are {', '.join(known[:-1])} and {known[-1]}."
    return f"{_MENDS[name]}, or choose another."
