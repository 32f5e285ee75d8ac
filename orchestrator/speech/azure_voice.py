"""Voices of Azure AI Speech: one streamed REST request for each clause.

Source: Microsoft's "Text to speech REST API". The REST API gives no word times; they are estimated.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, Self
from xml.sax.saxutils import escape, quoteattr

import httpx

from orchestrator.speech.clauses import Clause
from orchestrator.speech.clausewise import open_clausewise
from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.protocol import Speech, SpokenReply, Voice, VoiceCapabilities
from orchestrator.speech.remote import VoiceNames, http_client, streamed_speech

FORMAT: Final = "raw-24khz-16bit-mono-pcm"
NAMES: Final = {
    "alloy": "en-US-AlloyTurboMultilingualNeural",
    "ash": "en-US-AndrewMultilingualNeural",
    "ballad": "en-GB-RyanNeural",
    "cedar": "en-US-BrianMultilingualNeural",
    "coral": "en-US-JennyNeural",
    "echo": "en-US-EchoTurboMultilingualNeural",
    "marin": "en-US-AvaMultilingualNeural",
    "sage": "en-US-EmmaMultilingualNeural",
    "shimmer": "en-US-ShimmerTurboMultilingualNeural",
    "verse": "en-US-GuyNeural",
}


class AzureVoice:
    """Speaks through Azure AI Speech. Open with `AzureVoice.run()`."""

    name = "azure"
    capabilities = VoiceCapabilities(word_times="estimated")
    voices = tuple(NAMES)

    def __init__(self, client: httpx.AsyncClient, url: str, names: VoiceNames, deadlines: Deadlines) -> None:
        self._client = client
        self._url = url
        self._names = names
        self._deadlines = deadlines

    @classmethod
    @asynccontextmanager
    async def run(
        cls,
        api_key: str,
        region: str,
        *,
        voices: Mapping[str, str] | None = None,
        deadlines: Deadlines | None = None,
    ) -> AsyncIterator[Self]:
        """Keep connections while the block runs.

        Args:
            api_key: Key of the Speech resource.
            region: Of the resource, such as `westeurope`; or the whole `https://` URL of an endpoint.
            voices: Names of ours to Azure's (`en-US-AvaMultilingualNeural`); Azure's own are passed on.
            deadlines: For each clause.
        """
        deadlines = deadlines or Deadlines()
        host = region if "://" in region else f"https://{region}.tts.speech.microsoft.com"
        headers = {
            "Ocp-Apim-Subscription-Key": api_key,
            "X-Microsoft-OutputFormat": FORMAT,
            "Content-Type": "application/ssml+xml",
            "User-Agent": "orchestrator",
        }
        async with http_client(deadlines, headers) as client:
            names = VoiceNames.with_added(NAMES, voices, lambda name: "-" in name)
            yield cls(client, f"{host.rstrip('/')}/cognitiveservices/v1", names, deadlines)

    def open(self, voice: Voice) -> AbstractAsyncContextManager[SpokenReply]:
        """Begin one reply."""

        def synthesise(clause: Clause) -> AsyncGenerator[Speech, None]:
            body = ssml(clause.spoken.text, self._names.of(voice), voice.speed).encode()
            return streamed_speech(self.name, self._client.stream("POST", self._url, content=body))

        return open_clausewise(synthesise, self._deadlines, voice.language, estimate=True)


def ssml(text: str, voice: str, speed: float) -> str:
    """The request's body. The voice's locale is the beginning of its name."""
    locale = "-".join(voice.split("-")[:2])
    said = escape(text)
    if speed != 1.0:
        said = f"<prosody rate='{(speed - 1) * 100:+.0f}%'>{said}</prosody>"
    return (
        f"<speak version='1.0' xmlns='http://www.w3.org/2001/10/synthesis' xml:lang={quoteattr(locale)}>"
        f"<voice name={quoteattr(voice)}>{said}</voice></speak>"
    )
