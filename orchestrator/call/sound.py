"""Sound for a client: as an engine framed it, or made here and turned into the client's format."""

import binascii
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from orchestrator.core.json_value import JsonObject
from orchestrator.media.g711 import Law, encode
from orchestrator.media.resample import Downsampler

PCM_BYTES_PER_MS: Final = 48
G711_BYTES_PER_MS: Final = 8

CallerAudio: TypeAlias = str | bytes
"""The caller's speech in the session's format: base64 as a client sent it, or bytes as decoded here."""

_LAWS: Final = {"audio/pcmu": Law.MU, "audio/pcma": Law.A}


class Sound(Protocol):
    """A piece of speech in the client's format."""

    def base64(self) -> str:
        """As it goes on the wire."""

    def raw(self) -> bytes:
        """As it is played; raises `binascii.Error` when an engine sent what is no base64."""


@dataclass(frozen=True, slots=True)
class OwnSound:
    """A piece of speech that was made here."""

    data: bytes

    def base64(self) -> str:
        """As it goes on the wire."""
        return binascii.b2a_base64(self.data, newline=False).decode()

    def raw(self) -> bytes:
        """As it is played."""
        return self.data


def caller_pcm(audio: CallerAudio) -> bytes:
    """The bytes of the caller's speech; raises `binascii.Error` when a client sent what is no base64."""
    return binascii.a2b_base64(audio) if isinstance(audio, str) else audio


def bytes_per_ms(audio_format: JsonObject) -> int:
    """How much sound of a format (section 3.2) a millisecond takes."""
    pcm = audio_format.get("type", "audio/pcm") == "audio/pcm"
    return PCM_BYTES_PER_MS if pcm else G711_BYTES_PER_MS


class Converter:
    """Turns 24 kHz PCM of one reply into a client's format, without a seam between pieces.

    Args:
        audio_format: As on the wire: `audio/pcm` passes, `audio/pcmu` and `audio/pcma` are G.711 at 8 kHz.
    """

    def __init__(self, audio_format: JsonObject) -> None:
        self._law = _LAWS.get(str(audio_format.get("type")))
        self._down = Downsampler()

    def feed(self, pcm: bytes) -> bytes:
        """The sound that is ready."""
        return pcm if self._law is None else encode(self._down.process(pcm), self._law)
