"""The agent's sound becomes packets to the caller, paced by the shared ticker.

Nothing is sent, and nothing encoded, while the agent is silent. A stretch of speech ends with a little
silence, so that the listener's concealment fades from silence and not from the middle of a vowel. What a
stall of the process delayed is made up for at twice the pace: the listener waits no longer from then on.
"""

from collections.abc import Callable
from typing import Final, Protocol

from orchestrator.media import libopus
from orchestrator.media.errors import CodecError
from orchestrator.media.fast_path import SendNext
from orchestrator.media.phrase import CachedSound, Phrase
from orchestrator.media.playout import Flushed, Frame, Playout
from orchestrator.media.rtcp import SenderReport
from orchestrator.media.statistics import DeliveryStatistics
from orchestrator.media.ticker import FRAME, Ticker
from orchestrator.media.wire import AudioFormat, SoundEncoder, WireCodec, make_encoder

TAIL_FRAMES: Final = 2
"""Frames of silence after a stretch of speech."""

_HOLD_FRAMES: Final = 2
"""Frames that an unfinished item is waited for before what there is of a frame goes out."""

_MARKER: Final = 0x80
_FRAME_MS: Final = round(FRAME * 1000)
_EARLY: Final = FRAME / 20
_CLOSEST: Final = FRAME / 4
"""Seconds between two packets at the least, also when the first was late."""

_MOST_BEHIND: Final = 5 * FRAME
"""Seconds of a stall that are made up for; a listener has given up on more."""

_MOST_LENT: Final = 10
"""Frames that are lent at once. Their sound is copied, so they cost memory."""


class Outlet(Protocol):
    """Where packets leave; see `Peer`."""

    def send_sound(
        self, encoder: SoundEncoder | None, sound: bytes, second: int, sequence: int, timestamp: int
    ) -> int:
        """Encode and send a frame, or send a payload; return the bytes of payload."""
        ...

    def lend_sound(
        self, encoder: SoundEncoder, sound: bytes, second: int, sequence: int, timestamp: int, units: int
    ) -> SendNext | None:
        """Take frames; return what sends the next of them, None where they were not taken."""
        ...

    def settle(self, frames: int) -> int:
        """Count so many frames of what was lent as sent; return their bytes of payload."""
        ...


class Sender:
    """Sends one call's sound. What is due is sent in `tick`, on the ticker's beat.

    Frames of which nothing is to be decided are *lent*: they stay queued, are sent with next to no work in
    Python, and are booked together before anybody looks, changes or drops what is queued.

    Args:
        ticker: Shared by all calls.
        codec: On the wire.
        payload_type: Of that codec in this call.
        audio_format: Of the engine.
        ssrc: Our source.
        sequence: First sequence number; random (RFC 3550 section 5.1).
        timestamp: First timestamp; random.
        outlet: Encodes and sends frames.
        on_paced: Called when sound begins to leave, or goes on later than it should, with how many
            milliseconds of it are left, and in how many all of it will have left.
        on_started: Called with an item when its first sound has left.
        on_ended: Called with an item when its last sound has left.
        on_failed: Called with an error of the encoder, after which nothing more is sent.
    """

    def __init__(
        self,
        ticker: Ticker,
        codec: WireCodec,
        payload_type: int,
        audio_format: AudioFormat,
        *,
        ssrc: int,
        sequence: int,
        timestamp: int,
        outlet: Outlet,
        on_paced: Callable[[int, int], None],
        on_started: Callable[[str], None],
        on_ended: Callable[[str], None],
        on_failed: Callable[[Exception], None],
    ) -> None:
        self.error_correction = False
        self.underruns = 0
        self.late_ticks = 0
        self._playout = Playout(audio_format.bytes_per_ms)
        self._delivery = DeliveryStatistics(codec.clock_rate)
        self._ticker = ticker
        self._codec = codec
        self._frame_units = codec.frame_units
        self._payload_type = payload_type
        self._format = audio_format
        self._ssrc = ssrc
        self._sequence = sequence & 0xFFFF
        self._timestamp = timestamp & 0xFFFFFFFF
        self._outlet = outlet
        self._on_paced = on_paced
        self._on_started = on_started
        self._on_ended = on_ended
        self._on_failed = on_failed
        self._encoder = make_encoder(codec, audio_format)
        self._silence = audio_format.silence(_FRAME_MS)
        self._next_due = self._last_due = 0.0
        self._now = 0.0
        self._not_before = 0.0
        self._ticking = False
        self._talking = False
        self._holds = 0
        self._tail = 0
        self._paused = False
        self._closed = False
        self._lent = 0
        self._left = 0
        self._send_next: SendNext = int

    @property
    def playout(self) -> Playout:
        """What is queued, and what has left."""
        self._settle()
        return self._playout

    @property
    def delivery(self) -> DeliveryStatistics:
        """What was sent, and what the listener says of it."""
        self._settle()
        return self._delivery

    def add(self, item_id: str, sound: bytes | CachedSound, epoch: int | None = None) -> bool:
        """Queue sound of an item; return whether it was taken (see `Playout.add`)."""
        if self._closed:
            return False
        ready = self._encodable(sound)
        playout = self._playout if self._playout.has_room(ready) else self.playout
        taken = playout.add(item_id, ready, epoch)
        if taken and not self._paused:
            self._wake()
        return taken

    def complete(self, item_id: str) -> None:
        """Note that no more sound of an item will come; `on_ended` follows when all of it has left."""
        if self._playout.complete(item_id):
            self._on_ended(item_id)
        elif self._playout.waiting and not self._paused:
            self._wake()

    def flush(self) -> Flushed:
        """Drop what is queued; not one packet of it leaves after this."""
        return self.playout.flush()

    def pause(self) -> None:
        """Fall silent, and keep what is queued."""
        self._settle()
        self._paused = True

    def resume(self) -> None:
        """Go on after `pause`."""
        self._paused = False
        if self._playout.waiting:
            self._wake()

    def surrender(self, codec: WireCodec | None, audio_format: AudioFormat) -> Playout | None:
        """Give what was not sent yet, with its ledger, to another call of the same caller.

        Returns:
            None for a call with sound of another format or, since phrases are encoded, another codec.
        """
        if (self._codec, self._format) != (codec, audio_format):
            return None
        given, self._playout = self.playout, Playout(audio_format.bytes_per_ms)
        return given

    def take_up(self, playout: Playout) -> None:
        """Go on with what another call gave up, in place of what is queued here."""
        self._settle()
        self._playout = playout
        if playout.waiting and not self._paused:
            self._wake()

    def correct_errors(self, *, on: bool, expected_loss: int = 0) -> None:
        """Send with in-band error correction, or without, from the next frame on (Opus only).

        Args:
            on: Whether to.
            expected_loss: Percent of packets that the listener loses.
        """
        if self._codec is not WireCodec.OPUS or self._closed:
            return
        self._settle()
        self._encoder.close()
        self.error_correction = on
        self._encoder = make_encoder(
            self._codec, self._format, error_correction=on, expected_loss=expected_loss
        )

    def sender_report(self, now: float, ntp: int) -> SenderReport | None:
        """Return what to report of this stream at loop time `now`; None before the first packet."""
        delivery = self.delivery
        if not delivery.packets:
            return None
        since = now - (self._next_due - FRAME)
        timestamp = (self._timestamp + round(since * self._codec.clock_rate)) & 0xFFFFFFFF
        return SenderReport(self._ssrc, ntp, timestamp, delivery.packets, delivery.octets & 0xFFFFFFFF)

    def close(self) -> None:
        """Leave the ticker and free the encoder; sound that still comes is refused."""
        self._closed = True
        self._settle()
        self._ticker.leave(self)
        self._ticking = False
        self._encoder.close()

    def tick(self, due: float, now: float) -> bool:
        """Send what is due (see `Ticking`)."""
        if due < self._next_due - _EARLY or now < self._not_before:
            return True
        if due - self._next_due < FRAME / 2 and (self._left or self._lend()):
            self._left -= 1
            self._last_due = due
            self._next_due += FRAME
            self._not_before = now + _CLOSEST
            if (size := self._send_next()) < 0:
                raise CodecError(f"Opus refused a frame that was lent: {libopus.error_text(size)}.")
            return True
        self._settle()
        self._now = now
        frame = None if self._paused else self._playout.take(partial=self._holds >= _HOLD_FRAMES)
        if frame is None:
            self._ticking = self._fall_silent(due)
            return self._ticking
        resumes = not self._talking or self._holds > 0
        if resumes or due - self._next_due > _MOST_BEHIND:
            left = self._playout.queued_ms + _FRAME_MS
            # Twice the pace makes up for half of what is left, at the most.
            made_up = 0 if resumes else min(round(_MOST_BEHIND * 1000), left // 2)
            self._on_paced(left, left - made_up)
        self._send(frame.audio, frame.packet, due)
        self._holds = self._tail = 0
        if frame.started or frame.ended:
            self._announce(frame)
        if self._closed:
            return False
        if due + FRAME - self._next_due < FRAME / 2:
            return True
        # The stream is behind.
        self._ticker.join(self, due + FRAME / 2, hurried=True)
        return False

    def fail(self, error: Exception) -> None:
        """Hear that `tick` raised (see `Ticking`)."""
        self._ticking = False
        self._on_failed(error)

    def _encodable(self, sound: bytes | CachedSound) -> bytes | Phrase:
        if isinstance(sound, CachedSound):
            return sound.phrase(self._codec, error_correction=self.error_correction)
        return sound

    def _announce(self, frame: Frame) -> None:
        for item_id in frame.started:
            self._on_started(item_id)
        for item_id in frame.ended:
            self._on_ended(item_id)

    def _wake(self) -> None:
        """Be called by the ticker as soon as a packet may leave; never again once closed."""
        if self._closed:
            return
        if self._ticking:
            if not self._holds:
                return
            self._ticker.leave(self)
        self._ticking = True
        self._ticker.join(self, self._next_due)

    def _fall_silent(self, due: float) -> bool:
        """Wait for sound that is late, else end the stretch of speech; return whether to be called again."""
        if not self._talking:
            return False
        if not self._paused and self._playout.expecting and self._holds < _HOLD_FRAMES and not self._tail:
            self.underruns += not self._holds
            self._holds += 1
            return True
        self._send(self._silence, None, due)
        self._tail += 1
        if self._tail < TAIL_FRAMES:
            return True
        self._talking = False
        self._holds = self._tail = 0
        return False

    def _send(self, audio: bytes, packet: bytes | None, due: float) -> None:
        """Send one packet, with the time that has passed in its timestamp (RFC 3550 section 5.1)."""
        first, frames = not self._talking, 1
        if first or self._holds:
            if first and self._delivery.packets:
                frames += max(0, round((due - self._next_due) / FRAME))
            self._next_due = due
        else:
            self.late_ticks += max(0, round((due - self._last_due) / FRAME) - 1)
        self._talking = True
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + frames * self._frame_units) & 0xFFFFFFFF
        self._last_due = due
        self._next_due = FRAME + max(self._next_due, due - _MOST_BEHIND)
        self._not_before = self._now + _CLOSEST
        second = self._payload_type | (_MARKER if first else 0)
        encoder, sound = (self._encoder, audio) if packet is None else (None, packet)
        size = self._outlet.send_sound(encoder, sound, second, self._sequence, self._timestamp)
        self._delivery.sent(1, size)

    def _lend(self) -> bool:
        """Lend frames that follow, as far as nothing is to be decided about them; whether there are any."""
        self._settle()
        if not self._talking or self._paused or self._holds or self._tail:
            return False
        sound = self._playout.ahead(_MOST_LENT)
        if not sound:
            return False
        header = self._payload_type, self._sequence, self._timestamp
        send_next = self._outlet.lend_sound(self._encoder, sound, *header, self._frame_units)
        if send_next is None:
            return False
        self._send_next = send_next
        self._lent = self._left = len(sound) // self._encoder.frame_bytes
        return True

    def _settle(self) -> None:
        """Book what was sent of what was lent; the rest is lent no more."""
        frames = self._lent - self._left
        self._lent = self._left = 0
        if frames:
            self._playout.book_ahead(frames)
            self._sequence = (self._sequence + frames) & 0xFFFF
            self._timestamp = (self._timestamp + frames * self._frame_units) & 0xFFFFFFFF
            self._delivery.sent(frames, self._outlet.settle(frames))
