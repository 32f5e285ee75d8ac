"""From the codec on the wire to the sound the engine speaks, and back, with no more work than need be.

| wire | engine | caller to engine | engine to caller |
|---|---|---|---|
| Opus | PCM 24 kHz | decode at 24 kHz | encode at 24 kHz |
| Opus | G.711 | decode at 8 kHz, compress | expand, encode at 8 kHz |
| G.711 | the same law | nothing | nothing |
| G.711 | the other law | one table | one table |
| G.711 | PCM 24 kHz | expand, resample | resample, compress |
"""

import enum
from collections.abc import Callable
from typing import Final, Protocol

from orchestrator.media import g711, opus
from orchestrator.media.g711 import Law
from orchestrator.media.opus import EncoderMode, OpusDecoder, OpusEncoder
from orchestrator.media.resample import Downsampler, Upsampler

PCM_RATE: Final = 24000
_FRAME_MS: Final = 20
_TELEPHONE_RATE: Final = g711.SAMPLE_RATE


class AudioFormat(enum.StrEnum):
    """Sound as an engine speaks it; values as in its protocol (Realtime protocol, section 11)."""

    PCM = "audio/pcm"
    PCMU = "audio/pcmu"
    PCMA = "audio/pcma"

    @property
    def bytes_per_ms(self) -> int:
        """48 for 16-bit PCM at 24 kHz, 8 for G.711."""
        return 48 if self is AudioFormat.PCM else 8

    @property
    def law(self) -> Law | None:
        """The companding law, None for PCM."""
        return {AudioFormat.PCMU: Law.MU, AudioFormat.PCMA: Law.A}.get(self)

    def silence(self, milliseconds: int) -> bytes:
        """Return so much silence."""
        law = self.law
        zero = b"\0" if law is None else g711.SILENCE[law]
        return zero * (self.bytes_per_ms * milliseconds)


class WireCodec(enum.StrEnum):
    """The codec that RTP carries."""

    OPUS = "opus"
    PCMU = "pcmu"
    PCMA = "pcma"

    @property
    def clock_rate(self) -> int:
        """Of RTP timestamps, in Hz (RFC 7587 section 4.1, RFC 3551 section 4.5.14)."""
        return opus.RTP_CLOCK if self is WireCodec.OPUS else _TELEPHONE_RATE

    @property
    def frame_units(self) -> int:
        """20 ms in units of the clock."""
        return self.clock_rate * _FRAME_MS // 1000

    @property
    def law(self) -> Law | None:
        """The companding law, None for Opus."""
        return {WireCodec.PCMU: Law.MU, WireCodec.PCMA: Law.A}.get(self)

    @property
    def duration(self) -> Callable[[bytes], int]:
        """What returns how long a payload sounds, in units of the clock."""
        return opus.packet_units if self is WireCodec.OPUS else len


class SoundDecoder(Protocol):
    """Turns the caller's packets into the engine's sound; durations are in units of the wire's clock."""

    @property
    def address(self) -> int:
        """Where libopus keeps a decoder that makes the engine's sound by itself; 0 without one, or closed."""
        ...

    def decode(self, payload: bytes) -> bytes:
        """Return the sound of a packet. Raises `CodecError` for one that is malformed."""
        ...

    def recover(self, next_payload: bytes, units: int) -> bytes:
        """Return the lost sound just before a packet. Raises `CodecError` as `decode` does."""
        ...

    def conceal(self, units: int) -> bytes:
        """Return made-up sound. Raises `CodecError` if the codec cannot make that length."""
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


class SoundEncoder(Protocol):
    """Turns the engine's sound into packets of 20 ms."""

    @property
    def frame_bytes(self) -> int:
        """How many bytes of the engine's sound make a packet."""
        ...

    @property
    def address(self) -> int:
        """Where libopus keeps an encoder that takes the engine's sound as it is; 0 without one, or closed."""
        ...

    @property
    def is_identity(self) -> bool:
        """Whether the engine's sound is a payload as it is."""
        ...

    def padded(self, frame: bytes) -> bytes:
        """Return a frame, filled with silence if it is too short."""
        ...

    def encode(self, frame: bytes) -> bytes:
        """Return the packet of a frame; one that is too short is filled with silence."""
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


class OpusSoundDecoder:
    """Opus to any format."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self._law = audio_format.law
        rate = PCM_RATE if self._law is None else _TELEPHONE_RATE
        self._units_per_sample = opus.RTP_CLOCK // rate
        self._decoder = OpusDecoder(rate)

    @property
    def address(self) -> int:
        """See `SoundDecoder`."""
        return self._decoder.address if self._law is None else 0

    def decode(self, payload: bytes) -> bytes:
        """See `SoundDecoder`."""
        pcm = self._decoder.decode(payload)
        return pcm if self._law is None else self._out(pcm)

    def recover(self, next_payload: bytes, units: int) -> bytes:
        """See `SoundDecoder`."""
        return self._out(self._decoder.recover(next_payload, units // self._units_per_sample))

    def conceal(self, units: int) -> bytes:
        """See `SoundDecoder`."""
        return self._out(self._decoder.conceal(units // self._units_per_sample))

    def close(self) -> None:
        """See `SoundDecoder`."""
        self._decoder.close()

    def _out(self, pcm: bytes) -> bytes:
        return pcm if self._law is None else g711.encode(pcm, self._law)


class TelephoneSoundDecoder:
    """G.711 to any format. What is lost is the last packet once more, then silence."""

    def __init__(self, law: Law, audio_format: AudioFormat) -> None:
        self._law = law
        self._target = audio_format.law
        self._upsampler = Upsampler() if self._target is None else None
        self._last = b""

    @property
    def address(self) -> int:
        """See `SoundDecoder`."""
        return 0

    def decode(self, payload: bytes) -> bytes:
        """See `SoundDecoder`."""
        self._last = payload
        return self._out(payload)

    def recover(self, next_payload: bytes, units: int) -> bytes:
        """G.711 has no error correction: conceals."""
        del next_payload
        return self.conceal(units)

    def conceal(self, units: int) -> bytes:
        """See `SoundDecoder`."""
        repeated, self._last = self._last[:units], b""
        return self._out(repeated.ljust(units, g711.SILENCE[self._law]))

    def close(self) -> None:
        """See `SoundDecoder`."""

    def _out(self, payload: bytes) -> bytes:
        if self._target is not None:
            return g711.transcode(payload, self._law, self._target)
        pcm = g711.decode(payload, self._law)
        return pcm if self._upsampler is None else self._upsampler.process(pcm)


class OpusSoundEncoder:
    """Any format to Opus."""

    def __init__(
        self,
        audio_format: AudioFormat,
        mode: EncoderMode = EncoderMode.LOW_DELAY,
        *,
        expected_loss: int = 0,
    ) -> None:
        self._law = audio_format.law
        self.mode = mode
        self.frame_bytes = audio_format.bytes_per_ms * _FRAME_MS
        rate = PCM_RATE if self._law is None else _TELEPHONE_RATE
        self._encoder = OpusEncoder(rate, mode=mode, expected_loss=expected_loss)
        self._filler = audio_format.silence(_FRAME_MS)

    @property
    def address(self) -> int:
        """See `SoundEncoder`."""
        return self._encoder.address if self._law is None else 0

    @property
    def is_identity(self) -> bool:
        """See `SoundEncoder`."""
        return False

    def padded(self, frame: bytes) -> bytes:
        """See `SoundEncoder`."""
        return frame + self._filler[len(frame) :]

    def encode(self, frame: bytes) -> bytes:
        """See `SoundEncoder`."""
        if len(frame) < self.frame_bytes:
            frame = self.padded(frame)
        return self._encoder.encode(frame if self._law is None else g711.decode(frame, self._law))

    def expect_loss(self, percent: int) -> None:
        """Tell how many percent of packets the listener loses."""
        self._encoder.expect_loss(percent)

    def close(self) -> None:
        """See `SoundEncoder`."""
        self._encoder.close()


class TelephoneSoundEncoder:
    """Any format to G.711."""

    def __init__(self, law: Law, audio_format: AudioFormat) -> None:
        self._law = law
        self._source = audio_format.law
        self.frame_bytes = audio_format.bytes_per_ms * _FRAME_MS
        self._downsampler = Downsampler() if self._source is None else None
        self._filler = audio_format.silence(_FRAME_MS)

    @property
    def address(self) -> int:
        """See `SoundEncoder`."""
        return 0

    @property
    def is_identity(self) -> bool:
        """See `SoundEncoder`."""
        return self._source is self._law

    def padded(self, frame: bytes) -> bytes:
        """See `SoundEncoder`."""
        return frame + self._filler[len(frame) :]

    def encode(self, frame: bytes) -> bytes:
        """See `SoundEncoder`."""
        if len(frame) < self.frame_bytes:
            frame = self.padded(frame)
        if self._downsampler is not None:
            return g711.encode(self._downsampler.process(frame), self._law)
        return g711.transcode(frame, self._source or self._law, self._law)

    def close(self) -> None:
        """See `SoundEncoder`."""


def make_decoder(codec: WireCodec, audio_format: AudioFormat) -> SoundDecoder:
    """Return what turns packets of a codec into sound of a format."""
    if codec.law is None:
        return OpusSoundDecoder(audio_format)
    return TelephoneSoundDecoder(codec.law, audio_format)


def make_encoder(
    codec: WireCodec, audio_format: AudioFormat, *, error_correction: bool = False, expected_loss: int = 0
) -> SoundEncoder:
    """Return what turns sound of a format into packets of a codec.

    Args:
        codec: On the wire.
        audio_format: Of the engine.
        error_correction: Spend processor time and bits so that the listener can rebuild lost frames (Opus).
        expected_loss: Percent of packets that the listener loses.
    """
    if codec.law is not None:
        return TelephoneSoundEncoder(codec.law, audio_format)
    mode = EncoderMode.SPEECH if error_correction else EncoderMode.LOW_DELAY
    return OpusSoundEncoder(audio_format, mode, expected_loss=expected_loss)
