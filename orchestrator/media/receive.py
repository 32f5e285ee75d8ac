"""Received packets put in order, and no more than that: order, not smoothing.

A voice agent is no loudspeaker: it has nothing to play out, so packets in order pass at once. Only a gap
makes later packets wait, briefly, for the missing one to come; then its frame is to be rebuilt from the next
packet's in-band error correction, or made up. Pure: time is passed in, and `deadline` says when to poll.
"""

import collections
import dataclasses
import enum
from typing import Any, Final, NamedTuple

from orchestrator.media.fast_path import ffi
from orchestrator.media.rtp import RtpPacket, sequence_difference, timestamp_difference

GAP_WAIT: Final = 0.04
"""Seconds that packets behind a gap wait for the missing one."""

_LEAST_WAIT: Final = 0.01
_OLDEST: Final = 0.07
"""Seconds after its time that a missing frame is made up at the latest, if `_LEAST_WAIT` has passed."""

_CONCEAL_LIMIT: Final = 0.12
"""Seconds of sound made up for one gap; libopus fades out before that."""

_QUIET_LIMIT: Final = 1.0
"""Seconds of silence filled in without news; senders tell every 0.4 s (RFC 7587 section 3.1.3)."""

_MAX_DROPOUT: Final = 3000
_MAX_MISORDER: Final = 100
"""Sequence jumps beyond these are a new start, once two packets agree (RFC 3550 appendix A.1)."""

_MAX_WAITING: Final = 50
_RETIRED_SILENCE: Final = 1.0
"""Seconds that the present source must be silent before an earlier one is heard again."""


class Kind(enum.Enum):
    """What to do for one stretch of the caller's sound."""

    PACKET = "packet"
    RECOVER = "recover"
    CONCEAL = "conceal"
    SILENCE = "silence"


class Step(NamedTuple):
    """One stretch of the caller's sound, in order.

    Attributes:
        kind: Decode the packet, rebuild a frame from it, make a frame up, or fill silence.
        position: Where it begins, in units of the stream's clock since the first packet.
        duration: How long it is, in the same units.
        payload: The packet; for `RECOVER`, the packet after the lost one; else empty.
    """

    kind: Kind
    position: int
    duration: int
    payload: bytes


@dataclasses.dataclass(slots=True)
class ReceiveCounts:
    """What became of the packets of one call.

    Attributes:
        delivered: Passed on, each once.
        reordered: Of those, the ones that waited for an earlier packet, which came.
        lost: Never came, or too late.
        late: Came after their frame had been made up, and were dropped.
        duplicates: Came a second time, and were dropped.
        strays: Of no use: another source's, or far outside the sequence.
        restarts: New sources and new sequences.
        skipped_units: Clock units that stayed empty: outages longer than is made up.
    """

    delivered: int = 0
    reordered: int = 0
    lost: int = 0
    late: int = 0
    duplicates: int = 0
    strays: int = 0
    restarts: int = 0
    skipped_units: int = 0


class _Held(NamedTuple):
    packet: RtpPacket
    duration: int
    quiet: bool
    arrival: float


class ReceiveBuffer:
    """Puts one caller's packets in order.

    Args:
        clock_rate: Of the RTP timestamps, in Hz.
        gap_wait: Seconds that packets behind a gap wait.
    """

    def __init__(self, clock_rate: int, *, gap_wait: float = GAP_WAIT) -> None:
        self.counts = ReceiveCounts()
        self._clock_rate = clock_rate
        self._gap_wait = gap_wait
        # Shared with fast_path.c, which does what `pass_on` does.
        self.state: Any = ffi.new("struct stream_order *")
        self._begun = False
        self._retired: collections.deque[int] = collections.deque(maxlen=4)
        self._restart_at: int | None = None
        self._waiting: dict[int, _Held] = {}
        self._given_up: collections.deque[int] = collections.deque(maxlen=64)
        self._gap_deadline: float | None = None
        self._quiet_due: float | None = None
        self._quiet_end = 0.0

    @property
    def deadline(self) -> float | None:
        """When to call `poll`, if no packet comes before; None for never."""
        return self._gap_deadline if self._gap_deadline is not None else self._quiet_due

    def pass_on(self, packet: RtpPacket, duration: int, now: float) -> int | None:
        """Take the packet that is due, as nearly all are, as `push` would, and make nothing for it.

        Args:
            packet: Authentic, of the call's audio; one that announces no silence.
            duration: Of its sound, in clock units.
            now: Monotonic seconds.

        Returns:
            Its position, as in `Step`; None, and nothing was done, where it is for `push`.
        """
        state = self.state
        if (
            packet.sequence != state.expected
            or packet.timestamp != state.timestamp
            or packet.ssrc != state.ssrc
            or not state.plain
        ):
            return None
        state.last_arrival = now
        return self._advance(packet, duration, now)

    def push(self, packet: RtpPacket, duration: int, *, quiet: bool, now: float) -> list[Step]:
        """Take a packet; return what can be heard now, in order.

        Args:
            packet: Authentic, of the call's audio.
            duration: Of its sound, in clock units.
            quiet: It announces silence: none may follow for a while.
            now: Monotonic seconds.
        """
        steps: list[Step] = []
        known = self._begun and packet.ssrc == self.state.ssrc
        if not known and not self._change_source(packet, now, steps):
            self.counts.strays += 1
            return steps
        self._place(packet, duration, quiet, now, steps)
        self.state.last_arrival = now
        self._note_plain()
        return steps

    def _place(self, packet: RtpPacket, duration: int, quiet: bool, now: float, steps: list[Step]) -> None:
        if packet.sequence == self.state.expected:
            self._deliver(packet, duration, quiet, now, steps)
            if self._waiting:
                self._drain(steps)
            return
        ahead = sequence_difference(packet.sequence, self.state.expected)
        held = _Held(packet, duration, quiet, now)
        if not -_MAX_MISORDER <= ahead <= _MAX_DROPOUT:
            self._consider_restart(held, steps)
        elif ahead < 0:
            self._drop_old(packet.sequence)
        else:
            self._hold(held, steps)

    def poll(self, now: float) -> list[Step]:
        """Return what is to be heard because time has passed: gaps given up, silence filled in."""
        steps: list[Step] = []
        while self._gap_deadline is not None and self._gap_deadline <= now:
            self._give_up(steps)
        while self._quiet_due is not None and self._quiet_due <= now:
            self._quiet_due = self._fill_silence(self._quiet_due, steps)
        self._note_plain()
        return steps

    def _note_plain(self) -> None:
        """Say whether a packet that is due may pass: nothing waits, and no silence is filled in."""
        self.state.plain = self._begun and not self._waiting and self._quiet_due is None

    def _change_source(self, packet: RtpPacket, now: float, steps: list[Step]) -> bool:
        """Begin a new stream with this packet, unless its source was left a moment ago."""
        state = self.state
        if self._begun:
            silent = now - state.last_arrival
            if packet.ssrc in self._retired and silent < _RETIRED_SILENCE:
                return False
            while self._waiting:
                self._give_up(steps)
            self._retired.append(state.ssrc)
            state.position += max(0, round(silent * self._clock_rate) - state.frame)
            self.counts.restarts += 1
        self._begun = True
        state.ssrc = packet.ssrc
        self._begin(packet)
        return True

    def _begin(self, packet: RtpPacket) -> None:
        self.state.expected = packet.sequence
        self.state.timestamp = packet.timestamp
        self._restart_at = None
        self._given_up.clear()
        self._gap_deadline = self._quiet_due = None

    def _consider_restart(self, held: _Held, steps: list[Step]) -> None:
        """Follow a sequence far away once two packets in a row are of it (RFC 3550 appendix A.1)."""
        if held.packet.sequence != self._restart_at:
            self._restart_at = (held.packet.sequence + 1) % (1 << 16)
            self.counts.strays += 1
            return
        while self._waiting:
            self._give_up(steps)
        self.counts.restarts += 1
        self._begin(held.packet)
        self._deliver(*held, steps)

    def _drop_old(self, sequence: int) -> None:
        if sequence in self._given_up:
            self._given_up.remove(sequence)
            self.counts.late += 1
        else:
            self.counts.duplicates += 1

    def _hold(self, held: _Held, steps: list[Step]) -> None:
        if held.packet.sequence in self._waiting:
            self.counts.duplicates += 1
            return
        self._quiet_due = None
        self._waiting[held.packet.sequence] = held
        if self._gap_deadline is None:
            self._gap_deadline = self._patience(held)
        if len(self._waiting) > _MAX_WAITING:
            self._give_up(steps)

    def _patience(self, first: _Held) -> float:
        """Return until when to wait for what is missing, given the packet that showed that it is."""
        age: float = self.state.in_order_at + self.state.frame / self._clock_rate + _OLDEST
        shortest = min(_LEAST_WAIT, self._gap_wait)
        return max(first.arrival + shortest, min(first.arrival + self._gap_wait, age))

    def _deliver(
        self, packet: RtpPacket, duration: int, quiet: bool, arrival: float, steps: list[Step]
    ) -> None:
        if packet.timestamp != self.state.timestamp:
            gap = timestamp_difference(packet.timestamp, self.state.timestamp)
            if gap > 0:
                self._pass_over(gap, steps)
        position = self._advance(packet, duration, arrival)
        steps.append(Step(Kind.PACKET, position, duration, packet.payload))
        if quiet and duration:
            self._quiet_due = arrival + 2 * duration / self._clock_rate
            self._quiet_end = arrival + _QUIET_LIMIT
        else:
            self._quiet_due = None

    def _advance(self, packet: RtpPacket, duration: int, arrival: float) -> int:
        """Expect what follows a packet that is delivered; return where its sound begins."""
        state = self.state
        position: int = state.position
        self.counts.delivered += 1
        state.position = position + duration
        state.frame = duration or state.frame
        state.in_order_at = arrival
        state.timestamp = (packet.timestamp + duration) & 0xFFFFFFFF
        state.expected = (packet.sequence + 1) & 0xFFFF
        return position

    def _pass_over(self, gap: int, steps: list[Step]) -> None:
        """Account for time in which the sender sent nothing: fill announced silence, else leave it empty."""
        if self._quiet_due is not None and gap <= _QUIET_LIMIT * self._clock_rate:
            steps.append(Step(Kind.SILENCE, self.state.position, gap, b""))
        else:
            self.counts.skipped_units += gap
        self.state.position += gap

    def _drain(self, steps: list[Step]) -> None:
        """Deliver what waited and is in order now; set the deadline of the gap that remains, if one does."""
        while (held := self._waiting.pop(self.state.expected, None)) is not None:
            self.counts.reordered += 1
            self._deliver(*held, steps)
        if self._waiting:
            self._gap_deadline = self._patience(min(self._waiting.values(), key=lambda held: held.arrival))
        else:
            self._gap_deadline = None

    def _give_up(self, steps: list[Step]) -> None:
        """Stop waiting for what is missing before the first packet that waits; make it up."""
        missing = min(sequence_difference(sequence, self.state.expected) for sequence in self._waiting)
        following = self._waiting.pop((self.state.expected + missing) & 0xFFFF)
        self._given_up.extend((self.state.expected + index) & 0xFFFF for index in range(min(missing, 64)))
        self.counts.lost += missing
        gap = timestamp_difference(following.packet.timestamp, self.state.timestamp)
        if gap > 0:
            self._make_up(gap, missing, following, steps)
        self._deliver(*following, steps)
        waited = self.counts.reordered
        self._drain(steps)
        self.counts.reordered = waited

    def _make_up(self, gap: int, missing: int, following: _Held, steps: list[Step]) -> None:
        """Fill a gap: frames made up from its beginning, the last rebuilt from the packet that follows."""
        limit = min(
            gap, round(_CONCEAL_LIMIT * self._clock_rate), missing * max(self.state.frame, following.duration)
        )
        rebuilt = min(following.duration, limit)
        left = limit - rebuilt
        while left > 0:
            piece = min(self.state.frame or left, left)
            steps.append(Step(Kind.CONCEAL, self.state.position, piece, b""))
            self.state.position += piece
            left -= piece
        self.counts.skipped_units += gap - limit
        self.state.position += gap - limit
        if rebuilt:
            steps.append(Step(Kind.RECOVER, self.state.position, rebuilt, following.packet.payload))
            self.state.position += rebuilt
        self.state.timestamp = following.packet.timestamp

    def _fill_silence(self, due: float, steps: list[Step]) -> float | None:
        """Fill one frame of announced silence; return when the next is due, None for never."""
        steps.append(Step(Kind.SILENCE, self.state.position, self.state.frame, b""))
        self.state.position += self.state.frame
        self.state.timestamp = (self.state.timestamp + self.state.frame) & 0xFFFFFFFF
        following = due + self.state.frame / self._clock_rate
        return following if following <= self._quiet_end else None
