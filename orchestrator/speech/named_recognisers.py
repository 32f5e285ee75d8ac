"""Recognisers by the names that settings use; each is started when it is first needed."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from orchestrator.speech import deepgram, openai_recogniser
from orchestrator.speech.choice import (
    RECOGNISERS,
    Access,
    SpeechChoice,
    mend,
    recogniser_is_installed,
    usual_recogniser,
)
from orchestrator.speech.deadlines import OWN_PROCESS
from orchestrator.speech.deepgram import DeepgramRecogniser
from orchestrator.speech.errors import SpeechUnavailableError
from orchestrator.speech.lazily import Lazily
from orchestrator.speech.openai_recogniser import OpenAIRecogniser
from orchestrator.speech.protocol import (
    SAMPLE_RATE,
    RecogniserCapabilities,
    SpeechToText,
    Transcription,
    Vocabulary,
)
from orchestrator.speech.sphinx import Pronounce, SphinxRecogniser

Opened: TypeAlias = AbstractAsyncContextManager[SpeechToText]


@dataclass(frozen=True, slots=True)
class _Kind:
    """An adapter: what is known of it before it is started, and how it is started."""

    open: Callable[[Access, Pronounce | None], Opened]
    capabilities: RecogniserCapabilities


def _embedded(_: Access, pronounce: Pronounce | None) -> Opened:
    return SphinxRecogniser.run(pronounce, OWN_PROCESS)


def _openai(access: Access, _: Pronounce | None) -> Opened:
    url, model = access.url or openai_recogniser.BASE_URL, access.model or openai_recogniser.MODEL
    return OpenAIRecogniser.run(access.key, base_url=url, model=model)


def _deepgram(access: Access, _: Pronounce | None) -> Opened:
    url, model = access.url or deepgram.BASE_URL, access.model or deepgram.MODEL
    return nullcontext(DeepgramRecogniser(access.key, base_url=url, model=model))


_KINDS: Final[Mapping[str, _Kind]] = {
    "embedded": _Kind(_embedded, SphinxRecogniser.capabilities),
    "openai": _Kind(_openai, OpenAIRecogniser.capabilities),
    "deepgram": _Kind(_deepgram, DeepgramRecogniser.capabilities),
}


class NamedRecogniser:
    """A `SpeechToText` that may not have been started yet."""

    def __init__(
        self, name: str, adapter: Lazily[SpeechToText], capabilities: RecogniserCapabilities
    ) -> None:
        self.name = name
        self.capabilities = capabilities
        self._adapter = adapter

    def want(self) -> None:
        """Start it, without waiting."""
        self._adapter.want()

    @asynccontextmanager
    async def open(self, vocabulary: Vocabulary, *, rate: int = SAMPLE_RATE) -> AsyncIterator[Transcription]:
        """Begin to hear one call, starting the adapter where it is the first.

        Raises:
            SpeechError: It cannot be started, or the vocabulary could not be learnt.
        """
        adapter = await self._adapter.get()
        async with adapter.open(vocabulary, rate=rate) as transcription:
            yield transcription


class Recognisers:
    """The recognisers of a node. Open with `open_recognisers`.

    Attributes:
        default: Name of the one that is used, None where there is none.
    """

    def __init__(self, default: str | None, recognisers: Mapping[str, NamedRecogniser]) -> None:
        self.default = default
        self._recognisers = recognisers

    def named(self, name: str | None = None) -> NamedRecogniser:
        """A recogniser.

        Args:
            name: None for the service's own.

        Raises:
            SpeechUnavailableError: It is not set up here; the message names the mend.
        """
        name = name or self.default or "embedded"
        if name not in self._recognisers:
            told = f"The recogniser {name!r} is not set up here. {mend(name, RECOGNISERS)}"
            raise SpeechUnavailableError(told)
        return self._recognisers[name]


@asynccontextmanager
async def open_recognisers(
    choice: SpeechChoice, pronounce: Pronounce | None = None
) -> AsyncIterator[Recognisers]:
    """Offer the recognisers that are set up while the block runs; the service's own is started at once.

    Args:
        choice: What is set up.
        pronounce: Of the voices, `Voices.pronounce`: how words sound that the embedded one does not know.

    Raises:
        SpeechUnavailableError: The one that was chosen is not set up.
    """
    local = {"embedded": Access()} if recogniser_is_installed() else {}
    default = usual_recogniser(choice)
    async with AsyncExitStack() as stack:
        recognisers: dict[str, NamedRecogniser] = {}
        for name, access in (local | dict(choice.recognisers)).items():
            opened = Lazily.offer(partial(_KINDS[name].open, access, pronounce), f"The recogniser {name!r}")
            adapter = await stack.enter_async_context(opened)
            recognisers[name] = NamedRecogniser(name, adapter, _KINDS[name].capabilities)
        offered = Recognisers(default, recognisers)
        if default is not None:
            offered.named(default).want()
        yield offered
