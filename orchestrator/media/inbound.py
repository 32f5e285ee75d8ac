"""The caller's packets become the engine's sound."""

import asyncio
from collections.abc import Callable
from typing import Any

from orchestrator.media.errors import CodecError
from orchestrator.media.fast_path import FastPort, InboundPath
from orchestrator.media.handlers import Forwarding
from orchestrator.media.receive import Kind, ReceiveBuffer, Step
from orchestrator.media.rtp import RtpPacket
from orchestrator.media.srtp import ProtectedStream
from orchestrator.media.statistics import ReceptionStatistics
from orchestrator.media.wire import AudioFormat, SoundDecoder, WireCodec, make_decoder


class InboundAudio:
    """Orders, decodes and hands on one caller's sound.

    Args:
        loop: Whose clock the arrival times are of; wakes it when a gap is given up.
        codec: On the wire.
        payload_type: Of that codec in this call.
        audio_format: Of the engine.
        on_audio: Called with sound and its position: milliseconds since the caller's first packet.
        on_failed: Called with an error of ours, or of `on_audio`.
        forwarding: See `MediaHandlers`.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        codec: WireCodec,
        payload_type: int,
        audio_format: AudioFormat,
        on_audio: Callable[[bytes, int], None],
        on_failed: Callable[[Exception], None],
        forwarding: Forwarding | None = None,
    ) -> None:
        self.reception = ReceptionStatistics(codec.clock_rate)
        self.buffer = ReceiveBuffer(codec.clock_rate)
        self.undecodable = 0
        self.payload_type = payload_type
        self.is_opus = codec is WireCodec.OPUS
        self._loop = loop
        self._duration = codec.duration
        self._format = audio_format
        self._on_audio = on_audio
        self._on_failed = on_failed
        self._forwarding = forwarding
        self._decoder: SoundDecoder | None = make_decoder(codec, audio_format)
        self._decoded = self._decoder.address != 0
        self._units_per_ms = codec.clock_rate // 1000
        self._path: InboundPath | None = None
        self._timer: asyncio.TimerHandle | None = None
        # Not asked of the timer: uvloop's do not know it where it had passed already.
        self._due: float | None = None

    def packet(self, packet: RtpPacket, now: float) -> None:
        """Take an authentic packet that came at loop time `now`."""
        decoder = self._decoder
        if decoder is None:
            return
        self.reception.packet(packet, now)
        if packet.payload_type != self.payload_type:
            # It has its place in the sequence, but nothing to hear: comfort noise, telephone events.
            packet = packet._replace(payload=b"")
        payload = packet.payload
        duration = self._duration(payload)
        quiet = self.is_opus and 0 < len(payload) <= 2
        if duration and not quiet:
            position = self.buffer.pass_on(packet, duration, now)
            if position is not None:
                self._hand_on(decoder, Kind.PACKET, position, duration, payload)
                return
        for step in self.buffer.push(packet, duration, quiet=quiet, now=now):
            self._perform(step)
        if self._timer is not None or self.buffer.deadline is not None:
            self._arm()

    def hasten(
        self, port: FastPort, keys: ProtectedStream, on_opened: Callable[[bytes, float], None]
    ) -> InboundPath:
        """Let packets that are due come by the fast path from now on; the others come to `packet`.

        Args:
            port: Where they come in.
            keys: Of the caller.
            on_opened: See `InboundPath`.
        """
        self._path = InboundPath(port, keys, self, on_opened)
        return self._path

    @property
    def decoder_address(self) -> int:
        """See `Listener`."""
        return 0 if self._decoder is None else self._decoder.address

    @property
    def envelope(self) -> tuple[bytes, bytes] | None:
        """See `Listener`."""
        return self._forwarding.envelope if self._forwarding is not None and self._decoded else None

    @property
    def order(self) -> Any:
        """See `Listener`."""
        return self.buffer.state

    @property
    def reception_state(self) -> Any:
        """See `Listener`."""
        return self.reception.state

    def arrived(self, piece: bytes, position: int) -> None:
        """See `Listener`."""
        decoder = self._decoder
        if decoder is None:
            return
        self.buffer.counts.delivered += 1
        if not self._decoded:
            units = position * self._units_per_ms
            self._hand_on(decoder, Kind.PACKET, units, self._duration(piece), piece)
            return
        try:
            self._on_audio(piece, position)
        except Exception as error:  # noqa: BLE001 - ends this call, and not the reading of the port
            self._on_failed(error)

    def forward(self, sound: bytes) -> Callable[[bytes], None] | None:
        """See `Listener`."""
        if self._forwarding is None or self._decoder is None:
            return None
        try:
            write = self._forwarding.forward(sound)
        except Exception as error:  # noqa: BLE001 - as in `arrived`
            self._on_failed(error)
            return _write_nothing
        self.buffer.counts.delivered += write is not None
        return write

    def undecoded(self, milliseconds: int, position: int) -> None:
        """See `Listener`."""
        self.undecodable += 1
        self.arrived(self._format.silence(milliseconds), position)

    def close(self) -> None:
        """Free the decoder and stop the timer; packets that still come are ignored."""
        if self._path is not None:
            self._path.close()
            self._path = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None

    def _arm(self) -> None:
        deadline = self.buffer.deadline
        if self._timer is not None:
            if self._due == deadline:
                return
            self._timer.cancel()
        self._due = deadline
        self._timer = None if deadline is None else self._loop.call_at(deadline, self._poll)

    def _poll(self) -> None:
        self._timer = None
        for step in self.buffer.poll(self._loop.time()):
            self._perform(step)
        self._arm()

    def _perform(self, step: Step) -> None:
        decoder = self._decoder
        if decoder is None or not step.duration:
            if step.payload:
                self.undecodable += 1
            return
        self._hand_on(decoder, *step)

    def _hand_on(
        self, decoder: SoundDecoder, kind: Kind, position: int, duration: int, payload: bytes
    ) -> None:
        """Make the sound of a step, and hand it on."""
        try:
            try:
                sound = (
                    decoder.decode(payload)
                    if kind is Kind.PACKET
                    else self._replaced(decoder, kind, duration, payload)
                )
            except CodecError:
                self.undecodable += 1
                sound = self._format.silence(duration // self._units_per_ms)
            self._on_audio(sound, position // self._units_per_ms)
        except Exception as error:  # noqa: BLE001 - ends this call, and not the reading of the port
            self._on_failed(error)

    def _replaced(self, decoder: SoundDecoder, kind: Kind, duration: int, payload: bytes) -> bytes:
        """Return what is heard in place of a packet that did not come."""
        if kind is Kind.RECOVER:
            return decoder.recover(payload, duration)
        if kind is Kind.CONCEAL:
            return decoder.conceal(duration)
        return self._format.silence(duration // self._units_per_ms)


def _write_nothing(frame: bytes) -> None:
    """Let the sound go of a call that is about to end."""
    del frame
