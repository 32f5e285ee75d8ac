"""Voices of Cartesia over their WebSocket: one context for each reply, word times included.

Source: Cartesia's API reference, "Text to Speech (WebSocket)", and its guide to contexts.
"""

import re
import uuid
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.errors import SpeechError
from orchestrator.speech.protocol import SAMPLE_RATE, SpokenReply, Voice, VoiceCapabilities
from orchestrator.speech.remote import VoiceNames, refusal
from orchestrator.speech.samples import WholeSamples
from orchestrator.speech.socket_reply import Frame, Provider, open_socket_reply, sound_in
from orchestrator.speech.timing import TimedText

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
        headers = {"X-API-Key": api_key, "Cartesia-Version": VERSION}
        self._provider = Provider(_PROVIDER, headers, deadlines or Deadlines())
        self._url = f"{base_url.rstrip('/')}/tts/websocket"
        self._model = model
        self._names = VoiceNames.with_added(NAMES, voices, lambda name: bool(_VOICE_ID.fullmatch(name)))

    def open(self, voice: Voice) -> AbstractAsyncContextManager[SpokenReply]:
        """Begin one reply; its socket is opened at once."""
        return open_socket_reply(
            self._provider, self._url, lambda: _Frames(self._request(voice)), voice.language
        )

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


class _Frames:
    """One context: every input repeats the request that began it."""

    def __init__(self, request: JsonObject) -> None:
        self._request = request
        self._samples = WholeSamples()

    def opening(self) -> None:
        return None

    def text(self, text: str) -> JsonObject:
        return self._request | {"transcript": text, "continue": True}

    def ending(self) -> JsonObject:
        return self._request | {"transcript": "", "continue": False}

    def cancelling(self) -> JsonObject:
        return {"context_id": self._request["context_id"], "cancel": True}

    def read(self, message: JsonObject) -> Frame:
        match message.get("type"):
            case "error":
                raise _error(message)
            case "chunk":
                return Frame(self._samples.feed(sound_in(_PROVIDER, message.get("data"))))
            case "timestamps":
                return Frame(words=timed_words(message.get("word_timestamps")))
            case kind:
                return Frame(last=kind == "done")


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


def _error(message: JsonObject) -> SpeechError:
    status = message.get("status_code")
    reason = message.get("message") or message.get("error") or message.get("title") or ""
    return refusal(_PROVIDER, status if isinstance(status, int) else 400, str(reason))
