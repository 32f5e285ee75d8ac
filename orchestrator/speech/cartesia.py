"""Voices of Cartesia over their WebSocket: one context for each reply, word times included.

Source: Cartesia's API reference, "Text to Speech (WebSocket)", and its guide to contexts.
"""

import asyncio
import base64
import binascii
import re
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.speech.clauses import Clause
from orchestrator.speech.deadlines import Deadlines, Patience
from orchestrator.speech.errors import SpeechError, SpeechLostError, SpeechTimeoutError
from orchestrator.speech.protocol import SAMPLE_RATE, Speech, SpokenReply, Voice, VoiceCapabilities
from orchestrator.speech.remote import VoiceNames, refusal
from orchestrator.speech.reply import Clauses, Emit, open_reply
from orchestrator.speech.samples import WholeSamples
from orchestrator.speech.scope import beside
from orchestrator.speech.second_try import speak_or_retry
from orchestrator.speech.sockets import Socket, open_socket
from orchestrator.speech.timing import TimedText, WordFinder

BASE_URL: Final = "wss://api.cartesia.ai"
VERSION: Final = "2025-04-16"
MODEL: Final = "sonic-3"
NAMES: Final = {
    "alloy": "9626c31c-bec5-4cca-baa8-f8ba9e84c8bc",
    "ash": "a0e99841-438c-4a64-b679-ae501e7d6091",
    "ballad": "79a125e8-cd45-4c13-8a67-188112f4dd22",
    "cedar": "228fca29-3a0a-435c-8728-5cb483251068",
    "coral": "b7d50908-b17c-442d-ad8d-810c63997ed9",
    "echo": "d46abd1d-2d02-43e8-819f-51fb652c1c61",
    "marin": "f786b574-daa5-4673-aa0c-cbe3e8534c02",
    "sage": "694f9389-aac1-45b6-b726-9d9369183238",
    "shimmer": "00a77add-48d5-4ef6-8157-71e5437b282d",
    "verse": "79f8b5fb-2cc8-479a-80df-29f7a7cf1a3e",
}
"""Public voices of the library, one for each name of the Realtime protocol."""
_VOICE_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PROVIDER: Final = "cartesia"


class CartesiaVoice:
    """Speaks through Cartesia; one socket and one context for each reply.

    Args:
        api_key: Of the account.
        base_url: Of the API, `wss://`.
        model: As Cartesia calls it.
        voices: Names of ours to ids of voices; ids are passed on.
        deadlines: `connect`, then `first` from the first text to the first sound, `next` after the last text.
    """

    name = _PROVIDER
    capabilities = VoiceCapabilities(word_times="given")
    voices = tuple(NAMES)

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = BASE_URL,
        model: str = MODEL,
        voices: Mapping[str, str] | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self._headers = {"X-API-Key": api_key, "Cartesia-Version": VERSION}
        self._url = f"{base_url.rstrip('/')}/tts/websocket"
        self._model = model
        names = NAMES | dict(voices or {})
        self._names = VoiceNames(NAMES["marin"], names, lambda name: bool(_VOICE_ID.fullmatch(name)))
        self._deadlines = deadlines or Deadlines()

    @asynccontextmanager
    async def open(self, voice: Voice) -> AsyncIterator[SpokenReply]:
        """Begin one reply; its socket is opened at once."""

        async def attempt(clauses: AsyncIterable[Clause], emit: Emit) -> None:
            async with open_socket(_PROVIDER, self._url, self._headers, self._deadlines) as socket:
                await _Context(socket, self._deadlines, self._request(voice)).speak(clauses, emit)

        async def speak(clauses: Clauses, emit: Emit) -> None:
            await speak_or_retry(attempt, clauses, emit)

        async with open_reply(speak, voice.language) as reply:
            yield reply

    def _request(self, voice: Voice) -> JsonObject:
        """What every input of a context must repeat."""
        return {
            "model_id": self._model,
            "voice": {"mode": "id", "id": self._names.of(voice)},
            "language": voice.language.split("-", 1)[0],
            "context_id": str(uuid.uuid4()),
            "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": SAMPLE_RATE},
            "add_timestamps": True,
            "max_buffer_delay_ms": 0,
            "generation_config": {"speed": min(max(voice.speed, 0.6), 1.5)},
        }


class _Context:
    """What is said on one socket."""

    def __init__(self, socket: Socket, deadlines: Deadlines, request: JsonObject) -> None:
        self._socket = socket
        self._deadlines = deadlines
        self._request = request
        self._finder = WordFinder()
        self._samples = WholeSamples()
        self._patience = Patience("Sound of cartesia")
        self._said_anything = False
        self._finished = False

    async def speak(self, clauses: AsyncIterable[Clause], emit: Emit) -> None:
        try:
            async with self._patience, beside(self._send(clauses)):
                while (message := await self._socket.receive()) is not None:
                    if message.get("type") == "done":
                        return
                    if speech := self._speech(message):
                        await emit(speech)
        except (asyncio.CancelledError, SpeechTimeoutError):
            await self._cancel()
            raise
        if self._said_anything or not self._finished:
            raise SpeechLostError("cartesia closed the connection before the end of the reply.")

    async def _send(self, clauses: AsyncIterable[Clause]) -> None:
        try:
            async for clause in clauses:
                self._finder.add(clause)
                await self._socket.send(
                    self._request | {"transcript": clause.spoken.text + " ", "continue": True}
                )
                if not self._said_anything:
                    self._patience.wait(self._deadlines.first)
                self._said_anything = True
            self._finished = True
            if not self._said_anything:
                await self._socket.close()
                return
            await self._socket.send(self._request | {"transcript": "", "continue": False})
            self._patience.wait(self._deadlines.next)
        except SpeechError:
            return  # whoever receives hears the reason

    async def _cancel(self) -> None:
        """Let the provider stop, and not bill, what nobody will hear."""
        with suppress(SpeechError):
            await self._socket.send({"context_id": self._request["context_id"], "cancel": True})

    def _speech(self, message: JsonObject) -> Speech | None:
        kind = message.get("type")
        if kind == "error":
            raise _error(message)
        if self._finished:
            self._patience.wait(self._deadlines.next)
        elif kind == "chunk":
            self._patience.rest()
        if kind == "chunk":
            return Speech(self._samples.feed(_sound(message.get("data"))))
        if kind == "timestamps":
            found = self._finder.find(timed_words(message.get("word_timestamps")))
            return Speech(words=found) if found else None
        return None


def timed_words(timestamps: JsonValue) -> list[TimedText]:
    """Words with times, from the wire's three parallel lists (seconds from the context's first sound)."""
    if not isinstance(timestamps, dict):
        return []
    lists = [timestamps.get(key) for key in ("words", "start", "end")]
    if not all(isinstance(part, list) for part in lists):
        return []
    return [
        TimedText(word, round(start * 1000), round(end * 1000))
        for word, start, end in zip(*lists, strict=False)
        if isinstance(word, str) and isinstance(start, int | float) and isinstance(end, int | float)
    ]


def _sound(data: JsonValue) -> bytes:
    try:
        return base64.b64decode(data, validate=True) if isinstance(data, str) else b""
    except binascii.Error:
        raise SpeechLostError("cartesia sent sound that is not base64.") from None


def _error(message: JsonObject) -> SpeechError:
    status = message.get("status_code")
    reason = message.get("message") or message.get("error") or message.get("title") or ""
    return refusal(_PROVIDER, status if isinstance(status, int) else 400, str(reason))
