"""Recognisers of OpenAI, and of any server with the same `/audio/transcriptions`: one request an utterance.

Source: OpenAI's API reference, "Create transcription" and "Transcription streaming events". OpenAI's own
newer models stream their text and tell token probabilities; others tell word times.
"""

import io
import math
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Self

import httpx

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.speech.deadlines import Deadlines, deadline
from orchestrator.speech.errors import SpeechError, SpeechRefusedError
from orchestrator.speech.partials import Partials
from orchestrator.speech.protocol import (
    SAMPLE_RATE,
    HeardWord,
    RecogniserCapabilities,
    Transcript,
    Transcription,
    Vocabulary,
)
from orchestrator.speech.remote import check, http_client, http_errors, json_object, reason_in
from orchestrator.speech.retrying import worth_retrying

BASE_URL: Final = "https://api.openai.com/v1"
MODEL: Final = "gpt-4o-mini-transcribe"
_LONGEST_SECONDS: Final = 300
_SHORTEST_MS: Final = 100
"""Less is refused by OpenAI, and is no word."""
_LONGEST_PROMPT: Final = 800
_PROVIDER: Final = "openai"


class OpenAIRecogniser:
    """Hears through an OpenAI-compatible server. Open with `OpenAIRecogniser.run()`."""

    name = _PROVIDER
    capabilities = RecogniserCapabilities(partials=True, word_times=False, confidence=True, vocabulary=True)

    def __init__(self, client: httpx.AsyncClient, url: str, model: str, deadlines: Deadlines) -> None:
        self._client = client
        self._url = url
        self._model = model
        self._deadlines = deadlines
        self._streams = model.startswith("gpt-")

    @classmethod
    @asynccontextmanager
    async def run(
        cls,
        api_key: str,
        *,
        base_url: str = BASE_URL,
        model: str = MODEL,
        deadlines: Deadlines | None = None,
    ) -> AsyncIterator[Self]:
        """Keep connections while the block runs.

        Args:
            api_key: Sent as a bearer token; empty for servers without.
            base_url: Up to and including the version.
            model: As the server calls it; names that begin with `gpt-` stream their text.
            deadlines: `connect`, and `final` for each commit.
        """
        deadlines = deadlines or Deadlines()
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        async with http_client(deadlines, headers) as client:
            yield cls(client, f"{base_url.rstrip('/')}/audio/transcriptions", model, deadlines)

    @asynccontextmanager
    async def open(self, vocabulary: Vocabulary, *, rate: int = SAMPLE_RATE) -> AsyncIterator[Transcription]:
        """Begin to hear one call. Partials come after the commit, while the server's text streams in."""
        hearing = _Hearing(self, vocabulary, rate)
        try:
            yield hearing
        finally:
            hearing.close()

    async def transcribe(
        self, pcm: bytes, rate: int, vocabulary: Vocabulary, partials: Partials
    ) -> Transcript:
        """One utterance.

        Raises:
            SpeechError: The server refused twice, or was late.
        """
        async with deadline(self._deadlines.final, "The final transcript"):
            try:
                return await self._request(pcm, rate, vocabulary, partials)
            except SpeechError as error:
                if not await worth_retrying(error):
                    raise
                return await self._request(pcm, rate, vocabulary, partials)

    async def _request(self, pcm: bytes, rate: int, vocabulary: Vocabulary, partials: Partials) -> Transcript:
        async with (
            http_errors(_PROVIDER),
            self._client.stream(
                "POST",
                self._url,
                data=self._fields(vocabulary),
                files={"file": ("utterance.wav", wav(pcm, rate), "audio/wav")},
            ) as response,
        ):
            await check(_PROVIDER, response)
            if "text/event-stream" in response.headers.get("content-type", ""):
                return await _streamed(response, partials)
            return _whole(json_object(_PROVIDER, await response.aread()))

    def _fields(self, vocabulary: Vocabulary) -> dict[str, str]:
        fields = {"model": self._model, "language": vocabulary.language.split("-", 1)[0]}
        if prompt := ", ".join(vocabulary.terms)[:_LONGEST_PROMPT]:
            fields["prompt"] = prompt
        if self._streams:
            return fields | {"response_format": "json", "stream": "true", "include[]": "logprobs"}
        return fields | {"response_format": "verbose_json", "timestamp_granularities[]": "word"}


class _Hearing:
    """A `Transcription`: gathers an utterance and sends it off."""

    def __init__(self, recogniser: OpenAIRecogniser, vocabulary: Vocabulary, rate: int) -> None:
        self._recogniser = recogniser
        self._vocabulary = vocabulary
        self._rate = rate
        self._sound = bytearray()
        self._partials = Partials()

    async def feed(self, pcm: bytes) -> None:
        """Add sound; of an utterance beyond five minutes the beginning is lost."""
        self._sound += pcm
        too_much = len(self._sound) - _LONGEST_SECONDS * self._rate * 2
        if too_much > 0:
            del self._sound[:too_much]

    async def commit(self) -> Transcript:
        """End the utterance and wait for its final transcript."""
        sound, self._sound = bytes(self._sound), bytearray()
        if len(sound) < _SHORTEST_MS * self._rate * 2 // 1000:
            return Transcript("")
        return await self._recogniser.transcribe(sound, self._rate, self._vocabulary, self._partials)

    async def discard(self) -> None:
        """Forget what was fed since the last commit."""
        self._sound = bytearray()

    async def expect(self, vocabulary: Vocabulary) -> None:
        """Change what is expected from the next commit on."""
        self._vocabulary = vocabulary

    def partials(self) -> AsyncIterator[Transcript]:
        """Iterate over what is heard before each final."""
        return self._partials

    def close(self) -> None:
        """End the iteration over partials."""
        self._partials.close()


def wav(pcm: bytes, rate: int) -> bytes:
    """Sound as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(pcm)
    return file.getvalue()


async def _streamed(response: httpx.Response, partials: Partials) -> Transcript:
    """Server-sent events: `transcript.text.delta` until `transcript.text.done`."""
    text = ""
    async for line in response.aiter_lines():
        data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
        if not data or data == "[DONE]":
            continue
        event = json_object(_PROVIDER, data)
        if event.get("type") == "transcript.text.done":
            said = event.get("text")
            return Transcript(said if isinstance(said, str) else text, confidence=_certainty(event))
        if "error" in event:
            raise SpeechRefusedError(f"openai: {reason_in(data)[:200]}")
        if isinstance(delta := event.get("delta"), str):
            text += delta
            partials.add(Transcript(text, final=False))
    raise httpx.RemoteProtocolError("the stream ended before the transcript did")


def _whole(body: JsonObject) -> Transcript:
    text, words = body.get("text"), body.get("words")
    heard = [_word(word) for word in words] if isinstance(words, list) else []
    return Transcript(
        text.strip() if isinstance(text, str) else "",
        confidence=_certainty(body),
        words=tuple(word for word in heard if word is not None),
    )


def _word(word: JsonValue) -> HeardWord | None:
    if not isinstance(word, dict):
        return None
    text, start, end = word.get("word"), word.get("start"), word.get("end")
    if not (isinstance(text, str) and isinstance(start, int | float) and isinstance(end, int | float)):
        return None
    return HeardWord(text.strip(), round(start * 1000), round(end * 1000))


def _certainty(body: JsonObject) -> float | None:
    """The geometric mean of the tokens' probabilities, or of the segments'."""
    for name, key in (("logprobs", "logprob"), ("segments", "avg_logprob")):
        entries = body.get(name)
        if isinstance(entries, list):
            values = [entry.get(key) for entry in entries if isinstance(entry, dict)]
            known = [value for value in values if isinstance(value, int | float)]
            if known:
                return round(math.exp(sum(known) / len(known)), 3)
    return None
