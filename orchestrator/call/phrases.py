"""Sound of what is said again and again (greetings, fillers): made by a voice once, and encoded once."""

from binascii import b2a_base64
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

from orchestrator.call.sound import Converter, bytes_per_ms
from orchestrator.core.json_value import JsonObject
from orchestrator.speech.protocol import BYTES_PER_MS, Speech, Voice

if TYPE_CHECKING:
    from orchestrator.media.phrase import CachedSound

MOST_BYTES: Final = 16_000_000
"""Of 24 kHz PCM: five and a half minutes."""

LONGEST_BYTES: Final = 1_000_000
"""Of one phrase: twenty seconds."""


class Phrase:
    """The whole sound of a text.

    Args:
        pieces: As the voice gave them.
    """

    def __init__(self, pieces: Sequence[Speech]) -> None:
        self.pieces = tuple(pieces)
        self.pcm = b"".join(piece.pcm for piece in pieces)

    @cached_property
    def encoded(self) -> "CachedSound":
        """Its packets, for every call whose sound is encoded here."""
        from orchestrator.media.phrase import CachedSound  # noqa: PLC0415 - nodes without sound need none of it

        return CachedSound(self.pcm)


@dataclass(frozen=True, slots=True)
class PhraseSound:
    """A phrase on its way to a client: a sound in the client's format, and packets where those are wanted.

    Attributes:
        audio_format: As on the wire.
    """

    phrase: Phrase
    audio_format: JsonObject

    @property
    def size(self) -> int:
        """Bytes in the client's format."""
        return len(self.phrase.pcm) // BYTES_PER_MS * bytes_per_ms(self.audio_format)

    def base64(self) -> str:
        """As it goes on the wire."""
        return b2a_base64(self.raw(), newline=False).decode()

    def raw(self) -> bytes:
        """As it is played."""
        return Converter(self.audio_format).feed(self.phrase.pcm)


_Key: TypeAlias = tuple[str, Voice, str]


class Phrases:
    """The phrases of a node, those said last kept longest. Nothing that a model wrote gets here.

    Args:
        limit: Bytes of sound kept.
    """

    def __init__(self, limit: int = MOST_BYTES) -> None:
        self._limit = limit
        self._bytes = 0
        self._phrases: OrderedDict[_Key, Phrase] = OrderedDict()

    def find(self, adapter: str, voice: Voice, text: str) -> Phrase | None:
        """What was made of this text in this voice; None when it has not been said yet."""
        key = (adapter, voice, text)
        if key in self._phrases:
            self._phrases.move_to_end(key)
        return self._phrases.get(key)

    def keep(self, adapter: str, voice: Voice, text: str, pieces: Sequence[Speech]) -> None:
        """Keep the whole sound of a text, unless it is long."""
        phrase, key = Phrase(pieces), (adapter, voice, text)
        size = len(phrase.pcm)
        if size > min(LONGEST_BYTES, self._limit) or key in self._phrases:
            return
        self._phrases[key] = phrase
        self._bytes += size
        while self._bytes > self._limit:
            _, oldest = self._phrases.popitem(last=False)
            self._bytes -= len(oldest.pcm)
