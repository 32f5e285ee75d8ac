"""Voices of ElevenLabs over their streaming WebSocket: clauses go in, sound and character times come back.

Source: ElevenLabs' API reference, "Text to speech, WebSocket" (`stream-input`).
"""

import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final
from urllib.parse import quote, urlencode

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.errors import (
    SpeechCredentialsError,
    SpeechLostError,
    SpeechRateLimitError,
    SpeechRefusedError,
)
from orchestrator.speech.protocol import (
    BYTES_PER_MS,
    SAMPLE_RATE,
    SpokenReply,
    Voice,
    VoiceCapabilities,
)
from orchestrator.speech.remote import VoiceNames
from orchestrator.speech.socket_reply import Frame, Provider, open_socket_reply, sound_in
from orchestrator.speech.timing import TimedText

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
        deadlines: As a `Provider` has them.
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
        self._provider = Provider(_PROVIDER, {"xi-api-key": api_key}, deadlines or Deadlines())
        self._base_url = base_url.rstrip("/")
        self._model = model
        self._names = VoiceNames.with_added(NAMES, voices, lambda name: bool(_VOICE_ID.fullmatch(name)))

    def open(self, voice: Voice) -> AbstractAsyncContextManager[SpokenReply]:
        """Begin one reply; its socket is opened at once."""
        return open_socket_reply(self._provider, self._url(voice), lambda: _Frames(voice), voice.language)

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


class _Frames:
    """One reply: times count from each message's own sound, so what came before it is counted."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._words = CharacterTimes()
        self._came_bytes = 0

    def opening(self) -> JsonObject:
        return {"text": " ", "voice_settings": {"speed": min(max(self._voice.speed, 0.7), 1.2)}}

    def text(self, text: str) -> JsonObject:
        return {"text": text}

    def ending(self) -> JsonObject:
        return {"text": ""}

    def cancelling(self) -> None:
        return None

    def read(self, message: JsonObject) -> Frame:
        _raise_error(message)
        pcm = sound_in(_PROVIDER, message.get("audio"))
        begins_ms = self._came_bytes // BYTES_PER_MS
        self._came_bytes += len(pcm)
        words = self._words.add(message.get("alignment") or message.get("normalizedAlignment"), begins_ms)
        last = bool(message.get("isFinal"))
        return Frame(pcm, words + self._words.rest() if last else words, last)


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
