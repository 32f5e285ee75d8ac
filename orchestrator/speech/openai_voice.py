"""Voices of OpenAI, and of any server with the same `/audio/speech`: one streamed request for each clause.

Source: OpenAI's API reference, "Create speech". `pcm` is 24 kHz, 16 bit, mono, without a header.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, Self

import httpx

from orchestrator.core.json_value import JsonObject
from orchestrator.speech.clauses import Clause
from orchestrator.speech.clausewise import open_clausewise
from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.protocol import Speech, SpokenReply, Voice, VoiceCapabilities
from orchestrator.speech.remote import VoiceNames, http_client, streamed_speech

BASE_URL: Final = "https://api.openai.com/v1"
MODEL: Final = "gpt-4o-mini-tts"
VOICES: Final = (
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer",
    "verse",
)  # fmt: skip


class OpenAIVoice:
    """Speaks through an OpenAI-compatible server. Open with `OpenAIVoice.run()`."""

    name = "openai"
    capabilities = VoiceCapabilities(word_times="estimated", instructions=True)
    voices = VOICES

    def __init__(
        self, client: httpx.AsyncClient, url: str, model: str, names: VoiceNames, deadlines: Deadlines
    ) -> None:
        self._client = client
        self._url = url
        self._model = model
        self._names = names
        self._deadlines = deadlines

    @classmethod
    @asynccontextmanager
    async def run(
        cls,
        api_key: str,
        *,
        base_url: str = BASE_URL,
        model: str = MODEL,
        voices: Mapping[str, str] | None = None,
        deadlines: Deadlines | None = None,
    ) -> AsyncIterator[Self]:
        """Keep connections while the block runs.

        Args:
            api_key: Sent as a bearer token; empty for servers without.
            base_url: Up to and including the version.
            model: As the server calls it.
            voices: Names of ours to names of the server's.
            deadlines: For each clause.
        """
        deadlines = deadlines or Deadlines()
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        async with http_client(deadlines, headers) as client:
            names = VoiceNames("marin" if base_url == BASE_URL else "alloy", voices or {})
            yield cls(client, f"{base_url.rstrip('/')}/audio/speech", model, names, deadlines)

    def open(self, voice: Voice) -> AbstractAsyncContextManager[SpokenReply]:
        """Begin one reply."""

        def synthesise(clause: Clause) -> AsyncGenerator[Speech, None]:
            body = self._request(clause.spoken.text, voice)
            return streamed_speech(self.name, self._client.stream("POST", self._url, json=body))

        return open_clausewise(synthesise, self._deadlines, voice.language, estimate=True)

    def _request(self, text: str, voice: Voice) -> JsonObject:
        body: JsonObject = {
            "model": self._model,
            "input": text,
            "voice": self._names.of(voice),
            "response_format": "pcm",
            "speed": voice.speed,
        }
        if voice.instructions:
            body["instructions"] = voice.instructions
        return body
