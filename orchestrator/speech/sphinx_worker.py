"""The recogniser's worker process, and the messages that it understands.

`python -m orchestrator.speech.sphinx_worker`. pocketsphinx holds the interpreter's lock while it listens, so
it has a process of its own.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TypeAlias

import msgspec

from orchestrator.speech.pipes import Failed, Message, Ready
from orchestrator.speech.serving import serve


class Learn(Message):
    """Learn a vocabulary under a key; answered by `Learnt`.

    Attributes:
        phrases: Words with spaces between them, and their weights.
        pronunciations: ARPAbet, with spaces between sounds, of words that no dictionary has.
    """

    key: str
    phrases: list[tuple[str, float]]
    pronunciations: dict[str, str]


class Learnt(Message):
    """Words that no dictionary has and no pronunciation was given for; phrases with them are left out."""

    missing: list[str]


class Listen(Message):
    """From the next utterance on, expect this vocabulary; the first one opens the channel's hearing."""

    key: str
    rate: int


class Hear(Message):
    """More sound of the utterance. May be answered by `Heard`, not final."""

    pcm: bytes


class Commit(Message):
    """The utterance is over; answered by `Heard`, final, with the same number."""

    utterance: int


class Discard(Message):
    """Forget the utterance."""


class Leave(Message):
    """Nothing more comes on this channel."""


class Heard(Message):
    """What was heard of an utterance.

    Attributes:
        utterance: Number of the commit; 0 when not final.
        words: Text, first and last millisecond, confidence; empty when not final.
    """

    utterance: int
    text: str
    final: bool
    confidence: float
    words: list[tuple[str, int, int, float]]


Requests: TypeAlias = Learn | Listen | Hear | Commit | Discard | Leave
Replies: TypeAlias = Ready | Failed | Learnt | Heard


class Listener:
    """Answers requests with the library; keeps one hearing for each channel."""

    def __init__(self) -> None:
        from orchestrator.speech.normalisation import Normaliser  # noqa: PLC0415 - in the worker only
        from orchestrator.speech.sphinx_hearing import Hearing  # noqa: PLC0415
        from orchestrator.speech.sphinx_library import Library  # noqa: PLC0415

        self._library = Library()
        self._hearings: dict[int, Hearing] = {}
        self._begin = partial(Hearing, self._library, Normaliser())

    def __call__(self, request: Requests) -> Iterable[Message]:
        """The replies to one request."""
        if isinstance(request, Learn):
            missing = self._library.learn(request.key, request.phrases, request.pronunciations)
            return [Learnt(request.channel, missing)]
        if isinstance(request, Listen):
            self._listen(request)
            return []
        return self._about_sound(request)

    def _listen(self, request: Listen) -> None:
        hearing = self._hearings.get(request.channel)
        if hearing is None:
            self._hearings[request.channel] = self._begin(request.key, request.rate)
        else:
            hearing.expect(request.key)

    def _about_sound(self, request: Hear | Commit | Discard | Leave) -> Iterator[Message]:
        hearing = self._hearings.get(request.channel)
        if hearing is None:
            return
        if isinstance(request, Hear):
            if (text := hearing.hear(request.pcm)) is not None:
                yield Heard(request.channel, 0, text, False, 0.0, [])
        elif isinstance(request, Commit):
            result = hearing.commit()
            yield Heard(
                request.channel, request.utterance, result.text, True, result.confidence, result.words
            )
            hearing.settle()
        else:
            hearing.discard()
            if isinstance(request, Leave):
                del self._hearings[request.channel]


if __name__ == "__main__":
    serve(msgspec.msgpack.Decoder(Requests), Listener)
