"""The voice's worker process, and the messages that it understands.

`python -m orchestrator.speech.espeak_worker`. espeak-ng (GPL-3.0) is loaded here and nowhere else.
"""

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from orchestrator.speech.pipes import Failed, Message, Ready
from orchestrator.speech.serving import serve


class Say(Message):
    """Speak a text; answered by `Said`. See `EspeakLibrary.say`."""

    text: str
    voice: str
    words_per_minute: int
    pitch: int
    pitch_range: int


class Said(Message):
    """Sound at 24 kHz; for each word where it begins in the text, and at which millisecond."""

    pcm: bytes
    words: list[tuple[int, int]]


class Pronounce(Message):
    """How these words are pronounced; answered by `Pronounced`."""

    words: list[str]
    voice: str


class Pronounced(Message):
    """IPA of each word asked for, with `_` between the sounds."""

    ipa: list[str]


Requests: TypeAlias = Say | Pronounce
Replies: TypeAlias = Ready | Failed | Said | Pronounced


class Speaker:
    """Answers requests with the library."""

    def __init__(self) -> None:
        from orchestrator.speech.espeak_library import EspeakLibrary  # noqa: PLC0415 - in the worker only

        self._library = EspeakLibrary()

    def __call__(self, request: Requests) -> Iterable[Message]:
        """The replies to one request."""
        if isinstance(request, Say):
            pcm, words = self._library.say(
                request.text,
                voice=request.voice,
                words_per_minute=request.words_per_minute,
                pitch=request.pitch,
                pitch_range=request.pitch_range,
            )
            return [Said(request.channel, pcm, words)]
        ipa = [self._library.phonemes(word, request.voice) for word in request.words]
        return [Pronounced(request.channel, ipa)]


if __name__ == "__main__":
    serve(msgspec.msgpack.Decoder(Requests), Speaker)
