"""Voices of ElevenLabs over their streaming WebSocket: clauses go in, sound and character times come back.

Source: ElevenLabs' API reference, "Text to speech, WebSocket" (`stream-input`).
"""

import base64
import binascii
import re
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import quote, urlencode

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.speech.clauses import Clause
from orchestrator.speech.deadlines import Deadlines, Patience
from orchestrator.speech.errors import (
    SpeechCredentialsError,
    SpeechError,
    SpeechLostError,
    SpeechRateLimitError,
    SpeechRefusedError,
)
from orchestrator.speech.protocol import (
    BYTES_PER_MS,
    SAMPLE_RATE,
    Speech,
    SpokenReply,
    Voice,
    VoiceCapabilities,
)
from orchestrator.speech.remote import VoiceNames
from orchestrator.speech.reply import Clauses, Emit, open_reply
from orchestrator.speech.scope import beside
from orchestrator.speech.second_try import speak_or_retry
from orchestrator.speech.sockets import Socket, open_socket
from orchestrator.speech.timing import TimedText, WordFinder

BASE_URL: Final = "wss://api.elevenlabs.io"
MODEL: Final = "eleven_flash_v2_5"
NAMES: Final = {
    "alloy": "SAz9YHcvj6GT2YYXdXww",
    "ash": "iP95p4xoKVk53GoZ742B",
    "ballad": "JBFqnCBsd6RMkjVDRZzb",
    "cedar": "nPczCjzI2devNBz1zQrb",
    "coral": "cgSgspJ2msm6clMCkdW9",
    "echo": "bIHbv24MWmeRgasZH58o",
    "marin": "EXAVITQu4vr4xnSDxMaL",
    "sage": "XrExE9yKIg1WjnnlVkGX",
    "shimmer": "FGY2WhTYpPnrIDTdsKH5",
    "verse": "cjVigY5qzO86Huf0OWal",
}
"""Voices that every account has, one for each name of the Realtime protocol."""
_VOICE_ID: Final = re.compile(r"[A-Za-z0-9]{20}")
_IDLE_SECONDS: Final = 60
_PROVIDER: Final = "elevenlabs"
_SPELLINGS: Final = (
    ("chars",),
    ("charStartTimesMs", "charsStartTimesMs", "char_start_times_ms"),
    ("charDurationsMs", "charsDurationsMs", "chars_durations_ms"),
)
"""Characters, their starts and their lengths, as the wire and its documentation have spelt them."""


class ElevenLabsVoice:
    """Speaks through ElevenLabs; one socket for each reply.

    Args:
        api_key: Of the account.
        base_url: Of the API, `wss://`.
        model: As ElevenLabs calls it.
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
        self._headers = {"xi-api-key": api_key}
        self._base_url = base_url.rstrip("/")
        self._model = model
        names = NAMES | dict(voices or {})
        self._names = VoiceNames(NAMES["marin"], names, lambda name: bool(_VOICE_ID.fullmatch(name)))
        self._deadlines = deadlines or Deadlines()

    @asynccontextmanager
    async def open(self, voice: Voice) -> AsyncIterator[SpokenReply]:
        """Begin one reply; its socket is opened at once."""

        async def attempt(clauses: AsyncIterable[Clause], emit: Emit) -> None:
            url = self._url(voice)
            async with open_socket(_PROVIDER, url, self._headers, self._deadlines) as socket:
                await _Conversation(socket, self._deadlines, voice).speak(clauses, emit)

        async def speak(clauses: Clauses, emit: Emit) -> None:
            await speak_or_retry(attempt, clauses, emit)

        async with open_reply(speak, voice.language) as reply:
            yield reply

    def _url(self, voice: Voice) -> str:
        query = {
            "model_id": self._model,
            "output_format": f"pcm_{SAMPLE_RATE}",
            "auto_mode": "true",
            "sync_alignment": "true",
            "inactivity_timeout": _IDLE_SECONDS,
        }
        voice_id = quote(self._names.of(voice), safe="")
        return f"{self._base_url}/v1/text-to-speech/{voice_id}/stream-input?{urlencode(query)}"


class _Conversation:
    """What is said on one socket."""

    def __init__(self, socket: Socket, deadlines: Deadlines, voice: Voice) -> None:
        self._socket = socket
        self._deadlines = deadlines
        self._voice = voice
        self._finder = WordFinder()
        self._words = CharacterTimes()
        self._patience = Patience("Sound of elevenlabs")
        self._sent_bytes = 0
        self._said_anything = False
        self._finished = False

    async def speak(self, clauses: AsyncIterable[Clause], emit: Emit) -> None:
        async with self._patience, beside(self._send(clauses)):
            while (message := await self._socket.receive()) is not None:
                _raise_error(message)
                if speech := self._speech(message):
                    await emit(speech)
                if message.get("isFinal"):
                    break
        if message is None and (self._said_anything or not self._finished):
            raise SpeechLostError("elevenlabs closed the connection before the end of the reply.")
        if words := self._finder.find(self._words.rest()):
            await emit(Speech(words=words))

    async def _send(self, clauses: AsyncIterable[Clause]) -> None:
        try:
            settings: JsonObject = {"speed": min(max(self._voice.speed, 0.7), 1.2)}
            await self._socket.send({"text": " ", "voice_settings": settings})
            async for clause in clauses:
                self._finder.add(clause)
                await self._socket.send({"text": clause.spoken.text + " "})
                if not self._said_anything:
                    self._patience.wait(self._deadlines.first)
                self._said_anything = True
            self._finished = True
            if not self._said_anything:
                await self._socket.close()
                return
            await self._socket.send({"text": ""})
            self._patience.wait(self._deadlines.next)
        except SpeechError:
            return  # whoever receives hears the reason

    def _speech(self, message: JsonObject) -> Speech | None:
        pcm = _sound(message.get("audio"))
        begins_ms = self._sent_bytes // BYTES_PER_MS
        self._sent_bytes += len(pcm)
        if self._finished:
            self._patience.wait(self._deadlines.next)
        elif pcm:
            self._patience.rest()
        alignment = message.get("alignment") or message.get("normalizedAlignment")
        words = self._words.add(alignment, begins_ms)
        found = self._finder.find(words)
        return Speech(pcm, found) if pcm or found else None


class CharacterTimes:
    """Puts words together from characters with times; a word may span two messages."""

    def __init__(self) -> None:
        self._word = ""
        self._start_ms = 0
        self._end_ms = 0

    def add(self, alignment: JsonValue, begins_ms: int) -> list[TimedText]:
        """Words that are complete now.

        Args:
            alignment: As on the wire; its times count from the message's own sound.
            begins_ms: When that sound begins in the reply.
        """
        if not isinstance(alignment, dict):
            return []
        characters, starts, lengths = (_first_list(alignment, names) for names in _SPELLINGS)
        words: list[TimedText] = []
        for at, (character, start) in enumerate(zip(characters, starts, strict=False)):
            length = lengths[at] if at < len(lengths) else 0
            if isinstance(character, str) and isinstance(start, int | float):
                words += self._one(character, begins_ms + int(start), _number(length))
        return words

    def rest(self) -> list[TimedText]:
        """The last word, when no space came after it."""
        word, self._word = self._word, ""
        return [TimedText(word, self._start_ms, self._end_ms)] if word else []

    def _one(self, character: str, start_ms: int, length_ms: int) -> list[TimedText]:
        if character.isspace():
            return self.rest()
        if not self._word:
            self._start_ms = start_ms
        self._word += character
        self._end_ms = start_ms + length_ms
        return []


def _first_list(alignment: JsonObject, names: tuple[str, ...]) -> list[JsonValue]:
    found = (alignment.get(name) for name in names)
    return next((value for value in found if isinstance(value, list)), [])


def _number(value: JsonValue) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _sound(data: JsonValue) -> bytes:
    if not isinstance(data, str):
        return b""
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        raise SpeechLostError("elevenlabs sent sound that is not base64.") from None


def _raise_error(message: JsonObject) -> None:
    error = message.get("error")
    if not error:
        return
    said = f"elevenlabs: {error}: {str(message.get('message') or '')[:200]}"
    if "api_key" in str(error) or message.get("code") == 401:
        raise SpeechCredentialsError(f"{said}. Check the key.")
    if "too_many" in str(error) or "busy" in str(error) or message.get("code") == 429:
        raise SpeechRateLimitError(said)
    if "timeout" in str(error):  # the model thought for longer than the connection may idle
        raise SpeechLostError(said)
    raise SpeechRefusedError(said)
