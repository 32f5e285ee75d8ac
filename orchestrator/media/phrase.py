"""Phrases that are said often, such as greetings: encoded once for each codec, sent many times."""

from typing import Final

from orchestrator.media.ticker import FRAME
from orchestrator.media.wire import AudioFormat, SoundEncoder, WireCodec, make_encoder

_FRAME_MS: Final = round(FRAME * 1000)


class Phrase:
    """Sound for one codec, encoded the first time it is sent, a frame at a time, and kept encoded.

    Args:
        audio: The sound, in the format that `encoder` takes.
        encoder: Of this phrase alone; freed when the last frame is encoded.
    """

    def __init__(self, audio: bytes, encoder: SoundEncoder) -> None:
        frame_bytes = encoder.frame_bytes
        self.frames = -(-len(audio) // frame_bytes)
        self.milliseconds = -(-len(audio) * _FRAME_MS // frame_bytes)
        self._audio = audio
        self._encoder: SoundEncoder | None = encoder
        self._frame_bytes = frame_bytes
        self._packets: list[bytes] = []

    def packet(self, index: int) -> bytes:
        """Return the packet of frame `index`, which must be below `frames`."""
        while len(self._packets) <= index and self._encoder is not None:
            self._encode_next(self._encoder)
        return self._packets[index]

    def frame_ms(self, index: int) -> int:
        """Return how many milliseconds of real sound a frame holds; the last may be padded."""
        return min(_FRAME_MS, self.milliseconds - index * _FRAME_MS)

    def _encode_next(self, encoder: SoundEncoder) -> None:
        start = len(self._packets) * self._frame_bytes
        self._packets.append(encoder.encode(self._audio[start : start + self._frame_bytes]))
        if len(self._packets) == self.frames:
            self._audio = b""
            self._encoder = None
            encoder.close()


class CachedSound:
    """Sound that many calls send, whatever their codecs.

    Args:
        audio: The sound.
        audio_format: Its format.
    """

    def __init__(self, audio: bytes, audio_format: AudioFormat = AudioFormat.PCM) -> None:
        self._audio = audio
        self._format = audio_format
        self._phrases: dict[tuple[WireCodec, bool], Phrase] = {}

    def phrase(self, codec: WireCodec, *, error_correction: bool = False) -> Phrase:
        """Return the phrase for a codec, made at its first use."""
        key = (codec, error_correction)
        phrase = self._phrases.get(key)
        if phrase is None:
            encoder = make_encoder(codec, self._format, error_correction=error_correction)
            phrase = self._phrases[key] = Phrase(self._audio, encoder)
        return phrase
