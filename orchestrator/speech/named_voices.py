"""Voices by the names that settings and agents use; each is started when it is first needed."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeAlias, cast

from orchestrator.speech import cartesia, elevenlabs, openai_voice
from orchestrator.speech.azure_voice import AzureVoice
from orchestrator.speech.cartesia import CartesiaVoice
from orchestrator.speech.choice import VOICES, Access, SpeechChoice, mend, usual_voice, voice_is_installed
from orchestrator.speech.deadlines import OWN_PROCESS
from orchestrator.speech.elevenlabs import ElevenLabsVoice
from orchestrator.speech.errors import SpeechUnavailableError
from orchestrator.speech.espeak import EspeakVoice
from orchestrator.speech.lazily import Lazily
from orchestrator.speech.openai_voice import OpenAIVoice
from orchestrator.speech.protocol import SpokenReply, TextToSpeech, Voice, VoiceCapabilities
from orchestrator.speech.tone import ToneVoice

Opened: TypeAlias = AbstractAsyncContextManager[TextToSpeech]


@dataclass(frozen=True, slots=True)
class _Kind:
    """An adapter: what is known of it before it is started, and how it is started."""

    open: Callable[[Access], Opened]
    capabilities: VoiceCapabilities
    voices: tuple[str, ...]


def _openai(access: Access) -> Opened:
    url, model = access.url or openai_voice.BASE_URL, access.model or openai_voice.MODEL
    return OpenAIVoice.run(access.key, base_url=url, model=model, voices=access.names)


def _azure(access: Access) -> Opened:
    return AzureVoice.run(access.key, access.url, voices=access.names)


def _elevenlabs(access: Access) -> Opened:
    url, model = access.url or elevenlabs.BASE_URL, access.model or elevenlabs.MODEL
    return nullcontext(ElevenLabsVoice(access.key, base_url=url, model=model, voices=access.names))


def _cartesia(access: Access) -> Opened:
    url, model = access.url or cartesia.BASE_URL, access.model or cartesia.MODEL
    return nullcontext(CartesiaVoice(access.key, base_url=url, model=model, voices=access.names))


_KINDS: Final[Mapping[str, _Kind]] = {
    "embedded": _Kind(lambda _: EspeakVoice.run(OWN_PROCESS), EspeakVoice.capabilities, EspeakVoice.voices),
    "tone": _Kind(lambda _: nullcontext(ToneVoice()), ToneVoice.capabilities, ToneVoice.voices),
    "openai": _Kind(_openai, OpenAIVoice.capabilities, OpenAIVoice.voices),
    "azure": _Kind(_azure, AzureVoice.capabilities, AzureVoice.voices),
    "elevenlabs": _Kind(_elevenlabs, ElevenLabsVoice.capabilities, ElevenLabsVoice.voices),
    "cartesia": _Kind(_cartesia, CartesiaVoice.capabilities, CartesiaVoice.voices),
}


class NamedVoice:
    """A `TextToSpeech` that may not have been started yet.

    Args:
        name: As in the setting.
        adapter: What speaks.
        capabilities: Of the adapter.
        voices: Names that it is known to have.
        usual: Voice for replies that name none.
    """

    def __init__(
        self,
        name: str,
        adapter: Lazily[TextToSpeech],
        capabilities: VoiceCapabilities,
        voices: tuple[str, ...],
        usual: str,
    ) -> None:
        self.name = name
        self.capabilities = capabilities
        self.voices = voices
        self._adapter = adapter
        self._usual = usual

    def want(self) -> None:
        """Start it, without waiting."""
        self._adapter.want()

    async def started(self) -> TextToSpeech:
        """The adapter itself.

        Raises:
            SpeechError: It cannot be started.
        """
        return await self._adapter.get()

    @asynccontextmanager
    async def open(self, voice: Voice) -> AsyncIterator[SpokenReply]:
        """Begin one reply, starting the adapter where it is the first.

        Raises:
            SpeechError: It cannot be started.
        """
        adapter = await self.started()
        async with adapter.open(voice if voice.name else replace(voice, name=self._usual)) as reply:
            yield reply


class Voices:
    """The voices of a node. Open with `open_voices`.

    Attributes:
        default: Name of the one for agents that name none.
    """

    def __init__(self, default: str, voices: Mapping[str, NamedVoice]) -> None:
        self.default = default
        self._voices = voices

    def named(self, name: str | None = None) -> NamedVoice:
        """A voice adapter. Worth calling at the start, for every agent's `tts`: it tells what is missing.

        Args:
            name: An agent's `tts`; None for the service's own.

        Raises:
            SpeechUnavailableError: It is not set up here; the message names the mend.
        """
        name = name or self.default
        if name not in self._voices:
            raise SpeechUnavailableError(f"The voice {name!r} is not set up here. {mend(name, VOICES)}")
        return self._voices[name]

    async def pronounce(self, words: Sequence[str]) -> list[str]:
        """IPA of each word, by the embedded voice: what the embedded recogniser learns words from.

        Raises:
            SpeechError: The embedded voice is not installed, or failed.
        """
        adapter = await self.named("embedded").started()
        return await cast("EspeakVoice", adapter).pronounce(words)


@asynccontextmanager
async def open_voices(choice: SpeechChoice) -> AsyncIterator[Voices]:
    """Offer the voices that are set up while the block runs; the service's own is started at once.

    Raises:
        SpeechUnavailableError: The service's own is not set up.
    """
    default = usual_voice(choice)
    async with AsyncExitStack() as stack:
        voices: dict[str, NamedVoice] = {}
        for name, access in _set_up(choice).items():
            kind = _KINDS[name]
            opened = Lazily.offer(partial(kind.open, access), f"The voice {name!r}")
            adapter = await stack.enter_async_context(opened)
            known = tuple(dict.fromkeys((*kind.voices, *access.names)))
            usual = choice.voice if name == default else ""
            voices[name] = NamedVoice(name, adapter, kind.capabilities, known, usual)
        offered = Voices(default, voices)
        offered.named(default).want()
        yield offered


def _set_up(choice: SpeechChoice) -> dict[str, Access]:
    """What can be used: what needs nothing, what is installed, and what there is access to."""
    local = ("embedded", "tone") if voice_is_installed() else ("tone",)
    return dict.fromkeys(local, Access()) | dict(choice.voices)
