"""Opus at the rate the engine speaks, so that nothing is resampled (RFC 6716, RFC 7587).

Two ways to encode: *low delay* (CELT only, the cheapest by far, no forward error correction) and *speech*
(SILK with in-band error correction, for a listener who loses packets). The decoder takes either.
"""

import enum
from types import TracebackType
from typing import Any, Final, Self

from orchestrator.media import libopus
from orchestrator.media.errors import CodecError

RATES: Final = (8000, 16000, 24000, 48000)
RTP_CLOCK: Final = 48000
"""Opus counts RTP time in 48 kHz whatever its audio rate (RFC 7587 section 4.1)."""

_LONGEST_PACKET_MS: Final = 120
_LARGEST_PACKET: Final = 1200
_SILK_MS: Final = (10.0, 20.0, 40.0, 60.0)
_CELT_MS: Final = (2.5, 5.0, 10.0, 20.0)
_FIRST_HYBRID: Final = 12
_FIRST_CELT: Final = 16
_DTX_LARGEST: Final = 2


class EncoderMode(enum.Enum):
    """How an encoder spends its bits."""

    LOW_DELAY = "low_delay"
    SPEECH = "speech"


_DEFAULT_BITRATE: Final = {EncoderMode.LOW_DELAY: 64_000, EncoderMode.SPEECH: 32_000}


def _frame_units(config: int) -> int:
    """Return the 48 kHz duration of one frame of a configuration number (RFC 6716 section 3.1)."""
    if config < _FIRST_HYBRID:
        milliseconds = _SILK_MS[config % 4]
    elif config < _FIRST_CELT:
        milliseconds = _SILK_MS[config % 2]
    else:
        milliseconds = _CELT_MS[config % 4]
    return int(milliseconds * RTP_CLOCK / 1000)


_FRAME_UNITS: Final = tuple(_frame_units(config) for config in range(32))


def packet_units(packet: bytes) -> int:
    """Return a packet's duration in RTP units of 48 kHz, 0 if it is malformed (RFC 6716 section 3.1)."""
    if not packet:
        return 0
    units = _FRAME_UNITS[packet[0] >> 3]
    code = packet[0] & 3
    if code == 0:
        return units
    if code != 3:  # not the explicit frame count of section 3.2.5
        return units * 2
    total = units * (packet[1] & 63) if len(packet) > 1 else 0
    return total if total * 1000 <= _LONGEST_PACKET_MS * RTP_CLOCK else 0


def is_silence(packet: bytes) -> bool:
    """Return whether a packet announces silence: discontinuous transmission (RFC 7587 section 3.1.3)."""
    return len(packet) <= _DTX_LARGEST


class OpusEncoder:
    """One outgoing stream, mono.

    Args:
        sample_rate: 8000, 16000, 24000 or 48000 Hz.
        mode: Low delay, or speech with in-band error correction.
        bitrate: Bits a second; a default per mode.
        complexity: 0 (cheapest) to 10.
        expected_loss: Percent of packets that the listener loses; weighs the error correction.

    Attributes:
        address: Where libopus keeps the state, for `fast_path.c`; 0 once closed.

    Raises:
        CodecError: libopus refused a setting.
    """

    def __init__(
        self,
        sample_rate: int = 24000,
        *,
        mode: EncoderMode = EncoderMode.LOW_DELAY,
        bitrate: int | None = None,
        complexity: int = 0,
        expected_loss: int = 0,
    ) -> None:
        self.mode = mode
        self.sample_rate = sample_rate
        self._library = libopus.load()
        self._encoder: Any = _create(
            self._library.opus_encoder_create,
            self._library.opus_encoder_destroy,
            sample_rate,
            1,
            _application(mode),
        )
        self.address = libopus.address(self._encoder)
        self._packet = libopus.ffi.new("unsigned char[]", _LARGEST_PACKET)
        self._view = libopus.ffi.buffer(self._packet)
        self._set(libopus.SET_BITRATE, bitrate or _DEFAULT_BITRATE[mode])
        self._set(libopus.SET_COMPLEXITY, complexity)
        if mode is EncoderMode.SPEECH:
            self._set(libopus.SET_SIGNAL, libopus.SIGNAL_VOICE)
            self._set(libopus.SET_INBAND_FEC, 1)
            self.expect_loss(expected_loss)

    def encode(self, pcm: bytes) -> bytes:
        """Encode one frame of 16-bit samples; its length must be a duration Opus knows, as 20 ms.

        Raises:
            CodecError: The length is none of Opus's, or the encoder is closed.
        """
        if self._encoder is None:
            raise CodecError("The Opus encoder is closed; make a new one.")
        size = self._library.opus_encode(self._encoder, pcm, len(pcm) // 2, self._packet, _LARGEST_PACKET)
        if size < 0:
            raise CodecError(
                f"Opus refused a frame of {len(pcm)} bytes at {self.sample_rate} Hz: "
                f"{libopus.error_text(size)}. Give 2.5, 5, 10, 20, 40 or 60 ms of 16-bit samples."
            )
        packet: bytes = self._view[0:size]
        return packet

    def expect_loss(self, percent: int) -> None:
        """Tell how many percent of packets the listener loses (0 to 100)."""
        self._set(libopus.SET_PACKET_LOSS_PERCENT, max(0, min(100, percent)))

    def close(self) -> None:
        """Free the encoder now; a second call does nothing."""
        _release(self._encoder)
        self._encoder, self.address = None, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _set(self, request: int, value: int) -> None:
        code = self._library.opus_encoder_ctl(self._encoder, request, libopus.ffi.cast("int", value))
        if code < 0:
            raise CodecError(f"Opus refused setting {request} = {value}: {libopus.error_text(code)}.")


class OpusDecoder:
    """One incoming stream, decoded to mono at the given rate, with recovery and concealment.

    Args:
        sample_rate: 8000, 16000, 24000 or 48000 Hz.

    Attributes:
        address: Where libopus keeps the state, for `fast_path.c`; 0 once closed.

    Raises:
        CodecError: libopus refused the rate.
    """

    def __init__(self, sample_rate: int = 24000) -> None:
        self.sample_rate = sample_rate
        self._library = libopus.load()
        self._decoder: Any = _create(
            self._library.opus_decoder_create, self._library.opus_decoder_destroy, sample_rate, 1
        )
        self.address = libopus.address(self._decoder)
        self._room = sample_rate * _LONGEST_PACKET_MS // 1000
        self._pcm = libopus.ffi.new("int16_t[]", self._room)
        self._view = libopus.ffi.buffer(self._pcm)

    def decode(self, packet: bytes) -> bytes:
        """Decode one packet to 16-bit samples.

        Raises:
            CodecError: The packet is malformed, or the decoder is closed.
        """
        return self._decode(packet, self._room, 0)

    def recover(self, next_packet: bytes, samples: int) -> bytes:
        """Rebuild the frame lost just before `next_packet` from that packet's in-band error correction.

        Without such data in the packet, libopus conceals instead. `next_packet` is to be decoded after.

        Args:
            next_packet: The packet that followed the lost one.
            samples: How long the lost frame was.

        Raises:
            CodecError: The packet is malformed, or the decoder is closed.
        """
        return self._decode(next_packet, min(samples, self._room), 1)

    def conceal(self, samples: int) -> bytes:
        """Make up `samples` (a multiple of 2.5 ms, at most 120 ms) in place of what was lost.

        Raises:
            CodecError: The length is not one that Opus can make, or the decoder is closed.
        """
        return self._decode(None, min(samples, self._room), 0)

    def close(self) -> None:
        """Free the decoder now; a second call does nothing."""
        _release(self._decoder)
        self._decoder, self.address = None, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _decode(self, packet: bytes | None, samples: int, forward_correction: int) -> bytes:
        if self._decoder is None:
            raise CodecError("The Opus decoder is closed; make a new one.")
        data, size = (libopus.ffi.NULL, 0) if packet is None else (packet, len(packet))
        made = self._library.opus_decode(self._decoder, data, size, self._pcm, samples, forward_correction)
        if made < 0:
            raise CodecError(f"Opus cannot decode a packet of {size} bytes: {libopus.error_text(made)}.")
        pcm: bytes = self._view[0 : 2 * made]
        return pcm


def _application(mode: EncoderMode) -> int:
    if mode is EncoderMode.SPEECH:
        return libopus.APPLICATION_VOIP
    return libopus.APPLICATION_RESTRICTED_LOW_DELAY


def _create(create: Any, destroy: Any, *arguments: int) -> Any:
    """Make a codec state that is freed by `_release`, or at the latest with its last reference."""
    error = libopus.ffi.new("int *")
    state = create(*arguments, error)
    if state == libopus.ffi.NULL:
        raise CodecError(
            f"Opus cannot work at {arguments[0]} Hz: {libopus.error_text(error[0])}. "
            f"Rates are {', '.join(map(str, RATES))} Hz."
        )
    return libopus.ffi.gc(state, destroy)


def _release(state: Any) -> None:
    if state is not None:
        libopus.ffi.release(state)
