"""Deepgram's streaming recogniser: one socket for a call, `Finalize` at the end of each utterance.

Source: Deepgram's API reference, "Live audio", and its pages on Finalize, Keep Alive and Close Stream.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final
from urllib.parse import urlencode

from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.speech.deadlines import Deadlines
from orchestrator.speech.errors import SpeechError, SpeechLostError
from orchestrator.speech.protocol import (
    SAMPLE_RATE,
    HeardWord,
    RecogniserCapabilities,
    Transcript,
    Transcription,
    Vocabulary,
)
from orchestrator.speech.scope import beside
from orchestrator.speech.sockets import Socket, open_socket
from orchestrator.speech.transcription import ResumedTranscription

BASE_URL: Final = "wss://api.deepgram.com"
MODEL: Final = "nova-3"
KEEP_ALIVE_SECONDS: Final = 4.0
"""Deepgram closes a connection that was silent for ten."""
GRACE_SECONDS: Final = 1.5
"""Deepgram may not answer a `Finalize` that found nothing left to do; after this what is there is all."""
_NOBODY: Final = -1
_ROUNDING_MS: Final = 50
_MOST_TERMS: Final = 100
_WITHOUT_TERMS: Final = ("nova-2", "enhanced", "base", "whisper")
"""Earlier models, which refuse key terms."""
_PROVIDER: Final = "deepgram"


class DeepgramRecogniser:
    """Hears through Deepgram.

    Args:
        api_key: Of the project.
        base_url: Of the API, `wss://`.
        model: As Deepgram calls it.
        deadlines: `connect`, and `final` for each commit.
        grace: Seconds to wait for the answer to a `Finalize` once Deepgram is silent.
    """

    name = _PROVIDER
    capabilities = RecogniserCapabilities(partials=True, word_times=True, confidence=True, vocabulary=True)

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = BASE_URL,
        model: str = MODEL,
        deadlines: Deadlines | None = None,
        grace: float = GRACE_SECONDS,
    ) -> None:
        self._headers = {"Authorization": f"Token {api_key}"}
        self._base_url = base_url.rstrip("/")
        self._model = model
        self._deadlines = deadlines or Deadlines()
        self._grace = grace

    @asynccontextmanager
    async def open(self, vocabulary: Vocabulary, *, rate: int = SAMPLE_RATE) -> AsyncIterator[Transcription]:
        """Begin to hear one call.

        Key terms are told when a connection is opened: `expect` holds from the next one on.
        """
        latest = vocabulary

        async def prepare(expected: Vocabulary) -> Vocabulary:
            nonlocal latest
            latest = expected
            return expected

        transcription = ResumedTranscription(
            lambda: self._line(latest, rate), prepare, vocabulary, rate, self._deadlines.final
        )
        async with beside(transcription.run()):
            yield transcription

    @asynccontextmanager
    async def _line(self, vocabulary: Vocabulary, rate: int) -> AsyncIterator["DeepgramLine"]:
        url = self._url(vocabulary, rate)
        async with open_socket(_PROVIDER, url, self._headers, self._deadlines) as socket:
            line = DeepgramLine(socket, rate, self._grace)
            async with beside(line.keep_alive()):
                try:
                    yield line
                finally:
                    with suppress(SpeechError):
                        await socket.send({"type": "CloseStream"})

    def _url(self, vocabulary: Vocabulary, rate: int) -> str:
        query = [
            ("model", self._model),
            ("language", vocabulary.language),
            ("encoding", "linear16"),
            ("sample_rate", str(rate)),
            ("channels", "1"),
            ("interim_results", "true"),
            ("punctuate", "true"),
            ("smart_format", "true"),
        ]
        if not self._model.startswith(_WITHOUT_TERMS):
            query += [("keyterm", term) for term in vocabulary.terms[:_MOST_TERMS]]
        return f"{self._base_url}/v1/listen?{urlencode(query)}"


class DeepgramLine:
    """A `Line`, as `orchestrator.speech.transcription` takes it."""

    def __init__(self, socket: Socket, rate: int, grace: float) -> None:
        self._socket = socket
        self._bytes_per_ms = rate * 2 // 1000
        self._grace = grace
        self._sent_bytes = 0
        self._began_bytes = 0
        self._committed: list[tuple[int, int]] = []
        self._finals: list[Transcript] = []
        self._limit: asyncio.Timeout | None = None

    async def expect(self, expected: Vocabulary) -> None:
        """Key terms were told when the socket was opened."""

    async def hear(self, pcm: bytes) -> None:
        """Sound of the open utterance."""
        self._sent_bytes += len(pcm)
        await self._socket.send(pcm)

    async def commit(self, number: int) -> None:
        """The open utterance is over."""
        await self._finalize(number)

    async def discard(self) -> None:
        """Forget the open utterance: what comes of it, up to its end, is nobody's."""
        await self._finalize(_NOBODY)

    async def next(self) -> tuple[int, Transcript]:
        """The next transcript: a partial one with 0, or a final one with its number."""
        while True:
            message = await self._next_message()
            if message is None:
                return self._whole_utterance()
            if message.get("type") != "Results":
                continue
            transcript = self._transcript(message)
            ends_ms = self._ends_ms(message)
            if ends_ms <= self._began_bytes // self._bytes_per_ms:
                continue  # of an utterance that was waited for in vain
            if not message.get("is_final"):
                return 0, _joined([*self._finals, transcript], final=False)
            if transcript.text:
                self._finals.append(transcript)
            if message.get("from_finalize") and self._reaches_commit(ends_ms):
                return self._whole_utterance()

    async def keep_alive(self) -> None:
        """Tell Deepgram that the call goes on, even when nothing is said."""
        with suppress(SpeechError):  # who receives hears the reason
            while True:
                await asyncio.sleep(KEEP_ALIVE_SECONDS)
                await self._socket.send({"type": "KeepAlive"})

    async def _next_message(self) -> JsonObject | None:
        """The next message; None when an utterance was committed and nothing more comes of it."""
        try:
            async with asyncio.timeout(self._grace if self._committed else None) as self._limit:
                message = await self._socket.receive()
        except TimeoutError:
            return None
        finally:
            self._limit = None
        if message is None:
            raise SpeechLostError("deepgram closed the connection.")
        return message

    async def _finalize(self, number: int) -> None:
        before = self._committed[-1][1] if self._committed else self._began_bytes
        self._committed.append((number, self._sent_bytes))
        await self._socket.send({"type": "Finalize"})
        if self._limit is not None:
            grace = self._grace if self._sent_bytes > before else 0.0
            self._limit.reschedule(asyncio.get_running_loop().time() + grace)

    def _ends_ms(self, message: JsonObject) -> float:
        """Until when, from the socket's first sound, a result tells; without an end until now."""
        start, duration = message.get("start"), message.get("duration")
        if isinstance(start, int | float) and isinstance(duration, int | float):
            return (start + duration) * 1000
        return self._sent_bytes / self._bytes_per_ms

    def _reaches_commit(self, ends_ms: float) -> bool:
        return bool(self._committed) and (
            ends_ms + _ROUNDING_MS >= self._committed[0][1] / self._bytes_per_ms
        )

    def _whole_utterance(self) -> tuple[int, Transcript]:
        number, self._began_bytes = self._committed.pop(0)
        transcript = _joined(self._finals, final=True)
        self._finals = []
        return number, transcript

    def _transcript(self, message: JsonObject) -> Transcript:
        alternative = _first_alternative(message)
        text = alternative.get("transcript")
        words = alternative.get("words")
        heard = [self._word(word) for word in words] if isinstance(words, list) else []
        confidence = alternative.get("confidence")
        return Transcript(
            text if isinstance(text, str) else "",
            confidence=confidence if isinstance(confidence, int | float) else None,
            words=tuple(word for word in heard if word is not None),
        )

    def _word(self, word: JsonValue) -> HeardWord | None:
        """A word; Deepgram's times count from the socket's first sound, ours from the utterance's."""
        if not isinstance(word, dict):
            return None
        text = word.get("punctuated_word") or word.get("word")
        start, end, confidence = word.get("start"), word.get("end"), word.get("confidence")
        if not (isinstance(text, str) and isinstance(start, int | float) and isinstance(end, int | float)):
            return None
        began_ms = self._began_bytes // self._bytes_per_ms
        return HeardWord(
            text,
            max(0, round(start * 1000) - began_ms),
            max(0, round(end * 1000) - began_ms),
            confidence if isinstance(confidence, int | float) else None,
        )


def _first_alternative(message: JsonObject) -> JsonObject:
    channel = message.get("channel")
    alternatives = channel.get("alternatives") if isinstance(channel, dict) else None
    first = alternatives[0] if isinstance(alternatives, list) and alternatives else None
    return first if isinstance(first, dict) else {}


def _joined(parts: list[Transcript], *, final: bool) -> Transcript:
    """Segments of an utterance as one; its confidence is theirs, weighed by their words."""
    said = [part for part in parts if part.text]
    weights = [(part.confidence, max(1, len(part.words))) for part in said]
    known = [(confidence, weight) for confidence, weight in weights if confidence is not None]
    total = sum(weight for _, weight in known)
    return Transcript(
        " ".join(part.text for part in said),
        final=final,
        confidence=sum(value * weight for value, weight in known) / total if total else None,
        words=tuple(word for part in said for word in part.words),
    )
